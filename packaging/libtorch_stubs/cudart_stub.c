/* SPDX-License-Identifier: GPL-3.0-or-later
 * libtorch_cpu.so of the published wheel names six functions of the CUDA runtime even for CPU use. On machines without
 * that runtime these answers stand in: "there is no device". The real library wins where it lies beside torch/. */
enum { kErrorNoDevice = 100 };

int cudaGetDeviceCount(int *count) {
  if (count) *count = 0;
  return kErrorNoDevice;
}
int cudaGetDeviceProperties(void *properties, int device) {
  (void)properties;
  (void)device;
  return kErrorNoDevice;
}
int cudaDeviceSynchronize(void) { return kErrorNoDevice; }
int cudaDriverGetVersion(int *version) {
  if (version) *version = 0;
  return 0;
}
int cudaRuntimeGetVersion(int *version) {
  if (version) *version = 0;
  return 0;
}
const char *cudaGetErrorString(int error) {
  (void)error;
  return "no CUDA runtime installed";
}

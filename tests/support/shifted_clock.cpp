// SPDX-License-Identifier: GPL-3.0-or-later
// Loaded before the C library (LD_PRELOAD): the time of day is CW_CLOCK_AHEAD seconds ahead. A machine whose clock is
// wrong.
#include <dlfcn.h>
#include <sys/time.h>

#include <cstdlib>
#include <ctime>

namespace {

time_t seconds_ahead() {
  const char* given = std::getenv("CW_CLOCK_AHEAD");
  return given == nullptr ? 0 : std::atol(given);
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) {
  static auto* const real = next<int(clockid_t, timespec*)>("clock_gettime");
  const int status = real(clock, time);
  if (status == 0 && clock == CLOCK_REALTIME) time->tv_sec += seconds_ahead();
  return status;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  static auto* const real = next<int(timeval*, void*)>("gettimeofday");
  const int status = real(time, zone);
  if (status == 0) time->tv_sec += seconds_ahead();
  return status;
}
}

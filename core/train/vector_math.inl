// SPDX-License-Identifier: GPL-3.0-or-later
// Vectors of kLanes floats for the kernels; included once per instruction set, inside an anonymous namespace.
// No standard library templates here: their inline copies would be compiled for a processor that may not be there.

constexpr int kLanes = CW_KERNEL_LANES;
typedef float Vec __attribute__((vector_size(4 * CW_KERNEL_LANES)));
typedef float VecU __attribute__((vector_size(4 * CW_KERNEL_LANES), aligned(4)));
typedef int VecI __attribute__((vector_size(4 * CW_KERNEL_LANES)));
typedef unsigned VecN __attribute__((vector_size(4 * CW_KERNEL_LANES)));

inline Vec load(const float* p) { return *reinterpret_cast<const VecU*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<VecU*>(p) = v; }
inline Vec splat(float x) { return Vec{} + x; }
inline Vec choose(VecI mask, Vec yes, Vec no) { return mask ? yes : no; }

inline float sum_of(Vec v) {
  float total = 0.0F;
  for (int i = 0; i < kLanes; ++i) total += v[i];
  return total;
}

inline float max_of(Vec v) {
  float top = v[0];
  for (int i = 1; i < kLanes; ++i) top = v[i] > top ? v[i] : top;
  return top;
}

// exp by splitting off the power of two; minimax polynomial of Cephes' expf, relative error below 2e-7.
// Below -87 the result is exactly 0.
inline Vec exp_of(Vec x) {
  const VecI tiny = x < -87.0F;
  x = choose(x > 88.0F, splat(88.0F), choose(tiny, splat(-87.0F), x));
  const Vec magic = splat(12582912.0F);  // 1.5 * 2^23: adding and subtracting it rounds to an integer
  const Vec n = (x * 1.44269504088896341F + magic) - magic;
  const Vec r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Vec p = splat(1.9875691500e-4F);
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const VecI power = (__builtin_convertvector(n, VecI) + 127) << 23;
  return choose(tiny, Vec{}, p * reinterpret_cast<Vec>(power));
}

// 32 well mixed bits per element of a row ("lowbias32" of Chris Wellons' hash prospector, public domain).
inline VecN mix(VecN x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  x ^= x >> 16;
  return x;
}

// Which elements of a row survive a dropout layer, and by how much they grow.
struct KeptElements {
  bool active = false;
  unsigned threshold = 0;
  unsigned row_key = 0;
  unsigned spread = 1;
  float growth = 1.0F;

  KeptElements(const DropoutRule& rule, std::int64_t row) {
    active = rule.probability > 0.0F;
    if (!active) return;
    std::uint64_t h = rule.key ^ (static_cast<std::uint64_t>(row) * 0x9e3779b97f4a7c15ULL);
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
    h ^= h >> 31;
    row_key = static_cast<unsigned>(h);
    spread = static_cast<unsigned>(h >> 32) | 1U;
    threshold = static_cast<unsigned>(static_cast<double>(rule.probability) * 4294967296.0);
    growth = 1.0F / (1.0F - rule.probability);
  }

  // Factor (0 or growth) of the elements column .. column + kLanes - 1.
  Vec factor(std::int64_t column) const {
    VecN index;
    for (int i = 0; i < kLanes; ++i) index[i] = static_cast<unsigned>(i);
    index += static_cast<unsigned>(column);
    const VecN bits = mix(index * spread + row_key);
    return choose(bits < threshold, Vec{}, splat(growth));
  }
};

// SPDX-License-Identifier: GPL-3.0-or-later
// Included once by each kernel source, inside an unnamed namespace, with CW_LANES = floats per vector register.
// Only vector extensions of the compiler and plain C: an inline function of the standard library compiled here, with
// instructions that other processors lack, could be the copy that the linker keeps for the whole program.

constexpr std::int64_t kLanes = CW_LANES;

typedef float Floats __attribute__((vector_size(CW_LANES * 4)));
typedef float FloatsInMemory __attribute__((vector_size(CW_LANES * 4), aligned(4), may_alias));
typedef std::int32_t Integers __attribute__((vector_size(CW_LANES * 4)));

inline Floats load(const float* from) { return *reinterpret_cast<const FloatsInMemory*>(from); }
inline void store(float* to, Floats value) { *reinterpret_cast<FloatsInMemory*>(to) = value; }
inline Floats all(float value) { return Floats{} + value; }
inline Floats larger(Floats a, Floats b) { return a > b ? a : b; }
inline std::int64_t smaller_of(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

inline float sum_of_lanes(Floats value) {
  float sum = 0.0F;
  for (std::int64_t i = 0; i < kLanes; ++i) sum += value[i];
  return sum;
}

/// 2^x for x <= 0 (below -126: 2^-126), relative error below 2e-7. Coefficients: Cephes exp2f (S. Moshier).
inline Floats exp2_of(Floats x) {
  x = larger(x, all(-126.0F));
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding and subtracting it rounds to the nearest integer
  const Floats shifted = x + kRound;
  const Floats whole = shifted - kRound;
  const Floats f = x - whole;
  Floats p = all(1.535336188319500e-4F);
  p = p * f + 1.339887440266574e-3F;
  p = p * f + 9.618437357674640e-3F;
  p = p * f + 5.550332471162809e-2F;
  p = p * f + 2.402264791363012e-1F;
  p = p * f + 6.931472028550421e-1F;
  p = p * f + 1.0F;
  const Integers exponent = (reinterpret_cast<Integers>(shifted) - reinterpret_cast<Integers>(all(kRound))) << 23;
  return reinterpret_cast<Floats>(reinterpret_cast<Integers>(p) + exponent);
}

/// Multiply-add of float32 words; the other element types have a struct of the same form.
struct Float32Dot {
  using Word = float;
  using Sum = Floats;
  using Words = Floats;
  static Words load_words(const Word* from) { return load(from); }
  static void add(Sum& sum, Word a, Words b) { sum += a * b; }
};

/// sum[r][v] += a[r, k] * b[k, v] over `depth` steps: R rows times V vectors of columns stay in registers. All strides
/// in words.
template <class Dot, int R, int V>
inline __attribute__((always_inline)) void tile(std::int64_t depth, const typename Dot::Word* a, std::int64_t a_row,
                                                std::int64_t a_step, const typename Dot::Word* b, std::int64_t b_step,
                                                typename Dot::Sum (&sum)[R][V]) {
  for (std::int64_t k = 0; k < depth; ++k) {
    typename Dot::Words columns[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) columns[v] = Dot::load_words(b + v * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const typename Dot::Word value = a[r * a_row];
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) Dot::add(sum[r][v], value, columns[v]);
    }
    a += a_step;
    b += b_step;
  }
}

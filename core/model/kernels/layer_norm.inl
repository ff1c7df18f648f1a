// SPDX-License-Identifier: GPL-3.0-or-later
// LayerNorm by rows.
inline float row_sum(const float* x, std::int64_t width) {
  Floats sum = {};
  std::int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) sum += load(x + i);
  float rest = 0.0F;
  for (; i < width; ++i) rest += x[i];
  return sum_of_lanes(sum) + rest;
}

inline float squared_distance_from(const float* x, std::int64_t width, float mean) {
  Floats sum = {};
  std::int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    const Floats d = load(x + i) - mean;
    sum += d * d;
  }
  float rest = 0.0F;
  for (; i < width; ++i) rest += (x[i] - mean) * (x[i] - mean);
  return sum_of_lanes(sum) + rest;
}

// The variance is taken around the mean in a second pass: sum of squares minus squared mean cancels in float32.
void layer_norm(const LayerNormCall& call) {
  const float inverse_width = 1.0F / static_cast<float>(call.width);
  for (std::int64_t row = 0; row < call.rows; ++row) {
    const float* x = call.x + row * call.x_stride;
    float* out = call.out + row * call.out_stride;
    const float mean = row_sum(x, call.width) * inverse_width;
    const float variance = squared_distance_from(x, call.width, mean) * inverse_width;
    const float factor = 1.0F / __builtin_sqrtf(variance + call.eps);
    std::int64_t i = 0;
    for (; i + kLanes <= call.width; i += kLanes) {
      store(out + i, (load(x + i) - mean) * factor * load(call.weight + i) + load(call.bias + i));
    }
    for (; i < call.width; ++i) out[i] = (x[i] - mean) * factor * call.weight[i] + call.bias[i];
  }
}

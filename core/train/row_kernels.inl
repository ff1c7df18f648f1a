// SPDX-License-Identifier: GPL-3.0-or-later
// Row-wise kernels: dropout + residual + LayerNorm in one pass, and softmax cross-entropy. Widths are whole vectors.

void norm_forward(const NormRows& rows, const float* x, const float* residual, const float* bias, float* sum,
                  float* mean_rstd, float* y) {
  const std::int64_t width = rows.width;
  for (std::int64_t r = 0; r < rows.num_rows; ++r, x += width, residual += width, sum += width, y += width) {
    const KeptElements kept(rows.dropout, rows.first_row + r);
    Vec total = Vec{};
    for (std::int64_t j = 0; j < width; j += kLanes) {
      Vec z = load(x + j);
      if (kept.active) z *= kept.factor(j);
      z += load(residual + j);
      total += z;
      store(sum + j, z);
    }
    const float mean = sum_of(total) / static_cast<float>(width);
    Vec squares = Vec{};
    for (std::int64_t j = 0; j < width; j += kLanes) {
      const Vec d = load(sum + j) - mean;
      squares += d * d;
    }
    const float rstd = 1.0F / __builtin_sqrtf(sum_of(squares) / static_cast<float>(width) + rows.epsilon);
    for (std::int64_t j = 0; j < width; j += kLanes) {
      store(y + j, (load(sum + j) - mean) * rstd * load(rows.weight + j) + load(bias + j));
    }
    mean_rstd[2 * r] = mean;
    mean_rstd[2 * r + 1] = rstd;
  }
}

void norm_backward(const NormRows& rows, const float* sum, const float* mean_rstd, const float* dy, float* dx,
                   float* d_residual, float* d_weight, float* d_bias) {
  const std::int64_t width = rows.width;
  for (std::int64_t r = 0; r < rows.num_rows; ++r, sum += width, dy += width, dx += width, d_residual += width) {
    const float mean = mean_rstd[2 * r];
    const float rstd = mean_rstd[2 * r + 1];
    Vec total = Vec{};
    Vec total_normal = Vec{};
    for (std::int64_t j = 0; j < width; j += kLanes) {
      const Vec normal = (load(sum + j) - mean) * rstd;
      const Vec g = load(dy + j);
      const Vec scaled = g * load(rows.weight + j);
      total += scaled;
      total_normal += scaled * normal;
      store(d_weight + j, load(d_weight + j) + g * normal);
      store(d_bias + j, load(d_bias + j) + g);
    }
    const float a = sum_of(total) / static_cast<float>(width);
    const float b = sum_of(total_normal) / static_cast<float>(width);
    const KeptElements kept(rows.dropout, rows.first_row + r);
    for (std::int64_t j = 0; j < width; j += kLanes) {
      const Vec normal = (load(sum + j) - mean) * rstd;
      const Vec g = (load(dy + j) * load(rows.weight + j) - a - normal * b) * rstd;
      store(d_residual + j, g);
      store(dx + j, kept.active ? g * kept.factor(j) : g);
    }
  }
}

void dropout(const NormRows& rows, const float* x, float* y) {
  for (std::int64_t r = 0; r < rows.num_rows; ++r, x += rows.width, y += rows.width) {
    const KeptElements kept(rows.dropout, rows.first_row + r);
    for (std::int64_t j = 0; j < rows.width; j += kLanes) {
      store(y + j, kept.active ? load(x + j) * kept.factor(j) : load(x + j));
    }
  }
}

double cross_entropy(float* logits, std::int64_t size, std::int64_t target, float weight) {
  const std::int64_t whole = size / kLanes * kLanes;
  Vec top = splat(logits[0]);
  float highest = logits[0];
  for (std::int64_t j = 0; j < whole; j += kLanes) {
    const Vec x = load(logits + j);
    top = choose(x > top, x, top);
  }
  highest = max_of(top);
  for (std::int64_t j = whole; j < size; ++j) highest = logits[j] > highest ? logits[j] : highest;
  const float of_target = logits[target];
  Vec total = Vec{};
  for (std::int64_t j = 0; j < whole; j += kLanes) {
    const Vec e = exp_of(load(logits + j) - highest);
    total += e;
    if (weight != 0.0F) store(logits + j, e);
  }
  double sum = static_cast<double>(sum_of(total));
  for (std::int64_t j = whole; j < size; ++j) {
    const float e = __builtin_expf(logits[j] - highest);
    sum += static_cast<double>(e);
    if (weight != 0.0F) logits[j] = e;
  }
  if (weight != 0.0F) {
    const float factor = static_cast<float>(static_cast<double>(weight) / sum);
    for (std::int64_t j = 0; j < whole; j += kLanes) store(logits + j, load(logits + j) * factor);
    for (std::int64_t j = whole; j < size; ++j) logits[j] *= factor;
    logits[target] -= weight;
  }
  return __builtin_log(sum) + static_cast<double>(highest) - static_cast<double>(of_target);
}

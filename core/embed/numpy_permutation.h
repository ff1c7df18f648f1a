// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <vector>

namespace cw {

/// `numpy.random.default_rng(seed).permutation(count)`: the order in which the published package picks cells.
/// Source   geneformer-behaviour, appendix A.1: SeedSequence (O'Neill), PCG64 XSL-RR, masked Fisher-Yates.
[[nodiscard]] std::vector<std::int64_t> numpy_permutation(std::uint32_t seed, std::int64_t count);

}  // namespace cw

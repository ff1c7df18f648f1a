// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cw {

/// "ENSMUSG" of an Ensembl gene id (upper case) of another species than human, if `id` is one.
[[nodiscard]] std::optional<std::string_view> foreign_ensembl_prefix(std::string_view id) noexcept;

/// Species that most names speak of: "human", "mouse", the Ensembl prefix of another one, or "unknown". Mouse symbols
/// are told from human ones by their case: Actb, ACTB.
[[nodiscard]] std::string species_of(std::span<const std::string> names);

}  // namespace cw

// SPDX-License-Identifier: GPL-3.0-or-later
// Precompiled once for all of ui/: what nearly every panel includes.
#include <nlohmann/json.hpp>

#include <QtWidgets>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

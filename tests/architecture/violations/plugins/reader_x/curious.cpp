// SPDX-License-Identifier: GPL-3.0-or-later
// Never compiled: a plugin may not look into the engine.
#include "core/base/result.h"
#include "core/io/h5ad_reader.h"

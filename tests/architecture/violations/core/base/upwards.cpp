// SPDX-License-Identifier: GPL-3.0-or-later
// Never compiled: each line breaks one rule, so that the test of the rules can fail.
#include "app/cli/program.h"
#include "core/io/h5ad_reader.h"

#include <ATen/ATen.h>

#include <QString>

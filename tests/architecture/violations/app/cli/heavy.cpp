// SPDX-License-Identifier: GPL-3.0-or-later
// Never compiled: the command line starts fast because it does not link LibTorch.
#include "core/base/result.h"

#include <torch/torch.h>

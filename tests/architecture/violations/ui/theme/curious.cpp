// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "core/model/encoder.h"

#include <ATen/ATen.h>

#include <QWidget>

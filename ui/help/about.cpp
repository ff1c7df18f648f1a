// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/version.h"
#include "ui/help/help_panel.h"

#include <QObject>
#include <QSysInfo>

namespace cw::ui {

QString about_text() {
  const std::string_view number = version();
  return QObject::tr(
             "# About Cellwright\n\n"
             "Version **%1**. In silico perturbation of single cells with transformer models, without "
             "programming.\n\n"
             "Cellwright comes with **no warranty**. It is free software under the **GNU General Public "
             "License, version 3 or later**: you may use, study, change and share it. "
             "[The licence](LICENSE)\n\n"
             "## On this computer\n\n"
             "- Window: Qt %2\n"
             "- System: %3, %4\n"
             "- Computing: on the processor, in programs of their own (cellwright-engine)\n\n"
             "## Built on\n\n"
             "- **Geneformer**: the method and the model layout. Theodoris et al. 2023, "
             "doi:10.1038/s41586-023-06139-9\n"
             "- **LibTorch** (BSD): tensors and training\n"
             "- **Qt** (LGPL): the window; **VTK** (BSD): three-dimensional maps\n"
             "- **HDF5**, **igraph**, **umappp**, **libxlsxwriter**, **SQLite** and others; their notices are "
             "in the packages\n"
             "- **Inter** (OFL) and **Liberation Sans** (OFL): type\n"
             "- Example data: 3k PBMCs of a healthy donor, 10x Genomics, CC BY 4.0\n\n"
             "## Your data\n\n"
             "Nothing leaves this computer. The program contacts no server.\n")
      .arg(QString::fromLatin1(number.data(), static_cast<qsizetype>(number.size())), QString::fromLatin1(qVersion()),
           QSysInfo::prettyProductName(), QSysInfo::currentCpuArchitecture());
}

}  // namespace cw::ui

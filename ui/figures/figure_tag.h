// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <QByteArray>
#include <QString>
#include <filesystem>

namespace cw::ui {

/// What a figure carries, so that dropping it on the window shows the same view of the same data again.
struct FigureTag {
  QString panel;        ///< object name
  QByteArray view;      ///< Panel::saveView
  QString dataName;     ///< "kang_pbmc.h5ad"
  QString dataPath;     ///< where it was
  QString dataSha256;   ///< of the file's content; "" = not known
  QString resultPath;   ///< run folder or file that the view shows, "" = none
  QString title;        ///< name of the figure
  QString application;  ///< version that drew it
};

[[nodiscard]] Json to_json(const FigureTag& tag);
/// Errors: kParse E-UI-002 (not a view), kUnsupported E-UI-003 (of a newer version).
[[nodiscard]] Result<FigureTag> figure_tag_from_json(const Json& json, const std::string& where);

/// Puts the tag into the metadata of a finished SVG document.
void add_tag_to_svg(QByteArray& svg, const FigureTag& tag);
/// The XMP packet of a PDF with the tag in it.
[[nodiscard]] QByteArray xmp_with_tag(const FigureTag& tag);
/// The text that PNG files carry under `kPngKey`.
[[nodiscard]] QString png_text_of_tag(const FigureTag& tag);
inline constexpr auto kPngKey = "cellwright-view";

/// The tag of an SVG, PDF or PNG file, or a view saved as JSON. Reads the file: not on the window's thread.
/// Errors: kIo, kNotFound E-UI-004 (a figure without a view), as figure_tag_from_json.
[[nodiscard]] Result<FigureTag> read_figure_tag(const std::filesystem::path& file);

/// True where the name says that the file may carry a view.
[[nodiscard]] bool may_carry_view(const QString& path);

}  // namespace cw::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "ui/common/panel.h"
#include "ui/figures/figure_tag.h"

#include <QByteArray>
#include <QImage>

namespace cw::ui {

enum class FigureFormat { kSvg, kPdf, kPng, kTiff };
/// "svg", "pdf", "png", "tiff".
[[nodiscard]] QString suffix_of(FigureFormat format);
/// By the end of a file name. Errors: kUnsupported E-UI-005.
[[nodiscard]] Result<FigureFormat> figure_format(const QString& path);

/// Widths of one and of two columns of a journal page.
inline constexpr double kOneColumn = 89.0;
inline constexpr double kTwoColumns = 183.0;
inline constexpr double kTallest = 170.0;

struct FigureOptions {
  FigureFormat format = FigureFormat::kPdf;
  double widthMillimetres = kOneColumn;
  double heightMillimetres = 63.0;
  double fontPoints = 7.0;  ///< 5 to 7, as journals ask
  int dpi = 600;            ///< of PNG and TIFF
};

/// The size in points that `options` ask for.
[[nodiscard]] FigureSize figure_size(const FigureOptions& options);

/// A finished file in memory. Text stays text; its fonts are embedded in SVG and PDF. SVG, PDF and PNG carry the tag.
/// Any thread: seconds for a million cells.
[[nodiscard]] QByteArray write_figure(const FigurePainter& paint, const FigureOptions& options, const FigureTag& tag);

/// The picture of PNG and TIFF.
[[nodiscard]] QImage draw_image(const FigurePainter& paint, const FigureOptions& options);

/// The picture as it will look, `scale` pixels per point.
[[nodiscard]] QImage preview_figure(const FigurePainter& paint, const FigureSize& size, double scale);

}  // namespace cw::ui

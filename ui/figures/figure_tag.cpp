// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figures/figure_tag.h"

#include "core/base/files.h"
#include "core/base/version.h"

#include <QFileInfo>
#include <QImageReader>
#include <QObject>

namespace cw::ui {
namespace {

constexpr int kVersion = 1;
constexpr auto kElement = "cellwright:view";
constexpr auto kNamespace = "https://cellwright.org/ns/figure/1";  // a name, not an address that is asked

QByteArray encoded(const FigureTag& tag) { return QByteArray::fromStdString(to_json(tag).dump()).toBase64(); }

QByteArray element(const FigureTag& tag) {
  return QByteArray("<") + kElement + " xmlns:cellwright=\"" + kNamespace + "\">" + encoded(tag) + "</" + kElement +
         ">";
}

QString text_of(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? QString::fromStdString(json[key].get<std::string>()) : QString();
}

Result<FigureTag> decoded(const QByteArray& base64, const std::string& where) {
  const QByteArray text = QByteArray::fromBase64(base64);
  const Json json = Json::parse(text.toStdString(), nullptr, false);
  return figure_tag_from_json(json, where);
}

}  // namespace

Json to_json(const FigureTag& tag) {
  Json view = Json::parse(tag.view.toStdString(), nullptr, false);
  if (view.is_discarded()) view = tag.view.toStdString();
  return {{"cellwright_view", kVersion},
          {"panel", tag.panel.toStdString()},
          {"title", tag.title.toStdString()},
          {"view", view},
          {"data",
           {{"name", tag.dataName.toStdString()},
            {"path", tag.dataPath.toStdString()},
            {"sha256", tag.dataSha256.toStdString()}}},
          {"result", tag.resultPath.toStdString()},
          {"version", std::string(version())}};
}

Result<FigureTag> figure_tag_from_json(const Json& json, const std::string& where) {
  if (!json.is_object() || !json.contains("cellwright_view") || !json["cellwright_view"].is_number_integer()) {
    return Error{ErrorCode::kParse, "E-UI-002", where + ": the saved view in it cannot be read; export it again"};
  }
  if (json["cellwright_view"].get<int>() > kVersion) {
    return Error{ErrorCode::kUnsupported, "E-UI-003",
                 where + ": saved by a newer Cellwright (" + text_of(json, "version").toStdString() +
                     "); this is version " + std::string(version()) + ", update it to open the view"};
  }
  FigureTag tag;
  tag.panel = text_of(json, "panel");
  tag.title = text_of(json, "title");
  tag.application = text_of(json, "version");
  tag.resultPath = text_of(json, "result");
  if (json.contains("view")) {
    const Json& view = json["view"];
    tag.view = QByteArray::fromStdString(view.is_string() ? view.get<std::string>() : view.dump());
  }
  if (json.contains("data") && json["data"].is_object()) {
    tag.dataName = text_of(json["data"], "name");
    tag.dataPath = text_of(json["data"], "path");
    tag.dataSha256 = text_of(json["data"], "sha256");
  }
  return tag;
}

void add_tag_to_svg(QByteArray& svg, const FigureTag& tag) {
  const auto root = svg.indexOf("<svg");
  const auto end = root < 0 ? root : svg.indexOf('>', root);
  if (end > 0) svg.insert(end + 1, "\n<metadata>" + element(tag) + "</metadata>");
}

QByteArray xmp_with_tag(const FigureTag& tag) {
  const QByteArray title = tag.title.toHtmlEscaped().toUtf8();
  return QByteArray("<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n") +
         "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
         "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">"
         "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">" +
         title + "</rdf:li></rdf:Alt></dc:title>" + element(tag) +
         "</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>";
}

QString png_text_of_tag(const FigureTag& tag) { return QString::fromLatin1(encoded(tag)); }

Result<FigureTag> read_figure_tag(const std::filesystem::path& file) {
  const std::string where = file.filename().string();
  const QString suffix = QFileInfo(QString::fromStdString(file.string())).suffix().toLower();
  const Error none{ErrorCode::kNotFound, "E-UI-004",
                   where +
                       ": this picture carries no view of Cellwright (it was drawn by another program, or its notes "
                       "were removed on the way)"};
  if (suffix == QLatin1String("png")) {
    const QString text = QImageReader(QString::fromStdString(file.string())).text(QLatin1String(kPngKey));
    return text.isEmpty() ? Result<FigureTag>(none) : decoded(text.toLatin1(), where);
  }
  CW_ASSIGN(const std::string text, read_file(file));
  if (suffix == QLatin1String("json")) return figure_tag_from_json(Json::parse(text, nullptr, false), where);
  const QByteArray content = QByteArray::fromStdString(text);
  const QByteArray closing = QByteArray("</") + kElement + ">";
  const auto open = content.indexOf(QByteArray("<") + kElement);
  const auto begin = open < 0 ? open : content.indexOf('>', open) + 1;
  const auto end = begin <= 0 ? qsizetype{-1} : content.indexOf(closing, begin);
  if (end < 0) return none;
  return decoded(content.mid(begin, end - begin), where);
}

bool may_carry_view(const QString& path) {
  const QString suffix = QFileInfo(path).suffix().toLower();
  return suffix == QLatin1String("svg") || suffix == QLatin1String("pdf") || suffix == QLatin1String("png");
}

}  // namespace cw::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/hdf5_arrays.h"

#include "core/base/check.h"
#include "core/io/hdf5_array.h"

namespace cw {
namespace {

constexpr std::int64_t kChunkRows = 16384;
constexpr H5Storage kUncompressed{.gzip = 0};

}  // namespace

Error Hdf5Arrays::write_error(const std::string& name, const Error& cause) const {
  if (cause.code == ErrorCode::kNoSpace) return cause;
  return {cause.code, "E-EFF-005", path_ + ": cannot write " + name + "; check free space and permissions"};
}

Error Hdf5Arrays::read_error(const std::string& name) const {
  return {ErrorCode::kParse, "E-EFF-002", path_ + ": " + name + " is missing or damaged; run again"};
}

Result<Hdf5Arrays> Hdf5Arrays::create(const std::filesystem::path& path) {
  auto root = H5Node::create_file(path);
  if (root.ok()) return Hdf5Arrays(std::move(root).value(), path.string());
  if (root.error().code == ErrorCode::kNoSpace) return root.error();
  return Error{root.error().code, "E-EFF-005", path.string() + ": cannot be made; check free space and permissions"};
}

Result<Hdf5Arrays> Hdf5Arrays::open(const std::filesystem::path& path) {
  auto root = H5Node::open_file(path);
  if (root.ok()) return Hdf5Arrays(std::move(root).value(), path.string());
  const bool missing = root.error().code == ErrorCode::kNotFound;
  return Error{root.error().code, "E-EFF-001",
               path.string() + (missing ? ": no such file" : ": not a readable HDF5 file") +
                   "; expected effects.h5 of a perturbation run"};
}

Result<> Hdf5Arrays::make_group(const std::string& name) {
  const auto group = root_->create_group(name);
  return group.ok() ? Result<>() : Result<>(write_error(name, group.error()));
}

Result<> Hdf5Arrays::set_text_attribute(const std::string& name, const std::string& value) {
  const auto written = root_->set_text(name, value);
  return written.ok() ? Result<>() : Result<>(write_error("attribute " + name, written.error()));
}

Result<std::string> Hdf5Arrays::text_attribute(const std::string& name) const {
  auto text = root_->text_attribute(name);
  if (!text) return read_error("attribute " + name);
  return std::move(*text);
}

Result<> Hdf5Arrays::make_array(const std::string& name, std::int64_t columns, ScalarKind kind) {
  std::vector<std::int64_t> shape;
  if (columns > 0) shape.push_back(columns);
  auto appender = H5Appender::create(*root_, name, kind, shape, kChunkRows, kUncompressed);
  if (!appender.ok()) return write_error(name, appender.error());
  growing_.insert_or_assign(name, Growing{std::move(appender).value(), std::max<std::int64_t>(1, columns)});
  return {};
}

Result<> Hdf5Arrays::append(const std::string& name, const void* values, std::int64_t count) {
  const auto found = growing_.find(name);
  CW_ASSERT(found != growing_.end() && count % found->second.columns == 0);
  const auto written = found->second.appender.append(values, count / found->second.columns);
  return written.ok() ? Result<>() : Result<>(write_error(name, written.error()));
}

Result<> Hdf5Arrays::write_texts(const std::string& name, const std::vector<std::string>& values) {
  const auto written = cw::write_texts(*root_, name, values);
  return written.ok() ? Result<>() : Result<>(write_error(name, written.error()));
}

Result<H5RowReader> Hdf5Arrays::rows_of(const std::string& name) const {
  const auto node = root_->open(name);
  if (!node.ok() || !describe_array(*node).ok()) return read_error(name);
  auto reader = H5RowReader::open(*node);
  if (!reader.ok()) return read_error(name);
  return std::move(reader).value();
}

Result<std::int64_t> Hdf5Arrays::num_rows(const std::string& name) const {
  const auto node = root_->open(name);
  if (!node.ok()) return read_error(name);
  const auto shape = describe_array(*node);
  if (!shape.ok() || shape->dims.empty() || shape->dims.size() > 2) return read_error(name);
  return shape->num_rows();
}

Result<std::vector<std::string>> Hdf5Arrays::read_texts(const std::string& name) const {
  const auto node = root_->open(name);
  if (!node.ok()) return read_error(name);
  const auto shape = describe_array(*node);
  if (!shape.ok() || shape->elements != ElementClass::kText || shape->dims.size() != 1) return read_error(name);
  auto texts = cw::read_texts(*node);
  if (!texts.ok()) return read_error(name);
  return std::move(texts).value();
}

Result<> Hdf5Arrays::close() {
  const auto flushed = root_->flush();
  growing_.clear();
  root_.reset();
  return flushed.ok() ? Result<>() : Result<>(write_error("the end of the file", flushed.error()));
}

}  // namespace cw

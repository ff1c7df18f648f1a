// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/safetensors.h"

#include "core/weights/tensor_file.h"
#include "tests/support/scratch_folder.h"

#include <cstring>

namespace cw {
namespace {

std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t size = header.size();
  std::string content(sizeof size, '\0');
  std::memcpy(content.data(), &size, sizeof size);
  return content + header + data;
}

Result<SafetensorsContent> parse(const std::string& content) {
  return parse_safetensors(std::as_bytes(std::span<const char>(content)), "x.safetensors");
}

struct Damaged {
  const char* what;
  const char* header;
  int data_bytes;
  const char* id;
};

class DamagedSafetensors : public testing::TestWithParam<Damaged> {};

TEST_P(DamagedSafetensors, isRefused) {
  const auto& [what, header, data_bytes, id] = GetParam();
  const auto content = parse(file_of(header, std::string(static_cast<std::size_t>(data_bytes), 'x')));
  ASSERT_FALSE(content.ok()) << what;
  EXPECT_EQ(content.error().id, id) << content.error().message;
  EXPECT_NE(content.error().message.find("x.safetensors"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, DamagedSafetensors,
    testing::Values(
        Damaged{"notJson", "{\"a\":", 0, "E-WGT-003"}, Damaged{"notAnObject", "[1]", 0, "E-WGT-003"},
        Damaged{
            "twice",
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
            2, "E-WGT-003"},
        Damaged{
            "overlap",
            R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
            3, "E-WGT-003"},
        Damaged{
            "hole",
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
            3, "E-WGT-003"},
        Damaged{"rest", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2, "E-WGT-003"},
        Damaged{"beyondTheEnd", R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 3, "E-WGT-003"},
        Damaged{"reversed", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1, "E-WGT-003"},
        Damaged{"wrongSize", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "E-WGT-003"},
        Damaged{"overflow", R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}})", 0,
                "E-WGT-003"},
        Damaged{"negative", R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}})", 0, "E-WGT-003"},
        Damaged{"hugeOffset", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551615,0]}})", 0,
                "E-WGT-003"},
        Damaged{"fraction", R"({"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}})", 1, "E-WGT-003"},
        Damaged{"missingShape", R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1, "E-WGT-003"},
        Damaged{"oneOffset", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1, "E-WGT-003"},
        Damaged{"metadataOfNumbers", R"({"__metadata__":{"format":1}})", 0, "E-WGT-003"},
        Damaged{"otherType", R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1, "E-WGT-004"}),
    [](const auto& entry) { return std::string(entry.param.what); });

TEST(SafetensorsTest, refusesHeadersLongerThanTheFile) {
  for (const std::uint64_t size : {std::uint64_t{100}, std::uint64_t{1} << 40U, UINT64_MAX}) {
    std::string content(16, ' ');
    std::memcpy(content.data(), &size, sizeof size);
    EXPECT_EQ(parse(content).error().id, "E-WGT-003");
  }
  EXPECT_EQ(parse("").error().id, "E-WGT-003");
}

class SafetensorsFileTest : public ScratchFolderTest {};

TEST_F(SafetensorsFileTest, writesWhatItReadsWhateverTheOrder) {
  const std::vector<float> a{1, -2, 3.5};
  const std::vector<std::int64_t> b{7, INT64_MIN};
  const std::vector<std::uint8_t> c{1};
  const std::vector<TensorRef> tensors{{"c", DType::kUInt8, {1}, std::as_bytes(std::span(c))},
                                       {"a", DType::kFloat32, {3, 1}, std::as_bytes(std::span(a))},
                                       {"b", DType::kInt64, {2}, std::as_bytes(std::span(b))},
                                       {"empty", DType::kFloat32, {0, 5}, {}}};
  ASSERT_TRUE(write_safetensors(folder_ / "one", tensors, {{"format", "pt"}}).ok());
  const std::vector<TensorRef> reversed(tensors.rbegin(), tensors.rend());
  ASSERT_TRUE(write_safetensors(folder_ / "two", reversed, {{"format", "pt"}}).ok());
  EXPECT_EQ(*read_file(folder_ / "one"), *read_file(folder_ / "two"));

  const auto file = TensorFile::open(folder_ / "one");
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ((*file)->metadata().at("format"), "pt");
  for (const auto& tensor : tensors) {
    const TensorRef* read = (*file)->find(tensor.name);
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->dtype, tensor.dtype);
    EXPECT_EQ(read->shape, tensor.shape);
    EXPECT_TRUE(std::equal(read->bytes.begin(), read->bytes.end(), tensor.bytes.begin(), tensor.bytes.end()));
  }
}

TEST_F(SafetensorsFileTest, refusesToWriteNonsense) {
  const std::vector<float> a{1, 2};
  const TensorRef good{"a", DType::kFloat32, {2}, std::as_bytes(std::span(a))};
  const TensorRef short_one{"a", DType::kFloat32, {3}, std::as_bytes(std::span(a))};
  EXPECT_EQ(write_safetensors(folder_ / "x", std::vector{short_one}, {}).error().id, "E-WGT-005");
  EXPECT_EQ(write_safetensors(folder_ / "x", std::vector{good, good}, {}).error().id, "E-WGT-006");
  const TensorRef impossible{"a", DType::kFloat32, {-2}, std::as_bytes(std::span(a))};
  EXPECT_EQ(write_safetensors(folder_ / "x", std::vector{impossible}, {}).error().id, "E-WGT-001");
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace cw

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/unpickler.h"

#include "core/base/files.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

std::filesystem::path pickle(const std::string& name) {
  return std::filesystem::path(CW_TEST_DATA) / "pickles" / (name + ".pkl");
}

struct Hostile {
  const char* name;
  const char* id;
  const char* says;  ///< part of the message
};

class HostilePickle : public testing::TestWithParam<Hostile> {};

TEST_P(HostilePickle, isRefusedWithItsCodeAndRunsNothing) {
  const auto [name, id, says] = GetParam();
  ASSERT_TRUE(std::filesystem::exists(pickle(name)));
  const auto document = read_pickle(pickle(name));
  ASSERT_FALSE(document.ok()) << name << " was read";
  EXPECT_EQ(document.error().id, id) << document.error().message;
  EXPECT_NE(document.error().message.find(says), std::string::npos) << document.error().message;
  EXPECT_NE(document.error().message.find(name), std::string::npos) << "the message must name the file";
  EXPECT_FALSE(std::filesystem::exists("owned")) << "a command of the file was run";
}

const Hostile kHostile[] = {{"os_system", "E-PKL-002", "posix.system"},
                            {"os_system_protocol2", "E-PKL-002", "posix.system"},
                            {"os_system_protocol0", "E-PKL-002", "os.system"},
                            {"eval", "E-PKL-002", "builtins.eval"},
                            {"subprocess", "E-PKL-002", "subprocess.Popen"},
                            {"getattr", "E-PKL-002", "builtins.getattr"},
                            {"inside_dictionary", "E-PKL-002", "posix.system"},
                            {"dotted_name", "E-PKL-002", "collections.OrderedDict.fromkeys"},
                            {"inst", "E-PKL-003", "105"},
                            {"newobj", "E-PKL-003", "129"},
                            {"extension", "E-PKL-003", "130"},
                            {"global_without_end", "E-PKL-001", "name"},
                            {"load_from_bytes", "E-PKL-002", "torch.storage._load_from_bytes"},
                            {"defaultdict_of_system", "E-PKL-002", "os.system"},
                            {"defaultdict_of_text", "E-PKL-005", "defaultdict"},
                            {"call_a_text", "E-PKL-005", "not a name"},
                            {"call_a_result", "E-PKL-005", "not a name"},
                            {"build_on_text", "E-PKL-005", "a text"},
                            {"scalar_wrong_size", "E-PKL-005", "scalar"},
                            {"dtype_object", "E-PKL-002", "O8"},
                            {"array_of_other_class", "E-PKL-005", "ndarray"},
                            {"tensor_without_storage", "E-PKL-005", "tensor"},
                            {"encode_utf16", "E-PKL-005", "latin1"},
                            {"persistent_text", "E-PKL-005", "outside reference"},
                            {"deep_lists", "E-PKL-004", "deeper"},
                            {"deep_tuples", "E-PKL-004", "deeper"},
                            {"list_in_itself", "E-PKL-004", "itself"},
                            {"dictionary_in_itself", "E-PKL-004", "itself"},
                            {"loop_over_two", "E-PKL-004", "itself"},
                            {"doubling", "E-PKL-004", "unfolds"},
                            {"reduce_bomb", "E-PKL-004", "unfolds"},
                            {"huge_text", "E-PKL-001", "4611686018427387904"},
                            {"huge_bytes", "E-PKL-001", "4294967295"},
                            {"huge_integer", "E-PKL-004", "255"},
                            {"huge_integer_length", "E-PKL-001", "2147483647"},
                            {"huge_frame", "E-PKL-001", "frame"},
                            {"huge_memo_number", "E-PKL-001", "4294967295"},
                            {"empty", "E-PKL-001", "no end"},
                            {"only_protocol", "E-PKL-001", "no end"},
                            {"protocol_9", "E-PKL-001", "protocol 9"},
                            {"stack_underflow", "E-PKL-001", "empty stack"},
                            {"stop_without_value", "E-PKL-001", "one value"},
                            {"two_values", "E-PKL-001", "one value"},
                            {"mark_missing", "E-PKL-001", "mark"},
                            {"open_mark", "E-PKL-001", "one value"},
                            {"pop_below_mark", "E-PKL-001", "empty stack"},
                            {"memo_missing", "E-PKL-001", "never stored"},
                            {"append_to_text", "E-PKL-001", "a list"},
                            {"odd_dictionary", "E-PKL-001", "key without a value"},
                            {"not_utf8", "E-PKL-001", "UTF-8"},
                            {"surrogate", "E-PKL-001", "UTF-8"},
                            {"truncated_dictionary", "E-PKL-001", "cut off"}};

INSTANTIATE_TEST_SUITE_P(Files, HostilePickle, testing::ValuesIn(kHostile),
                         [](const auto& entry) { return std::string(entry.param.name); });

TEST(UnpicklerTest, everyHostileFileIsInTheTable) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pickle("x").parent_path())) {
    const std::string name = entry.path().filename().string();
    files += name.ends_with(".pkl") && !name.starts_with("honest_") ? 1 : 0;
  }
  EXPECT_EQ(files, std::size(kHostile));
}

TEST(UnpicklerTest, readsTokenDictionariesWithNumpyScalars) {
  const auto document = read_pickle(pickle("honest_tokens"));
  ASSERT_TRUE(document.ok()) << document.error().message;
  const PickleValue root = document->root();
  ASSERT_EQ(root.size(), 40U);
  EXPECT_EQ(root.key(0).text(), "<pad>");
  EXPECT_EQ(root.find("<mask>")->integer(), 1);
  EXPECT_EQ(root.find("ENSG00000000039")->integer(), 39);
  EXPECT_FALSE(root.find("ENSG00000000040").has_value());
}

TEST(UnpicklerTest, readsMediansOfBothProtocols) {
  const auto medians = read_pickle(pickle("honest_medians"));
  ASSERT_TRUE(medians.ok()) << medians.error().message;
  EXPECT_EQ(medians->root().find("ENSG00000000005")->real(), 5.0 / 7);
  const auto old = read_pickle(pickle("honest_medians_protocol2"));
  ASSERT_TRUE(old.ok()) << old.error().message;
  EXPECT_EQ(old->root().find("ENSG00000000001")->real(), 0.1);
}

TEST(UnpicklerTest, readsPerturbationResultsKeyedByTuples) {
  const auto document = read_pickle(pickle("honest_effects"));
  ASSERT_TRUE(document.ok()) << document.error().message;
  const PickleValue root = document->root();
  ASSERT_TRUE(root.is(PickleKind::kDictionary));
  ASSERT_EQ(root.size(), 3U);
  EXPECT_EQ(root.key(0).at(0).integer(), 17);
  EXPECT_EQ(root.key(0).at(1).text(), "cell_emb");
  EXPECT_EQ(root.value(0).at(0).real(), 0.5);
  EXPECT_EQ(root.value(0).at(1).real(), 0.25);
  EXPECT_EQ(root.key(1).at(0).at(1).integer(), 18);
  EXPECT_EQ(root.value(2).at(0).integer(), 1);
}

TEST(UnpicklerTest, readsEveryKindOfPlainData) {
  const auto document = read_pickle(pickle("honest_kinds"));
  ASSERT_TRUE(document.ok()) << document.error().message;
  const PickleValue root = document->root();
  ASSERT_EQ(root.size(), 23U);
  EXPECT_TRUE(root.at(0).is(PickleKind::kNone));
  EXPECT_EQ(root.at(1).integer(), 1);
  EXPECT_TRUE(root.at(2).is(PickleKind::kBoolean));
  EXPECT_EQ(root.at(3).integer(), -1);
  EXPECT_EQ(root.at(5).integer(), 65535);
  EXPECT_EQ(root.at(6).integer(), INT32_MIN);
  EXPECT_EQ(root.at(7).integer(), std::int64_t{1} << 40);
  EXPECT_EQ(root.at(8).integer(), INT64_MIN);
  EXPECT_TRUE(root.at(9).is(PickleKind::kBigInteger));
  EXPECT_FALSE(root.at(9).integer().has_value());
  EXPECT_EQ(root.at(10).real(), 1.5);
  EXPECT_EQ(root.at(11).text(), "Zelle \xe4\xb8\xad \xf0\x9f\x98\x80");
  EXPECT_EQ(root.at(12).bytes(), std::string_view("\x00\xff", 2));
  EXPECT_EQ(root.at(13).size(), 0U);
  EXPECT_EQ(root.at(14).at(0).integer(), 1);
  EXPECT_TRUE(root.at(17).is(PickleKind::kBoolean));
  EXPECT_EQ(root.at(18).text(), "Gen");
  EXPECT_EQ(root.at(19).integer(), 200);
  const PickleArray* rows = root.at(20).array();
  ASSERT_NE(rows, nullptr);
  EXPECT_EQ(rows->shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_FALSE(rows->column_major);
  EXPECT_EQ(rows->real_at(5), 5.0);
  const PickleArray* columns = root.at(21).array();
  ASSERT_NE(columns, nullptr);
  EXPECT_TRUE(columns->column_major);
  EXPECT_EQ(columns->real_at(1), 3.0);
  EXPECT_EQ(root.at(22).real(), -0.5);
}

TEST(UnpicklerTest, keepsToTheLimitsItIsGiven) {
  PickleLimits few;
  few.max_nodes = 20;
  const auto document = read_pickle(pickle("honest_tokens"), few);
  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.error().id, "E-PKL-004");
  PickleLimits short_texts;
  short_texts.max_text = 10;
  EXPECT_EQ(read_pickle(pickle("honest_tokens"), short_texts).error().id, "E-PKL-004");
}

TEST(UnpicklerTest, missingFileIsNotFound) {
  EXPECT_EQ(read_pickle(pickle("absent")).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace cw

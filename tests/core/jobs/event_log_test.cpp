// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/event_log.h"

#include "tests/support/scratch_folder.h"

#include <fstream>

namespace cw {
namespace {

class EventLogTest : public ScratchFolderTest {
 protected:
  std::filesystem::path log() const { return folder_ / "events.jsonl"; }
  Result<std::vector<Json>> all() const { return EventReader(log()).poll(); }
};

TEST_F(EventLogTest, numbersHaveNoGapsAcrossReopening) {
  for (int run = 0; run < 3; ++run) {
    auto writer = EventWriter::open(log());
    ASSERT_TRUE(writer.ok());
    EXPECT_EQ(writer->had_events(), run > 0);
    ASSERT_TRUE(writer->append("metric", {{"value", run}}).ok());
    ASSERT_TRUE(writer->append("metric", {{"value", run}}).ok());
  }
  const auto events = all();
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ((*events)[i]["seq"], i + 1);
}

TEST_F(EventLogTest, aLineThatAKillCutOffIsRemovedAndItsNumberUsedAgain) {
  ASSERT_TRUE(EventWriter::open(log())->append("started", {}).ok());
  std::ofstream(log(), std::ios::app) << R"({"seq": 2, "ty)";
  EXPECT_EQ(all()->size(), 1U);
  ASSERT_TRUE(EventWriter::open(log())->append("resumed", {}).ok());
  const auto events = all();
  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ((*events)[1]["seq"], 2);
  EXPECT_EQ((*events)[1]["type"], "resumed");
}

TEST_F(EventLogTest, theReaderGivesEachEventOnce) {
  auto writer = EventWriter::open(log());
  EventReader reader(log());
  EXPECT_TRUE(reader.poll()->empty());
  ASSERT_TRUE(writer->append("a", {}).ok());
  EXPECT_EQ(reader.poll()->size(), 1U);
  EXPECT_TRUE(reader.poll()->empty());
  ASSERT_TRUE(writer->append("b", {}).ok());
  ASSERT_TRUE(writer->append("c", {}).ok());
  EXPECT_EQ(reader.poll()->size(), 2U);
}

TEST_F(EventLogTest, textThatIsNotUtf8IsReplacedNotRefused) {
  ASSERT_TRUE(EventWriter::open(log())->append("warning", {{"text", "caf\xe9"}}).ok());
  EXPECT_EQ(all()->size(), 1U);
}

TEST_F(EventLogTest, aFullDiskIsReportedAsSuch) {
  auto writer = EventWriter::open("/dev/full");
  ASSERT_TRUE(writer.ok());
  const auto written = writer->append("started", {});
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kNoSpace);
}

}  // namespace
}  // namespace cw

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

TEST_F(EventLogTest, ofALongLogItsEndsAreRead) {
  auto writer = EventWriter::open(log());
  ASSERT_TRUE(writer->append("started", {}).ok());
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(writer->append("metric", {{"name", "loss"}, {"step", i}}).ok());
    ASSERT_TRUE(writer->append("progress", {{"phase", i < 190 ? "Training" : "Testing"}, {"done", i}}).ok());
  }
  ASSERT_TRUE(writer->append("warning", {{"text", R"("type":"metric")"}}).ok());
  std::ofstream(log(), std::ios::app) << "damaged\n"
                                      << R"({"seq": 2, "ty)";
  const auto types = [](const LogEnds& ends) {
    std::string all;
    for (const Json& event : ends.events) all += event["type"].get<std::string>() + " ";
    return all;
  };
  auto whole = read_log_ends(log(), 1'000'000, false);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(types(*whole), "started progress progress warning ");
  EXPECT_EQ(whole->events[1]["done"], 189);
  EXPECT_EQ(whole->events[2]["done"], 199);
  auto ends = read_log_ends(log(), 1'000, true);
  ASSERT_TRUE(ends.ok());
  EXPECT_EQ(ends->events.front()["type"], "started");
  EXPECT_EQ(ends->events[1]["type"], "progress");
  EXPECT_EQ(ends->events.back()["type"], "warning");
  EXPECT_GT(ends->events.size(), 4U);
  EXPECT_LT(ends->events.size(), 20U);
  // the line that was not whole is cut off by the next writer, and what comes then is read on
  auto next = EventWriter::open(log());
  ASSERT_TRUE(next->append("finished", {}).ok());
  for (LogEnds* one : {&*whole, &*ends}) {
    const auto more = one->rest.poll();
    ASSERT_TRUE(more.ok());
    ASSERT_EQ(more->size(), 1U);
    EXPECT_EQ(more->front()["type"], "finished");
  }
  EXPECT_TRUE(read_log_ends(folder_ / "none.jsonl", 1'000, true)->events.empty());
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/job_context.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

class RecordingSink : public JobSink {
 public:
  void progress(double fraction, std::int64_t, std::int64_t, std::string_view) override {
    fractions.push_back(fraction);
  }
  void event(std::string_view type, const Json& fields) override { events.emplace_back(type, fields); }
  std::vector<double> fractions;
  std::vector<std::pair<std::string, Json>> events;
};

TEST(JobContextTest, progressIsThinnedButFirstAndLastPass) {
  RecordingSink sink;
  JobContext context(&sink, std::make_shared<std::atomic<bool>>(false));
  for (int i = 0; i <= 10000; ++i) context.report(i, 10000, "counting");
  ASSERT_GE(sink.fractions.size(), 2U);
  EXPECT_LT(sink.fractions.size(), 1000U);
  EXPECT_EQ(sink.fractions.front(), 0.0);
  EXPECT_EQ(sink.fractions.back(), 1.0);
}

TEST(JobContextTest, aSliceMapsToItsShareOfTheBar) {
  RecordingSink sink;
  const JobContext whole(&sink, std::make_shared<std::atomic<bool>>(false));
  JobContext part = whole.slice(0.5, 1.0).slice(0.0, 0.5);
  part.report(0, 4, "part");
  part.report(4, 4, "part");
  EXPECT_EQ(sink.fractions, (std::vector<double>{0.5, 0.75}));
}

TEST(JobContextTest, copiesShareTheCancelFlag) {
  const JobContext context;
  const JobContext part = context.slice(0, 1);
  EXPECT_FALSE(part.cancelled());
  context.request_cancel();
  EXPECT_TRUE(part.cancelled());
}

TEST(JobContextTest, warningCarriesIdAndText) {
  RecordingSink sink;
  JobContext context(&sink, std::make_shared<std::atomic<bool>>(false));
  context.warn("W-TOK-001", "two cells are empty");
  ASSERT_EQ(sink.events.size(), 1U);
  EXPECT_EQ(sink.events[0].first, "warning");
  EXPECT_EQ(sink.events[0].second["code"], "W-TOK-001");
}

}  // namespace
}  // namespace cw

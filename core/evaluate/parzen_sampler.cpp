// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/parzen_sampler.h"

#include "core/base/random.h"
#include "core/stats/distributions.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cw {
namespace {

constexpr int kCandidates = 24;
constexpr double kGoodShare = 0.25;

/// A setting on [0, 1], where it is drawn.
double to_unit(const SearchSetting& setting, double value) {
  if (setting.high <= setting.low) return 0.5;
  if (setting.logarithmic) return std::log(value / setting.low) / std::log(setting.high / setting.low);
  return (value - setting.low) / (setting.high - setting.low);
}

double from_unit(const SearchSetting& setting, double unit) {
  double value = setting.low + unit * (setting.high - setting.low);
  if (setting.logarithmic) value = setting.low * std::pow(setting.high / setting.low, unit);
  if (setting.whole) value = std::round(value);
  return std::clamp(value, setting.low, setting.high);
}

Json json_of(const SearchSetting& setting, double unit) {
  const double value = from_unit(setting, unit);
  if (setting.whole) return static_cast<std::int64_t>(value);
  return value;
}

/// Smoothed density on [0, 1]: a normal around every value, and one wide one for what nobody tried.
class Density {
 public:
  explicit Density(std::vector<double> centres) : centres_(std::move(centres)) {
    std::sort(centres_.begin(), centres_.end());
    // the larger distance to a neighbour, as the source has it, within sensible bounds
    const double least = 1.0 / std::min(100.0, static_cast<double>(centres_.size()) + 1.0);
    for (std::size_t i = 0; i < centres_.size(); ++i) {
      const double left = i == 0 ? centres_[i] : centres_[i] - centres_[i - 1];
      const double right = i + 1 == centres_.size() ? 1.0 - centres_[i] : centres_[i + 1] - centres_[i];
      widths_.push_back(std::clamp(std::max(left, right), least, 1.0));
    }
    centres_.push_back(0.5);
    widths_.push_back(1.0);
  }

  [[nodiscard]] double at(double x) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < centres_.size(); ++i) {
      const double z = (x - centres_[i]) / widths_[i];
      sum += std::exp(-0.5 * z * z) / (widths_[i] * mass(i));
    }
    return sum / (static_cast<double>(centres_.size()) * std::sqrt(2.0 * std::numbers::pi));
  }

  /// A draw made from two numbers in [0, 1).
  [[nodiscard]] double draw(double which, double where) const {
    const auto i =
        std::min(static_cast<std::size_t>(which * static_cast<double>(centres_.size())), centres_.size() - 1);
    const double low = normal_cdf((0.0 - centres_[i]) / widths_[i]);
    const double p = std::clamp(low + where * mass(i), 1e-12, 1.0 - 1e-12);
    return std::clamp(centres_[i] + widths_[i] * normal_quantile(p), 0.0, 1.0);
  }

 private:
  static double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }
  /// Of the normal i, what lies on [0, 1].
  [[nodiscard]] double mass(std::size_t i) const {
    return normal_cdf((1.0 - centres_[i]) / widths_[i]) - normal_cdf((0.0 - centres_[i]) / widths_[i]);
  }

  std::vector<double> centres_, widths_;
};

/// How often each word was used, one more than seen.
std::vector<double> word_shares(const SearchSetting& setting, std::span<const Observation> seen) {
  std::vector<double> shares(setting.choices.size(), 1.0);
  for (const auto& observation : seen) {
    const auto word = observation.settings.at(setting.name).get<std::string>();
    const auto found = std::find(setting.choices.begin(), setting.choices.end(), word);
    if (found != setting.choices.end()) shares[static_cast<std::size_t>(found - setting.choices.begin())] += 1.0;
  }
  const double total = static_cast<double>(seen.size()) + static_cast<double>(shares.size());
  for (double& share : shares) share /= total;
  return shares;
}

std::vector<double> units_of(const SearchSetting& setting, std::span<const Observation> seen) {
  std::vector<double> units;
  for (const auto& observation : seen) {
    units.push_back(std::clamp(to_unit(setting, observation.settings.at(setting.name).get<double>()), 0.0, 1.0));
  }
  return units;
}

Json best_word(const SearchSetting& setting, std::span<const Observation> good, std::span<const Observation> bad,
               const CounterRandom& random) {
  const auto of_good = word_shares(setting, good);
  const auto of_bad = word_shares(setting, bad);
  std::size_t best = 0;
  double most = -1.0;
  for (std::uint64_t i = 0; i < kCandidates; ++i) {
    double left = random.uniform(i);
    std::size_t word = 0;
    while (word + 1 < of_good.size() && left >= of_good[word]) left -= of_good[word++];
    if (const double ratio = of_good[word] / of_bad[word]; ratio > most) {
      most = ratio;
      best = word;
    }
  }
  return setting.choices[best];
}

Json best_number(const SearchSetting& setting, std::span<const Observation> good, std::span<const Observation> bad,
                 const CounterRandom& random) {
  const Density of_good(units_of(setting, good));
  const Density of_bad(units_of(setting, bad));
  double best = 0.5;
  double most = -1.0;
  for (std::uint64_t i = 0; i < kCandidates; ++i) {
    const double unit = of_good.draw(random.uniform(2 * i), random.uniform(2 * i + 1));
    if (const double ratio = of_good.at(unit) / of_bad.at(unit); ratio > most) {
      most = ratio;
      best = unit;
    }
  }
  return json_of(setting, best);
}

CounterRandom random_of(std::uint64_t seed, std::int64_t trial, std::size_t setting) {
  return CounterRandom(scramble(seed) + setting, static_cast<std::uint64_t>(trial));
}

}  // namespace

Json random_settings(std::span<const SearchSetting> settings, std::uint64_t seed, std::int64_t trial) {
  Json json = Json::object();
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto random = random_of(seed, trial, i);
    json[settings[i].name] = settings[i].choices.empty()
                                 ? json_of(settings[i], random.uniform(0))
                                 : Json(settings[i].choices[random.below(0, settings[i].choices.size())]);
  }
  return json;
}

Json parzen_settings(std::span<const SearchSetting> settings, std::span<const Observation> seen, std::uint64_t seed,
                     std::int64_t trial) {
  std::vector<Observation> sorted(seen.begin(), seen.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const Observation& a, const Observation& b) {
    return a.rungs != b.rungs ? a.rungs > b.rungs : a.value < b.value;
  });
  const auto num_good = static_cast<std::size_t>(std::ceil(kGoodShare * static_cast<double>(sorted.size())));
  const auto good = std::span<const Observation>(sorted).first(num_good);
  const auto bad = std::span<const Observation>(sorted).subspan(num_good);
  Json json = Json::object();
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto random = random_of(seed, trial, i);
    json[settings[i].name] = settings[i].choices.empty() ? best_number(settings[i], good, bad, random)
                                                         : best_word(settings[i], good, bad, random);
  }
  return json;
}

}  // namespace cw

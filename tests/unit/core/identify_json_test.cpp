// SPDX-License-Identifier: Apache-2.0
#include "core/identify_json.h"

#include <exception>
#include <utility>

#include <gtest/gtest.h>

namespace kith {
namespace {

constexpr Calibration calibration{
    .slope = 40.4551F, .intercept = -1.0F / 3, .tail = {-0.5F, 0.1F, -1e-7F}, .min_similarity = 0.42F};

TEST(CalibrationJson, GivesTheSameFloatsAgain) {
  const Calibration again = calibration_from(nlohmann::json::parse(calibration_json(calibration).dump()));
  EXPECT_EQ(again.slope, calibration.slope);
  EXPECT_EQ(again.intercept, calibration.intercept);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(again.tail[i], calibration.tail[i]) << i;
  EXPECT_EQ(again.min_similarity, calibration.min_similarity);
}

TEST(CalibrationJson, HasNoMoreDigitsThanItTakes) {
  EXPECT_EQ(calibration_json(calibration).at("min_similarity").dump(), "0.42");
}

TEST(CalibrationJson, IsRefusedOutsideOfItsRanges) {
  const std::pair<const char*, double> wrong[]{
      {"slope", -1}, {"slope", 1e5}, {"intercept", 1e5}, {"min_similarity", 1.5}, {"min_similarity", -2}};
  for (const auto& [key, value] : wrong) {
    nlohmann::json changed = calibration_json(calibration);
    changed[key] = value;
    EXPECT_THROW((void)calibration_from(changed), std::exception) << key << value;
  }
  nlohmann::json lacking = calibration_json(calibration);
  lacking.erase("tail");
  EXPECT_THROW((void)calibration_from(lacking), std::exception);
}

TEST(SettingsJson, TellsOthersApart) {
  const IdentifySettings settings;
  EXPECT_EQ(settings_json(settings), settings_json(IdentifySettings()));
  IdentifySettings other;
  other.crowding = 0.25F;
  EXPECT_NE(settings_json(settings), settings_json(other));
}

}  // namespace
}  // namespace kith

// SPDX-License-Identifier: Apache-2.0
#include "core/partial_date.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

TEST(PartialDate, IsAYearAMonthOrADay) {
  for (const char* date : {"1990", "1990-05", "1990-05-17", "2020-02-29"})
    EXPECT_TRUE(is_partial_date(date)) << date;
}

TEST(PartialDate, IsADayOfTheCalendar) {
  for (const char* date : {"", "199", "19900", "1990-", "1990-5", "1990-13", "1990-00", "1990-05-32",
                           "2019-02-29", "1990/05/17", "1990-05/17", "abcd", "1990-ab", "-990"})
    EXPECT_FALSE(is_partial_date(date)) << date;
}

TEST(YearOf, IsTheMiddleOfWhatIsKnown) {
  EXPECT_FLOAT_EQ(year_of("1990").value(), 1990.5F);
  EXPECT_NEAR(year_of("1990-01").value(), 1990 + 0.5F / 12, 1e-3F);
  EXPECT_NEAR(year_of("1990-12-31").value(), 1991, 1e-2F);
  EXPECT_FLOAT_EQ(year_of("2019-07-31T18:05:11").value(), year_of("2019-07-31").value());
  for (const char* date : {"", "soon", "0000:00:00 00:00:00", "2019-13-01T00:00:00"})
    EXPECT_EQ(year_of(date), std::nullopt) << date;
}

}  // namespace
}  // namespace kith

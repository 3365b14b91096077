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

}  // namespace
}  // namespace kith

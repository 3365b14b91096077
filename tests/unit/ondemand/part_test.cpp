// SPDX-License-Identifier: Apache-2.0
#include "ondemand/part.h"

#include <gtest/gtest.h>

namespace kith::ondemand {
namespace {

struct TeaLeaves {
  static constexpr const char* name = "tea_leaves";
  static constexpr const char* purpose = "read tea leaves";
};

TEST(Part, ThatIsNotThereSaysWhatItWouldDoToWhatAndHowToGetIt) {
  for (int call = 0; call < 2; ++call) {
    const auto loaded = part<TeaLeaves>("/a/cup");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::unsupported_format);
    EXPECT_EQ(loaded.error().message,
              "/a/cup: this kith can't read tea leaves: its part libkith_tea_leaves.so is not there; install "
              "it, or build kith with -DKITH_TEA_LEAVES=ON");
  }
}

}  // namespace
}  // namespace kith::ondemand

// SPDX-License-Identifier: Apache-2.0
#include "core/attempt.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace kith {
namespace {

TEST(WithoutExceptions, PassesOnWhatTheWorkSays) {
  EXPECT_EQ(without_exceptions("a.jpg", []() -> Result<int> { return 3; }), 3);
  const Status failed =
      without_exceptions("a.jpg", []() -> Status { return fail(ErrorCode::no_face, "none"); });
  EXPECT_EQ(failed.error().code, ErrorCode::no_face);
}

TEST(WithoutExceptions, MakesAnErrorOfWhatIsThrownThatNamesThePhoto) {
  const Status bug = without_exceptions("a.jpg", []() -> Status { throw std::runtime_error("a bug"); });
  EXPECT_EQ(bug.error().code, ErrorCode::internal);
  EXPECT_EQ(bug.error().message, "a.jpg: a bug; please report this");
  const Result<int> memory = without_exceptions("a.jpg", []() -> Result<int> { throw std::bad_alloc(); });
  EXPECT_EQ(memory.error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace kith

// SPDX-License-Identifier: Apache-2.0
#include "core/npy.h"

#include <array>
#include <fstream>

#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace kith {
namespace {

class Npy : public testing::Test {
 protected:
  void write(const std::string& bytes) { std::ofstream(file_, std::ios::binary) << bytes; }

  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "array.npy";
};

TEST_F(Npy, IsReadBackAsItWasWritten) {
  const std::vector<std::uint8_t> values{1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<std::size_t> shape{2, 1, 2, 2};
  write(npy_bytes<std::uint8_t>(values, shape));
  const auto read = read_npy<std::uint8_t>(file_, 4);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->values, values);
  EXPECT_EQ(read->shape, shape);
}

TEST_F(Npy, OfOneDimensionHasNumPysComma) {
  const std::vector<std::int64_t> values{-1, 7};
  const std::string bytes = npy_bytes<std::int64_t>(values, std::array<std::size_t, 1>{2});
  EXPECT_NE(bytes.find("'shape': (2, )"), std::string::npos);
  write(bytes);
  EXPECT_EQ(read_npy<std::int64_t>(file_, 1)->values, values);
}

TEST_F(Npy, OfNoRowsIsAnAnswer) {
  write(npy_bytes<float>({}, std::array<std::size_t, 2>{0, 512}));
  const auto read = read_npy<float>(file_, 2);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->values.empty());
}

TEST_F(Npy, OfAnotherTypeOrShapeIsRefused) {
  write(npy_bytes<float>(std::array{1.0F, 2.0F}, std::array<std::size_t, 2>{1, 2}));
  EXPECT_EQ(read_npy<std::int64_t>(file_, 2).error().code, ErrorCode::unsupported_format);
  EXPECT_EQ(read_npy<float>(file_, 1).error().code, ErrorCode::unsupported_format);
}

TEST_F(Npy, ThatPromisesMoreThanItHoldsIsRefused) {
  std::string bytes = npy_bytes<float>(std::array{1.0F, 2.0F}, std::array<std::size_t, 2>{1, 2});
  bytes.pop_back();
  write(bytes);
  EXPECT_EQ(read_npy<float>(file_, 2).error().code, ErrorCode::truncated);
  // A product of lengths that would overflow.
  std::string huge = npy_bytes<float>({}, std::array<std::size_t, 2>{0, 1});
  const std::string lengths = "(0, 1), }";
  huge.replace(huge.find(lengths), lengths.size(), "(9999999999999, 9999999999999), }");
  write(huge);
  EXPECT_EQ(read_npy<float>(file_, 2).error().code, ErrorCode::truncated);
}

TEST_F(Npy, ThatIsNoneIsDamaged) {
  write("Name,Year\n");
  EXPECT_EQ(read_npy<float>(file_, 2).error().code, ErrorCode::damaged);
  EXPECT_EQ(read_npy<float>(folder_ / "none.npy", 2).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_npy<float>(folder_.path(), 2).error().code, ErrorCode::unreadable);
}

}  // namespace
}  // namespace kith

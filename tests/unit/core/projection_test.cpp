// SPDX-License-Identifier: Apache-2.0
#include "core/projection.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "core/npy.h"
#include "support/temporary_folder.h"

namespace kith {
namespace {

const Projection turned{2, {0, 2, 3, 0}};

class ProjectionFile : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file(const std::string& bytes) const {
    std::ofstream(folder / "matrix.npy", std::ios::binary) << bytes;
    return folder / "matrix.npy";
  }

  void expect_refused(const std::string& bytes, ErrorCode code, const std::string& what,
                      std::size_t dimension = 2) const {
    const Result<Projection> read = read_projection(file(bytes), dimension);
    ASSERT_FALSE(read) << what;
    EXPECT_EQ(read.error().code, code) << what << ": " << read.error().message;
    EXPECT_NE(read.error().message.find("matrix.npy"), std::string::npos) << read.error().message;
    EXPECT_NE(read.error().message.find("kith train adapt"), std::string::npos) << read.error().message;
  }

  test::TemporaryFolder folder;
};

TEST(Projection, IsTheMatrixTimesTheVector) {
  const Embedding vector{5, 7};
  EXPECT_EQ(turned(vector), (Embedding{14, 15}));
}

TEST_F(ProjectionFile, IsReadAsItWasWritten) {
  const Result<Projection> read = read_projection(file(projection_bytes(turned)), 2);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->dimension, 2U);
  EXPECT_EQ(read->matrix, turned.matrix);
}

TEST_F(ProjectionFile, OfAnotherSizeIsAMismatch) {
  const std::string good = projection_bytes(turned);
  expect_refused(good, ErrorCode::model_mismatch, "for an embedder of 3", 3);
  expect_refused(good, ErrorCode::model_mismatch, "for an embedder of 1", 1);
  const std::vector<float> values(8, 1.0F);
  expect_refused(npy_bytes<float>(values, std::array<std::size_t, 2>{2, 4}), ErrorCode::model_mismatch,
                 "2 x 4");
  expect_refused(npy_bytes<float>(values, std::array<std::size_t, 2>{4, 2}), ErrorCode::model_mismatch,
                 "4 x 2");
  expect_refused(npy_bytes<float>({}, std::array<std::size_t, 2>{0, 2}), ErrorCode::model_mismatch, "0 x 2");
}

TEST_F(ProjectionFile, AHugeFileIsRefusedUnread) {
  const std::filesystem::path huge = file(projection_bytes(turned));
  std::filesystem::resize_file(huge, std::uintmax_t{1} << 40);  // sparse
  const Result<Projection> read = read_projection(huge, 2);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::model_mismatch);
}

TEST_F(ProjectionFile, WhatIsNoMatrixIsDamaged) {
  const std::string good = projection_bytes(turned);
  expect_refused("", ErrorCode::model_damaged, "empty");
  expect_refused("garbage", ErrorCode::model_damaged, "garbage");
  expect_refused(std::string(4096, '\0'), ErrorCode::model_damaged, "zeros");
  for (std::size_t length = 1; length < good.size(); length += 7)
    expect_refused(good.substr(0, length), ErrorCode::model_damaged, "cut at " + std::to_string(length));
  expect_refused(npy_bytes<float>(turned.matrix, std::array<std::size_t, 1>{4}), ErrorCode::model_damaged,
                 "one dimension");
  const std::vector<std::int64_t> integers(4, 1);
  expect_refused(npy_bytes<std::int64_t>(integers, std::array<std::size_t, 2>{2, 2}),
                 ErrorCode::model_damaged, "integers");
}

TEST_F(ProjectionFile, NumbersThatAreNotFiniteAreDamage) {
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()}) {
    Projection odd = turned;
    odd.matrix[3] = value;
    expect_refused(projection_bytes(odd), ErrorCode::model_damaged, std::to_string(value));
  }
}

TEST_F(ProjectionFile, AMissingFileIsAMissingModel) {
  const Result<Projection> read = read_projection(folder / "nowhere.npy", 2);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::model_missing);
}

}  // namespace
}  // namespace kith

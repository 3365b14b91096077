// SPDX-License-Identifier: Apache-2.0
#include "store/photos.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "store/people.h"
#include "support/library_rows.h"

namespace kith::store {
namespace {

class VectorReaderTest : public testing::Test {
 protected:
  VectorReaderTest() {
    for (int photo = 0; photo < 4; ++photo) {
      const PhotoId id = rows.photo("/" + std::to_string(photo) + ".jpg");
      for (int face = 0; face < 3; ++face)
        faces.push_back(rows.embedded(id, {static_cast<float>(photo), static_cast<float>(face)},
                                      100 * static_cast<float>(face)));
    }
    model = model_id(*rows.database, "fake", 2);
  }

  test::LibraryRows rows;
  std::vector<FaceId> faces;
  std::int64_t model = 0;
};

TEST_F(VectorReaderTest, ABlockHoldsWholePhotos) {
  VectorReader reader(*rows.database, model, Which::undecided);
  std::vector<std::size_t> sizes;
  Vectors all;
  for (HalfVectors block = reader.next(4); !block.faces.empty(); block = reader.next(4)) {
    sizes.push_back(block.faces.size());
    append(block, all);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{6, 6}));
  EXPECT_EQ(all.faces, faces);
  EXPECT_EQ(all.values, vectors(*rows.database, model, Which::undecided).values);
  EXPECT_EQ(all.row(7)[0], 2.0F);
  EXPECT_EQ(all.row(7)[1], 1.0F);
  EXPECT_TRUE(reader.next(4).faces.empty()) << "and stays at the end";
}

TEST_F(VectorReaderTest, TellsWhatIsDecidedFromWhatIsNot) {
  confirm(*rows.database, faces[0], rows.person("Anna"));
  ignore(*rows.database, faces[1]);
  EXPECT_EQ(vectors(*rows.database, model, Which::confirmed).faces, std::vector<FaceId>{faces[0]});
  EXPECT_EQ(vectors(*rows.database, model, Which::undecided).faces,
            std::vector<FaceId>(faces.begin() + 2, faces.end()));
}

TEST_F(VectorReaderTest, AVectorOfAnotherLengthIsPassedOver) {
  rows.database->sql().exec("UPDATE vector SET half = x'0000' WHERE face = " + std::to_string(faces[4]));
  const Vectors left = vectors(*rows.database, model, Which::undecided);
  EXPECT_EQ(left.faces.size(), faces.size() - 1);
  EXPECT_EQ(std::ranges::find(left.faces, faces[4]), left.faces.end());
}

TEST(Guesses, AreNearlyEqualWhereNobodyWouldSeeADifference) {
  const GuessRow guess{.person = 1, .probability = 0.9F, .similarity = 0.7F, .reference = 3};
  GuessRow other = guess;
  other.probability += 1e-4F;
  EXPECT_TRUE(nearly_equal(guess, other));
  other.probability = 0.91F;
  EXPECT_FALSE(nearly_equal(guess, other));
  other = guess;
  other.person = 2;
  EXPECT_FALSE(nearly_equal(guess, other));
  other = guess;
  other.reference = 4;
  EXPECT_FALSE(nearly_equal(guess, other));
}

}  // namespace
}  // namespace kith::store

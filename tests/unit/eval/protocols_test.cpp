// SPDX-License-Identifier: Apache-2.0
#include "eval/protocols.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "imageio/pictures.h"

namespace kith::eval {
namespace {

class ListTest : public testing::Test {
 protected:
  std::filesystem::path list(const std::string& text) const {
    test::write_bytes(folder / "list", test::Bytes(text.begin(), text.end()));
    return folder / "list";
  }

  // Refused, naming the file and the line.
  template <typename T>
  void expect_damaged(const Result<T>& result, int line) const {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::damaged);
    const std::string place = (folder / "list").string() + ":" + std::to_string(line) + ":";
    EXPECT_NE(result.error().message.find(place), std::string::npos) << result.error().message;
  }

  test::TemporaryFolder folder;
};

// ---- LFW

using LfwPairsTest = ListTest;

TEST_F(LfwPairsTest, AreReadFoldByFold) {
  const auto pairs = read_lfw_pairs(list("2\t1\nA_B\t1\t12\nA_B\t1\tC\t3\nD\t1\t2\r\nD\t4\tE\t5\n"), 1);
  ASSERT_TRUE(pairs) << pairs.error().message;
  ASSERT_EQ(pairs->size(), 4U);
  EXPECT_EQ((*pairs)[0].a, "A_B/A_B_0001.jpg");
  EXPECT_EQ((*pairs)[0].b, "A_B/A_B_0012.jpg");
  EXPECT_TRUE((*pairs)[0].same);
  EXPECT_EQ((*pairs)[0].fold, 0);
  EXPECT_EQ((*pairs)[1].b, "C/C_0003.jpg");
  EXPECT_FALSE((*pairs)[1].same);
  EXPECT_TRUE((*pairs)[2].same);
  EXPECT_EQ((*pairs)[2].fold, 1);
  EXPECT_EQ((*pairs)[3].fold, 1);
}

TEST_F(LfwPairsTest, MayBeThinnedOut) {
  const std::filesystem::path file = list("2\t1\nA\t1\t2\n\nA\t1\tC\t3\nD\t1\t2\nD\t4\tE\t5\n");
  const auto pairs = read_lfw_pairs(file, 3);
  ASSERT_TRUE(pairs);
  ASSERT_EQ(pairs->size(), 2U);
  EXPECT_EQ((*pairs)[1].a, "D/D_0004.jpg") << "an empty line is no pair";
  EXPECT_EQ((*pairs)[1].fold, 1);
  // The first of each fold: pairs of one kind. The first of all: one fold.
  for (const int every : {2, 4}) {
    const auto too_few = read_lfw_pairs(file, every);
    ASSERT_FALSE(too_few) << every;
    EXPECT_EQ(too_few.error().code, ErrorCode::bad_argument);
  }
}

TEST_F(LfwPairsTest, AreAsManyAsTheFirstLineSays) {
  const std::string pairs = "A\t1\t2\nA\t1\tC\t3\nD\t1\t2\nD\t4\tE\t5\n";
  expect_damaged(read_lfw_pairs(list("10\t300\n"), 1), 2);
  expect_damaged(read_lfw_pairs(list("2\t2\n" + pairs), 1), 6);
  expect_damaged(read_lfw_pairs(list("3\t1\n" + pairs), 1), 6);
  expect_damaged(read_lfw_pairs(list("2147483647\t2147483647\n" + pairs), 1), 6);
  expect_damaged(read_lfw_pairs(list("2\t1\n" + pairs + "F\t1\t2\n"), 1), 6);
  EXPECT_TRUE(read_lfw_pairs(list("2\t1\n" + pairs + "\n"), 1));
}

TEST_F(LfwPairsTest, MalformedLinesAreNamed) {
  for (const char* header :
       {"", "\n", "10\n", "ten\t300\n", "1\t300\n", "10\t0\n", "10\t300\t3\n", "10x\t300\n"}) {
    expect_damaged(read_lfw_pairs(list(std::string(header) + "A\t1\t2\n"), 1), 1);
  }
  for (const char* line :
       {"A", "A\t1", "A\tx\t2", "A\t1\t2x", "A\t1\tB\tx", "A\t1\tB\t2\t3", "A 1 2", "A\t1\t"}) {
    expect_damaged(read_lfw_pairs(list(std::string("2\t1\nA\t1\t2\n") + line + "\n"), 1), 3);
  }
}

TEST_F(LfwPairsTest, AMissingListIsNotFound) {
  EXPECT_EQ(read_lfw_pairs(folder / "none", 1).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_open_set(folder / "none", 1).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_boxes(folder / "none").error().code, ErrorCode::not_found);
}

TEST(ScorePairs, APhotoWithoutAFaceIsDecidedWrongly) {
  const Vectors vectors{{"a", {1, 0}}, {"b", {0.6F, 0.8F}}};
  const std::vector<Pair> scored =
      score_pairs({{"a", "b", true, 0}, {"a", "none", true, 1}, {"none", "b", false, 2}}, vectors);
  ASSERT_EQ(scored.size(), 3U);
  EXPECT_FLOAT_EQ(scored[0].similarity, 0.6F);
  EXPECT_EQ(scored[1].similarity, -1);
  EXPECT_EQ(scored[1].fold, 1);
  EXPECT_EQ(scored[2].similarity, 1);
}

// ---- open set

using OpenSetTest = ListTest;

TEST_F(OpenSetTest, IsRead) {
  const auto rows = read_open_set(list("role,identity,file\ngallery,A,A/1.jpg\r\nprobe_known,A,A/"
                                       "2.jpg\nprobe_unknown_unknown,B,B/1.jpg\n"),
                                  1);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[0].role, "gallery");
  EXPECT_EQ((*rows)[0].identity, "A");
  EXPECT_EQ((*rows)[0].file, "A/1.jpg");
  EXPECT_EQ((*rows)[2].role, "probe_unknown_unknown");
}

TEST_F(OpenSetTest, IsThinnedOutByPerson) {
  const auto rows = read_open_set(
      list("role,identity,file\ngallery,A,1\nprobe_known,A,2\ngallery,B,3\nprobe_known,B,4\ngallery,C,5\n"),
      2);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[0].identity, "A");
  EXPECT_EQ((*rows)[1].identity, "A");
  EXPECT_EQ((*rows)[2].identity, "C");
}

TEST_F(OpenSetTest, MalformedLinesAreNamed) {
  for (const char* header : {"", "role,file\n", "gallery,A,A/1.jpg\n"}) {
    expect_damaged(read_open_set(list(header), 1), 1);
  }
  for (const char* line :
       {"gallery,A", "gallery,A,A/1.jpg,more", "galery,A,A/1.jpg", ",A,A/1.jpg", "gallery,,A/1.jpg"}) {
    expect_damaged(
        read_open_set(list(std::string("role,identity,file\ngallery,A,A/1.jpg\n") + line + "\n"), 1), 3);
  }
}

const std::vector<OpenSetRow> rows{{"gallery", "A", "a1"},
                                   {"gallery", "A", "a2"},
                                   {"gallery", "B", "b1"},
                                   {"gallery", "C", "none"},
                                   {"probe_known", "A", "a3"},
                                   {"probe_known", "B", "none"},
                                   {"probe_known_unknown", "K", "k1"},
                                   {"known_unknown_train", "K", "k2"}};
const Vectors vectors{{"a1", {1, 0, 0}}, {"a2", {0.8F, 0.6F, 0}},  {"a3", {0.6F, 0, 0.8F}},
                      {"b1", {0, 0, 1}}, {"k1", {0, 0.6F, -0.8F}}, {"k2", {0, 1, 0}}};

TEST(OpenSet, EnrolsThoseWithAFace) {
  const Gallery gallery = enrolled(rows, vectors);
  ASSERT_EQ(gallery.size(), 2U);
  EXPECT_EQ(gallery[0].name, "A");
  ASSERT_EQ(gallery[0].references.size(), 2U);
  EXPECT_EQ(gallery[0].references[1].source, "a2");
  EXPECT_EQ(gallery[1].name, "B");
}

TEST(OpenSet, ScoresProbes) {
  constexpr Calibration calibration{
      .slope = 30, .intercept = -9, .tail = {-1, -10, 0}, .min_similarity = 0.3F};
  const auto identifier = make_nearest_identifier(enrolled(rows, vectors), calibration).value();
  const std::vector<Probe> probes = score_probes(rows, *identifier, vectors);
  ASSERT_EQ(probes.size(), 3U);
  EXPECT_TRUE(probes[0].enrolled);
  EXPECT_FALSE(probes[0].correct) << "0.8 to B, and less to A";
  EXPECT_FLOAT_EQ(probes[0].similarity, 0.8F);
  EXPECT_TRUE(probes[1].enrolled);
  EXPECT_FALSE(probes[1].correct);
  EXPECT_EQ(probes[1].similarity, -1) << "no face: missed";
  EXPECT_FALSE(probes[2].enrolled);
  EXPECT_NEAR(probes[2].similarity, 0.6F * 0.6F / std::sqrt(3.6F), 1e-4F) << "to the mean of A's two";
}

TEST(OpenSet, TrainingScoresHoldOutTheFaceItself) {
  const TrainingScores scores = training_scores(rows, vectors);
  // A's two faces against each other, as a template of one and as single photos.
  ASSERT_EQ(scores.same.size(), 4U);
  for (const float score : scores.same) EXPECT_FLOAT_EQ(score, 0.8F);
  // A's template with B's and K's face; B's face and K's with the other three each.
  EXPECT_EQ(scores.different.size(), 2U + 3U + 3U);
}

TEST(OpenSet, SaysWhatIsNotThereToJudge) {
  EXPECT_TRUE(check_probes(rows));
  const std::vector<OpenSetRow> other_strangers{
      {"gallery", "A", "a1"}, {"probe_known", "A", "a3"}, {"probe_unknown_unknown", "U", "u1"}};
  EXPECT_TRUE(check_probes(other_strangers));
  for (std::size_t without = 0; without < other_strangers.size(); ++without) {
    std::vector<OpenSetRow> fewer = other_strangers;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(without));
    const Status checked = check_probes(fewer);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::bad_argument);
    EXPECT_NE(checked.error().message.find(other_strangers[without].role), std::string::npos);
  }
  EXPECT_FALSE(check_probes({}));
}

// ---- boxes

using BoxesTest = ListTest;

TEST_F(BoxesTest, AreReadByPhoto) {
  const auto boxes = read_boxes(
      list("image,x,y,w,h,invalid,blur\na.jpg,1,2,3.5,4,0,2\na.jpg,5,6,7,8,1,0\nb.jpg,-1,0,3,4,0,0\r\n"));
  ASSERT_TRUE(boxes) << boxes.error().message;
  ASSERT_EQ(boxes->size(), 2U);
  const std::vector<TrueFace>& faces = boxes->at("a.jpg");
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_FLOAT_EQ(faces[0].box.width, 3.5F);
  EXPECT_FALSE(faces[0].ignored);
  EXPECT_TRUE(faces[1].ignored);
  EXPECT_FLOAT_EQ(boxes->at("b.jpg")[0].box.x, -1);
}

TEST_F(BoxesTest, MalformedLinesAreNamed) {
  expect_damaged(read_boxes(list("")), 1);
  expect_damaged(read_boxes(list("a.jpg,1,2,3,4,0\n")), 1);
  for (const char* line :
       {"a.jpg", "a.jpg,1,2,3,4", "a.jpg,x,2,3,4,0", "a.jpg,1,2,3,4y,0", "a.jpg,1,2,3,4,maybe",
        "a.jpg,1,2,3,,0", "a.jpg,nan,2,3,4,0", "a.jpg,1,2,inf,4,0"}) {
    expect_damaged(read_boxes(list(std::string("image,x,y,w,h,invalid\na.jpg,1,2,3,4,0\n") + line + "\n")),
                   3);
  }
}

}  // namespace
}  // namespace kith::eval

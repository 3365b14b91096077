// SPDX-License-Identifier: Apache-2.0
#include "eval/pair_lists.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/csv.h"
#include "imageio/pictures.h"

namespace kith::eval {
namespace {

using Listed = Result<std::vector<ListedPair>>;

Listed folds(const std::string& text, int every) { return parse_lfw_folds(text, "list", every); }
Listed part(const std::string& text) { return parse_lfw_part(text, "list", 0, 1); }
Listed any_list(const std::string& text, int every = 1) { return parse_pair_list(text, "list", every); }

// Refused, naming the line.
void expect_damaged(const Listed& result, int line) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::damaged);
  EXPECT_TRUE(result.error().message.starts_with("list:" + std::to_string(line) + ":"))
      << result.error().message;
}

void expect_useless(const Listed& result) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::bad_argument) << result.error().message;
}

// ---- LFW, view 2

TEST(LfwFolds, AreReadFoldByFold) {
  const auto pairs = folds("2\t1\nA_B\t1\t12\nA_B\t1\tC\t3\nD\t1\t2\r\nD\t4\tE\t5\n", 1);
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

TEST(LfwFolds, MayBeThinnedOut) {
  const std::string text = "2\t1\nA\t1\t2\n\nA\t1\tC\t3\nD\t1\t2\nD\t4\tE\t5\n";
  const auto pairs = folds(text, 3);
  ASSERT_TRUE(pairs);
  ASSERT_EQ(pairs->size(), 2U);
  EXPECT_EQ((*pairs)[1].a, "D/D_0004.jpg") << "an empty line is no pair";
  EXPECT_EQ((*pairs)[1].fold, 1);
  // The first of each fold: pairs of one kind. The first of all: one fold.
  for (const int every : {2, 4}) {
    const auto too_few = folds(text, every);
    ASSERT_FALSE(too_few) << every;
    EXPECT_EQ(too_few.error().code, ErrorCode::bad_argument);
  }
}

TEST(LfwFolds, AreAsManyAsTheFirstLineSays) {
  const std::string pairs = "A\t1\t2\nA\t1\tC\t3\nD\t1\t2\nD\t4\tE\t5\n";
  expect_damaged(folds("10\t300\n", 1), 2);
  expect_damaged(folds("2\t2\n" + pairs, 1), 6);
  expect_damaged(folds("3\t1\n" + pairs, 1), 6);
  expect_damaged(folds("2147483647\t2147483647\n" + pairs, 1), 6);
  expect_damaged(folds("2\t1\n" + pairs + "F\t1\t2\n", 1), 6);
  EXPECT_TRUE(folds("2\t1\n" + pairs + "\n", 1));
}

TEST(LfwFolds, MalformedLinesAreNamed) {
  for (const char* header :
       {"", "\n", "10\n", "ten\t300\n", "1\t300\n", "10\t0\n", "10\t300\t3\n", "10x\t300\n"}) {
    expect_damaged(folds(std::string(header) + "A\t1\t2\n", 1), 1);
  }
  for (const char* line :
       {"A", "A\t1", "A\tx\t2", "A\t1\t2x", "A\t1\tB\tx", "A\t1\tB\t2\t3", "A 1 2", "A\t1\t"}) {
    expect_damaged(folds(std::string("2\t1\nA\t1\t2\n") + line + "\n", 1), 3);
  }
}

TEST(LfwFolds, PeopleCountFromOne) {
  expect_damaged(folds("2\t1\nA\t0\t2\n", 1), 2);
  expect_damaged(folds("2\t1\nA\t-1\t2\n", 1), 2);
  const Listed large = folds("2\t1\nA\t1\t123456\nA\t1\tC\t3\nD\t1\t2\nD\t4\tE\t5\n", 1);
  ASSERT_TRUE(large);
  EXPECT_EQ(large->front().b, "A/A_123456.jpg");
}

// ---- LFW, view 1

TEST(LfwPart, IsReadIntoOneFold) {
  const Listed pairs = parse_lfw_part("1\nA_B\t1\t2\nA_B\t1\tC\t3\n", "list", 1, 1);
  ASSERT_TRUE(pairs) << pairs.error().message;
  ASSERT_EQ(pairs->size(), 2U);
  EXPECT_TRUE((*pairs)[0].same);
  EXPECT_EQ((*pairs)[1].b, "C/C_0003.jpg");
  EXPECT_EQ((*pairs)[1].fold, 1);
}

TEST(LfwPart, MalformedListsAreNamed) {
  for (const char* header : {"", "\n", "x\n", "0\n", "-1\n", "1\t1\n"}) expect_damaged(part(header), 1);
  expect_damaged(part("2\nA\t1\t2\nA\t1\tC\t3\n"), 4);
  expect_damaged(part("1\nA\t1\t2\nA\t1\tC\t3\nB\t1\t2\n"), 4);
  expect_damaged(part("1\nA\t1\t2\nA 1 C 3\n"), 3);
  expect_useless(part("1\nA\t1\t2\nA\t2\t3\n"));
}

TEST(ReadLfw, TakesTheViewsOwnFiles) {
  const test::TemporaryFolder folder;
  const auto write = [&](const char* name, const std::string& text) {
    test::write_bytes(folder / name, test::Bytes(text.begin(), text.end()));
  };
  write("pairs.txt", "2\t1\nA\t1\t2\nA\t1\tC\t3\nD\t1\t2\nD\t4\tE\t5\n");
  write("pairsDevTrain.txt", "1\nF\t1\t2\nF\t1\tG\t3\n");
  EXPECT_EQ(read_lfw(folder.path(), 1, 1).error().code, ErrorCode::not_found);
  write("pairsDevTest.txt", "2\nH\t1\t2\nH\t1\t3\nH\t1\tI\t3\nH\t1\tI\t4\n");
  const Listed one = read_lfw(folder.path(), 1, 1);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->size(), 6U);
  EXPECT_EQ(std::ranges::count((*one), 0, &ListedPair::fold), 2);
  EXPECT_EQ(one->back().a, "H/H_0001.jpg");
  EXPECT_EQ(read_lfw(folder.path(), 2, 1)->size(), 4U);
}

// ---- any list

TEST(PairList, WithBlanksTabsOrCommasIsTheSame) {
  for (const char* text : {"a/1.jpg b/2.jpg 1 3\n  c.jpg\td.jpg  0 5 \n",
                           "# photo photo same fold\n\na/1.jpg\tb/2.jpg\t1\t3\r\nc.jpg\td.jpg\t0\t5",
                           "a/1.jpg,b/2.jpg,1,3\nc.jpg,d.jpg,0,5\n",
                           "a,b,same,fold\r\na/1.jpg,b/2.jpg,1,3\r\n\r\nc.jpg,d.jpg,0,5\r\n",
                           "\xEF\xBB\xBF"
                           "a/1.jpg b/2.jpg 1 3\nc.jpg d.jpg 0 5\n",
                           "\xEF\xBB\xBF"
                           "a,b,same,fold\na/1.jpg,b/2.jpg,1,3\nc.jpg,d.jpg,0,5\n"}) {
    const Listed pairs = any_list(text);
    ASSERT_TRUE(pairs) << text << pairs.error().message;
    ASSERT_EQ(pairs->size(), 2U);
    EXPECT_EQ((*pairs)[0].a, "a/1.jpg");
    EXPECT_EQ((*pairs)[0].b, "b/2.jpg");
    EXPECT_TRUE((*pairs)[0].same);
    EXPECT_EQ((*pairs)[0].fold, 0) << "without gaps";
    EXPECT_EQ((*pairs)[1].a, "c.jpg");
    EXPECT_FALSE((*pairs)[1].same);
    EXPECT_EQ((*pairs)[1].fold, 1);
  }
}

TEST(PairList, NamesMayHaveBlanksAndCommas) {
  const Listed tabs = any_list("a b.jpg\tc d.jpg\t1\ne.jpg\tf.jpg\t0\ng.jpg\th.jpg\t1\ni.jpg\tj.jpg\t0\n");
  ASSERT_TRUE(tabs) << tabs.error().message;
  EXPECT_EQ(tabs->front().b, "c d.jpg");
  const Listed quoted =
      any_list("\"a, \"\"b\"\".jpg\",c.jpg,1\ne.jpg,f.jpg,0\ng.jpg,h.jpg,1\ni.jpg,j.jpg,0\n");
  ASSERT_TRUE(quoted) << quoted.error().message;
  EXPECT_EQ(quoted->front().a, "a, \"b\".jpg");
}

TEST(PairList, WithoutFoldsIsDealtToTen) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "a" + std::to_string(i) + " b " + (i < 25 ? "1" : "0") + "\n";
  const Listed pairs = any_list(text);
  ASSERT_TRUE(pairs);
  for (int fold = 0; fold < 10; ++fold) {
    const auto in_fold = [&](bool same) {
      return std::ranges::count_if(
          *pairs, [&](const ListedPair& pair) { return pair.fold == fold && pair.same == same; });
    };
    EXPECT_GE(in_fold(true), 2);
    EXPECT_GE(in_fold(false), 1);
  }
  const Listed few = any_list("a b 1\na c 1\na d 0\na e 0\na f 0\n");
  ASSERT_TRUE(few);
  EXPECT_EQ(std::ranges::max(*few, {}, &ListedPair::fold).fold, 1) << "two of the rarer kind: two folds";
}

TEST(PairList, MalformedLinesAreNamed) {
  for (const char* line :
       {"a b", "a b 2", "a b yes", "a b 1 2 3", "a b 1 x", "a b 1 1.5", "a", "a b 1 99999999999"})
    expect_damaged(any_list(std::string("a b 1 1\n") + line + "\n"), 2);
  expect_damaged(any_list("a b 1\na c 0 1\n"), 2);
  expect_damaged(any_list("a b 1 1\na c 0\n"), 2);
  expect_damaged(any_list("a,b,1\n,c,0\n"), 2);
  expect_damaged(any_list("a,b,c\n"), 1);
  expect_damaged(any_list(std::string("a b 1\na\0x b 0\n", 14)), 2);
  const Listed open_quote = any_list("a,b,1\n\"a,b,0\n");
  ASSERT_FALSE(open_quote);
  EXPECT_EQ(open_quote.error().code, ErrorCode::damaged);
}

TEST(PairList, SaysWhatCannotBeJudged) {
  expect_useless(any_list(""));
  expect_useless(any_list("\n\n# nothing\n"));
  expect_useless(any_list("a,b,same\n"));
  expect_useless(any_list("a b 1\na c 1\n"));
  expect_useless(any_list("a b 1 4\na c 0 4\n"));
  expect_useless(any_list("a b 1\na c 0\n", 2));
  std::string many;
  for (int i = 0; i < 1200; ++i) many += "a b " + std::to_string(i % 2) + " " + std::to_string(i) + "\n";
  expect_useless(any_list(many));
}

// Whatever is taken can be judged; whatever is not says why, and where the list stands.
TEST(PairLists, OfAnyTextAreAnAnswer) {
  std::mt19937 random(9);
  const std::vector<std::string> lists{
      "2\t1\nA\t1\t2\nA\t1\tB\t3\nC\t1\t2\nC\t4\tD\t5\n", "1\nA\t1\t2\nA\t1\tB\t3\n",
      "a,b,same,fold\n\"a, b\",c,1,1\ne,f,0,2\ng,h,1,2\n", "# a b\na b 1\nc d 0\ne\tf 0\ng h 1\n"};
  const std::vector<std::string> pieces{
      "a", "0", "1", "2", "\t", " ", ",", "\n", "\r\n", "\"", "#", "10", "-3", "\xFF", std::string(1, '\0')};
  int taken = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = lists[random() % lists.size()];
    for (std::size_t edits = random() % 4; edits > 0; --edits)
      text.replace(random() % (text.size() + 1), random() % 3, pieces[random() % pieces.size()]);
    for (const Listed& pairs : {folds(text, 1), part(text), any_list(text), any_list(text, 2)}) {
      if (!pairs) {
        EXPECT_TRUE(pairs.error().message.starts_with("list:")) << pairs.error().message;
        continue;
      }
      ++taken;
      ASSERT_FALSE(pairs->empty());
      std::set<int> numbers;
      for (const ListedPair& pair : *pairs) {
        EXPECT_FALSE(pair.a.empty());
        EXPECT_FALSE(pair.b.empty());
        numbers.insert(pair.fold);
      }
      EXPECT_EQ(*numbers.begin(), 0);
      EXPECT_EQ(*numbers.rbegin(), static_cast<int>(numbers.size()) - 1) << "no gaps";
    }
  }
  EXPECT_GT(taken, 400) << "many of them are still lists";
}

TEST(PairLists, WhatIsWrittenAsCsvIsReadBack) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<ListedPair> written;
    std::string text = "a,b,same,fold\r\n";
    for (int i = 0; i < 4; ++i) {
      ListedPair pair{"a", "b", i % 2 == 0, i / 2};
      for (std::string* name : {&pair.a, &pair.b}) {
        for (std::size_t length = random() % 8; length > 0; --length) *name += ", \"\n#\tx"[random() % 7];
      }
      text +=
          csv_row(std::vector<std::string>{pair.a, pair.b, pair.same ? "1" : "0", std::to_string(pair.fold)});
      written.push_back(pair);
    }
    const Listed read = any_list(text);
    ASSERT_TRUE(read) << text << read.error().message;
    ASSERT_EQ(read->size(), written.size());
    for (std::size_t i = 0; i < written.size(); ++i) {
      EXPECT_EQ((*read)[i].a, written[i].a);
      EXPECT_EQ((*read)[i].b, written[i].b);
      EXPECT_EQ((*read)[i].fold, written[i].fold);
    }
  }
}

// ---- scores

TEST(ScorePairs, APhotoWithoutAFaceIsDecidedWrongly) {
  const Vectors vectors{{"a", {1, 0}}, {"b", {0.6F, 0.8F}}};
  const std::vector<Pair> scored =
      score_pairs({{"a", "b", true, 0}, {"a", "none", true, 1}, {"none", "b", false, 2}}, vectors);
  ASSERT_EQ(scored.size(), 3U);
  EXPECT_FLOAT_EQ(scored[0].similarity, 0.6F);
  EXPECT_EQ(scored[1].similarity, -1);
  EXPECT_EQ(scored[1].fold, 1);
  EXPECT_EQ(scored[2].similarity, 1);
  EXPECT_TRUE(scored[0].complete);
  EXPECT_FALSE(scored[1].complete);
}

}  // namespace
}  // namespace kith::eval

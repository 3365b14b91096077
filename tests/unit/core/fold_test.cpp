// SPDX-License-Identifier: Apache-2.0
#include "core/fold.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

TEST(Fold, OfNothingIsNothing) { EXPECT_EQ(folded(std::string_view()), ""); }

TEST(Fold, CaseAndCompositionMakeNoDifference) {
  EXPECT_EQ(folded("ÉMILE"), folded("émile"));
  EXPECT_EQ(folded("E\u0301mile"), folded("émile"));
  EXPECT_EQ(folded("ΑΘΗΝΆ"), folded("αθηνά"));
  EXPECT_EQ(folded("STRASSE"), folded("Straße"));
}

TEST(Fold, AccentsDo) { EXPECT_NE(folded("Andre"), folded("André")); }

TEST(Fold, BytesThatAreNoTextAreNoError) {
  EXPECT_FALSE(is_utf8("\xC3"));
  EXPECT_FALSE(is_utf8(std::string_view("a\0b", 3)));
  EXPECT_FALSE(folded("a\xC3").empty());
}

TEST(SimilarNames, AreThoseThatBeginAlikeOrDifferInALetter) {
  const std::vector<std::string> known{"Anna", "Anna Maria", "Ben", "Hanne", "Émile"};
  EXPECT_EQ(similar_names("Ana", known, 5), std::vector<std::string>{"Anna"});
  EXPECT_EQ(similar_names("anna", known, 1), std::vector<std::string>{"Anna"});
  EXPECT_EQ(similar_names("maria", known, 5), std::vector<std::string>{"Anna Maria"});
  EXPECT_EQ(similar_names("emile", known, 5), std::vector<std::string>{"Émile"});
  EXPECT_TRUE(similar_names("Zoltan", known, 5).empty());
  EXPECT_TRUE(similar_names(std::string(100'000, 'a'), known, 5).empty());
}

}  // namespace
}  // namespace kith

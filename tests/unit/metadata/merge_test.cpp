// SPDX-License-Identifier: Apache-2.0
#include "metadata/merge.h"

#include <gtest/gtest.h>

namespace kith::metadata {
namespace {

constexpr Area left{0.1, 0.1, 0.2, 0.2};
constexpr Area left_as_others_draw_it{0.08, 0.08, 0.26, 0.26};
constexpr Area right{0.6, 0.1, 0.2, 0.2};

using Existing = std::vector<ExistingRegion>;
using Wanted = std::vector<WantedRegion>;
using Written = std::vector<WrittenRegion>;
using Texts = std::vector<std::string>;

TEST(MergeRegions, WhatNobodyHasIsAddedAndRemembered) {
  const RegionPlan plan = merge_regions({}, Wanted{{"Anna", left}}, {});
  ASSERT_EQ(plan.add.size(), 1U);
  EXPECT_EQ(plan.add[0].name, "Anna");
  ASSERT_EQ(plan.record.size(), 1U);
  EXPECT_FALSE(plan.record[0].name_only);
}

TEST(MergeRegions, ASecondTimeThereIsNothingToDo) {
  const Wanted wanted{{"Anna", left}, {"Ben", right}};
  const RegionPlan first = merge_regions({}, wanted, {});
  const Existing now{{"Anna", left}, {"Ben", right}};
  const RegionPlan second = merge_regions(now, wanted, first.record);
  EXPECT_TRUE(second.changes_nothing());
  EXPECT_EQ(second.record.size(), 2U);
}

TEST(MergeRegions, AnothersRegionOfTheSameNameSufficesAndIsNotOurs) {
  const RegionPlan plan =
      merge_regions(Existing{{"anna", left_as_others_draw_it}}, Wanted{{"Anna", left}}, {});
  EXPECT_TRUE(plan.changes_nothing());
  EXPECT_TRUE(plan.kept.empty());
  EXPECT_TRUE(plan.record.empty());
}

TEST(MergeRegions, AnothersRegionWithoutANameIsGivenItAndOnlyTheNameIsTakenBack) {
  const Existing before{{"", left_as_others_draw_it}};
  const RegionPlan plan = merge_regions(before, Wanted{{"Anna", left}}, {});
  ASSERT_EQ(plan.rename.size(), 1U);
  EXPECT_TRUE(plan.add.empty());
  ASSERT_EQ(plan.record.size(), 1U);
  EXPECT_TRUE(plan.record[0].name_only);
  const RegionPlan back = merge_regions(Existing{{"Anna", left_as_others_draw_it}}, {}, plan.record);
  EXPECT_TRUE(back.remove.empty());
  ASSERT_EQ(back.rename.size(), 1U);
  EXPECT_EQ(back.rename[0].name, "");
}

TEST(MergeRegions, AnothersRegionOfAnotherNameIsKeptAndReported) {
  const RegionPlan plan = merge_regions(Existing{{"Ben", left}}, Wanted{{"Anna", left}}, {});
  EXPECT_TRUE(plan.changes_nothing());
  ASSERT_EQ(plan.kept.size(), 1U);
  EXPECT_EQ(plan.kept[0].wanted, "Anna");
}

TEST(MergeRegions, OursIsRenamedMovedAndRemoved) {
  const Written record{{"Anna", left}, {"Ben", right}};
  const Existing existing{{"Anna", left}, {"Ben", right}};
  const RegionPlan renamed = merge_regions(existing, Wanted{{"Anne", left}, {"Ben", right}}, record);
  ASSERT_EQ(renamed.replace.size(), 1U);
  EXPECT_EQ(renamed.replace[0].by.name, "Anne");
  const RegionPlan removed = merge_regions(existing, Wanted{{"Ben", right}}, record);
  EXPECT_EQ(removed.remove, std::vector<std::size_t>{0});
}

TEST(MergeRegions, OursIsNotOursAnyMoreOnceAnotherProgramChangedIt) {
  const Written record{{"Anna", left}};
  for (const ExistingRegion& changed :
       {ExistingRegion{"Anne", left}, ExistingRegion{"Anna", left_as_others_draw_it}}) {
    EXPECT_TRUE(merge_regions(Existing{changed}, {}, record).changes_nothing());
  }
}

TEST(MergeRegions, APetOnTheSamePlaceIsNoFace) {
  const RegionPlan plan = merge_regions(Existing{{"Rex", left, false}}, Wanted{{"Anna", left}}, {});
  EXPECT_EQ(plan.add.size(), 1U);
  EXPECT_TRUE(plan.kept.empty());
}

TEST(MergeRegions, TwoFacesNeverShareARegion) {
  const Area beside{0.12, 0.1, 0.2, 0.2};
  const RegionPlan plan = merge_regions(Existing{{"", left}}, Wanted{{"Ben", beside}, {"Anna", left}}, {});
  ASSERT_EQ(plan.rename.size(), 1U);
  EXPECT_EQ(plan.rename[0].name, "Anna");  // whose face it fits best
  ASSERT_EQ(plan.add.size(), 1U);
  EXPECT_EQ(plan.add[0].name, "Ben");
}

TEST(MergeTexts, OnlyWhatIsAbsentIsAddedAndOnlyWhatWasAddedIsRemoved) {
  const TextPlan plan = merge_texts(Texts{"holiday", "ben"}, Texts{"Anna", "Ben"}, {});
  EXPECT_EQ(plan.add, Texts{"Anna"});
  EXPECT_EQ(plan.record, Texts{"Anna"});
  const TextPlan back = merge_texts(Texts{"holiday", "ben", "Anna"}, {}, plan.record);
  EXPECT_EQ(back.remove, Texts{"Anna"});
  EXPECT_TRUE(back.record.empty());
}

TEST(MergeTexts, OursFollowsANameThatChangesItsLetterCase) {
  const TextPlan plan = merge_texts(Texts{"anna"}, Texts{"Anna"}, Texts{"anna"});
  EXPECT_EQ(plan.remove, Texts{"anna"});
  EXPECT_EQ(plan.add, Texts{"Anna"});
}

TEST(MergeTexts, WhatAnotherProgramHasRemovedIsForgotten) {
  const TextPlan plan = merge_texts({}, {}, Texts{"Anna"});
  EXPECT_TRUE(plan.changes_nothing());
  EXPECT_TRUE(plan.record.empty());
}

}  // namespace
}  // namespace kith::metadata

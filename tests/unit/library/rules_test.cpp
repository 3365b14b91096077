// SPDX-License-Identifier: Apache-2.0
// Which names faces get and may not have, by dates and by what the owner linked.
#include <gtest/gtest.h>

#include <kith/library.h>

#include "pipeline/fake_stages.h"
#include "support/library_rows.h"

namespace kith {
namespace {

Embedding axis(std::size_t which) {
  Embedding vector(4, 0.0F);
  vector[which] = 1;
  return vector;
}

class NamingRules : public testing::Test {
 protected:
  FaceId face(Embedding vector, const std::string& taken = "") {
    const std::string path = "/" + std::to_string(++photos_) + ".jpg";
    return rows_.embedded(rows_.photo(path, taken), std::move(vector));
  }
  FaceId confirmed(const std::string& name, Embedding vector, const std::string& taken = "") {
    const FaceId id = face(std::move(vector), taken);
    store::confirm(*rows_.database, id, rows_.person(name));
    return id;
  }
  void born(const std::string& name, const std::string& birth) {
    ASSERT_TRUE(rows_.library().set_birth(name, birth));
  }
  void link(FaceId one, FaceId other, bool same) { ASSERT_TRUE(rows_.library().link(one, other, same)); }

  std::optional<std::string> name_of(FaceId id) {
    Library library = rows_.library();
    EXPECT_TRUE(library.update_names(models_.embedder_spec));
    return library.face(id).value().person;
  }
  Evidence evidence(FaceId id, const std::string& person) {
    const Explanation explanation = rows_.library().explain(id, models_.embedder_spec).value();
    const auto found = std::ranges::find(explanation.evidence, person, &Evidence::person);
    return found == explanation.evidence.end() ? Evidence{} : *found;
  }

  test::LibraryRows rows_;
  Models models_ = test::fake_models();
  int photos_ = 0;
};

TEST_F(NamingRules, AConfirmedFaceIsNoEvidenceForItself) {
  confirmed("Anna", axis(0));
  const FaceId unlike = confirmed("Anna", axis(1));
  const Evidence other = evidence(unlike, "Anna");
  EXPECT_FLOAT_EQ(other.similarity, 0);
  EXPECT_LT(other.probability, 0.5F);
  EXPECT_EQ(other.reference, "/1.jpg");
  EXPECT_FLOAT_EQ(evidence(confirmed("Ben", axis(2)), "Ben").probability, 0)
      << "there is nothing else of his";
}

// ---- ages

TEST_F(NamingRules, AChildsPhotoDoesNotMakeTheAdult) {
  confirmed("Anna", axis(0), "1985-06-01T12:00:00");
  const FaceId child = face(axis(0), "1986-06-01T12:00:00");
  const FaceId grown = face(axis(0), "2015-06-01T12:00:00");
  const FaceId undated = face(axis(0));
  EXPECT_EQ(name_of(grown), "Anna") << "nothing is known of her age";
  born("Anna", "1980");
  EXPECT_EQ(name_of(grown), std::nullopt);
  EXPECT_EQ(name_of(child), "Anna");
  EXPECT_EQ(name_of(undated), "Anna");
  EXPECT_EQ(evidence(grown, "Anna").forbidden_by,
            "a photo at the age of 4 does not tell how Anna looks at 34");
  EXPECT_EQ(evidence(child, "Anna").forbidden_by, "");
  // A photo of the adult, and she is known from then on.
  confirmed("Anna", axis(0), "2010-06-01T12:00:00");
  EXPECT_EQ(name_of(grown), "Anna");
  EXPECT_EQ(evidence(grown, "Anna").forbidden_by, "");
}

TEST_F(NamingRules, AMoreAlikePhotoOfAnotherAgeIsToldWhereItWouldHaveDecided) {
  confirmed("Anna", axis(0), "1985-06-01T12:00:00");
  const FaceId grown_up = confirmed("Anna", axis(1), "2010-06-01T12:00:00");
  born("Anna", "1980");
  const FaceId like_the_child = face(axis(0), "2015-06-01T12:00:00");
  EXPECT_EQ(name_of(like_the_child), std::nullopt);
  EXPECT_NE(evidence(like_the_child, "Anna").forbidden_by, "");
  const FaceId like_the_adult = face(axis(1), "2015-06-01T12:00:00");
  EXPECT_EQ(name_of(like_the_adult), "Anna");
  EXPECT_EQ(evidence(like_the_adult, "Anna").reference, rows_.library().face(grown_up).value().path);
}

TEST_F(NamingRules, WhoseFacesAreHeldOutTogetherIsNotJudged) {
  for (int photo = 0; photo < 2; ++photo) {
    confirmed("Ben", axis(1));
    for (int skip = 0; skip < 8; ++skip) rows_.photo("/skip" + std::to_string(++photos_));
  }
  confirmed("Anna", axis(0));
  confirmed("Anna", axis(0));
  const LibraryEvaluation evaluation = rows_.library().evaluate(models_.embedder_spec).value();
  ASSERT_EQ(evaluation.people.size(), 1U) << "Anna's two photos were scanned one after the other";
  EXPECT_EQ(evaluation.people[0].person, "Ben");
  EXPECT_EQ(evaluation.people[0].right, 2U);
}

TEST_F(NamingRules, EvaluationKeepsToTheAges) {
  // Two photos as a child and two grown up, in folds of their own; alike, so that only the ages part them.
  for (const char* taken : {"1985-06-01T12:00:00", "2010-06-01T12:00:00"}) {
    confirmed("Anna", axis(0), taken);
    for (int skip = 0; skip < 8; ++skip) rows_.photo("/skip" + std::to_string(++photos_));
  }
  const auto right = [&] {
    return rows_.library().evaluate(models_.embedder_spec).value().people.at(0).right;
  };
  EXPECT_EQ(right(), 2U);
  born("Anna", "1980");
  EXPECT_EQ(right(), 0U);
}

// ---- links

TEST_F(NamingRules, WhoIsLinkedToAConfirmedFaceHasItsName) {
  const FaceId anna = confirmed("Anna", axis(0));
  const FaceId unlike = face(axis(1));
  const FaceId by_way_of = face(axis(2));
  EXPECT_EQ(name_of(unlike), std::nullopt);
  link(anna, unlike, true);
  link(unlike, by_way_of, true);
  EXPECT_EQ(name_of(unlike), "Anna");
  EXPECT_EQ(name_of(by_way_of), "Anna");
  const LibraryFace suggested = rows_.library().face(by_way_of).value();
  EXPECT_EQ(suggested.naming, Naming::suggested) << "what kith concludes is no word of the owner's";
  EXPECT_EQ(suggested.probability, 1.0F);
  EXPECT_EQ(evidence(by_way_of, "Anna").given_by,
            "you said that it is one person with face " + std::to_string(anna) + ", who is Anna");
  // Taken back, it goes.
  ASSERT_TRUE(rows_.library().undo().value());
  EXPECT_EQ(name_of(by_way_of), std::nullopt);
  EXPECT_EQ(name_of(unlike), "Anna");
}

TEST_F(NamingRules, WhoIsLinkedAsAnotherPersonNeverHasTheName) {
  const FaceId anna = confirmed("Anna", axis(0));
  const FaceId twin = face(axis(0));
  const FaceId also_twin = face(axis(0));
  EXPECT_EQ(name_of(twin), "Anna");
  link(anna, twin, false);
  EXPECT_EQ(name_of(twin), std::nullopt);
  EXPECT_EQ(name_of(also_twin), "Anna");
  EXPECT_EQ(evidence(twin, "Anna").forbidden_by,
            "you said that it is another person than face " + std::to_string(anna) + ", who is Anna");
  link(twin, also_twin, true);
  EXPECT_EQ(name_of(also_twin), std::nullopt) << "one person with somebody who is not Anna";
}

TEST_F(NamingRules, ARefusalHoldsForAllThatAreOnePerson) {
  confirmed("Anna", axis(0));
  const FaceId one = face(axis(0));
  const FaceId other = face(axis(0));
  link(one, other, true);
  ASSERT_TRUE(rows_.library().reject({&one, 1}, "Anna"));
  EXPECT_EQ(name_of(other), std::nullopt);
  EXPECT_EQ(evidence(other, "Anna").forbidden_by,
            "you said that it is one person with face " + std::to_string(one) + ", who is not Anna");
}

TEST_F(NamingRules, ALinkThatContradictsTheOwnersWordGivesNoName) {
  const FaceId anna = confirmed("Anna", axis(0));
  const FaceId ben = confirmed("Ben", axis(1));
  const FaceId both = face(axis(2));
  link(anna, both, true);
  link(ben, both, true);
  EXPECT_EQ(name_of(both), std::nullopt) << "it cannot be both";
  const FaceId refused = face(axis(2));
  link(anna, refused, true);
  ASSERT_TRUE(rows_.library().reject({&refused, 1}, "Anna"));
  EXPECT_EQ(name_of(refused), std::nullopt);
}

TEST_F(NamingRules, AGivenNameIsTakenOnItsPhoto) {
  const FaceId anna = confirmed("Anna", axis(0));
  const PhotoId photo = rows_.photo("/both.jpg");
  const FaceId linked = rows_.embedded(photo, axis(1));
  const FaceId alike = rows_.embedded(photo, axis(0), 300);
  EXPECT_EQ(name_of(alike), "Anna");
  link(anna, linked, true);
  EXPECT_EQ(name_of(linked), "Anna");
  EXPECT_EQ(name_of(alike), std::nullopt);
  EXPECT_EQ(evidence(alike, "Anna").forbidden_by, "Anna is another face of this photo");
  // In a mirror: the owner says that both are.
  link(anna, alike, true);
  EXPECT_EQ(name_of(linked), "Anna");
  EXPECT_EQ(name_of(alike), "Anna");
}

}  // namespace
}  // namespace kith

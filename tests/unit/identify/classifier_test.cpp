// SPDX-License-Identifier: Apache-2.0
// What the Gaussian and the SVM identifiers both promise, on people who do not exist.
#include <kith/classifiers.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "synthetic_people.h"

namespace kith {
namespace {

using synthetic::background;
using synthetic::face_of;
using synthetic::People;

std::unique_ptr<Identifier> identifier_of(Classifier classifier, const Gallery& gallery,
                                          const IdentifySettings& settings = {.false_accept_rate = 1e-2}) {
  const TrainedClassifier trained = train_classifier(classifier, gallery, background()).value();
  return make_identifier(trained, synthetic::calibration, settings).value();
}

Identity identity(const Identifier& identifier, const Embedding& embedding,
                  std::vector<std::string> not_these = {}) {
  Face face = face_of(embedding);
  face.not_these = std::move(not_these);
  identifier.identify({&face, 1});
  return face.identity.value();
}

// Enrolled people, whose centres the test knows.
struct Enrolled {
  People people{2};
  std::vector<Embedding> centres;
  Gallery gallery;

  explicit Enrolled(std::size_t count, std::size_t references = 3) {
    for (std::size_t i = 0; i < count; ++i) {
      centres.push_back(people.centre());
      gallery.push_back(people.person("Person " + std::to_string(i), centres.back(), references));
    }
  }
  Embedding face(std::size_t person) { return people.face(centres[person]); }
};

struct Counts {
  int right = 0;
  int wrong = 0;
  int strangers_named = 0;
};

// Ten faces of each enrolled person, and as many strangers.
Counts counts(Classifier classifier, Enrolled enrolled) {
  const auto identifier = identifier_of(classifier, enrolled.gallery);
  Counts result;
  for (std::size_t i = 0; i < 10 * enrolled.gallery.size(); ++i) {
    const std::size_t person = i % enrolled.gallery.size();
    const Identity own = identity(*identifier, enrolled.face(person));
    if (own.name) ++(*own.name == enrolled.gallery[person].name ? result.right : result.wrong);
    if (identity(*identifier, enrolled.people.stranger()).name) ++result.strangers_named;
  }
  return result;
}

class Classifiers : public testing::TestWithParam<Classifier> {};

INSTANTIATE_TEST_SUITE_P(Both, Classifiers, testing::Values(Classifier::gaussian, Classifier::svm),
                         [](const auto& each) { return std::string(classifier_name(each.param)); });

TEST_P(Classifiers, NamePeopleAndLeaveStrangersUnknown) {
  const Counts found = counts(GetParam(), Enrolled(20));
  // Of 200. What either reaches on these made-up people, less a margin: the SVM leaves more of them unknown.
  EXPECT_GE(found.right, GetParam() == Classifier::svm ? 140 : 180);
  EXPECT_LE(found.wrong, 2);
  EXPECT_LE(found.strangers_named, 6) << "one in a hundred was asked for";
}

TEST_P(Classifiers, LearnFromOneReference) {
  const Counts found = counts(GetParam(), Enrolled(20, 1));
  EXPECT_GE(found.right, GetParam() == Classifier::svm ? 110 : 150);
  EXPECT_LE(found.wrong, 4);
  EXPECT_LE(found.strangers_named, 6);
}

TEST_P(Classifiers, KnowStrangersWithOnePersonEnrolled) {
  Enrolled enrolled(1, 1);
  const auto identifier = identifier_of(GetParam(), enrolled.gallery);
  int own = 0;
  int strangers = 0;
  for (int i = 0; i < 100; ++i) {
    own += identity(*identifier, enrolled.face(0)).name ? 1 : 0;
    strangers += identity(*identifier, enrolled.people.stranger()).name ? 1 : 0;
  }
  EXPECT_GE(own, 85);
  EXPECT_LE(strangers, 4);
}

TEST_P(Classifiers, ALowerRateNamesFewerFaces) {
  Enrolled enrolled(20, 1);
  std::vector<int> all;
  for (const double rate : {1e-12, 1e-5, 1e-1}) {
    const auto identifier = identifier_of(GetParam(), enrolled.gallery, {.false_accept_rate = rate});
    int named = 0;
    for (const Embedding& centre : enrolled.centres) {
      Embedding unlike = centre;
      for (std::size_t i = 0; i < unlike.size(); i += 3) unlike[i] *= -1;
      normalise(unlike);
      for (int step = 0; step < 20; ++step) {
        Embedding face = centre;
        for (std::size_t i = 0; i < face.size(); ++i)
          face[i] += 0.05F * static_cast<float>(step) * unlike[i] * 4;
        normalise(face);
        if (identity(*identifier, face).name) ++named;
      }
    }
    all.push_back(named);
  }
  EXPECT_TRUE(std::ranges::is_sorted(all)) << testing::PrintToString(all);
  EXPECT_LT(all.front(), all.back());
}

TEST_P(Classifiers, DoNotDependOnTheOrderOfPeopleNorOfReferences) {
  Enrolled enrolled(12);
  Gallery shuffled(enrolled.gallery.rbegin(), enrolled.gallery.rend());
  for (Person& person : shuffled) std::ranges::reverse(person.references);
  const auto one = identifier_of(GetParam(), enrolled.gallery);
  const auto other = identifier_of(GetParam(), shuffled);
  for (std::size_t i = 0; i < 60; ++i) {
    const Embedding face = i % 2 == 0 ? enrolled.face(i % 12) : enrolled.people.stranger();
    const Identity a = identity(*one, face);
    const Identity b = identity(*other, face);
    EXPECT_EQ(a.name, b.name);
    EXPECT_NEAR(a.score, b.score, 2e-3F);
    EXPECT_EQ(a.reference, b.reference);
  }
}

TEST_P(Classifiers, GiveTheSameAnswersTwice) {
  Enrolled enrolled(8);
  const auto one = identifier_of(GetParam(), enrolled.gallery);
  const auto other = identifier_of(GetParam(), enrolled.gallery);
  for (std::size_t i = 0; i < 20; ++i) {
    const Embedding face = enrolled.face(i % 8);
    EXPECT_EQ(identity(*one, face).score, identity(*other, face).score);
  }
}

TEST_P(Classifiers, TellWhoCameNextAndTheReferenceItRestsOn) {
  Enrolled enrolled(8);
  const auto identifier = identifier_of(GetParam(), enrolled.gallery);
  const Identity found = identity(*identifier, enrolled.gallery[3].references[1].embedding);
  EXPECT_EQ(found.name, "Person 3");
  EXPECT_EQ(found.reference, "Person 3/1.jpg");
  EXPECT_GT(found.similarity, 0.8F);
  EXPECT_GT(found.probability, 0.9F);
  ASSERT_TRUE(found.runner_up);
  EXPECT_NE(found.runner_up->name, "Person 3");
  EXPECT_LE(found.runner_up->probability + found.probability, 1 + 1e-6F);
}

TEST_P(Classifiers, GiveANameOnceAPhotoUnlessRepeatsAreAllowed) {
  Enrolled enrolled(8);
  const std::vector<Face> twice{face_of(enrolled.face(2)),
                                face_of(enrolled.gallery[2].references[0].embedding)};
  std::vector<Face> faces = twice;
  identifier_of(GetParam(), enrolled.gallery)->identify(faces);
  EXPECT_NE(faces[0].identity->name.has_value(), faces[1].identity->name.has_value());
  faces = twice;
  identifier_of(GetParam(), enrolled.gallery, {.false_accept_rate = 1e-2, .allow_repeats = true})
      ->identify(faces);
  EXPECT_EQ(faces[0].identity->name, "Person 2");
  EXPECT_EQ(faces[1].identity->name, "Person 2");
}

TEST_P(Classifiers, NeverGiveANameThatIsRuledOut) {
  Enrolled enrolled(8);
  const auto identifier = identifier_of(GetParam(), enrolled.gallery);
  const Embedding face = enrolled.gallery[5].references[0].embedding;
  const Identity found = identity(*identifier, face, {"Person 5"});
  EXPECT_FALSE(found.name);
  ASSERT_TRUE(found.runner_up);
  EXPECT_NE(found.runner_up->name, "Person 5");
  std::vector<std::string> everybody;
  for (const Person& person : enrolled.gallery) everybody.push_back(person.name);
  EXPECT_EQ(identity(*identifier, face, everybody).probability, 1);
}

TEST_P(Classifiers, AChildsPhotoSaysNothingOfTheAdult) {
  Enrolled enrolled(8);
  enrolled.gallery[1].born = 2000;
  for (Reference& reference : enrolled.gallery[1].references) reference.year = 2003;
  const auto identifier = identifier_of(GetParam(), enrolled.gallery);
  Face face = face_of(enrolled.gallery[1].references[0].embedding);
  face.year = 2004;
  identifier->identify({&face, 1});
  EXPECT_EQ(face.identity->name, "Person 1");
  face.year = 2030;
  identifier->identify({&face, 1});
  EXPECT_FALSE(face.identity->name);
  ASSERT_TRUE(face.identity->runner_up);
  EXPECT_NE(face.identity->runner_up->name, "Person 1");
}

TEST_P(Classifiers, AVectorLikeNobodysIsNobodys) {
  Enrolled enrolled(8);
  const auto identifier = identifier_of(GetParam(), enrolled.gallery);
  for (std::size_t axis = 0; axis < synthetic::dimension; ++axis) {
    Embedding odd(synthetic::dimension, 0.0F);
    odd[axis] = 1;
    EXPECT_FALSE(identity(*identifier, odd).name) << axis;
  }
  const Identity average = identity(*identifier, background().mean);
  EXPECT_TRUE(std::isfinite(average.score));
  EXPECT_FALSE(average.name);
}

TEST_P(Classifiers, OneLookIsEnoughWhereItIsClear) {
  Enrolled enrolled(8);
  const auto identifier = identifier_of(GetParam(), enrolled.gallery);
  const std::vector<Face> faces{face_of(enrolled.gallery[4].references[0].embedding),
                                face_of(enrolled.gallery[4].references[1].embedding)};
  EXPECT_EQ(identifier->unsettled(faces), (std::vector<bool>{true, true})) << "two faces want one name";
  const auto always = identifier_of(GetParam(), enrolled.gallery, {.second_look_margin = 2});
  EXPECT_EQ(always->unsettled({faces.data(), 1}), std::vector<bool>{true});
  int settled = 0;
  for (int i = 0; i < 50; ++i) {
    const Face stranger = face_of(enrolled.people.stranger());
    if (!identifier->unsettled({&stranger, 1})[0]) ++settled;
  }
  EXPECT_GT(settled, 10);
}

TEST_P(Classifiers, NeedABackgroundOfTheSameModel) {
  const Enrolled enrolled(3);
  const auto without = train_classifier(GetParam(), enrolled.gallery, std::nullopt);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::bad_argument);
  EXPECT_NE(without.error().message.find("kith train background"), std::string::npos);
  Gallery other = enrolled.gallery;
  for (Person& person : other) {
    for (Reference& reference : person.references) reference.embedding.resize(8);
  }
  const auto mismatched = train_classifier(GetParam(), other, background());
  ASSERT_FALSE(mismatched);
  EXPECT_EQ(mismatched.error().code, ErrorCode::bad_argument);
}

TEST(Gaussian, ManyReferencesWidenOnlyWhereTheyLie) {
  // Somebody whose faces scatter along one axis far more than other people's: with their own covariance a
  // face further out along it is likelier theirs, and one beside it is not.
  People people(5);
  const Embedding centre = people.centre();
  Person person{"Anna", {}, {}};
  for (int i = 0; i < 40; ++i) {
    Embedding face = people.face(centre);
    face[0] += (i % 2 == 0 ? 0.25F : -0.25F);
    normalise(face);
    person.references.push_back({"Anna", std::move(face), 1, {}});
  }
  const TrainedClassifier trained = train_classifier(Classifier::gaussian, {person}, background()).value();
  const auto score = [&](float pooled_faces, std::size_t axis) {
    const auto identifier = make_identifier(trained, synthetic::calibration, {},
                                            {.gaussian = {.pooled_faces = pooled_faces}, .svm = {}})
                                .value();
    Embedding face = centre;
    normalise(face);
    face[axis] += 0.4F;
    normalise(face);
    return identity(*identifier, face).score;
  };
  constexpr float pooled_alone = 1e9F;
  EXPECT_GT(score(10, 0), score(pooled_alone, 0));
  EXPECT_LT(score(10, 2), score(pooled_alone, 2));
}

TEST(Gaussian, OneReferenceHasThePooledCovariance) {
  Enrolled enrolled(3, 1);
  const TrainedClassifier trained =
      train_classifier(Classifier::gaussian, enrolled.gallery, background()).value();
  const Embedding face = enrolled.face(1);
  const auto score = [&](float pooled_faces) {
    return identity(*make_identifier(trained, synthetic::calibration, {},
                                     {.gaussian = {.pooled_faces = pooled_faces}, .svm = {}})
                         .value(),
                    face)
        .score;
  };
  EXPECT_EQ(score(1), score(1e6F));
}

}  // namespace
}  // namespace kith

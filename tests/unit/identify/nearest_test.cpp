// SPDX-License-Identifier: Apache-2.0
// Names and "unknown" on hand-made vectors: each person has an axis of their own, and a face's similarity
// to each is chosen by the test.
#include <kith/identify.h>

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace kith {
namespace {

constexpr std::size_t dimension = 8;

// One stranger in ten reaches 0, one in a million 0.5.
constexpr Calibration calibration{.slope = 30, .intercept = -9, .tail = {-1, -10, 0}, .min_similarity = 0.3F};

Embedding axis(std::size_t which) {
  Embedding result(dimension, 0.0F);
  result[which] = 1;
  return result;
}

// A unit vector with these first components; the last takes the rest.
Embedding with(std::vector<float> components) {
  Embedding result = std::move(components);
  result.resize(dimension, 0.0F);
  result.back() = std::sqrt(std::max(0.0F, 1 - dot(result, result)));
  return result;
}

Face face(Embedding embedding) {
  Face result;
  result.embedding = std::move(embedding);
  return result;
}

Person person(const std::string& name, std::vector<Embedding> references) {
  Person result{name, {}};
  for (Embedding& reference : references) {
    result.references.push_back(
        {name + "/" + std::to_string(result.references.size()) + ".jpg", std::move(reference), 1});
  }
  return result;
}

Gallery three_people() {
  return {person("Anna", {axis(0)}), person("Ben", {axis(1)}), person("Cleo", {axis(2)})};
}

std::vector<Identity> identities(const Gallery& gallery, const std::vector<Embedding>& embeddings,
                                 const IdentifySettings& settings = {}) {
  const Result<std::unique_ptr<Identifier>> identifier =
      make_nearest_identifier(gallery, calibration, settings);
  if (!identifier) throw std::runtime_error(identifier.error().message);
  std::vector<Face> faces;
  for (const Embedding& embedding : embeddings) faces.push_back(face(embedding));
  (*identifier)->identify(faces);
  std::vector<Identity> result;
  for (const Face& each : faces) result.push_back(each.identity.value());
  return result;
}

Identity identity(const Gallery& gallery, const Embedding& embedding, const IdentifySettings& settings = {}) {
  return identities(gallery, {embedding}, settings).front();
}

// ---- the threshold

TEST(Calibration, GivesEvenOddsWhereItsLineCrossesZero) {
  EXPECT_FLOAT_EQ(same_person_probability(calibration, 0.3F), 0.5F);
  EXPECT_NEAR(same_person_probability(calibration, 0.4F), 1 / (1 + std::exp(-3.0F)), 1e-5F);
  EXPECT_LT(same_person_probability(calibration, 0), 0.001F);
}

TEST(SimilarityThreshold, IsWhereTheTailMeetsTheRate) {
  EXPECT_NEAR(similarity_threshold(calibration, 1e-5, 1), 0.4F, 1e-4F);
  EXPECT_NEAR(similarity_threshold(calibration, 1e-3, 100), 0.4F, 1e-4F) << "all people taken together";
  const Calibration curved{.slope = 30, .intercept = -9, .tail = {-1, -5, -8}, .min_similarity = 0};
  EXPECT_NEAR(similarity_threshold(curved, 1e-5, 10), 0.53759F, 1e-4F) << "8 s^2 + 5 s = 5";
}

TEST(SimilarityThreshold, FallsWithTheRateAndRisesWithPeople) {
  float before = 2;
  for (const double rate : {1e-6, 1e-5, 1e-4}) {
    const float threshold = similarity_threshold(calibration, rate, 1);
    EXPECT_LT(threshold, before);
    before = threshold;
  }
  before = 0;
  for (const std::size_t people : {10U, 100U, 1000U, 10000U}) {
    const float threshold = similarity_threshold(calibration, 1e-4, people);
    EXPECT_GT(threshold, before);
    before = threshold;
  }
}

TEST(SimilarityThreshold, IsNeverBelowTheLeastSimilarityNorAboveOne) {
  EXPECT_FLOAT_EQ(similarity_threshold(calibration, 1, 1), 0.3F);
  EXPECT_FLOAT_EQ(similarity_threshold(calibration, 1e-3, 1), 0.3F) << "the tail alone would say 0.2";
  EXPECT_FLOAT_EQ(similarity_threshold(calibration, 1e-30, 1000000), 1);
}

// ---- one face

TEST(Nearest, NamesTheClosestPerson) {
  const Identity found = identity(three_people(), with({0.2F, 0.8F, 0.3F}));
  EXPECT_EQ(found.name, "Ben");
  EXPECT_NEAR(found.similarity, 0.8F, 1e-5F);
  EXPECT_GT(found.probability, 0.99F);
  EXPECT_EQ(found.reference, "Ben/0.jpg");
  ASSERT_TRUE(found.runner_up);
  EXPECT_EQ(found.runner_up->name, "Cleo");
  EXPECT_NEAR(found.runner_up->similarity, 0.3F, 1e-5F);
  EXPECT_LT(found.runner_up->probability, 0.01F);
}

TEST(Nearest, UnknownIsAnAnswer) {
  const Identity found = identity(three_people(), with({0.05F, 0.0F, 0.15F}));
  EXPECT_FALSE(found.name);
  EXPECT_GT(found.probability, 0.9F) << "that the face is nobody's";
  EXPECT_NEAR(found.similarity, 0.15F, 1e-5F);
  EXPECT_EQ(found.reference, "Cleo/0.jpg");
  ASSERT_TRUE(found.runner_up);
  EXPECT_EQ(found.runner_up->name, "Cleo") << "the person it came closest to";
  EXPECT_NEAR(found.runner_up->similarity, 0.15F, 1e-5F);
}

TEST(Nearest, ProbabilitiesAreThoseOfBayes) {
  // Even odds of being enrolled at all, shared by three.
  const auto ratio = [](float similarity) { return std::exp(30.0 * similarity - 9) / 6; };
  const double anna = ratio(0.35F);
  const double ben = ratio(0.25F);
  const double total = anna + ben + ratio(0) + 0.5;
  const Identity found = identity(three_people(), with({0.35F, 0.25F}), {.false_accept_rate = 1});
  EXPECT_EQ(found.name, "Anna");
  EXPECT_NEAR(found.probability, anna / total, 1e-4);
  ASSERT_TRUE(found.runner_up);
  EXPECT_NEAR(found.runner_up->probability, ben / total, 1e-4);

  const Identity unsure =
      identity(three_people(), with({0.35F, 0.25F}), {.false_accept_rate = 1, .min_probability = 0.6F});
  EXPECT_FALSE(unsure.name);
  EXPECT_NEAR(unsure.probability, 0.5 / total, 1e-4);
}

TEST(Nearest, ProbabilitiesAddUpToAtMostOne) {
  for (float a = -0.2F; a < 0.7F; a += 0.1F) {
    for (float b = -0.2F; b < 0.7F; b += 0.1F) {
      const Identity found = identity(three_people(), with({a, b, 0.1F}));
      EXPECT_GE(found.probability, 0);
      EXPECT_LE(found.probability + found.runner_up->probability, 1 + 1e-6F) << a << " " << b;
    }
  }
  // A likelihood ratio of e^891 fits no double.
  const Result<std::unique_ptr<Identifier>> certain =
      make_nearest_identifier(three_people(), {.slope = 900, .intercept = -9, .tail = {-1, -10, 0}});
  ASSERT_TRUE(certain);
  Face same = face(axis(0));
  (*certain)->identify({&same, 1});
  EXPECT_FLOAT_EQ(same.identity->probability, 1);
}

TEST(Nearest, TheMorePeopleTheLessSureOfEach) {
  float before = 1.1F;
  Gallery gallery;
  for (std::size_t i = 0; i < 6; ++i) {
    gallery.push_back(person("Person " + std::to_string(i), {axis(i)}));
    const Identity found = identity(gallery, with({0.45F}));
    ASSERT_EQ(found.name, "Person 0") << gallery.size();
    EXPECT_LT(found.probability, before) << gallery.size();
    before = found.probability;
  }
}

TEST(Nearest, TheRateDecidesWhatIsConvincing) {
  // 0.45 is reached by one stranger in 10^5.5 for each of three people.
  const Embedding close = with({0.45F});
  EXPECT_EQ(identity(three_people(), close, {.false_accept_rate = 1e-4}).name, "Anna");
  EXPECT_FALSE(identity(three_people(), close, {.false_accept_rate = 1e-6}).name);
  // However lenient the rate, the least similarity stands.
  EXPECT_FALSE(identity(three_people(), with({0.29F}), {.false_accept_rate = 1, .min_probability = 0}).name);
  EXPECT_TRUE(identity(three_people(), with({0.31F}), {.false_accept_rate = 1, .min_probability = 0}).name);
}

TEST(Nearest, TheOnlyPersonHasNoRival) {
  const Gallery alone{person("Anna", {axis(0)})};
  EXPECT_FALSE(identity(alone, with({0.9F})).runner_up);
  const Identity stranger = identity(alone, with({0.1F}));
  ASSERT_TRUE(stranger.runner_up) << "an unknown face still came closest to somebody";
  EXPECT_EQ(stranger.runner_up->name, "Anna");
}

TEST(Nearest, LeavesFacesWithoutAVectorAlone) {
  const Result<std::unique_ptr<Identifier>> identifier = make_nearest_identifier(three_people(), calibration);
  ASSERT_TRUE(identifier);
  std::vector<Face> faces{face({}), face(axis(1)), face({})};
  (*identifier)->identify(faces);
  EXPECT_FALSE(faces[0].identity);
  EXPECT_EQ(faces[1].identity->name, "Ben");
  EXPECT_FALSE(faces[2].identity);
  (*identifier)->identify({});
}

// ---- references and templates

TEST(Nearest, TheReferenceIsTheClosestPhotoOfTheNamedPerson) {
  const Gallery gallery{
      person("Anna", {with({0.9F, 0.0F, 0.3F}), with({0.9F, 0.0F, -0.3F}), with({0.9F, 0.3F})}),
      person("Ben", {axis(1)})};
  EXPECT_EQ(identity(gallery, with({0.9F, 0.0F, -0.35F})).reference, "Anna/1.jpg");
  EXPECT_EQ(identity(gallery, with({0.9F, 0.0F, 0.35F})).reference, "Anna/0.jpg");
}

TEST(Nearest, ATemplateIsTheMeanOfPhotosThatResembleEachOther) {
  const Gallery gallery{person("Anna", {with({0.9F, 0.43F}), with({0.9F, -0.43F})})};
  EXPECT_GT(identity(gallery, axis(0)).similarity, 0.98F) << "and 0.9 to either photo";
}

TEST(Nearest, SomebodyWhoChangedHasSeveralTemplates) {
  // As a child along one axis, grown up along another: their mean would be 0.71 from either.
  const Gallery gallery{person("Anna", {with({0.95F, 0.0F, 0.1F}), with({0.0F, 0.95F, 0.1F}),
                                        with({0.95F, 0.0F, -0.1F}), with({0.0F, 0.95F, -0.1F})}),
                        person("Ben", {axis(5)})};
  const Identity child = identity(gallery, with({0.95F}));
  EXPECT_EQ(child.name, "Anna");
  EXPECT_GT(child.similarity, 0.95F);
  EXPECT_TRUE(child.reference == "Anna/0.jpg" || child.reference == "Anna/2.jpg");
  const Identity grown = identity(gallery, with({0.0F, 0.95F, 0.1F}));
  EXPECT_EQ(grown.name, "Anna");
  EXPECT_GT(grown.similarity, 0.95F);
  EXPECT_EQ(grown.reference, "Anna/1.jpg");

  const Identity merged = identity(gallery, with({0.95F}), {.template_similarity = -1});
  EXPECT_LT(merged.similarity, 0.75F) << "with one template for both";
}

// ---- ages

Face face_in(Embedding embedding, std::optional<float> year) {
  Face result = face(std::move(embedding));
  result.year = year;
  return result;
}

// Born in the middle of 1980; a photo of each of these years.
Person dated(const std::string& name, const std::vector<std::pair<Embedding, std::optional<float>>>& photos) {
  Person result = person(name, {});
  for (const auto& [embedding, year] : photos)
    result.references.push_back({name + "/" + std::to_string(result.references.size()), embedding, 1, year});
  result.born = 1980.5F;
  return result;
}

Identity dated_identity(const Gallery& gallery, const Face& seen) {
  std::vector<Face> faces{seen};
  make_nearest_identifier(gallery, calibration).value()->identify(faces);
  return faces.front().identity.value();
}

TEST(Ages, CompareWithinAWindowThatGrowsUntilOneIsGrownUp) {
  const auto compare = [](float one, float other) {
    EXPECT_EQ(ages_compare(one, other, {}), ages_compare(other, one, {}));
    return ages_compare(one, other, {});
  };
  EXPECT_TRUE(compare(0, 2));
  EXPECT_FALSE(compare(0, 2.5F));
  EXPECT_TRUE(compare(5, 9.5F));
  EXPECT_FALSE(compare(5, 10));
  EXPECT_FALSE(compare(5, 40));
  EXPECT_TRUE(compare(17, 27));
  EXPECT_FALSE(compare(17, 30));
  EXPECT_TRUE(compare(18, 90));
  EXPECT_TRUE(compare(-0.4F, 1)) << "a birth known only by its year";
  EXPECT_TRUE(ages_compare(std::nullopt, 3, {}));
  EXPECT_TRUE(ages_compare(3, std::nullopt, {}));
}

TEST(NearestByAge, AChildsPhotoDoesNotMakeTheAdult) {
  const Gallery gallery{dated("Anna", {{axis(0), 1985.0F}}), person("Ben", {axis(1)})};
  EXPECT_EQ(dated_identity(gallery, face_in(axis(0), 1986.0F)).name, "Anna");
  const Identity grown = dated_identity(gallery, face_in(axis(0), 2015.0F));
  EXPECT_EQ(grown.name, std::nullopt);
  EXPECT_EQ(grown.runner_up.value().name, "Ben") << "Anna is no possibility at all";
  EXPECT_EQ(dated_identity(gallery, face_in(axis(0), std::nullopt)).name, "Anna") << "no date, no rule";
}

TEST(NearestByAge, AnAdultsPhotosCountForAllOfTheAdultsLife) {
  const Gallery gallery{dated("Anna", {{axis(0), 2000.0F}}), person("Ben", {axis(1)})};
  EXPECT_EQ(dated_identity(gallery, face_in(axis(0), 2055.0F)).name, "Anna");
  EXPECT_EQ(dated_identity(gallery, face_in(axis(0), 1984.0F)).name, std::nullopt) << "and not for the child";
}

TEST(NearestByAge, WithoutABirthEveryPhotoCounts) {
  Gallery gallery{dated("Anna", {{axis(0), 1985.0F}}), person("Ben", {axis(1)})};
  gallery.front().born.reset();
  EXPECT_EQ(dated_identity(gallery, face_in(axis(0), 2015.0F)).name, "Anna");
}

TEST(NearestByAge, NoTemplateMixesTheChildAndTheAdult) {
  // Alike enough to be one template, if it were not for the dates.
  const Embedding child = with({0.9F, 0.43F});
  const Embedding grown = with({0.9F, -0.43F});
  const Gallery gallery{dated("Anna", {{child, 1985.0F}, {grown, 2015.0F}}), person("Ben", {axis(5)})};
  const Identity as_grown = dated_identity(gallery, face_in(grown, 2016.0F));
  EXPECT_GT(as_grown.similarity, 0.99F);
  EXPECT_EQ(as_grown.reference, "Anna/1");
  const Identity as_child = dated_identity(gallery, face_in(grown, 1986.0F));
  EXPECT_LT(as_child.similarity, 0.9F) << "the adult's photo does not count, however alike";
  EXPECT_EQ(as_child.reference, "Anna/0");
  // Nor does an undated photo, which may be either, become part of a dated template.
  const Gallery undated{dated("Anna", {{child, 1985.0F}, {grown, std::nullopt}}), person("Ben", {axis(5)})};
  EXPECT_GT(dated_identity(undated, face_in(grown, 2016.0F)).similarity, 0.99F);
}

TEST(NearestByAge, PhotosOfOneAgeAreOneTemplate) {
  const Gallery gallery{dated("Anna", {{with({0.9F, 0.43F}), 1985.0F}, {with({0.9F, -0.43F}), 1987.0F}})};
  EXPECT_GT(dated_identity(gallery, face_in(axis(0), 1986.0F)).similarity, 0.98F) << "their mean";
}

// ---- several faces in a photo

TEST(NearestInOnePhoto, ANameGoesToTheMostSimilarFace) {
  const std::vector<Identity> found =
      identities(three_people(), {with({0.7F, 0.2F}), with({0.9F}), with({0.8F})});
  EXPECT_FALSE(found[0].name);
  EXPECT_EQ(found[1].name, "Anna");
  EXPECT_FALSE(found[2].name);
  ASSERT_TRUE(found[0].runner_up);
  EXPECT_EQ(found[0].runner_up->name, "Anna") << "whom it came closest to";
  EXPECT_EQ(found[0].reference, "Anna/0.jpg");
}

TEST(NearestInOnePhoto, TheOtherFallsBackToItsNextCandidate) {
  // Probabilities of both candidates are near even, so the second is still convincing.
  const std::vector<Identity> found =
      identities(three_people(), {with({0.62F, 0.62F}), with({0.9F})}, {.min_probability = 0.4F});
  EXPECT_EQ(found[0].name, "Ben");
  EXPECT_EQ(found[1].name, "Anna");
  ASSERT_TRUE(found[0].runner_up);
  EXPECT_EQ(found[0].runner_up->name, "Anna");
}

TEST(NearestInOnePhoto, FallingBackDoesNotTakeANameFromABetterFace) {
  const std::vector<Identity> found = identities(
      three_people(), {with({0.66F, 0.65F}), with({0.9F}), with({0.0F, 0.8F})}, {.min_probability = 0.3F});
  EXPECT_FALSE(found[0].name);
  EXPECT_EQ(found[1].name, "Anna");
  EXPECT_EQ(found[2].name, "Ben");
}

TEST(NearestInOnePhoto, RepeatsMayBeAllowed) {
  const std::vector<Identity> found =
      identities(three_people(), {with({0.7F}), with({0.9F})}, {.allow_repeats = true});
  EXPECT_EQ(found[0].name, "Anna");
  EXPECT_EQ(found[1].name, "Anna");
}

TEST(NearestInOnePhoto, TheNextPhotoStartsAfresh) {
  const Result<std::unique_ptr<Identifier>> identifier = make_nearest_identifier(three_people(), calibration);
  ASSERT_TRUE(identifier);
  for (int photo = 0; photo < 2; ++photo) {
    Face anna = face(axis(0));
    (*identifier)->identify({&anna, 1});
    EXPECT_EQ(anna.identity->name, "Anna");
  }
}

// ---- who is ruled out

Face without(Embedding embedding, std::vector<std::string> not_these) {
  Face result = face(std::move(embedding));
  result.not_these = std::move(not_these);
  return result;
}

std::vector<Identity> identities_of(std::vector<Face> faces, const Gallery& gallery = three_people(),
                                    const IdentifySettings& settings = {}) {
  const auto identifier = make_nearest_identifier(gallery, calibration, settings).value();
  identifier->identify(faces);
  std::vector<Identity> result;
  for (const Face& each : faces) result.push_back(each.identity.value());
  return result;
}

TEST(NearestNotThese, TheNameGoesToTheNextOfTheOthers) {
  const Identity found = identities_of({without(with({0.8F, 0.5F, 0.1F}), {"Anna"})}).front();
  EXPECT_EQ(found.name, "Ben");
  EXPECT_NEAR(found.similarity, 0.5F, 1e-5F);
  EXPECT_EQ(found.reference, "Ben/0.jpg");
  ASSERT_TRUE(found.runner_up);
  EXPECT_EQ(found.runner_up->name, "Cleo");
}

TEST(NearestNotThese, WhoIsRuledOutIsNoHypothesis) {
  const auto ratio = [](float similarity) { return std::exp(30.0 * similarity - 9) / 6; };
  const double ben = ratio(0.35F);
  const double total = ben + ratio(0.1F) + 0.5;
  const Identity found =
      identities_of({without(with({0.8F, 0.35F, 0.1F}), {"Anna"})}, three_people(), {.false_accept_rate = 1})
          .front();
  EXPECT_EQ(found.name, "Ben");
  EXPECT_NEAR(found.probability, ben / total, 1e-4);
  EXPECT_NEAR(found.runner_up->probability, ratio(0.1F) / total, 1e-4);
}

TEST(NearestNotThese, AnUnknownFaceCameClosestToSomebodyElse) {
  const Identity found = identities_of({without(with({0.9F, 0.1F, 0.05F}), {"Anna"})}).front();
  EXPECT_FALSE(found.name);
  EXPECT_NEAR(found.similarity, 0.1F, 1e-5F);
  EXPECT_EQ(found.reference, "Ben/0.jpg");
  ASSERT_TRUE(found.runner_up);
  EXPECT_EQ(found.runner_up->name, "Ben");
}

TEST(NearestNotThese, WithEverybodyRuledOutTheFaceIsNobodys) {
  const Identity found = identities_of({without(axis(0), {"Cleo", "Anna", "Ben"})}).front();
  EXPECT_FALSE(found.name);
  EXPECT_EQ(found.probability, 1);
  EXPECT_EQ(found.similarity, 0);
  EXPECT_EQ(found.reference, "");
  EXPECT_FALSE(found.runner_up);
}

TEST(NearestNotThese, NamesOfNobodyAndTwiceTheSameDoNoHarm) {
  const Identity found = identities_of({without(axis(0), {"Dora", "", "Ben", "Ben"})}).front();
  EXPECT_EQ(found.name, "Anna");
  EXPECT_EQ(found.runner_up->name, "Cleo");
}

TEST(NearestNotThese, HoldsForThatFaceAlone) {
  const std::vector<Identity> found = identities_of({without(with({0.9F}), {"Anna"}), face(with({0.7F}))});
  EXPECT_FALSE(found[0].name);
  EXPECT_EQ(found[1].name, "Anna") << "the better face cannot have it";
}

TEST(NearestNotThese, ALargeGalleryMayLoseNearlyEverybody) {
  // More than five times the crowd, so that crowding is taken off.
  Gallery gallery;
  std::vector<std::string> all;
  for (std::size_t i = 0; i < 60; ++i) {
    Embedding embedding = axis(i % 6);
    embedding[6] = 0.01F * static_cast<float>(i);
    normalise(embedding);
    gallery.push_back(person("Person " + std::to_string(i), {std::move(embedding)}));
    all.push_back(gallery.back().name);
  }
  for (std::size_t kept = 0; kept <= gallery.size(); kept += 5) {
    const std::vector<std::string> others(all.begin() + static_cast<std::ptrdiff_t>(kept), all.end());
    const Identity found = identities_of({without(axis(0), others)}, gallery).front();
    EXPECT_TRUE(std::isfinite(found.probability) && std::isfinite(found.score)) << kept;
    EXPECT_EQ(found.runner_up.has_value(), kept > 0) << kept;
  }
}

// ---- what cannot be

void expect_refused(const Gallery& gallery, const IdentifySettings& settings, const std::string& reason) {
  const Result<std::unique_ptr<Identifier>> identifier =
      make_nearest_identifier(gallery, calibration, settings);
  ASSERT_FALSE(identifier) << reason;
  EXPECT_EQ(identifier.error().code, ErrorCode::bad_argument);
  EXPECT_NE(identifier.error().message.find(reason), std::string::npos) << identifier.error().message;
}

TEST(NearestRefuses, AnEmptyGallery) { expect_refused({}, {}, "nobody is enrolled"); }

TEST(NearestRefuses, APersonWithoutReferences) {
  expect_refused({person("Anna", {axis(0)}), person("Ben", {})}, {}, "\"Ben\"");
  expect_refused({person("Anna", {}), person("Ben", {axis(0)})}, {}, "\"Anna\"");
}

TEST(NearestRefuses, VectorsOfDifferentLengthsOrOfNone) {
  expect_refused({person("Anna", {axis(0)}), person("Ben", {{1, 0}})}, {}, "Ben/0.jpg");
  expect_refused({person("Anna", {axis(0), {1, 0}})}, {}, "Anna/1.jpg");
  expect_refused({person("Anna", {{}})}, {}, "Anna/0.jpg");
}

TEST(NearestRefuses, RatesThatAreNone) {
  for (const double rate : {0.0, -0.1, 2.0, std::nan("")}) {
    expect_refused(three_people(), {.false_accept_rate = rate}, "false-accept rate");
  }
  EXPECT_TRUE(make_nearest_identifier(three_people(), calibration, {.false_accept_rate = 1}));
}

// ---- whether one look is enough

// With this calibration and three people a name is given from 0.3 on; the margin is 0.08.
std::vector<bool> unsettled(const std::vector<Embedding>& embeddings, const IdentifySettings& settings = {}) {
  const auto identifier = make_nearest_identifier(three_people(), calibration, settings).value();
  std::vector<Face> faces;
  for (const Embedding& embedding : embeddings) faces.push_back(face(embedding));
  return identifier->unsettled(faces);
}

TEST(SecondLook, IsSavedWhereNobodyComesNear) {
  EXPECT_EQ(unsettled({with({0.1F, 0.15F, 0})}), std::vector<bool>{false});
  EXPECT_EQ(unsettled({with({0.25F, 0, 0})}), std::vector<bool>{true});
}

TEST(SecondLook, IsSavedWhereOnePersonIsClear) {
  EXPECT_EQ(unsettled({with({0.8F, 0.1F, 0})}), std::vector<bool>{false});
  EXPECT_EQ(unsettled({with({0.35F, 0.1F, 0})}), std::vector<bool>{true}) << "near the threshold";
  EXPECT_EQ(unsettled({with({0.8F, 0.3F, 0})}), std::vector<bool>{true}) << "somebody else is possible too";
}

TEST(SecondLook, IsTakenWhereTwoFacesWantOneName) {
  EXPECT_EQ(unsettled({with({0.8F, 0, 0}), with({0.7F, 0.1F, 0})}), (std::vector<bool>{true, true}));
  EXPECT_EQ(unsettled({with({0.8F, 0, 0}), with({0, 0.7F, 0})}), (std::vector<bool>{false, false}));
}

TEST(SecondLook, IsAlwaysTakenWithTheWidestMargin) {
  EXPECT_EQ(unsettled({with({0.1F, 0, 0}), axis(0)}, {.second_look_margin = 2}),
            (std::vector<bool>{true, true}));
}

TEST(SecondLook, IgnoresWhoIsRuledOut) {
  const auto identifier = make_nearest_identifier(three_people(), calibration).value();
  // Near the threshold of Anna alone; between Anna and Ben; both at Anna's.
  const std::vector<Face> near{without(with({0.35F, 0, 0}), {"Anna"})};
  EXPECT_EQ(identifier->unsettled(near), std::vector<bool>{false});
  const std::vector<Face> between{without(with({0.8F, 0.3F, 0}), {"Ben"})};
  EXPECT_EQ(identifier->unsettled(between), std::vector<bool>{false});
  const std::vector<Face> contested{face(with({0.8F, 0, 0})), without(with({0.7F, 0.1F, 0}), {"Anna"})};
  EXPECT_EQ(identifier->unsettled(contested), (std::vector<bool>{false, false}));
  const std::vector<Face> nobody{without(axis(0), {"Anna", "Ben", "Cleo"})};
  EXPECT_EQ(identifier->unsettled(nobody), std::vector<bool>{false});
}

TEST(SecondLook, FacesWithoutAVectorNeedNone) { EXPECT_EQ(unsettled({{}}), std::vector<bool>{false}); }

}  // namespace
}  // namespace kith

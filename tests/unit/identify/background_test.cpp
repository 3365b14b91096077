// SPDX-License-Identifier: Apache-2.0
// What is learned of unknown people, and the files of it and of trained classifiers, sound and damaged.
#include <kith/background.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <numeric>

#include <gtest/gtest.h>

#include "core/file_bytes.h"
#include "identify/space.h"
#include "identify/tensor_file.h"
#include "support/temporary_folder.h"
#include "synthetic_people.h"

namespace kith {
namespace {

using identify::Tensor;
using identify::TensorFile;
using synthetic::background;
using synthetic::People;

double mean_of(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

TEST(Background, KeepsTheAxesThatTellPeopleApart) {
  ASSERT_EQ(background().reduced(), synthetic::reduced);
  ASSERT_EQ(background().dimension(), synthetic::dimension);
  EXPECT_EQ(background().people, 400U);
  EXPECT_EQ(background().faces, 800U);
  // Twelve axes have much between people, four little: the first come first.
  const std::vector<float>& between = background().between;
  EXPECT_GT(*std::ranges::min_element(between.begin(), between.begin() + 10),
            3 * *std::ranges::max_element(between.begin() + 12, between.end()));
}

TEST(Background, MeasuresWhatPeopleDifferBy) {
  // New people, in the learned space: their faces vary as it says.
  People people(7);
  std::vector<float> within(synthetic::reduced, 0.0F);
  constexpr int count = 300;
  for (int i = 0; i < count; ++i) {
    const Embedding centre = people.centre();
    const std::vector<float> a = identify::projected(background(), people.face(centre));
    const std::vector<float> b = identify::projected(background(), people.face(centre));
    for (std::size_t axis = 0; axis < a.size(); ++axis)
      within[axis] += (a[axis] - b[axis]) * (a[axis] - b[axis]) / (2 * count);
  }
  EXPECT_NEAR(mean_of(within), mean_of(background().within), 0.25 * mean_of(background().within));
}

TEST(Background, KnowsWhereUnknownPeopleAre) {
  People people(8);
  double inside = 0;
  double outside = 0;
  for (int i = 0; i < 100; ++i) {
    const std::vector<float> z = identify::projected(background(), people.stranger());
    inside += identify::log_density_of_unknown(background(), z);
    std::vector<float> odd(z.size(), 0.0F);  // all of it along an axis on which people hardly differ
    odd[synthetic::reduced - 1 - static_cast<std::size_t>(i % 4)] = std::sqrt(static_cast<float>(z.size()));
    outside += identify::log_density_of_unknown(background(), odd);
  }
  EXPECT_GT(inside, outside);
}

TEST(Background, FindsTheGroupsOfACohortButNoneOfAFewPeople) {
  // Two groups that lie apart, and five people far from both.
  People people(9);
  Gallery cohort;
  const auto shifted = [&](float by, std::size_t axis) {
    Embedding centre = people.centre();
    centre[axis] += by;
    return centre;
  };
  for (int i = 0; i < 300; ++i)
    cohort.push_back(people.person("One", shifted(i % 2 == 0 ? 6.0F : -6.0F, 0), 2));
  for (int i = 0; i < 5; ++i) cohort.push_back(people.person("Few", shifted(30, 3), 2));
  BackgroundSettings settings = synthetic::settings();
  settings.components = 8;
  const Background learned = learn_background(cohort, eval::fit_calibration, settings).value();
  ASSERT_GE(learned.components.size(), 2U);
  float whole = 0;
  for (const BackgroundComponent& component : learned.components) {
    EXPECT_GE(component.weight * 305, 20) << "a component of a few people would be a likeness of theirs";
    whole += component.weight;
  }
  EXPECT_NEAR(whole, 1, 1e-4);
}

TEST(Background, TheSameCohortTeachesTheSame) {
  const Gallery cohort = People(3).cohort(220);
  const Background one = learn_background(cohort, eval::fit_calibration, synthetic::settings()).value();
  const Background other = learn_background(cohort, eval::fit_calibration, synthetic::settings()).value();
  EXPECT_EQ(one.projection, other.projection);
  EXPECT_EQ(one.svm.slope, other.svm.slope);
}

TEST(Background, RefusesACohortThatTeachesNothing) {
  const auto refused = [](const Gallery& cohort, const std::string& reason) {
    const Result<Background> learned = learn_background(cohort, eval::fit_calibration, synthetic::settings());
    ASSERT_FALSE(learned) << reason;
    EXPECT_EQ(learned.error().code, ErrorCode::bad_argument);
    EXPECT_NE(learned.error().message.find(reason), std::string::npos) << learned.error().message;
  };
  refused({}, "0 people with two faces");
  refused(People(1).cohort(60), "30 people with two faces");
  Gallery mixed = People(1).cohort(300);
  mixed[7].references[0].embedding.pop_back();
  refused(mixed, mixed[7].references[0].source);
  mixed[7].references[0].embedding.clear();
  refused(mixed, mixed[7].references[0].source);
}

// ---- files

ModelSpec model(const std::string& name, const std::string& sha256 = "ab12") {
  ModelSpec spec;
  spec.name = name;
  spec.files = {{"models/network.onnx", sha256}};
  return spec;
}

TEST(BackgroundFile, LiesBesideTheModel) {
  EXPECT_EQ(background_file(model("mobilefacenet")), "models/mobilefacenet.background");
}

TEST(BackgroundFile, GivesBackWhatWasSaved) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "b";
  ASSERT_TRUE(save_background(background(), model("net"), file));
  const Background loaded = load_background(file, model("net")).value();
  EXPECT_EQ(loaded.projection, background().projection);
  EXPECT_EQ(loaded.mean, background().mean);
  EXPECT_EQ(loaded.within, background().within);
  EXPECT_EQ(loaded.between, background().between);
  ASSERT_EQ(loaded.components.size(), background().components.size());
  EXPECT_EQ(loaded.components.back().variance, background().components.back().variance);
  EXPECT_EQ(loaded.gaussian.slope, background().gaussian.slope);
  EXPECT_EQ(loaded.svm.tail[2], background().svm.tail[2]);
  EXPECT_EQ(loaded.people, background().people);
}

TEST(BackgroundFile, OfAnotherModelIsRefused) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "b";
  ASSERT_TRUE(save_background(background(), model("net"), file));
  for (const ModelSpec& other : {model("other"), model("net", "cd34")}) {
    const Result<Background> loaded = load_background(file, other);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::model_mismatch);
    EXPECT_NE(loaded.error().message.find(file.string()), std::string::npos);
    EXPECT_NE(loaded.error().message.find("kith train background"), std::string::npos);
  }
}

TEST(BackgroundFile, ThatIsNotThereSaysHowToMakeOne) {
  const Result<Background> loaded = load_background("/nowhere/net.background", model("net"));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::not_found);
  EXPECT_NE(loaded.error().message.find("kith train background"), std::string::npos);
}

Gallery three_people() {
  People people(4);
  Gallery gallery;
  for (const char* name : {"Émile", "小明", "Ben"})
    gallery.push_back(people.person(name, people.centre(), 1 + gallery.size()));
  gallery[0].born = 1990.5F;
  gallery[1].references[1].year = 2011.25F;
  return gallery;
}

TEST(ClassifierFile, GivesTheSameAnswersAfterwards) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "c";
  for (const Classifier classifier : {Classifier::nearest, Classifier::gaussian, Classifier::svm}) {
    const TrainedClassifier trained = train_classifier(classifier, three_people(), background()).value();
    ASSERT_TRUE(save_classifier(trained, model("net"), file));
    const TrainedClassifier loaded = load_classifier(file, model("net")).value();
    EXPECT_EQ(loaded.classifier, classifier);
    ASSERT_EQ(loaded.gallery.size(), 3U);
    EXPECT_EQ(loaded.gallery[1].name, "小明");
    EXPECT_EQ(loaded.gallery[0].born, 1990.5F);
    EXPECT_FALSE(loaded.gallery[1].born);
    EXPECT_EQ(loaded.gallery[1].references[1].year, 2011.25F);
    const auto one = make_identifier(trained, synthetic::calibration).value();
    const auto other = make_identifier(loaded, synthetic::calibration).value();
    People people(6);
    for (int i = 0; i < 10; ++i) {
      Face a = synthetic::face_of(people.stranger());
      Face b = a;
      one->identify({&a, 1});
      other->identify({&b, 1});
      EXPECT_EQ(a.identity->score, b.identity->score);
      EXPECT_EQ(a.identity->reference, b.identity->reference);
    }
  }
}

TEST(ClassifierFile, HoldsPeopleWhoseNamesAndPhotosAreNoUtf8) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "c";
  Gallery gallery = three_people();
  gallery[2].name = "J\xfcrgen";
  gallery[2].references[0].source = "Fotos\xff/1.jpg";
  const TrainedClassifier trained = train_classifier(Classifier::nearest, gallery, background()).value();
  ASSERT_TRUE(save_classifier(trained, model("net"), file));
  const TrainedClassifier loaded = load_classifier(file, model("net")).value();
  EXPECT_EQ(loaded.gallery[2].name, "J\uFFFDrgen");
  EXPECT_EQ(loaded.gallery[2].references[0].source, "Fotos\uFFFD/1.jpg");
}

TEST(ClassifierFile, OfAnotherModelOrKindIsRefused) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "c";
  const TrainedClassifier trained = train_classifier(Classifier::svm, three_people(), background()).value();
  ASSERT_TRUE(save_classifier(trained, model("net"), file));
  EXPECT_EQ(load_classifier(file, model("other")).error().code, ErrorCode::model_mismatch);
  EXPECT_EQ(load_background(file, model("net")).error().code, ErrorCode::damaged);
  ASSERT_TRUE(save_background(background(), model("net"), file));
  EXPECT_EQ(load_classifier(file, model("net")).error().code, ErrorCode::damaged);
}

// Files of each kind with something changed: none may be taken, and none may do harm.
class Damaged : public testing::Test {
 protected:
  void SetUp() override {
    const TrainedClassifier trained = train_classifier(Classifier::svm, three_people(), background()).value();
    ASSERT_TRUE(save_classifier(trained, model("net"), file_));
    bytes_ = read_file(file_, 1U << 24U).value();
  }

  void expect_refused(const std::vector<std::uint8_t>& bytes, const std::string& what) {
    std::ofstream(file_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    const Result<TrainedClassifier> loaded = load_classifier(file_, model("net"));
    ASSERT_FALSE(loaded) << what;
    EXPECT_NE(loaded.error().message.find("kith train classifier"), std::string::npos) << what;
  }

  void expect_refused(const TensorFile& arrays, const std::string& what) {
    const std::string text = identify::tensor_bytes(arrays);
    expect_refused(std::vector<std::uint8_t>(text.begin(), text.end()), what);
  }

  [[nodiscard]] TensorFile arrays() const { return identify::read_tensors(bytes_, "").value(); }

  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "c";
  std::vector<std::uint8_t> bytes_;
};

TEST_F(Damaged, CutShortAnywhere) {
  for (std::size_t size = 0; size < bytes_.size(); size += 1 + size / 7)
    expect_refused(std::vector(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size)),
                   std::to_string(size));
}

TEST_F(Damaged, WithAHeaderLongerThanAnyFile) {
  std::vector<std::uint8_t> bytes = bytes_;
  std::fill_n(bytes.begin(), 8, 0xFF);
  expect_refused(bytes, "length");
}

TEST_F(Damaged, WithoutOneOfItsParts) {
  for (const auto& [name, unused] : arrays().tensors) {
    TensorFile changed = arrays();
    changed.tensors.erase(name);
    expect_refused(changed, name);
  }
  for (const auto& [name, unused] : arrays().metadata) {
    TensorFile changed = arrays();
    changed.metadata.erase(name);
    expect_refused(changed, name);
    changed.metadata[name] = "[{]";
    expect_refused(changed, name);
    changed.metadata[name] = "{}";
    expect_refused(changed, name);
  }
}

TEST_F(Damaged, WithArraysOfOtherShapes) {
  for (const auto& [name, tensor] : arrays().tensors) {
    if (name == "mean" || name == "within" || name == "weights" || name == "references" || name == "planes")
      continue;
    TensorFile changed = arrays();
    changed.tensors[name].shape.back() -= 1;
    changed.tensors[name].values.resize(tensor.values.size() / tensor.shape.back() *
                                        (tensor.shape.back() - 1));
    expect_refused(changed, name);
  }
  TensorFile fewer = arrays();
  fewer.tensors["references"].shape[0] -= 1;
  fewer.tensors["references"].values.resize(5 * synthetic::dimension);
  expect_refused(fewer, "references");
}

TEST_F(Damaged, WithNumbersThatAreNone) {
  TensorFile changed = arrays();
  changed.tensors["planes"].values[3] = std::nanf("");
  expect_refused(changed, "not a number");
  changed = arrays();
  changed.tensors["variances"].values[1] = 0;
  expect_refused(changed, "a variance of 0");
  changed = arrays();
  changed.tensors["weights"].values[0] = -1;
  expect_refused(changed, "a weight below 0");
}

std::vector<std::uint8_t> with_header(const std::string& header, std::size_t data) {
  const std::uint64_t length = header.size();
  std::vector<std::uint8_t> bytes(8 + header.size() + data);
  std::memcpy(bytes.data(), &length, 8);
  std::ranges::copy(header, bytes.begin() + 8);
  return bytes;
}

TEST(TensorFileReading, RefusesHostileHeaders) {
  const auto refused = [](const std::string& header, std::size_t data = 16) {
    const Result<TensorFile> read = identify::read_tensors(with_header(header, data), "file");
    EXPECT_FALSE(read) << header.substr(0, 80);
  };
  refused("");
  refused("[]");
  refused("7");
  refused(std::string(200'000, '['));
  refused(R"({"a":{"dtype":"F32","data_offsets":[0,16],"shape":)" + std::string(200'000, '[') +
          std::string(200'000, ']') + "}}");
  refused(R"({"__metadata__":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}");
  refused(R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}})");
  refused(R"({"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}})");
  refused(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}})");
  refused(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[4,20]}})");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[16,8]}})");
  refused(R"({"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}})");
  refused(R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})");
  refused(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})");
  refused(R"({"a":{"dtype":"F32","shape":[4294967296,4294967297],"data_offsets":[0,16]}})");
  refused(R"({"a":{"dtype":"F32","shape":"four","data_offsets":[0,16]}})");
  refused(R"({"a":{"dtype":"F32","shape":[4]}})");
  refused(R"({"a":null})");
  refused(R"({"__metadata__":{"a":1}})");
  // Two arrays on the same bytes: small files must not make large memory.
  refused(
      R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})");
  EXPECT_TRUE(identify::read_tensors(
      with_header(R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})", 16), "file"));
}

}  // namespace
}  // namespace kith

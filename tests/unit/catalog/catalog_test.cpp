// SPDX-License-Identifier: Apache-2.0
// The catalogue of models, on files of a few bytes that stand in for weights.
#include <kith/models.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/sha256.h"
#include "imageio/pictures.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// "abc", FIPS 180-2's first example.
constexpr const char* abc_sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

void write_text(const fs::path& file, const std::string& text) {
  test::write_bytes(file, test::Bytes(text.begin(), text.end()));
}

class CatalogTest : public testing::Test {
 protected:
  CatalogTest() {
    fs::create_directories(built_in());
    write_text(built_in() / "detector.bin", "abc");
    write_text(built_in() / "embedder.bin", "abc");
    write_catalog(catalog());
    write_text(own_model(), "abc");
  }

  [[nodiscard]] fs::path built_in() const { return folder / "models"; }
  [[nodiscard]] fs::path user() const { return folder / "user"; }
  [[nodiscard]] fs::path own_model() const { return folder / "own.onnx"; }
  [[nodiscard]] fs::path record() const { return user() / "models.json"; }

  static json catalog() {
    return {
        {"models",
         {{{"name", "centerface"},
           {"kind", "detector"},
           {"architecture", "centerface"},
           {"licence", "MIT"},
           {"files",
            {{{"file", "detector.bin"}, {"sha256", abc_sha256}},
             {{"file", "landmarks.bin"}, {"sha256", abc_sha256}}}}},
          {{"name", "mobilefacenet"},
           {"licence", "MIT"},
           {"files", {{{"file", "embedder.bin"}, {"sha256", abc_sha256}}}},
           {"input",
            {{"width", 112}, {"height", 112}, {"color", "bgr"}, {"mean", 127}, {"scale", 0.0078125}}},
           {"output", {{"dimension", 512}}},
           {"calibration",
            {{"slope", 32}, {"intercept", -10.5}, {"tail", {-0.35, -5, -7}}, {"min_similarity", 0.42}}}}}}};
  }

  static json description(const std::string& name = "own") {
    return {{"name", name},
            {"licence", "CC0"},
            {"input", {{"width", 96}, {"height", 112}, {"color", "rgb"}, {"mean", 0}, {"scale", 1}}},
            {"output", {{"dimension", 128}}}};
  }

  void write_catalog(const json& document) const { write_text(built_in() / "catalog.json", document.dump()); }

  [[nodiscard]] fs::path described(const json& document) const {
    write_text(folder / "description.json", document.dump());
    return folder / "description.json";
  }

  [[nodiscard]] ModelCatalog open() const {
    Result<ModelCatalog> opened = ModelCatalog::open(built_in(), user());
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }

  void expect_open_fails(ErrorCode code, const std::string& says) const {
    const Result<ModelCatalog> opened = ModelCatalog::open(built_in(), user());
    ASSERT_FALSE(opened) << says;
    EXPECT_EQ(opened.error().code, code) << opened.error().message;
    EXPECT_NE(opened.error().message.find(says), std::string::npos) << opened.error().message;
  }

  // A description that is refused, naming the field.
  void expect_refused(const json& document, const std::string& says) const {
    const Result<ModelSpec> spec = open().describe(own_model(), described(document));
    ASSERT_FALSE(spec) << document;
    EXPECT_EQ(spec.error().code, ErrorCode::damaged);
    EXPECT_NE(spec.error().message.find(says), std::string::npos) << spec.error().message;
    EXPECT_NE(spec.error().message.find("description.json"), std::string::npos) << spec.error().message;
  }

  test::TemporaryFolder folder;
};

TEST(ModelIdentity, IsOfEachOfItsFiles) {
  ModelSpec model;
  model.name = "centerface";
  model.files = {{"detector.bin", "ab12"}, {"landmarks.bin", "cd34"}};
  EXPECT_EQ(model_identity(model), "centerface ab12 cd34");
  ModelSpec other = model;
  other.files.back().sha256 = "ef56";
  EXPECT_NE(model_identity(model), model_identity(other));
}

// ---- opening

TEST_F(CatalogTest, ReadsTheBuiltInModels) {
  const ModelCatalog opened = open();
  ASSERT_EQ(opened.models().size(), 2U);
  const ModelSpec& embedder = opened.active(ModelKind::embedder);
  EXPECT_EQ(embedder.name, "mobilefacenet");
  EXPECT_EQ(embedder.architecture, "network");
  EXPECT_TRUE(embedder.built_in);
  EXPECT_TRUE(embedder.calibrated);
  EXPECT_FLOAT_EQ(embedder.calibration.tail[2], -7);
  EXPECT_EQ(embedder.feeding.order, ChannelOrder::bgr);
  EXPECT_EQ(embedder.feeding.views.size(), 2U);
  ASSERT_EQ(embedder.files.size(), 1U);
  EXPECT_EQ(embedder.files[0].path, built_in() / "embedder.bin");
  EXPECT_EQ(opened.active(ModelKind::detector).name, "centerface");
  EXPECT_FALSE(fs::exists(user())) << "reading writes nothing";
}

TEST_F(CatalogTest, AMissingFolderMeansMissingModels) {
  fs::remove_all(built_in());
  expect_open_fails(ErrorCode::model_missing, "make");
}

TEST_F(CatalogTest, WhatIsNoCatalogueIsDamaged) {
  for (const char* text : {"", "garbage", "[1, 2]", "{\"models\": [", "\"models\"", "42"}) {
    write_text(built_in() / "catalog.json", text);
    expect_open_fails(ErrorCode::model_damaged, "catalog.json");
  }
}

TEST_F(CatalogTest, WrongTypesAreDamaged) {
  json document = catalog();
  document["models"] = "centerface";
  write_catalog(document);
  expect_open_fails(ErrorCode::model_damaged, "catalog.json");
  for (const char* field : {"name", "kind", "licence", "files", "input", "output", "calibration"}) {
    document = catalog();
    document["models"][1][field] = 5;
    write_catalog(document);
    expect_open_fails(ErrorCode::model_damaged, "catalog.json");
  }
}

TEST_F(CatalogTest, ACatalogueWithoutOneModelOfEachKindIsDamaged) {
  for (const std::size_t kept : {0U, 1U}) {
    json document = catalog();
    document["models"].erase(1 - kept);
    write_catalog(document);
    expect_open_fails(ErrorCode::model_damaged, kept == 0 ? "embedder" : "detector");
  }
  write_catalog(json::object());
  expect_open_fails(ErrorCode::model_damaged, "catalog.json");
}

TEST_F(CatalogTest, AFileStaysInItsFolder) {
  for (const char* file :
       {"../secret", "/etc/passwd", "a/b", "..", ".", "", "-x", ".hidden", "a\\b", "a\nb"}) {
    json document = catalog();
    document["models"][0]["files"][0]["file"] = file;
    write_catalog(document);
    expect_open_fails(ErrorCode::model_damaged, "\"file\"");
  }
}

TEST_F(CatalogTest, AModelNeedsItsFiles) {
  json document = catalog();
  document["models"][0].erase("files");
  write_catalog(document);
  expect_open_fails(ErrorCode::model_damaged, "centerface");
  document = catalog();
  document["models"][0]["architecture"] = "mtcnn";
  write_catalog(document);
  expect_open_fails(ErrorCode::model_damaged, "\"files\"");
  document = catalog();
  document["models"][0]["files"][0]["sha256"] = "abc";
  write_catalog(document);
  expect_open_fails(ErrorCode::model_damaged, "\"sha256\"");
}

TEST_F(CatalogTest, ADamagedRecordOfTheOwnersModelsIsAnErrorThatNamesIt) {
  fs::create_directories(user());
  for (const char* text :
       {"garbage", "[]", R"({"models": [{"name": "x"}]})", R"({"models": 3})", R"({"active": "own"})",
        R"({"active": []})", R"({"active": {"detector": 5}})", R"({"active": {"embedder": null}})"}) {
    write_text(record(), text);
    expect_open_fails(ErrorCode::model_damaged, "models.json");
  }
}

TEST_F(CatalogTest, AnActiveModelThatIsGoneGivesWayToTheDefault) {
  fs::create_directories(user());
  write_text(record(), R"({"active": {"detector": "gone", "embedder": "centerface"}})");
  const ModelCatalog opened = open();
  EXPECT_EQ(opened.active(ModelKind::detector).name, "centerface");
  EXPECT_EQ(opened.active(ModelKind::embedder).name, "mobilefacenet") << "a detector is no embedder";
}

// ---- finding, choosing, adding

TEST_F(CatalogTest, FindsByKindAndName) {
  const ModelCatalog opened = open();
  EXPECT_TRUE(opened.find(ModelKind::detector, "centerface"));
  const Result<ModelSpec> wrong_kind = opened.find(ModelKind::embedder, "centerface");
  ASSERT_FALSE(wrong_kind);
  EXPECT_EQ(wrong_kind.error().code, ErrorCode::bad_argument);
  EXPECT_NE(wrong_kind.error().message.find("there are: mobilefacenet"), std::string::npos);
}

TEST_F(CatalogTest, AnAddedModelIsThereAfterReopening) {
  ModelCatalog opened = open();
  json own = description();
  own["views"] = {{{"scale", 0.9}, {"mirrored", false}}, {{"scale", 1.1}, {"mirrored", true}}};
  own["template"] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}};
  own["calibration"] = {{"slope", 12}, {"intercept", -3}, {"tail", {-1, -2, -3}}, {"min_similarity", 0.25}};
  const Result<ModelSpec> added = opened.add(own_model(), described(own));
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(opened.active(ModelKind::embedder).name, "mobilefacenet") << "adding is not choosing";
  fs::remove(own_model());

  const ModelCatalog reopened = open();
  const Result<ModelSpec> found = reopened.find(ModelKind::embedder, "own");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(found->built_in);
  EXPECT_EQ(found->licence, "CC0");
  EXPECT_EQ(found->feeding.crop.width, 96);
  EXPECT_EQ(found->feeding.crop.height, 112);
  EXPECT_EQ(found->feeding.order, ChannelOrder::rgb);
  EXPECT_EQ(found->feeding.dimension, 128);
  EXPECT_FLOAT_EQ(found->feeding.scale, 1);
  ASSERT_EQ(found->feeding.views.size(), 2U);
  EXPECT_FLOAT_EQ(found->feeding.views[0].scale, 0.9F);
  EXPECT_TRUE(found->feeding.views[1].mirrored);
  EXPECT_FLOAT_EQ(found->feeding.crop.landmarks[4].y, 10);
  EXPECT_TRUE(found->calibrated);
  EXPECT_FLOAT_EQ(found->calibration.tail[1], -2);
  EXPECT_FLOAT_EQ(found->calibration.min_similarity, 0.25F);
  EXPECT_TRUE(verify_files(*found)) << "the file was copied";
}

TEST_F(CatalogTest, AModelWithoutCalibrationIsReadCautiously) {
  ASSERT_TRUE(open().add(own_model(), described(description())));
  const Result<ModelSpec> found = open().find(ModelKind::embedder, "own");
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->calibrated);
  EXPECT_GE(found->calibration.min_similarity, open().active(ModelKind::embedder).calibration.min_similarity);
  // The common template, shrunk to the narrower side.
  EXPECT_NEAR(found->feeding.crop.landmarks[0].x, 38.2946F * 96 / 112, 1e-4F);
}

TEST_F(CatalogTest, TheChoiceIsThereAfterReopening) {
  ModelCatalog opened = open();
  ASSERT_TRUE(opened.add(own_model(), described(description())));
  ASSERT_TRUE(opened.use("own"));
  EXPECT_EQ(opened.active(ModelKind::embedder).name, "own");
  EXPECT_EQ(open().active(ModelKind::embedder).name, "own");
  EXPECT_EQ(open().active(ModelKind::detector).name, "centerface");
  const Status unknown = opened.use("nobody");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::bad_argument);
  EXPECT_EQ(open().active(ModelKind::embedder).name, "own");
}

TEST_F(CatalogTest, ARemovedModelIsGoneWithItsFile) {
  ModelCatalog opened = open();
  const Result<ModelSpec> added = opened.add(own_model(), described(description()));
  ASSERT_TRUE(added);
  ASSERT_TRUE(opened.remove("own"));
  EXPECT_FALSE(opened.find(ModelKind::embedder, "own"));
  EXPECT_FALSE(open().find(ModelKind::embedder, "own"));
  EXPECT_FALSE(fs::exists(added->files[0].path));
  EXPECT_TRUE(fs::exists(own_model())) << "the owner's own copy";
  EXPECT_TRUE(opened.add(own_model(), described(description()))) << "the name is free again";
}

TEST_F(CatalogTest, TheModelInUseIsRemovedOnlyWhereThatIsMeant) {
  ModelCatalog opened = open();
  ASSERT_TRUE(opened.add(own_model(), described(description())));
  ASSERT_TRUE(opened.use("own"));
  const Status refused = opened.remove("own");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_argument);
  EXPECT_NE(refused.error().message.find("--force"), std::string::npos);
  EXPECT_EQ(open().active(ModelKind::embedder).name, "own");
  ASSERT_TRUE(opened.remove("own", true));
  EXPECT_EQ(opened.active(ModelKind::embedder).name, "mobilefacenet");
  EXPECT_EQ(open().active(ModelKind::embedder).name, "mobilefacenet");
}

TEST_F(CatalogTest, BuiltInAndUnknownModelsAreNotRemoved) {
  ModelCatalog opened = open();
  for (const char* name : {"mobilefacenet", "centerface", "nobody"}) {
    const Status refused = opened.remove(name, true);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::bad_argument);
    EXPECT_NE(refused.error().message.find(name), std::string::npos);
  }
  EXPECT_EQ(open().models().size(), 2U);
  EXPECT_TRUE(fs::exists(built_in() / "embedder.bin"));
}

TEST_F(CatalogTest, AModelWhoseFileIsGoneAlreadyCanBeRemoved) {
  ModelCatalog opened = open();
  const Result<ModelSpec> added = opened.add(own_model(), described(description()));
  ASSERT_TRUE(added);
  fs::remove(added->files[0].path);
  EXPECT_TRUE(opened.remove("own"));
  EXPECT_EQ(open().models().size(), 2U);
}

TEST_F(CatalogTest, ATakenNameIsRefused) {
  ModelCatalog opened = open();
  ASSERT_TRUE(opened.add(own_model(), described(description())));
  for (const char* name : {"own", "mobilefacenet", "centerface"}) {
    const Result<ModelSpec> again = opened.add(own_model(), described(description(name)));
    ASSERT_FALSE(again) << name;
    EXPECT_EQ(again.error().code, ErrorCode::bad_argument);
    EXPECT_NE(again.error().message.find(name), std::string::npos);
  }
  EXPECT_EQ(open().models().size(), 3U);
}

TEST_F(CatalogTest, NamesThatCannotBeAFilesAreRefused) {
  for (const std::string& name : {std::string("../x"), std::string("a b"), std::string(), std::string(".x"),
                                  std::string("-x"), std::string(65, 'x'), std::string("\u00fc")}) {
    expect_refused(description(name), "\"name\"");
  }
}

// Whatever can be added can be opened again: a record that is refused would lock the owner out.
TEST_F(CatalogTest, ALongNameSurvivesReopening) {
  const std::string longest(64, 'x');
  ASSERT_TRUE(open().add(own_model(), described(description(longest))));
  const Result<ModelCatalog> reopened = ModelCatalog::open(built_in(), user());
  ASSERT_TRUE(reopened) << reopened.error().message;
  EXPECT_TRUE(reopened->find(ModelKind::embedder, longest));
}

TEST_F(CatalogTest, AnEndingThatCouldNotBeReadBackIsRefused) {
  const fs::path odd = folder / "own.o nnx";
  write_text(odd, "abc");
  const Result<ModelSpec> added = open().add(odd, described(description()));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::bad_argument);
  EXPECT_EQ(open().models().size(), 2U);
}

TEST_F(CatalogTest, AModelNeverReplacesAnotherFileOfTheCatalogue) {
  ModelCatalog opened = open();
  ASSERT_TRUE(opened.add(own_model(), described(description("own"))));
  const fs::path bare = folder / "bare";
  write_text(bare, "other");
  const Result<ModelSpec> same_file = opened.add(bare, described(description("own.onnx")));
  ASSERT_FALSE(same_file) << "its file would be own.onnx too";
  EXPECT_EQ(same_file.error().code, ErrorCode::bad_argument);
  EXPECT_TRUE(verify_files(*opened.find(ModelKind::embedder, "own")));

  write_text(folder / "weights.json", "other");
  const Result<ModelSpec> record_file = opened.add(folder / "weights.json", described(description("models")));
  ASSERT_FALSE(record_file) << "models.json is the record";
  EXPECT_EQ(record_file.error().code, ErrorCode::bad_argument);
  EXPECT_EQ(open().models().size(), 3U);
}

TEST_F(CatalogTest, OnlyEmbeddersCanBeAdded) {
  json detector = description();
  detector["kind"] = "detector";
  detector["architecture"] = "centerface";
  const Result<ModelSpec> spec = open().describe(own_model(), described(detector));
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().code, ErrorCode::bad_argument);
}

TEST_F(CatalogTest, FilesThatAreNotThereAreNamed) {
  const Result<ModelSpec> no_model = open().add(folder / "none.onnx", described(description()));
  ASSERT_FALSE(no_model);
  EXPECT_EQ(no_model.error().code, ErrorCode::not_found);
  EXPECT_NE(no_model.error().message.find("none.onnx"), std::string::npos);
  const Result<ModelSpec> no_description = open().add(own_model(), folder / "none.json");
  ASSERT_FALSE(no_description);
  EXPECT_EQ(no_description.error().code, ErrorCode::not_found);
  EXPECT_NE(no_description.error().message.find("none.json"), std::string::npos);
}

TEST_F(CatalogTest, AnUnwritableUserFolderIsAnErrorAndChangesNothing) {
  fs::create_directories(user());
  fs::permissions(user(), static_cast<fs::perms>(0555));
  ModelCatalog opened = open();
  const fs::path file = described(description());
  {
    const test::WithoutRootRights ordinary;
    const Result<ModelSpec> added = opened.add(own_model(), file);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, ErrorCode::write_failed);
    const Status used = opened.use("centerface");
    ASSERT_FALSE(used);
    EXPECT_EQ(used.error().code, ErrorCode::write_failed);
  }
  EXPECT_EQ(opened.models().size(), 2U);
  EXPECT_TRUE(fs::is_empty(user()));

  // A file where the folder should be.
  fs::remove_all(user());
  write_text(user(), "");
  const Status used = opened.use("centerface");
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, ErrorCode::write_failed);
}

// ---- projections

class ProjectionTest : public CatalogTest {
 protected:
  static ModelSpec named(const std::string& name) {
    ModelSpec spec;
    spec.name = name;
    spec.description = "adapted to 30 people";
    return spec;
  }

  // Recorded in a catalogue that is opened for it.
  [[nodiscard]] Result<ModelSpec> record_projection(const std::string& bytes = "matrix", bool replace = false,
                                                    const std::string& name = "ours") const {
    return open().add_projection(named(name), bytes, "mobilefacenet", "1234", replace);
  }

  [[nodiscard]] Result<ModelSpec> found(const std::string& name = "ours") const {
    return open().find(ModelKind::embedder, name);
  }

  void change_record(const std::function<void(json&)>& change) const {
    std::ifstream stream(record());
    json document = json::parse(stream);
    change(document["models"][0]);
    write_text(record(), document.dump());
  }
};

TEST_F(ProjectionTest, IsAnEmbedderThatRestsOnAnother) {
  const Result<ModelSpec> added = record_projection();
  ASSERT_TRUE(added) << added.error().message;
  const Result<ModelSpec> spec = found();
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->architecture, "projection");
  EXPECT_EQ(spec->licence, "MIT") << "its base's";
  EXPECT_EQ(spec->feeding.dimension, 512);
  EXPECT_EQ(spec->feeding.order, ChannelOrder::bgr);
  EXPECT_FALSE(spec->calibrated);
  ASSERT_TRUE(spec->adaptation);
  EXPECT_EQ(spec->adaptation->base, "mobilefacenet");
  EXPECT_EQ(spec->adaptation->base_sha256, abc_sha256);
  EXPECT_EQ(spec->adaptation->learned_from, "1234");
  ASSERT_EQ(spec->adaptation->files.size(), 1U);
  EXPECT_EQ(spec->adaptation->files[0].path, built_in() / "embedder.bin");
  EXPECT_EQ(spec->files[0].sha256, sha256_of("matrix"));
  EXPECT_TRUE(verify_files(*spec));
  EXPECT_EQ(open().active(ModelKind::embedder).name, "mobilefacenet") << "recording is not choosing";
}

TEST_F(ProjectionTest, KeepsItsCalibration) {
  ModelSpec spec = named("ours");
  spec.calibrated = true;
  spec.calibration = {.slope = 12, .intercept = -3, .tail = {-1, -2, -3}, .min_similarity = 0.25F};
  ASSERT_TRUE(open().add_projection(spec, "matrix", "mobilefacenet", "1234", false));
  ASSERT_TRUE(found()->calibrated);
  EXPECT_FLOAT_EQ(found()->calibration.tail[2], -3);
  EXPECT_FLOAT_EQ(found()->calibration.min_similarity, 0.25F);
}

TEST_F(ProjectionTest, MayBeLearnedFromAFolderWhoseNameIsNoUtf8) {
  ASSERT_TRUE(open().add_projection(named("ours"), "matrix", "mobilefacenet", "/photos/J\xfcrgen", false));
  EXPECT_EQ(found()->adaptation->learned_from, "/photos/J\uFFFDrgen");
}

TEST_F(ProjectionTest, GivesWayOnlyWhereThatIsMeantAndLeavesNoFile) {
  const Result<ModelSpec> first = record_projection();
  ASSERT_TRUE(first);
  const Result<ModelSpec> refused = record_projection("other");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_argument);
  EXPECT_NE(refused.error().message.find("--replace"), std::string::npos);
  EXPECT_TRUE(verify_files(*found()));
  ASSERT_TRUE(record_projection("other", true));
  EXPECT_EQ(found()->files[0].sha256, sha256_of("other"));
  EXPECT_TRUE(verify_files(*found()));
  EXPECT_FALSE(fs::exists(first->files[0].path));
  EXPECT_EQ(open().models().size(), 3U);
  ASSERT_TRUE(record_projection("other", true)) << "the same once more";
  EXPECT_TRUE(verify_files(*found()));
}

TEST_F(ProjectionTest, TheNextOfANameIsAnotherSpace) {
  const std::string first = vector_space(*record_projection());
  const std::string second = vector_space(*record_projection("other", true));
  EXPECT_NE(first, second) << "vectors of the one do not compare with the other's";
  EXPECT_TRUE(first.starts_with("ours@"));
  EXPECT_EQ(vector_space(*found()), second);
  EXPECT_EQ(vector_space(open().active(ModelKind::embedder)), "mobilefacenet");
}

TEST_F(ProjectionTest, NothingElseEverGivesWay) {
  ASSERT_TRUE(open().add(own_model(), described(description())));
  for (const char* name : {"own", "mobilefacenet", "centerface"}) {
    const Result<ModelSpec> refused = record_projection("matrix", true, name);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::bad_argument);
  }
  for (const char* name : {"../x", "", "a b", ".x"})
    EXPECT_FALSE(record_projection("matrix", false, name)) << name;
}

TEST_F(ProjectionTest, RestsOnNetworksAlone) {
  ASSERT_TRUE(record_projection());
  const Result<ModelSpec> stacked = open().add_projection(named("more"), "matrix", "ours", "1234", false);
  ASSERT_FALSE(stacked);
  EXPECT_EQ(stacked.error().code, ErrorCode::bad_argument);
  EXPECT_NE(stacked.error().message.find("mobilefacenet"), std::string::npos);
  EXPECT_FALSE(open().add_projection(named("more"), "matrix", "nobody", "1234", false));
  EXPECT_FALSE(open().add_projection(named("more"), "matrix", "centerface", "1234", false)) << "a detector";
}

TEST_F(ProjectionTest, IsRemovedWithItsFileAndNotItsBases) {
  const Result<ModelSpec> added = record_projection();
  ASSERT_TRUE(added);
  ModelCatalog opened = open();
  ASSERT_TRUE(opened.remove("ours"));
  EXPECT_FALSE(fs::exists(added->files[0].path));
  EXPECT_TRUE(fs::exists(built_in() / "embedder.bin"));
  EXPECT_FALSE(found());
}

TEST_F(ProjectionTest, ItsBaseStaysAsLongAsItDoes) {
  ModelCatalog opened = open();
  ASSERT_TRUE(opened.add(own_model(), described(description())));
  ASSERT_TRUE(opened.add_projection(named("ours"), "matrix", "own", "1234", false));
  const Status refused = opened.remove("own", true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_argument);
  EXPECT_NE(refused.error().message.find("ours"), std::string::npos);
  ASSERT_TRUE(opened.remove("ours"));
  EXPECT_TRUE(opened.remove("own"));
}

TEST_F(ProjectionTest, WhatIsNotItsFileIsDamage) {
  const Result<ModelSpec> added = record_projection();
  ASSERT_TRUE(added);
  write_text(added->files[0].path, "matrix, but changed");
  EXPECT_EQ(verify_files(*found()).error().code, ErrorCode::model_damaged);
  fs::remove(added->files[0].path);
  EXPECT_EQ(verify_files(*found()).error().code, ErrorCode::model_missing);
}

TEST_F(ProjectionTest, ItsBasesFileIsVerifiedToo) {
  ASSERT_TRUE(record_projection());
  write_text(built_in() / "embedder.bin", "changed");
  EXPECT_EQ(verify_files(*found()).error().code, ErrorCode::model_damaged);
}

TEST_F(ProjectionTest, OtherWeightsOfItsBaseAreAMismatch) {
  ASSERT_TRUE(record_projection());
  json document = catalog();
  document["models"][1]["files"][0]["sha256"] = sha256_of("newer");
  write_catalog(document);
  write_text(built_in() / "embedder.bin", "newer");
  EXPECT_TRUE(verify_files(open().active(ModelKind::embedder))) << "they are sound";
  const Status checked = verify_files(*found());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::model_mismatch);
  EXPECT_NE(checked.error().message.find("kith train adapt"), std::string::npos);
}

TEST_F(ProjectionTest, WithoutItsBaseItCanStillBeRemoved) {
  ASSERT_TRUE(record_projection());
  for (const char* base : {"gone", "centerface", "ours"}) {
    change_record([&](json& model) { model["base"]["name"] = base; });
    const Status checked = verify_files(*found());
    ASSERT_FALSE(checked) << base;
    EXPECT_EQ(checked.error().code, ErrorCode::model_missing) << checked.error().message;
  }
  ModelCatalog opened = open();
  ASSERT_TRUE(opened.use("ours"));
  EXPECT_TRUE(opened.remove("ours", true));
}

TEST_F(ProjectionTest, ADamagedRecordOfOneNamesTheField) {
  ASSERT_TRUE(record_projection());
  std::ifstream stream(record());
  const json good = json::parse(stream);
  for (const char* field : {"base", "learned_from"}) {
    json document = good;
    document["models"][0].erase(field);
    write_text(record(), document.dump());
    expect_open_fails(ErrorCode::model_damaged, field);
    document["models"][0][field] = 5;
    write_text(record(), document.dump());
    expect_open_fails(ErrorCode::model_damaged, "models.json");
  }
  json document = good;
  document["models"][0]["base"]["sha256"] = "abc";
  write_text(record(), document.dump());
  expect_open_fails(ErrorCode::model_damaged, "\"sha256\"");
}

TEST_F(ProjectionTest, AnUnwritableFolderIsAnErrorAndLeavesNoFile) {
  fs::create_directories(user());
  fs::permissions(user(), static_cast<fs::perms>(0555));
  {
    const test::WithoutRootRights ordinary;
    const Result<ModelSpec> added = record_projection();
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, ErrorCode::write_failed);
  }
  EXPECT_TRUE(fs::is_empty(user()));
}

// A folder where the record should be: the projection is written, and its record cannot be.
TEST_F(ProjectionTest, WhereTheRecordCannotBeWrittenItsFileGoesAgain) {
  ModelCatalog opened = open();
  fs::create_directories(record() / "in the way");
  ASSERT_FALSE(opened.add_projection(named("ours"), "matrix", "mobilefacenet", "1234", false));
  EXPECT_FALSE(opened.find(ModelKind::embedder, "ours"));
  EXPECT_EQ(std::distance(fs::directory_iterator(user()), fs::directory_iterator()), 1)
      << "only what was there";
}

// ---- descriptions

TEST_F(CatalogTest, AMissingFieldIsNamed) {
  for (const char* field : {"name", "licence", "input", "output"}) {
    json document = description();
    document.erase(field);
    expect_refused(document, field);
  }
  for (const char* field : {"width", "height", "color", "mean", "scale"}) {
    json document = description();
    document["input"].erase(field);
    expect_refused(document, field);
  }
  json document = description();
  document["output"].erase("dimension");
  expect_refused(document, "dimension");
  document = description();
  document["calibration"] = {{"slope", 1}, {"tail", {0, 0, 0}}, {"min_similarity", 0}};
  expect_refused(document, "intercept");
}

TEST_F(CatalogTest, AFieldOutOfItsRangeIsNamed) {
  const auto changed = [](const char* pointer, const json& value) {
    json document = description();
    document["calibration"] = {{"slope", 1}, {"intercept", 0}, {"tail", {0, -5, 0}}, {"min_similarity", 0}};
    document["views"] = {{{"scale", 1}, {"mirrored", false}}};
    document[json::json_pointer(pointer)] = value;
    return document;
  };
  expect_refused(changed("/input/width", 0), "width");
  expect_refused(changed("/input/height", 100000), "height");
  expect_refused(changed("/input/color", "grey"), "color");
  expect_refused(changed("/output/dimension", -1), "dimension");
  expect_refused(changed("/views", json::array()), "views");
  expect_refused(changed("/views/0/scale", 100), "scale");
  expect_refused(changed("/template", {{1, 2}, {3, 4}}), "template");
  expect_refused(changed("/calibration/slope", -1), "slope");
  expect_refused(changed("/calibration/min_similarity", 2), "min_similarity");
  EXPECT_TRUE(open().describe(own_model(), described(changed("/input/width", 112))));
}

// ---- files

TEST_F(CatalogTest, VerifiesFilesByTheirHash) {
  const ModelSpec model = open().active(ModelKind::embedder);
  EXPECT_TRUE(verify_files(model));
  write_text(built_in() / "embedder.bin", "abd");
  const Status changed = verify_files(model);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::model_damaged);
  EXPECT_NE(changed.error().message.find("embedder.bin"), std::string::npos);
  fs::remove(built_in() / "embedder.bin");
  const Status missing = verify_files(model);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::model_missing);
}

TEST_F(CatalogTest, AFileThatMayNotBeReadIsUnreadable) {
  const ModelSpec model = open().active(ModelKind::embedder);
  fs::permissions(built_in() / "embedder.bin", fs::perms::none);
  {
    const test::WithoutRootRights ordinary;
    EXPECT_EQ(verify_files(model).error().code, ErrorCode::unreadable);
  }
  fs::remove(built_in() / "embedder.bin");
  fs::create_directory(built_in() / "embedder.bin");
  EXPECT_EQ(verify_files(model).error().code, ErrorCode::unreadable);
}

TEST(Sha256, OfKnownTexts) {
  const test::TemporaryFolder folder;
  const auto hash = [&](const std::string& text) {
    write_text(folder / "file", text);
    return sha256_of_file(folder / "file").value();
  };
  EXPECT_EQ(hash("abc"), abc_sha256);
  EXPECT_EQ(hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  // Longer than the blocks in which it is read.
  EXPECT_EQ(hash(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace
}  // namespace kith

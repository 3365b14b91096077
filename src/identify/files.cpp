// SPDX-License-Identifier: Apache-2.0
// Backgrounds and trained classifiers as files of arrays (tensor_file.h), which are not trusted when read.
#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include <kith/background.h>
#include <kith/classifiers.h>

#include "core/atomic_write.h"
#include "core/file_bytes.h"
#include "core/identify_json.h"
#include "core/json_text.h"
#include "identify/tensor_file.h"

namespace kith {
namespace {

using identify::read_tensors;
using identify::Tensor;
using identify::tensor_bytes;
using identify::TensorFile;
using nlohmann::json;

constexpr const char* background_kind = "background";
constexpr const char* classifier_kind = "classifier";
constexpr std::uint64_t max_bytes = 4ULL << 30U;  // two million references

// What is wrong with a file; never leaves this one.
struct Unsound : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The array of that name and shape; 0 stands for any length.
const Tensor& array(const TensorFile& file, const std::string& name, std::span<const std::size_t> shape) {
  const auto found = file.tensors.find(name);
  const auto fits = [](std::size_t wanted, std::size_t there) { return wanted == 0 || wanted == there; };
  if (found == file.tensors.end() || !std::ranges::equal(shape, found->second.shape, fits))
    throw Unsound("\"" + name + "\" is missing, or of another shape than the rest");
  return found->second;
}

std::vector<float> list(const TensorFile& file, const std::string& name, std::size_t length = 0) {
  return array(file, name, std::array{length}).values;
}

const Tensor& matrix(const TensorFile& file, const std::string& name, std::size_t rows, std::size_t columns) {
  return array(file, name, std::array{rows, columns});
}

std::vector<float> row_of(const Tensor& matrix, std::size_t row) {
  const auto begin = matrix.values.begin() + static_cast<std::ptrdiff_t>(row * matrix.shape[1]);
  return {begin, begin + static_cast<std::ptrdiff_t>(matrix.shape[1])};
}

void require_positive(std::span<const float> values, const char* what) {
  if (!std::ranges::all_of(values, [](float value) { return value > 0; }))
    throw Unsound(std::string("a ") + what + " is not above 0");
}

const std::string& text(const TensorFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) throw Unsound("\"" + key + "\" is missing");
  return found->second;
}

void put(TensorFile& file, const Background& background) {
  const std::size_t reduced = background.reduced();
  const std::size_t components = background.components.size();
  Tensor weights{{components}, {}};
  Tensor means{{components, reduced}, {}};
  Tensor variances{{components, reduced}, {}};
  for (const BackgroundComponent& component : background.components) {
    weights.values.push_back(component.weight);
    means.values.insert(means.values.end(), component.mean.begin(), component.mean.end());
    variances.values.insert(variances.values.end(), component.variance.begin(), component.variance.end());
  }
  file.tensors["mean"] = {{background.dimension()}, background.mean};
  file.tensors["projection"] = {{reduced, background.dimension()}, background.projection};
  file.tensors["within"] = {{reduced}, background.within};
  file.tensors["between"] = {{reduced}, background.between};
  file.tensors["weights"] = std::move(weights);
  file.tensors["means"] = std::move(means);
  file.tensors["variances"] = std::move(variances);
  const json learned = {{"people", background.people},
                        {"faces", background.faces},
                        {"gaussian", calibration_json(background.gaussian)},
                        {"svm", calibration_json(background.svm)}};
  file.metadata["background"] = json_text(learned);
}

Background background_from(const TensorFile& file) {
  Background background;
  background.mean = list(file, "mean");
  background.within = list(file, "within");
  background.between = list(file, "between", background.reduced());
  background.projection = matrix(file, "projection", background.reduced(), background.dimension()).values;
  const std::vector<float> weights = list(file, "weights");
  const Tensor& means = matrix(file, "means", weights.size(), background.reduced());
  const Tensor& variances = matrix(file, "variances", weights.size(), background.reduced());
  require_positive(background.within, "variance");
  require_positive(background.between, "variance");
  require_positive(variances.values, "variance");
  require_positive(weights, "weight");
  for (std::size_t k = 0; k < weights.size(); ++k)
    background.components.push_back({weights[k], row_of(means, k), row_of(variances, k)});
  const json learned = json::parse(text(file, "background"));
  background.people = learned.at("people");
  background.faces = learned.at("faces");
  background.gaussian = calibration_from(learned.at("gaussian"));
  background.svm = calibration_from(learned.at("svm"));
  if (!(background.gaussian.slope > 0 && background.svm.slope > 0)) throw Unsound("a calibration falls");
  return background;
}

json year_json(const std::optional<float>& year) { return year ? json(*year) : json(nullptr); }

std::optional<float> year_from(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<float>());
}

// The people, without their vectors, which are the rows of "references", one person after the other.
json people_json(const Gallery& gallery) {
  json people = json::array();
  for (const Person& person : gallery) {
    json references = json::array();
    for (const Reference& reference : person.references) {
      references.push_back({{"source", reference.source},
                            {"quality", reference.quality},
                            {"year", year_json(reference.year)}});
    }
    people.push_back({{"name", person.name}, {"born", year_json(person.born)}, {"references", references}});
  }
  return people;
}

void put(TensorFile& file, const TrainedClassifier& trained) {
  const std::size_t dimension = trained.gallery.front().references.front().embedding.size();
  Tensor references{{0, dimension}, {}};
  for (const Person& person : trained.gallery) {
    for (const Reference& reference : person.references) {
      references.values.insert(references.values.end(), reference.embedding.begin(),
                               reference.embedding.end());
      ++references.shape[0];
    }
  }
  file.tensors["references"] = std::move(references);
  if (!trained.planes.empty()) {
    Tensor planes{{trained.planes.size(), trained.planes.front().size()}, {}};
    for (const SvmPlane& plane : trained.planes)
      planes.values.insert(planes.values.end(), plane.begin(), plane.end());
    file.tensors["planes"] = std::move(planes);
  }
  if (trained.background) put(file, *trained.background);
  file.metadata["classifier"] = classifier_name(trained.classifier);
  file.metadata["people"] = json_text(people_json(trained.gallery));
}

Gallery gallery_from(const TensorFile& file, std::size_t dimension) {
  const Tensor& vectors = matrix(file, "references", 0, dimension);
  std::size_t row = 0;
  Gallery gallery;
  for (const json& person : json::parse(text(file, "people"))) {
    Person& enrolled = gallery.emplace_back(Person{person.at("name"), {}, year_from(person.at("born"))});
    for (const json& reference : person.at("references")) {
      if (row == vectors.shape[0]) throw Unsound("there are fewer vectors than references");
      enrolled.references.push_back({reference.at("source"), row_of(vectors, row++), reference.at("quality"),
                                     year_from(reference.at("year"))});
    }
    if (enrolled.name.empty() || enrolled.references.empty())
      throw Unsound("a person has no name or no face");
  }
  if (gallery.empty()) throw Unsound("nobody is enrolled in it");
  return gallery;
}

TrainedClassifier classifier_from(const TensorFile& file) {
  TrainedClassifier trained;
  const std::string& name = text(file, "classifier");
  constexpr std::array all{Classifier::nearest, Classifier::gaussian, Classifier::svm};
  const auto* const found = std::ranges::find(all, name, classifier_name);
  if (found == all.end()) throw Unsound("\"" + name + "\" is no classifier that this kith knows");
  trained.classifier = *found;
  if (trained.classifier != Classifier::nearest) trained.background = background_from(file);
  trained.gallery = gallery_from(file, trained.background ? trained.background->dimension() : 0);
  if (trained.classifier != Classifier::svm) return trained;
  const Tensor& planes = matrix(file, "planes", 0, trained.background->reduced() + 1);
  for (std::size_t row = 0; row < planes.shape[0]; ++row) trained.planes.push_back(row_of(planes, row));
  return trained;
}

// A file of that kind and model, read by `from`, which throws what is wrong with it.
template <typename T>
Result<T> load(const std::filesystem::path& file, const char* kind, const ModelSpec& embedder,
               T (*from)(const TensorFile&), const std::string& remedy) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(file, max_bytes);
  if (!bytes) return fail(bytes.error().code, bytes.error().message + remedy);
  const Result<TensorFile> read = read_tensors(*bytes, file.string());
  if (!read) return fail(read.error().code, read.error().message + remedy);
  try {
    if (text(*read, "kind") != kind) throw Unsound("is not a kith " + std::string(kind) + " file");
    const std::string& model = text(*read, "model");
    if (model == model_identity(embedder)) return from(*read);
    return fail(ErrorCode::model_mismatch, file.string() + ": is about vectors of the model \"" +
                                               model.substr(0, model.find(' ')) + "\", not of this \"" +
                                               embedder.name + "\"" + remedy);
  } catch (const std::exception& wrong) {
    return fail(ErrorCode::damaged, file.string() + ": " + wrong.what() + remedy);
  }
}

template <typename T>
Status save(const T& value, const char* kind, const ModelSpec& embedder, const std::filesystem::path& file) {
  TensorFile arrays;
  arrays.metadata["kind"] = kind;
  arrays.metadata["model"] = model_identity(embedder);
  put(arrays, value);
  return write_atomically(file, tensor_bytes(arrays));
}

}  // namespace

std::filesystem::path background_file(const ModelSpec& embedder) {
  const std::filesystem::path folder =
      embedder.files.empty() ? std::filesystem::path() : embedder.files.front().path.parent_path();
  return folder / (embedder.name + ".background");
}

Status save_background(const Background& background, const ModelSpec& embedder,
                       const std::filesystem::path& file) {
  return save(background, background_kind, embedder, file);
}

Result<Background> load_background(const std::filesystem::path& file, const ModelSpec& embedder) {
  return load(file, background_kind, embedder, background_from,
              "; `kith train background --help` tells how to make one for your model");
}

Status save_classifier(const TrainedClassifier& trained, const ModelSpec& embedder,
                       const std::filesystem::path& file) {
  return save(trained, classifier_kind, embedder, file);
}

Result<TrainedClassifier> load_classifier(const std::filesystem::path& file, const ModelSpec& embedder) {
  return load(file, classifier_kind, embedder, classifier_from,
              "; train it again with `kith train classifier`");
}

}  // namespace kith

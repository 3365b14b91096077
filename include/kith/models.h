// SPDX-License-Identifier: Apache-2.0
// Which models there are, where their files lie, and how each wants to be fed: the built-in catalogue
// (models/catalog.json) and the models that the owner added.
//
// Thread rule: a ModelCatalog is read by many threads or changed by one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kith/embed.h>
#include <kith/identify.h>
#include <kith/result.h>

namespace kith {

enum class ModelKind { detector, embedder };

[[nodiscard]] std::string_view model_kind_name(ModelKind kind) noexcept;

struct ModelFile {
  std::filesystem::path path;
  std::string sha256;  // 64 lower-case hexadecimal digits
};

// What an embedder of the architecture "projection" rests on (docs/adapting.md).
struct Adaptation {
  std::string base;  // the embedder whose vectors are projected
  // The base's, not the model's own; empty where the catalogue has no such embedder.
  std::vector<ModelFile> files;
  std::string base_sha256;   // of the base's network when the projection was learned
  std::string learned_from;  // Library::id(), or the folder or file that the named faces came from
};

struct ModelSpec {
  std::string name;
  ModelKind kind = ModelKind::embedder;
  // What runs the files: "centerface" (the detector, the landmark
  // network), "mtcnn" (P-, R-, O-Net), "network" (an embedder in one file), "projection" (a matrix for
  // another embedder's vectors).
  std::string architecture;
  std::string description;
  std::string licence;
  std::string source;  // where the files come from
  std::vector<ModelFile> files;
  bool built_in = false;

  // Embedders only.
  EmbedderFeeding feeding;
  Calibration calibration;
  bool calibrated = false;  // false: the owner gave no calibration, and a wide one stands in for it
  std::optional<Adaptation> adaptation;  // of a "projection", and of nothing else
};

// What vectors of this embedder are kept under: vectors of one name compare with each other. It is the
// model's name, and for a projection "name@hash", a part of its file's hash: the next one of that name would
// make other vectors. No model's name has an @.
[[nodiscard]] std::string vector_space(const ModelSpec& embedder);

// The model's name and the hashes of all its files: what a model of another identity made is not to be mixed
// with what this one makes.
[[nodiscard]] std::string model_identity(const ModelSpec& model);

class ModelCatalog {
 public:
  // `built_in` holds catalog.json and the weights; `user` holds the models that the owner added and need
  // not exist yet. Errors: model_missing (no catalogue), model_damaged (one that is not valid).
  [[nodiscard]] static Result<ModelCatalog> open(const std::filesystem::path& built_in,
                                                 const std::filesystem::path& user);

  [[nodiscard]] const std::vector<ModelSpec>& models() const noexcept { return models_; }

  // Errors: bad_argument, naming the models of that kind that there are.
  [[nodiscard]] Result<ModelSpec> find(ModelKind kind, std::string_view name) const;

  // The model that the owner chose with use(), or the default of that kind.
  [[nodiscard]] const ModelSpec& active(ModelKind kind) const;

  // Copies an embedder's file into the user's folder and records it as described by the JSON file:
  //   {"name": "...", "licence": "...", "input": {"width": 112, "height": 112, "color": "rgb"|"bgr",
  //    "mean": 127.5, "scale": 0.0078125}, "output": {"dimension": 512},
  //    "views": [{"scale": 1, "mirrored": false}, {"scale": 1, "mirrored": true}],
  //    "template": [[x, y] x 5], "calibration": {...}}
  // Only name, licence, input and output are required; a "sha256" is compared with the file's. The
  // file itself is tried by the caller.
  // Errors: not_found, unreadable, empty_file and too_large (above 4 GiB), damaged (the JSON), bad_argument
  // (a name that is taken or cannot be a file's name), model_damaged (another sha256), no_space,
  // write_failed.
  [[nodiscard]] Result<ModelSpec> add(const std::filesystem::path& model_file,
                                      const std::filesystem::path& description_file);

  // Reads a description without recording anything, for trying a model before it is added. Its name may be
  // taken. Errors: those of add() but for that.
  [[nodiscard]] Result<ModelSpec> describe(const std::filesystem::path& model_file,
                                           const std::filesystem::path& description_file) const;

  // Records a projection of an embedder's vectors as a model of its own: `spec` with its name, description
  // and calibration; `projection` is the file's content (core/projection.h). `base` is an embedder of this
  // catalogue that is no projection itself. With `replace`, a projection of that name gives way; nothing else
  // ever does. Errors: bad_argument (the name, the base), no_space, write_failed.
  [[nodiscard]] Result<ModelSpec> add_projection(ModelSpec spec, std::string_view projection,
                                                 std::string_view base, std::string_view learned_from,
                                                 bool replace);
  // Whether add_projection() would take this name. Errors: bad_argument.
  [[nodiscard]] Status check_projection_name(std::string_view name, bool replace) const;

  // Forgets a model that was added, and deletes its files. The one in use only where `even_in_use`; the
  // default of its kind is then in use. Errors: bad_argument (no such model, a built-in one, the one in use,
  // one that a projection rests on), no_space and write_failed (also where its record is gone and a file
  // could not be deleted: the message says which).
  [[nodiscard]] Status remove(std::string_view name, bool even_in_use = false);

  // Makes a model the active one of its kind from now on. Errors: bad_argument, write_failed.
  [[nodiscard]] Status use(std::string_view name);

 private:
  ModelCatalog() = default;
  [[nodiscard]] Status save() const;

  std::filesystem::path user_;
  std::vector<ModelSpec> models_;
  std::string active_detector_;
  std::string active_embedder_;
};

// Compares each file with its recorded hash, and a projection's base with what it was learned on. Errors:
// model_missing, model_damaged, model_mismatch, unreadable.
[[nodiscard]] Status verify_files(const ModelSpec& model);

}  // namespace kith

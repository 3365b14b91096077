// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <nlohmann/json.hpp>

#include <kith/models.h>

#include "catalog/spec_json.h"
#include "core/atomic_write.h"
#include "core/file_bytes.h"
#include "core/json_text.h"
#include "core/sha256.h"

namespace kith {
namespace {

using catalog::check_plain_name;
using catalog::is_plain_file_name;
using catalog::projection_architecture;
using catalog::read_json;
using catalog::spec_from_json;
using catalog::spec_to_json;
using nlohmann::json;

constexpr std::uint64_t max_model_bytes = 4ULL << 30U;
constexpr const char* default_detector = "centerface";
constexpr const char* default_embedder = "mobilefacenet";

std::filesystem::path record_of(const std::filesystem::path& folder) { return folder / "models.json"; }

Status append_models(const json& document, const std::filesystem::path& folder, const std::string& origin,
                     bool built_in, std::vector<ModelSpec>& models) {
  const json list = document.value("models", json::array());
  for (const json& object : list) {
    Result<ModelSpec> spec = spec_from_json(object, folder, origin);
    if (!spec) return tl::unexpected(spec.error());
    if (spec->files.empty())
      return fail(ErrorCode::damaged, origin + ": the model \"" + spec->name + "\" names no files");
    spec->built_in = built_in;
    models.push_back(std::move(*spec));
  }
  return {};
}

// The model that a record says is active; the default where it says nothing.
Result<std::string> active_name(const json& record, ModelKind kind, const char* otherwise,
                                const std::string& origin) {
  const json active = record.value("active", json::object());
  if (!active.is_object())
    return fail(ErrorCode::model_damaged, origin + ": \"active\" must be an object; delete it");
  const std::string key(model_kind_name(kind));
  const json name = active.value(key, json(otherwise));
  if (!name.is_string())
    return fail(ErrorCode::model_damaged, origin + ": \"" + key + "\" must be a model's name; delete it");
  return name.get<std::string>();
}

// Gives each projection the files of the embedder that it rests on.
void join_bases(std::vector<ModelSpec>& models) {
  for (ModelSpec& model : models) {
    if (!model.adaptation) continue;
    model.adaptation->files.clear();
    const auto base = std::ranges::find(models, model.adaptation->base, &ModelSpec::name);
    if (base != models.end() && base->kind == ModelKind::embedder && !base->adaptation)
      model.adaptation->files = base->files;
  }
}

tl::unexpected<Error> no_such_model(std::string_view name) {
  return fail(ErrorCode::bad_argument,
              "there is no model named \"" + std::string(name) + "\"; see `kith models list`");
}

// Whether the embedder that a projection rests on is there, and is what it was.
Status check_base(const std::string& name, const Adaptation& adaptation) {
  const std::string advice =
      "; remove \"" + name +
      "\" with `kith models remove`, or learn it again with `kith train adapt --replace`";
  if (adaptation.files.empty()) {
    return fail(ErrorCode::model_missing,
                name + ": rests on the embedder \"" + adaptation.base + "\", which is not there" + advice);
  }
  if (adaptation.files.front().sha256 != adaptation.base_sha256) {
    return fail(ErrorCode::model_mismatch, name + ": was learned on other weights of \"" + adaptation.base +
                                               "\" than there are now" + advice);
  }
  return {};
}

// An owner's model, and its file's content: what is copied is what was hashed, though the file may change.
struct DescribedModel {
  ModelSpec spec;
  std::vector<std::uint8_t> bytes;
};

Result<DescribedModel> read_described(const std::filesystem::path& model_file,
                                      const std::filesystem::path& description_file,
                                      const std::filesystem::path& user) {
  const Result<json> description = read_json(description_file);
  if (!description) return tl::unexpected(description.error());
  Result<ModelSpec> spec = spec_from_json(*description, user, description_file.string());
  if (!spec) return tl::unexpected(spec.error());
  if (spec->kind != ModelKind::embedder || spec->architecture != "network") {
    return fail(ErrorCode::bad_argument, description_file.string() + ": only embedders can be added");
  }
  Result<std::vector<std::uint8_t>> bytes = read_file(model_file, max_model_bytes);
  if (!bytes) return tl::unexpected(bytes.error());
  const std::string hash = sha256_of(*bytes);
  if (const json expected = description->value("sha256", json(hash)); expected != hash) {
    return fail(ErrorCode::model_damaged, model_file.string() + ": is not the file that " +
                                              description_file.string() + " describes (its sha256 is " +
                                              hash + ", not " + json_text(expected) + "); fetch it again");
  }
  spec->files = {{model_file, hash}};
  return DescribedModel{std::move(*spec), std::move(*bytes)};
}

// A machine without a home has no place for what the owner chooses.
Status check_user_folder(const std::filesystem::path& folder) {
  if (!folder.empty()) return {};
  return fail(ErrorCode::write_failed,
              "there is no folder to keep models in; set HOME or XDG_DATA_HOME to an absolute path");
}

}  // namespace

std::string_view model_kind_name(ModelKind kind) noexcept {
  return kind == ModelKind::detector ? "detector" : "embedder";
}

Result<ModelCatalog> ModelCatalog::open(const std::filesystem::path& built_in,
                                        const std::filesystem::path& user) {
  ModelCatalog result;
  result.user_ = user;
  result.active_detector_ = default_detector;
  result.active_embedder_ = default_embedder;

  const std::filesystem::path file = built_in / "catalog.json";
  const Result<json> document = read_json(file);
  if (!document) {
    return fail(
        document.error().code == ErrorCode::not_found ? ErrorCode::model_missing : ErrorCode::model_damaged,
        document.error().message + "; kith needs its model catalogue: run `make`, or install kith again");
  }
  if (Status read = append_models(*document, built_in, file.string(), true, result.models_); !read) {
    return tl::unexpected(Error{ErrorCode::model_damaged, read.error().message});
  }
  for (const ModelKind kind : {ModelKind::detector, ModelKind::embedder}) {
    if (std::ranges::find(result.models_, kind, &ModelSpec::kind) == result.models_.end()) {
      return fail(ErrorCode::model_damaged, file.string() + ": names no " +
                                                std::string(model_kind_name(kind)) +
                                                "; run `make`, or install kith again");
    }
  }

  const std::filesystem::path record = record_of(user);
  std::error_code ignored;
  if (user.empty() || !std::filesystem::exists(record, ignored)) return result;
  const Result<json> own = read_json(record);
  if (!own) return tl::unexpected(Error{ErrorCode::model_damaged, own.error().message});
  if (Status read = append_models(*own, user, record.string(), false, result.models_); !read) {
    return tl::unexpected(Error{ErrorCode::model_damaged, read.error().message});
  }
  join_bases(result.models_);
  const Result<std::string> detector =
      active_name(*own, ModelKind::detector, default_detector, record.string());
  if (!detector) return tl::unexpected(detector.error());
  const Result<std::string> embedder =
      active_name(*own, ModelKind::embedder, default_embedder, record.string());
  if (!embedder) return tl::unexpected(embedder.error());
  if (result.find(ModelKind::detector, *detector)) result.active_detector_ = *detector;
  if (result.find(ModelKind::embedder, *embedder)) result.active_embedder_ = *embedder;
  return result;
}

Result<ModelSpec> ModelCatalog::find(ModelKind kind, std::string_view name) const {
  std::string known;
  for (const ModelSpec& model : models_) {
    if (model.kind != kind) continue;
    if (model.name == name) return model;
    known += (known.empty() ? "" : ", ") + model.name;
  }
  return fail(ErrorCode::bad_argument, "there is no " + std::string(model_kind_name(kind)) + " named \"" +
                                           std::string(name) + "\"; there are: " + known);
}

const ModelSpec& ModelCatalog::active(ModelKind kind) const {
  const std::string& name = kind == ModelKind::detector ? active_detector_ : active_embedder_;
  const auto found = std::ranges::find_if(
      models_, [&](const ModelSpec& model) { return model.kind == kind && model.name == name; });
  return found != models_.end() ? *found : *std::ranges::find(models_, kind, &ModelSpec::kind);
}

Result<ModelSpec> ModelCatalog::describe(const std::filesystem::path& model_file,
                                         const std::filesystem::path& description_file) const {
  Result<DescribedModel> read = read_described(model_file, description_file, user_);
  if (!read) return tl::unexpected(read.error());
  return std::move(read->spec);
}

Result<ModelSpec> ModelCatalog::add(const std::filesystem::path& model_file,
                                    const std::filesystem::path& description_file) {
  if (Status checked = check_user_folder(user_); !checked) return tl::unexpected(checked.error());
  Result<DescribedModel> read = read_described(model_file, description_file, user_);
  if (!read) return tl::unexpected(read.error());
  ModelSpec& spec = read->spec;
  if (std::ranges::any_of(models_, [&](const ModelSpec& model) { return model.name == spec.name; })) {
    return fail(ErrorCode::bad_argument,
                "a model named \"" + spec.name + "\" is there already; choose another name");
  }
  const std::string file_name = spec.name + model_file.extension().string();
  // A file name that open() refuses would make the whole record unreadable.
  if (!is_plain_file_name(file_name)) {
    return fail(
        ErrorCode::bad_argument,
        model_file.string() + ": its ending cannot be kept; rename the file, for example to model.onnx");
  }
  const std::filesystem::path copy = user_ / file_name;
  const bool taken = copy == record_of(user_) || std::ranges::any_of(models_, [&](const ModelSpec& model) {
                       return std::ranges::find(model.files, copy, &ModelFile::path) != model.files.end();
                     });
  if (taken)
    return fail(ErrorCode::bad_argument, "\"" + spec.name + "\" would be kept in " + copy.string() +
                                             ", which is taken; choose another name");
  if (Status made = make_folder(user_); !made) return tl::unexpected(made.error());
  std::error_code ignored;
  const std::string_view bytes(reinterpret_cast<const char*>(read->bytes.data()), read->bytes.size());
  if (Status written = write_atomically(copy, bytes); !written) return tl::unexpected(written.error());
  spec.files.front().path = copy;
  models_.push_back(spec);
  if (Status saved = save(); !saved) {
    models_.pop_back();
    std::filesystem::remove(copy, ignored);
    return tl::unexpected(saved.error());
  }
  return spec;
}

Status ModelCatalog::check_projection_name(std::string_view name, bool replace) const {
  if (Status plain = check_plain_name(std::string(name)); !plain) return plain;
  const auto taken = std::ranges::find(models_, name, &ModelSpec::name);
  if (taken == models_.end()) return {};
  const std::string quoted = "a model named \"" + std::string(name) + "\" is there already";
  if (!taken->adaptation)
    return fail(ErrorCode::bad_argument, quoted + ", and was not learned by kith; choose another name");
  if (!replace) return fail(ErrorCode::bad_argument, quoted + "; choose another name, or give --replace");
  return {};
}

Result<ModelSpec> ModelCatalog::add_projection(ModelSpec spec, std::string_view projection,
                                               std::string_view base, std::string_view learned_from,
                                               bool replace) {
  if (Status checked = check_user_folder(user_); !checked) return tl::unexpected(checked.error());
  if (Status is_free = check_projection_name(spec.name, replace); !is_free)
    return tl::unexpected(is_free.error());
  const Result<ModelSpec> embedder = find(ModelKind::embedder, base);
  if (!embedder) return tl::unexpected(embedder.error());
  if (embedder->adaptation)
    return fail(ErrorCode::bad_argument, "\"" + embedder->name +
                                             "\" is a projection itself; name the model \"" +
                                             embedder->adaptation->base + "\" that it rests on");
  const std::string hash = sha256_of(projection);
  spec.kind = ModelKind::embedder;
  spec.architecture = projection_architecture;
  spec.licence = embedder->licence;
  spec.feeding = embedder->feeding;
  // Of another name than the one it replaces, so that each record has its file at every moment.
  spec.files = {{user_ / (spec.name + "-" + hash.substr(0, 8) + ".npy"), hash}};
  spec.adaptation = Adaptation{.base = embedder->name,
                               .files = embedder->files,
                               .base_sha256 = embedder->files.front().sha256,
                               .learned_from = std::string(learned_from)};
  if (Status made = make_folder(user_); !made) return tl::unexpected(made.error());
  std::error_code ignored;
  const std::filesystem::path& file = spec.files.front().path;
  if (Status written = write_atomically(file, projection); !written) return tl::unexpected(written.error());
  ModelCatalog with = *this;
  const auto old = std::ranges::find(models_, spec.name, &ModelSpec::name);
  const std::filesystem::path old_file =
      old != models_.end() ? old->files.front().path : std::filesystem::path();
  std::erase_if(with.models_, [&](const ModelSpec& model) { return model.name == spec.name; });
  with.models_.push_back(spec);
  if (Status saved = with.save(); !saved) {
    if (old_file != file) std::filesystem::remove(file, ignored);
    return tl::unexpected(saved.error());
  }
  *this = std::move(with);
  if (!old_file.empty() && old_file != file) std::filesystem::remove(old_file, ignored);
  return spec;
}

Status ModelCatalog::use(std::string_view name) {
  if (Status checked = check_user_folder(user_); !checked) return checked;
  const auto found = std::ranges::find(models_, name, &ModelSpec::name);
  if (found == models_.end()) return no_such_model(name);
  std::string& active = found->kind == ModelKind::detector ? active_detector_ : active_embedder_;
  const std::string before = std::exchange(active, std::string(name));
  Status saved = save();
  if (!saved) active = before;
  return saved;
}

Status ModelCatalog::remove(std::string_view name, bool even_in_use) {
  const auto found = std::ranges::find(models_, name, &ModelSpec::name);
  if (found == models_.end()) return no_such_model(name);
  const ModelSpec model = *found;
  if (model.built_in)
    return fail(ErrorCode::bad_argument,
                "\"" + model.name + "\" is built in and stays; only models that were added can be removed");
  const bool in_use = active(model.kind).name == model.name;
  if (in_use && !even_in_use)
    return fail(ErrorCode::bad_argument, "\"" + model.name +
                                             "\" is the model in use; choose another with `kith models use "
                                             "NAME` first, or remove it with --force");
  const auto resting = std::ranges::find_if(models_, [&](const ModelSpec& other) {
    return other.adaptation && other.adaptation->base == model.name && other.name != model.name;
  });
  if (resting != models_.end())
    return fail(ErrorCode::bad_argument, "\"" + resting->name + "\" was adapted from \"" + model.name +
                                             "\" and rests on it; remove that model first");
  // The record first: a record without its file would make every use of the model an error.
  ModelCatalog without = *this;
  without.models_.erase(without.models_.begin() + std::distance(models_.begin(), found));
  if (in_use) {
    (model.kind == ModelKind::detector ? without.active_detector_ : without.active_embedder_) =
        model.kind == ModelKind::detector ? default_detector : default_embedder;
  }
  if (Status saved = without.save(); !saved) return saved;
  *this = std::move(without);
  for (const ModelFile& file : model.files) {
    std::error_code error;
    std::filesystem::remove(file.path, error);
    if (error)
      return fail(ErrorCode::write_failed, file.path.string() + ": cannot be deleted: " + error.message() +
                                               "; \"" + model.name +
                                               "\" is removed all the same, so delete the file yourself");
  }
  return {};
}

Status ModelCatalog::save() const {
  json document{{"active", {{"detector", active_detector_}, {"embedder", active_embedder_}}},
                {"models", json::array()}};
  for (const ModelSpec& model : models_) {
    if (!model.built_in) document["models"].push_back(spec_to_json(model));
  }
  if (Status made = make_folder(user_); !made) return made;
  return write_atomically(record_of(user_), json_text(document, 2) + "\n");
}

std::string vector_space(const ModelSpec& embedder) {
  if (!embedder.adaptation) return embedder.name;
  return embedder.name + "@" + embedder.files.front().sha256.substr(0, 16);
}

std::string model_identity(const ModelSpec& model) {
  std::string identity = model.name;
  for (const ModelFile& file : model.files) identity += " " + file.sha256;
  return identity;
}

Status verify_files(const ModelSpec& model) {
  std::vector<ModelFile> files = model.files;
  if (model.adaptation) {
    if (Status fits = check_base(model.name, *model.adaptation); !fits) return fits;
    files.insert(files.end(), model.adaptation->files.begin(), model.adaptation->files.end());
  }
  for (const ModelFile& file : files) {
    const Result<std::string> hash = sha256_of_file(file.path);
    if (!hash) return tl::unexpected(hash.error());
    if (*hash != file.sha256) {
      return fail(ErrorCode::model_damaged,
                  file.path.string() + ": is not the file that the catalogue describes (its sha256 is " +
                      *hash + ", not " + file.sha256 + "); delete it and run `make`, or add the model again");
    }
  }
  return {};
}

}  // namespace kith

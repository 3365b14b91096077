// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint.h"

#include <sstream>

#include <nlohmann/json.hpp>

#include "core/atomic_write.h"
#include "core/file_bytes.h"
#include "core/json_text.h"
#include "core/sha256.h"

namespace kith::train {
namespace {

using nlohmann::json;

constexpr std::string_view magic = "kith training checkpoint 1\n";
constexpr std::size_t hash_digits = 64;
constexpr std::uint64_t most_bytes = std::uint64_t{4} << 30U;

json to_json(const std::optional<Validation>& validation) {
  if (!validation) return nullptr;
  return {{"tar", validation->tar}, {"accuracy", validation->accuracy}};
}

std::optional<Validation> validation_from(const json& object) {
  if (object.is_null()) return std::nullopt;
  return Validation{object.at("tar"), object.at("accuracy")};
}

json to_json(const Progress& progress) {
  json epochs = json::array();
  for (const TrainEpoch& epoch : progress.epochs) {
    epochs.push_back({{"epoch", epoch.epoch},
                      {"loss", epoch.loss},
                      {"active_share", epoch.active_share},
                      {"photos_per_second", epoch.photos_per_second},
                      {"seconds", epoch.seconds},
                      {"validation", to_json(epoch.validation)}});
  }
  return {{"epoch", progress.epoch},           {"batch", progress.batch},
          {"loss_sum", progress.loss_sum},     {"active_sum", progress.active_sum},
          {"seconds", progress.seconds},       {"epochs", std::move(epochs)},
          {"best_epoch", progress.best_epoch}, {"best", to_json(progress.best)}};
}

Progress progress_from(const json& object) {
  Progress progress{.epoch = object.at("epoch"),
                    .batch = object.at("batch"),
                    .loss_sum = object.at("loss_sum"),
                    .active_sum = object.at("active_sum"),
                    .seconds = object.at("seconds"),
                    .best_epoch = object.at("best_epoch"),
                    .best = validation_from(object.at("best"))};
  for (const json& epoch : object.at("epochs")) {
    progress.epochs.push_back({.epoch = epoch.at("epoch"),
                               .loss = epoch.at("loss"),
                               .active_share = epoch.at("active_share"),
                               .photos_per_second = epoch.at("photos_per_second"),
                               .seconds = epoch.at("seconds"),
                               .validation = validation_from(epoch.at("validation"))});
  }
  return progress;
}

void save_part(torch::serialize::OutputArchive& whole, const char* name, const auto& part) {
  torch::serialize::OutputArchive archive(whole.compilation_unit());
  part.save(archive);
  whole.write(name, archive);
}

void load_part(torch::serialize::InputArchive& whole, const char* name, auto& part) {
  torch::serialize::InputArchive archive;
  whole.read(name, archive);
  part.load(archive);
}

std::string archive_bytes(const std::string& settings, const Learner& learner, const Progress& progress) {
  torch::serialize::OutputArchive archive;
  archive.write("settings", c10::IValue(settings));
  archive.write("progress", c10::IValue(json_text(to_json(progress))));
  save_part(archive, "network", *learner.network);
  save_part(archive, "best", *learner.best);
  save_part(archive, "optimizer", *learner.optimizer);
  if (learner.centres.defined()) archive.write("centres", learner.centres);
  std::ostringstream stream;
  archive.save_to(stream);
  return std::move(stream).str();
}

// The first setting that is not the same, as "epochs (30, now 20)"; empty where all are.
std::string difference(const std::string& stored, const std::string& now) {
  const json before = json::parse(stored);
  const json after = json::parse(now);
  for (const auto& [key, value] : after.items()) {
    const json old = before.value(key, json());
    if (old != value) return key + " (" + old.dump() + ", now " + value.dump() + ")";
  }
  return "";
}

}  // namespace

Status save_checkpoint(const std::filesystem::path& file, const std::string& settings, const Learner& learner,
                       const Progress& progress) {
  const std::string archive = archive_bytes(settings, learner, progress);
  std::string bytes(magic);
  bytes += sha256_of(archive);
  bytes += archive;
  return write_atomically(file, bytes);
}

Result<Progress> load_checkpoint(const std::filesystem::path& file, const std::string& settings,
                                 Learner& learner) {
  const Result<std::vector<std::uint8_t>> read = read_file(file, most_bytes);
  if (!read) return tl::unexpected(read.error());
  const std::string_view bytes(reinterpret_cast<const char*>(read->data()), read->size());
  const auto damaged = [&] {
    return fail(
        ErrorCode::damaged,
        file.string() + ": is no whole checkpoint of a training; remove it, and the training begins anew");
  };
  if (!bytes.starts_with(magic) || bytes.size() < magic.size() + hash_digits) return damaged();
  const std::string_view archive_part = bytes.substr(magic.size() + hash_digits);
  if (sha256_of(archive_part) != bytes.substr(magic.size(), hash_digits)) return damaged();
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(archive_part.data(), archive_part.size());
    c10::IValue stored;
    archive.read("settings", stored);
    if (const std::string other = difference(stored.toStringRef(), settings); !other.empty()) {
      return fail(ErrorCode::bad_argument,
                  file.string() + ": is of a training with another " + other +
                      "; give the same settings and photos, or begin anew without --resume");
    }
    archive.read("progress", stored);
    Progress progress = progress_from(json::parse(stored.toStringRef()));
    load_part(archive, "network", *learner.network);
    load_part(archive, "best", *learner.best);
    load_part(archive, "optimizer", *learner.optimizer);
    if (learner.centres.defined()) {
      const torch::NoGradGuard no_gradients;
      torch::Tensor centres;
      archive.read("centres", centres);
      learner.centres.copy_(centres);
    }
    return progress;
  } catch (const std::exception&) {
    return damaged();
  }
}

}  // namespace kith::train

// SPDX-License-Identifier: Apache-2.0
#include "catalog/spec_json.h"

#include <algorithm>
#include <fstream>

#include "core/identify_json.h"
#include "core/json_number.h"

namespace kith::catalog {
namespace {

using nlohmann::json;

// An owner's model has no calibration of its own at first: similarities are read as for a weak
// embedder, so that it errs towards unknown until `kith eval calibrate` has been run for it.
constexpr Calibration uncalibrated{.slope = 20, .intercept = -10, .tail = {0, -5, 0}, .min_similarity = 0.6F};

Landmarks landmarks_from(const json& points) {
  Landmarks result;
  if (points.size() != result.size()) throw std::out_of_range("\"template\" needs five points [x, y]");
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = {points.at(i).at(0).get<float>(), points.at(i).at(1).get<float>()};
  return result;
}

std::vector<EmbedderView> views_from(const json& list) {
  std::vector<EmbedderView> views;
  for (const json& view : list)
    views.push_back({number_within(view, "scale", 0.5F, 2.0F), view.at("mirrored").get<bool>()});
  if (views.empty() || views.size() > 16) throw std::out_of_range("\"views\" needs 1 to 16 entries");
  return views;
}

EmbedderFeeding feeding_from(const json& object) {
  EmbedderFeeding feeding;
  const json& input = object.at("input");
  feeding.crop.width = number_within(input, "width", 16, 1024);
  feeding.crop.height = number_within(input, "height", 16, 1024);
  const auto color = input.at("color").get<std::string>();
  if (color != "rgb" && color != "bgr") throw std::out_of_range("\"color\" must be \"rgb\" or \"bgr\"");
  feeding.order = color == "rgb" ? ChannelOrder::rgb : ChannelOrder::bgr;
  feeding.mean = number_within(input, "mean", -1e6F, 1e6F);
  feeding.scale = number_within(input, "scale", -1e6F, 1e6F);
  feeding.dimension = number_within(object.at("output"), "dimension", 2, 65536);
  if (object.contains("views")) feeding.views = views_from(object.at("views"));
  if (object.contains("template")) {
    feeding.crop.landmarks = landmarks_from(object.at("template"));
  } else {
    // The common template is drawn for 112 pixels.
    const float factor = static_cast<float>(std::min(feeding.crop.width, feeding.crop.height)) / 112.0F;
    feeding.crop.landmarks = scaled(AlignTemplate{}.landmarks, factor);
  }
  return feeding;
}

std::size_t files_of(const std::string& architecture) {
  if (architecture == "centerface") return 2;  // the detector, the landmark network
  if (architecture == "mtcnn") return 3;       // P-, R- and O-Net
  return 1;
}

bool is_plain(const std::string& name, std::size_t longest) {
  return !name.empty() && name.size() <= longest && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(
             name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; });
}

bool is_plain_name(const std::string& name) { return is_plain(name, 64); }

constexpr const char* plain_name_rule = "may hold letters, digits, '-', '_' and '.', at most 64";

std::string hash_from(const json& object) {
  auto hash = object.at("sha256").get<std::string>();
  if (hash.size() != 64) throw std::out_of_range("\"sha256\" must have 64 digits");
  return hash;
}

ModelFile file_from(const json& object, const std::filesystem::path& folder) {
  const auto name = object.at("file").get<std::string>();
  if (!is_plain_file_name(name)) throw std::out_of_range("\"file\" must be a plain file name");
  return {folder / name, hash_from(object)};
}

Adaptation adaptation_from(const json& object) {
  const json& base = object.at("base");
  return {.base = base.at("name").get<std::string>(),
          .files = {},
          .base_sha256 = hash_from(base),
          .learned_from = object.at("learned_from").get<std::string>()};
}

}  // namespace

bool is_plain_file_name(const std::string& name) { return is_plain(name, 128); }

Status check_plain_name(const std::string& name) {
  if (is_plain_name(name)) return {};
  return fail(ErrorCode::bad_argument, "\"" + name + "\" cannot be a model's name: it " + plain_name_rule);
}

Result<json> read_json(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return fail(ErrorCode::not_found, file.string() + ": no such file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail(ErrorCode::unreadable, file.string() + ": cannot be read; check its permissions");
  json document = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded() || !document.is_object()) {
    return fail(ErrorCode::damaged, file.string() + ": not a JSON object; see docs/models.md for the form");
  }
  return document;
}

Result<ModelSpec> spec_from_json(const json& object, const std::filesystem::path& folder,
                                 const std::string& origin) {
  try {
    ModelSpec spec;
    spec.name = object.at("name").get<std::string>();
    if (!is_plain_name(spec.name)) {
      throw std::out_of_range(std::string("\"name\" ") + plain_name_rule);
    }
    const std::string kind = object.value("kind", "embedder");
    if (kind != "embedder" && kind != "detector")
      throw std::out_of_range("\"kind\" must be \"embedder\" or \"detector\"");
    spec.kind = kind == "detector" ? ModelKind::detector : ModelKind::embedder;
    spec.architecture = object.value("architecture", "network");
    spec.description = object.value("description", "");
    spec.licence = object.at("licence").get<std::string>();
    spec.source = object.value("source", "added by the owner");
    for (const json& file : object.value("files", json::array()))
      spec.files.push_back(file_from(file, folder));
    if (!spec.files.empty() && spec.files.size() != files_of(spec.architecture)) {
      throw std::out_of_range("\"files\" has the wrong number of entries for this architecture");
    }
    if (spec.kind == ModelKind::embedder) {
      spec.feeding = feeding_from(object);
      spec.calibrated = object.contains("calibration");
      spec.calibration = spec.calibrated ? calibration_from(object.at("calibration")) : uncalibrated;
      if (spec.architecture == projection_architecture) spec.adaptation = adaptation_from(object);
    }
    return spec;
  } catch (const std::exception& error) {
    return fail(ErrorCode::damaged, origin + ": not a valid model description: " + error.what() +
                                        "; see docs/models.md for the form");
  }
}

json spec_to_json(const ModelSpec& spec) {
  json object{{"name", spec.name},
              {"kind", model_kind_name(spec.kind)},
              {"architecture", spec.architecture},
              {"description", spec.description},
              {"licence", spec.licence},
              {"source", spec.source}};
  for (const ModelFile& file : spec.files) {
    object["files"].push_back({{"file", file.path.filename().string()}, {"sha256", file.sha256}});
  }
  if (spec.kind == ModelKind::embedder) {
    const EmbedderFeeding& feeding = spec.feeding;
    object["input"] = {{"width", feeding.crop.width},
                       {"height", feeding.crop.height},
                       {"color", feeding.order == ChannelOrder::rgb ? "rgb" : "bgr"},
                       {"mean", shortest(feeding.mean)},
                       {"scale", shortest(feeding.scale)}};
    object["output"] = {{"dimension", feeding.dimension}};
    for (const EmbedderView& view : feeding.views)
      object["views"].push_back({{"scale", shortest(view.scale)}, {"mirrored", view.mirrored}});
    if (spec.adaptation) {
      object["base"] = {{"name", spec.adaptation->base}, {"sha256", spec.adaptation->base_sha256}};
      object["learned_from"] = spec.adaptation->learned_from;
    }
    for (const Point& point : feeding.crop.landmarks)
      object["template"].push_back({shortest(point.x), shortest(point.y)});
    if (spec.calibrated) object["calibration"] = calibration_json(spec.calibration);
  }
  return object;
}

}  // namespace kith::catalog

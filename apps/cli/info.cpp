// SPDX-License-Identifier: Apache-2.0
// info: all that is known of a photo, from its file and from the library.
#include <algorithm>
#include <optional>

#include <spdlog/spdlog.h>

#include "library.h"
#include "output.h"

namespace kith::cli {
namespace {

struct Info {
  std::filesystem::path photo;
  PhotoInfo picture;
  PhotoMetadata metadata;
  bool in_library = false;
  std::vector<LibraryFace> faces;
  std::vector<WrittenFile> written;
};

constexpr const char* region_kinds[] = {"face", "pet", "focus", "bar-code", "other"};

// Where this kith is built without its metadata part the rest is told all the same.
Result<PhotoMetadata> metadata_of(const std::filesystem::path& photo, const PhotoInfo& picture) {
  Result<PhotoMetadata> metadata = read_metadata(photo, {picture.width, picture.height, picture.orientation});
  if (metadata || metadata.error().code != ErrorCode::unsupported_format) return metadata;
  PhotoMetadata plain;
  plain.details.taken = picture.taken;
  plain.details.camera = picture.camera;
  plain.details.place = picture.place;
  return plain;
}

Result<Info> info_of(const std::filesystem::path& photo, Result<Library>& library, const Options& options) {
  const Result<Photo> opened = Photo::open(photo, options.decode_settings());
  if (!opened) return tl::unexpected(opened.error());
  Info info{.photo = photo, .picture = opened->info(), .metadata = {}, .faces = {}, .written = {}};
  Result<PhotoMetadata> metadata = metadata_of(photo, info.picture);
  if (!metadata) return tl::unexpected(metadata.error());
  info.metadata = std::move(*metadata);
  if (!library) return info;
  Result<std::vector<LibraryFace>> faces = library->faces_on(photo);
  if (!faces && faces.error().code != ErrorCode::not_found) return tl::unexpected(faces.error());
  info.in_library = faces.has_value();
  if (faces) info.faces = std::move(*faces);
  Result<std::vector<WrittenFile>> written = library->written(photo);
  if (!written) return tl::unexpected(written.error());
  info.written = std::move(*written);
  return info;
}

bool is_stale(const NameClaim& claim) { return claim.stale; }

// Whom the library has on the photo; where it does not have the photo, whom the file names.
std::vector<std::string> people_of(const Info& info) {
  std::vector<std::string> people;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::ranges::find(people, name) == people.end()) people.push_back(name);
  };
  for (const LibraryFace& face : info.faces) add(face.person.value_or(std::string()));
  if (info.in_library) return people;
  for (const NameClaim& claim : info.metadata.claims) {
    if (claim.kind == RegionKind::face) add(claim.name);
  }
  return people;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json number_or_null(const std::optional<double>& number) {
  return number ? Json(six_digits(*number)) : Json(nullptr);
}

Json exif_json(const Info& info) {
  const PhotoDetails& details = info.metadata.details;
  return {{"width", info.picture.width},
          {"height", info.picture.height},
          {"orientation", info.picture.orientation},
          {"format", info.picture.format},
          {"taken", text_or_null(details.taken)},
          {"camera", text_or_null(details.camera)},
          {"lens", text_or_null(details.lens)},
          {"exposure", number_or_null(details.exposure)},
          {"f_number", number_or_null(details.f_number)},
          {"focal_length", number_or_null(details.focal_length)},
          {"iso", details.iso ? Json(*details.iso) : Json(nullptr)},
          {"description", text_or_null(details.description)},
          {"comment", text_or_null(details.comment)}};
}

// Degrees of a place are not cut to six digits, which would move it by a hundred metres.
Json place_json(const PhotoDetails& details) {
  if (!details.place) return nullptr;
  return {{"latitude", details.place->latitude},
          {"longitude", details.place->longitude},
          {"altitude", number_or_null(details.altitude)},
          {"direction", number_or_null(details.direction)}};
}

Json claim_json(const NameClaim& claim) {
  return {{"name", text_or_null(claim.name)},
          {"kind", region_kinds[static_cast<int>(claim.kind)]},
          {"box", claim.box ? box_json(*claim.box) : Json(nullptr)},
          {"source", claim.source},
          {"stale", claim.stale}};
}

Json info_json(const Info& info) {
  Json faces = Json::array();
  for (const LibraryFace& face : info.faces) faces.push_back(face_json(face));
  Json claims = Json::array();
  for (const NameClaim& claim : info.metadata.claims) claims.push_back(claim_json(claim));
  Json sidecars = Json::array();
  for (const std::filesystem::path& sidecar : info.metadata.sidecars) sidecars.push_back(sidecar.string());
  Json written = Json::array();
  for (const WrittenFile& file : info.written)
    written.push_back({{"file", file.file.string()}, {"names", file.names}});
  return {{"photo", info.photo.string()},    {"in_library", info.in_library},
          {"people", people_of(info)},       {"faces", std::move(faces)},
          {"exif", exif_json(info)},         {"place", place_json(info.metadata.details)},
          {"claims", std::move(claims)},     {"keywords", info.metadata.keywords},
          {"sidecars", std::move(sidecars)}, {"written", std::move(written)}};
}

std::string number_text(const char* format, double number) {
  char text[64];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

std::string exposure_text(const PhotoDetails& details) {
  std::vector<std::string> parts;
  if (details.exposure)
    parts.push_back(*details.exposure > 0 && *details.exposure < 0.4
                        ? number_text("1/%.0f s", 1 / *details.exposure)
                        : number_text("%g s", *details.exposure));
  if (details.f_number) parts.push_back(number_text("f/%g", *details.f_number));
  if (details.focal_length) parts.push_back(number_text("%g mm", *details.focal_length));
  if (details.iso) parts.push_back("ISO " + std::to_string(*details.iso));
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string place_text(const PhotoDetails& details) {
  if (!details.place) return {};
  std::string text =
      number_text("%.6f", details.place->latitude) + ", " + number_text("%.6f", details.place->longitude);
  if (details.altitude) text += number_text(", %.0f m above the sea", *details.altitude);
  if (details.direction) text += number_text(", looking %.0f degrees", *details.direction);
  return text;
}

std::string face_line(const LibraryFace& face) {
  switch (face.naming) {
    case Naming::confirmed: return printable(*face.person) + ", confirmed";
    case Naming::suggested: return printable(*face.person) + ", suggested";
    case Naming::ignored: return "ignored";
    case Naming::unknown: break;
  }
  return "unknown";
}

std::string claim_line(const NameClaim& claim) {
  std::string text = claim.name.empty() ? "without a name" : printable(claim.name);
  if (claim.kind != RegionKind::face) text += std::string(", ") + region_kinds[static_cast<int>(claim.kind)];
  text += " (" + printable(claim.source) + ")";
  if (is_stale(claim)) return text + ", stale: the photo was cropped or turned since";
  return claim.box ? text : text + ", somewhere on the photo";
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + printable(text);
  return all;
}

std::string info_text(const Info& info) {
  const PhotoDetails& details = info.metadata.details;
  std::string text = printable(info.photo.string()) + "\n";
  const auto add = [&](const std::string& label, const std::string& value) {
    if (!value.empty())
      text += "  " + label + std::string(13 - std::min<std::size_t>(label.size(), 12), ' ') + value + "\n";
  };
  add("size", std::to_string(info.picture.width) + " x " + std::to_string(info.picture.height) + ", " +
                  info.picture.format);
  add("taken", printable(details.taken));
  add("camera", printable(details.camera));
  add("lens", printable(details.lens));
  add("exposure", exposure_text(details));
  add("place", place_text(details));
  add("description", printable(details.description));
  add("comment", printable(details.comment));
  add("keywords", joined(info.metadata.keywords));
  if (!info.in_library) add("library", "not in it");
  for (const LibraryFace& face : info.faces) add("face " + std::to_string(face.id), face_line(face));
  for (const NameClaim& claim : info.metadata.claims) add("in the file", claim_line(claim));
  for (const WrittenFile& file : info.written)
    add("by kith", joined(file.names) + ", in " + printable(file.file.filename().string()));
  return text;
}

Exit info(const std::vector<std::string>& inputs, const Options& options, const std::stop_token& stop) {
  // There need not be a library.
  Result<Library> library = open_library(options, Library::Mode::read);
  if (!library && library.error().code != ErrorCode::library_missing) return report_failure(library.error());
  Output output;
  bool failed = false;
  for (const std::filesystem::path& photo : expand_inputs(inputs)) {
    if (stop.stop_requested()) break;
    const Result<Info> known = info_of(photo, library, options);
    if (known) {
      output.write(options.json ? line_of(info_json(*known)) : info_text(*known));
      continue;
    }
    failed = true;
    spdlog::error("{}", printable(known.error().message));
    if (options.json) output.write(line_of(error_json(photo, known.error())));
  }
  if (const Status finished = output.finish(); !finished) return report_failure(finished.error());
  if (stop.stop_requested()) return interrupted;
  return failed ? some_failed : ok;
}

}  // namespace

void add_info(CLI::App& app, Options& options, Action& action) {
  const auto inputs = std::make_shared<std::vector<std::string>>();
  CLI::App& command = *app.add_subcommand(
      "info", "All that is known of photos: people, places, camera, and what their metadata says");
  command.add_option("photos", *inputs, "Photos, in the library or not; - reads a list from standard input")
      ->required()
      ->type_name("PHOTO");
  add_library_option(command, options);
  add_json_option(command, options);
  command.callback([inputs, &options, &action] {
    action = [inputs, &options](const std::stop_token& stop) { return info(*inputs, options, stop); };
  });
}

}  // namespace kith::cli

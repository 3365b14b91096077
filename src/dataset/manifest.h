// SPDX-License-Identifier: Apache-2.0
// dataset.json: what is in a data set, where it comes from, and what was left out and why. One object a line
// within JSON, so that it reads well and a version control shows what changed.
//
// Thread rule: free functions without state.
#pragma once

#include <compare>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <kith/dataset.h>

namespace kith::dataset {

// A picture that was put there.
struct Picture {
  std::string file;  // "folder/name"
  std::string sha256;
  std::string person;
  std::string source;         // the photo or video, as it was given
  std::string source_sha256;  // empty: a camera
  std::optional<FrameTime> frame;
  Face face;  // in pixels of the source; without a vector
  FaceMeasures measures;
  Landmarks landmarks{};  // in pixels of the picture
};

// A face or photo that was left out.
struct Dropped {
  std::string source;
  std::string source_sha256;
  std::optional<FrameTime> frame;
  std::optional<Box> box;  // absent: a photo without a face
  std::string person;      // empty: nobody's
  Drop drop;
};

// A photo or video that was looked at to its end.
struct Source {
  std::string source;
  std::string sha256;
  std::string person;  // whose photos it was among; empty: nobody's in particular

  friend auto operator<=>(const Source& a, const Source& b) {
    return std::tie(a.sha256, a.person) <=> std::tie(b.sha256, b.person);
  }
  friend bool operator==(const Source& a, const Source& b) { return std::is_eq(a <=> b); }
};

struct Manifest {
  // What the pictures are: may not change, or the folder would hold two kinds.
  std::string picture = "aligned";
  int size = 0;
  float margin = 0;
  // All else that decides, as JSON: where it changed, all sources are looked at again.
  std::string settings = "{}";
  std::map<std::string, std::string> folders;  // by person
  std::vector<Picture> pictures;
  std::vector<Dropped> dropped;
  std::vector<Source> sources;
};

// All that decides what becomes of a face, for Manifest::settings. `people`: those who are enrolled.
[[nodiscard]] std::string settings_text(const DatasetSettings& settings, DatasetNaming naming,
                                        const std::string& detector, const std::string& model,
                                        const std::vector<std::string>& people);

inline constexpr std::string_view manifest_name = "dataset.json";

[[nodiscard]] std::string manifest_text(const Manifest& manifest);

// `name` stands in messages. Errors: damaged (no JSON, or not what is written above: a field is missing or of
// another kind, a file outside its folder, a number that is none), unsupported_format (of a later kith).
[[nodiscard]] Result<Manifest> read_manifest(std::string_view text, const std::string& name);

}  // namespace kith::dataset

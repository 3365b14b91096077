// SPDX-License-Identifier: Apache-2.0
// What is on photos and in videos, as far as a data set is concerned: each face with its measures and its
// picture.
//
// Thread rule: a Looker is used by one thread; it spreads the work itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <kith/dataset.h>

#include "dataset/manifest.h"
#include "dataset/select.h"

namespace kith::dataset {

// A face that was seen; or, without one, a photo that shows none or failed.
struct Seen {
  std::filesystem::path source;
  std::string sha256;  // of the source; of a camera's: of the picture
  bool live = false;   // from a camera
  std::optional<FrameTime> frame;
  std::size_t origin = 0;  // the same for all of one photo or video
  std::size_t look = 0;    // the same for all of one photo or frame
  std::string person;      // empty: nobody's, or not known yet
  std::optional<Face> face;
  std::size_t number = 0;  // among the faces of the look, from 1, left to right; 0: the only one
  FaceMeasures measures;
  Signature signature;
  Landmarks landmarks{};           // in pixels of the picture
  std::vector<std::uint8_t> jpeg;  // empty: the photo itself is the picture
  std::string file;                // below the data set: the picture that it becomes, or is already
  bool earlier = false;            // an earlier run put that picture there
  std::optional<Drop> drop;
  std::optional<Error> error;

  // Whether it may still become a picture.
  [[nodiscard]] bool is_candidate() const { return face && !drop && !error && !earlier; }
};

// Where the landmarks go in an aligned picture: the embedders' template, with a margin around, at that size.
[[nodiscard]] AlignTemplate picture_template(int size, float margin);

// The crop at which sharpness and signature are measured, whatever size pictures have. Errors: those of
// align().
[[nodiscard]] Result<Image> measuring_crop(ImageSource& source, const Landmarks& landmarks);

class Looker {
 public:
  // All must outlive it. `person_of`: whose photos those of a path are; empty: nobody's in particular.
  using PersonOf = std::function<std::string(const std::filesystem::path&)>;
  using Known = std::function<bool(const Source&)>;
  Looker(const Models& models, const Identifier* identifier, const PipelineSettings& pipeline,
         const DatasetSettings& settings, PersonOf person_of, Known known, std::function<void()> looked)
      : models_(models),
        identifier_(identifier),
        pipeline_(pipeline),
        settings_(settings),
        person_of_(std::move(person_of)),
        known_(std::move(known)),
        looked_(std::move(looked)) {}

  void photos(const std::vector<std::filesystem::path>& inputs, const std::stop_token& stop);
  // Errors: not_found, unreadable (its file).
  [[nodiscard]] Status video(const DatasetVideo& video, const std::stop_token& stop);

  std::vector<Seen> found;      // in the order of the photos and frames
  std::vector<Source> sources;  // that were looked at to their end
  DatasetSummary counts;        // photos, known, failed, cancelled

 private:
  [[nodiscard]] PipelineSettings photo_settings() const;
  // What travels apart from the report of the pipeline.
  struct Origin {
    std::size_t number = 0;
    std::string sha256;
    bool live = false;
    std::string person;
  };
  void take(PhotoReport&& report, const Origin& origin);
  void take_face(PhotoReport& report, std::size_t number, const Origin& origin, Seen seen);
  [[nodiscard]] Status measure(Seen& seen, const PhotoReport& report, std::size_t number) const;
  [[nodiscard]] Status picture(Seen& seen, PhotoReport& report, std::size_t number) const;

  const Models& models_;
  const Identifier* identifier_;
  const PipelineSettings& pipeline_;
  const DatasetSettings& settings_;
  PersonOf person_of_;
  Known known_;
  std::function<void()> looked_;
  std::size_t looks_ = 0;
  std::size_t origins_ = 0;
};

}  // namespace kith::dataset

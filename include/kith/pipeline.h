// SPDX-License-Identifier: Apache-2.0
// The stages in sequence, over any number of photos and all cores:
//
//   Walker -> Decoder -> Detector -> Aligner -> Embedder -> (Identifier) -> Writer
//
// A photo that fails becomes a report with its error, never a stop. Reports come in the order in which
// the photos were given.
//
// Thread rule: run() is const and spreads the work itself; callbacks are called by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <kith/detect.h>
#include <kith/embed.h>
#include <kith/face.h>
#include <kith/identify.h>
#include <kith/models.h>
#include <kith/photo.h>
#include <kith/result.h>
#include <kith/video.h>

namespace kith {

// Which models to run, and how.
struct ModelChoice {
  std::string detector;  // empty: the catalogue's active one
  std::string embedder;  // empty: the catalogue's active one
  bool vectors = true;   // false: the embedder's network is loaded only once somebody asks for a vector
  int threads = 1;       // of one inference: more pay only where there are fewer photos than processors
  bool full_precision =
      false;  // f32 arithmetic even where the CPU has bf16: the same vectors on every machine
  std::filesystem::path cache_folder;        // compiled models; empty: none kept
  std::optional<float> min_detection_score;  // 0..1; absent: the detector's own default
};

struct Models {
  std::unique_ptr<Detector> detector;
  std::unique_ptr<Embedder> embedder;
  ModelSpec detector_spec;
  ModelSpec embedder_spec;
};

// Checks each file's hash and loads. The embedder's network may still be loading when this returns; should
// that fail, every embed() says why. Errors: bad_argument (no such model), model_missing, model_damaged,
// model_mismatch.
[[nodiscard]] Result<Models> load_models(const ModelCatalog& catalog, const ModelChoice& choice);
[[nodiscard]] Result<std::unique_ptr<Embedder>> load_embedder(const ModelSpec& spec,
                                                              const ModelChoice& choice);

// Which frame of a video a report is of (VideoFrame).
struct FrameTime {
  std::int64_t number = 0;
  double seconds = 0;
};

struct PhotoReport {
  std::filesystem::path photo;     // of a frame: FrameSource's name
  std::optional<FrameTime> frame;  // absent: a photo
  PhotoInfo info;
  // SHA-256 of the file's bytes, 64 hexadecimal digits; empty where not asked for or not readable. There
  // too where the bytes could be read but are no photo.
  std::string content;
  std::vector<Face> faces;  // left to right
  // JPEG of each face, thumbnail_side square (align.h); empty where not asked for.
  std::vector<std::vector<std::uint8_t>> thumbnails;
  std::vector<Image> aligned;  // each face as PipelineSettings::aligned; empty where not asked for
  bool left_out = false;       // by PipelineSettings::leave_out
  std::optional<Error> error;
};

// Where the time went, in seconds summed over threads.
struct StageTimes {
  double decode = 0;
  double detect = 0;
  double align = 0;
  double embed = 0;
  double identify = 0;
  double write = 0;
};

struct RunSummary {
  std::size_t photos = 0;
  std::size_t failed = 0;
  std::size_t faces = 0;
  std::size_t named = 0;
  double seconds = 0;  // wall clock
  StageTimes times;
  bool cancelled = false;
};

// Which of a photo's faces get a vector.
enum class Embed {
  all,
  largest,  // of the others some may be found, and get no quality either (Wanted::largest)
  none,     // all get a quality, which takes the embedder's first crop and not its network
};

struct PipelineSettings {
  int threads = 1;
  DecodeSettings decode;
  // The long side, in pixels, that a photo is first decoded at. A quarter of the common 4,000 pixels,
  // so that a 12-megapixel JPEG is decoded at the cheapest scale that suits detection.
  int first_look = 1000;
  Embed embed = Embed::all;
  // The side, in pixels, of the thumbnails that are made of each face; 0: none.
  int thumbnail_side = 0;
  // Whether reports carry the hash of the file's bytes: of those that were decoded, read once.
  bool fingerprint = false;
  // Asked for each photo whose fingerprint was taken, by many threads at once: true leaves it at that, and
  // the report says so. Empty: every photo is looked at.
  std::function<bool(const PhotoReport&)> leave_out;
  // Where each face's landmarks go in a picture of it that comes with the report; absent: none are made.
  std::optional<AlignTemplate> aligned;
  // Annotated copies go here, and no photo is read from here; empty: none are made.
  std::filesystem::path annotate_folder;
};

class Pipeline {
 public:
  using Sink = std::function<void(PhotoReport&&)>;

  // The stages must outlive the pipeline. Without an embedder, faces have neither vector nor quality;
  // without an identifier, no identity.
  Pipeline(const Detector& detector, const Embedder* embedder, const Identifier* identifier,
           PipelineSettings settings);

  // Takes files as they are and walks folders (photo files by their extension, hidden ones left out,
  // sorted by name, symbolic links followed but no folder visited twice). `sink` gets each report.
  // After a stop request the photos under way are finished and the rest left.
  [[nodiscard]] RunSummary run(const std::vector<std::filesystem::path>& inputs, const Sink& sink,
                               std::stop_token stop = {}) const;

  // The same of a video's frames, which have no file of their own: neither fingerprint nor annotated copy. An
  // error of the video is a report of its own. Errors and frames alike count as photos.
  [[nodiscard]] RunSummary run(FrameSource& frames, const Sink& sink, std::stop_token stop = {}) const;

  // The same stages and settings, but for whom they embed.
  [[nodiscard]] Pipeline embedding(Embed which) const;

  // How many photos run() will come across: a walk without opening any.
  [[nodiscard]] std::size_t count(const std::vector<std::filesystem::path>& inputs,
                                  std::stop_token stop = {}) const;

 private:
  const Detector& detector_;
  const Embedder* embedder_;
  const Identifier* identifier_;
  PipelineSettings settings_;
};

// The same for a pipeline yet to be made, counted up to `at_most`.
[[nodiscard]] std::size_t count_photos(const std::vector<std::filesystem::path>& inputs, std::size_t at_most);

// One thing worth knowing about a reference photo.
struct EnrolmentNote {
  enum class Kind {
    failed,         // the photo could not be read
    no_face,        // no face good enough to learn from
    several_faces,  // the largest was taken
    unlike_others,  // unlike the person's other photos: a likely mislabel
    looks_like,     // nearly the same face as another person's: two names for one person?
  };
  Kind kind;
  std::string person;
  std::filesystem::path photo;
  std::string message;
};

struct Enrolment {
  Gallery gallery;
  std::vector<EnrolmentNote> notes;
};

struct EnrolmentSettings {
  // A face of less quality (align.h) teaches nothing.
  float min_quality = 0.1F;
  // Set by judgement from LFW's similarities (two people about 0.0 +- 0.1, one person about 0.7), not
  // fitted: below the first a person's photos disagree, above the second two people's agree.
  float unlike_similarity = 0.2F;
  float same_similarity = 0.6F;
};

// Learns people from a folder of `Name.jpg` files, `Name/` folders of photos, or both: the largest good
// face of each photo, which alone is embedded. `pipeline` must have an embedder and no identifier.
// Errors: not_found, unreadable (the folder), no_face (nobody could be enrolled), cancelled, and what
// models fail with.
[[nodiscard]] Result<Enrolment> enrol(const Pipeline& pipeline, const std::filesystem::path& people_folder,
                                      const EnrolmentSettings& settings = {}, std::stop_token stop = {});

}  // namespace kith

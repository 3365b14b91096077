// SPDX-License-Identifier: Apache-2.0
// From photos, videos and a camera to a data set: a folder with a folder for each person, of pictures that
// are worth learning from.
//
//   detect -> align, measure, embed -> whose face? -> near-duplicates -> likely mislabels -> pictures,
//   manifest
//
// Nothing is dropped without a reason and its figure. The manifest, dataset.json in the folder, says where
// each picture comes from and what was dropped; it is also how another run goes on where the last one ended
// (docs/dataset.md).
//
// Thread rule: build_dataset() spreads the work itself; callbacks are called by one thread at a time. No two
// runs into one folder at the same time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <kith/align.h>
#include <kith/cluster.h>
#include <kith/face.h>
#include <kith/identify.h>
#include <kith/pipeline.h>
#include <kith/result.h>
#include <kith/video.h>

namespace kith {

// What stands in the folders.
enum class DatasetPicture {
  aligned,  // the face in the embedders' pose, by its landmarks: what training wants
  box,      // the square about the face, upright as on the photo (thumbnail_box)
  whole,    // the photo file itself, byte for byte; a video's frames have none
};

// "aligned", "box", "none": as --crop has it.
[[nodiscard]] std::string_view dataset_picture_name(DatasetPicture picture) noexcept;

// Why a face, or a photo, is no part of the data set, in the order in which it is asked.
enum class DropReason {
  no_face,         // nothing on the photo that the detector takes for a face
  small,           // box too small
  unsure,          // the detector is not sure enough
  blurred,         // not sharp enough
  turned,          // too far in profile
  poor,            // each of these just passes, but not all together
  other_face,      // not the person's whose photo this is, but somebody beside them
  unknown,         // nobody of the people given
  seen_once,       // in a cluster too small for a folder of its own
  removed,         // its picture was deleted from the folder by hand
  near_duplicate,  // as good as the same picture as a better one of the same person
  unlike,          // unlike the other faces of the person: likely somebody else
  too_many,        // the person has enough better ones
};

// "no-face", ..., as in JSON and the manifest.
[[nodiscard]] std::string_view drop_reason_name(DropReason reason) noexcept;

struct DatasetSettings {
  DatasetPicture picture = DatasetPicture::aligned;
  // Side of the pictures, pixels; whole photos have their own. 112: the embedders' input.
  int size = 112;
  // aligned: what is shown around the embedders' crop, on each side, as a part of that crop.
  float margin = 0;

  // The shorter side of the box, pixels of the full photo: below it an aligned crop of 112 is enlarged
  // more than twofold.
  float min_face = 40;
  // The detector's confidence, 0..1. Above its own threshold, for what resembles a face a little teaches
  // nothing.
  float min_score = 0.6F;
  // FaceMeasures::sharpness of the aligned crop at 112, grey levels, and ::frontality, 0..1: docs/dataset.md
  // shows what these values drop.
  float min_sharpness = 4;
  float min_frontality = 0.2F;
  // face_quality(), 0..1: as for what kith identifies people by.
  float min_quality = EnrolmentSettings{}.min_quality;

  // Two pictures of one person are near-duplicates where both the vectors' cosine and the correlation of the
  // aligned faces' grey levels (picture_signature) reach these. Set by judgement, well above the 0.7 that two
  // photos of one person have on average; bench/near_duplicates shows what they do.
  float duplicate_similarity = 0.85F;
  float duplicate_correlation = 0.93F;
  // Frames of one video nearer to each other than this, in seconds, are near-duplicates whatever they show.
  double frame_gap_seconds = 1;

  std::size_t max_per_person = 0;  // the best by quality; 0: all
  std::size_t min_cluster = 2;     // faces that make a cluster a person

  // When a face is unlike a person's others, and two people look like one.
  EnrolmentSettings likeness;
  IdentifySettings identify;
  ClusterSettings cluster;
  // Look again at what earlier runs have seen.
  bool again = false;
};

// Whose a face is.
enum class DatasetNaming {
  folders,     // DatasetInput::people holds a folder a person, or Name.jpg files
  one_person,  // all photos are of DatasetInput::person
  identify,    // by the people who are enrolled from DatasetInput::people
  cluster,     // whom nobody knows, grouped: person-001, person-002, ...
};

struct DatasetVideo {
  FrameSource* frames = nullptr;
  std::filesystem::path file;  // empty: a camera, whose pictures are never the same twice
};

struct DatasetInput {
  DatasetNaming naming = DatasetNaming::folders;
  std::vector<std::filesystem::path> photos;  // files and folders; for `folders`: none
  std::vector<DatasetVideo> videos;
  std::filesystem::path people;
  std::string person;
};

// A reason with its figure.
struct Drop {
  DropReason reason = DropReason::no_face;
  float measured = 0;  // where the reason is a measurement, what it was ...
  float limit = 0;     // ... and what it had to be
  std::string of;      // near_duplicate: the picture's file below the data set, or its source
};

// What became of a face; or of a photo without one, or that failed.
struct DatasetEvent {
  std::filesystem::path source;
  std::optional<FrameTime> frame;
  std::optional<Face> face;  // without its vector; absent: no_face, or an error
  FaceMeasures measures;
  std::string person;  // empty: nobody's
  std::string file;    // below the data set; empty: dropped or failed
  bool added = false;  // by this run; false: there already
  std::optional<Drop> drop;
  std::optional<Error> error;
};

struct DatasetSummary {
  std::size_t photos = 0;   // photos and frames that were looked at
  std::size_t known = 0;    // photos and videos left out, since an earlier run has seen them
  std::size_t failed = 0;   // photos and videos that could not be read, pictures that could not be written
  std::size_t added = 0;    // pictures
  std::size_t present = 0;  // pictures of earlier runs that are still there
  std::size_t dropped = 0;  // faces, and photos without one
  std::size_t people = 0;   // with at least one picture
  std::vector<EnrolmentNote> notes;  // likely mislabels, folders of the same person, what was learned badly
  bool cancelled = false;
};

struct DatasetCallbacks {
  std::function<void()> looked;                    // at a photo or a frame: for progress
  std::function<void(const DatasetEvent&)> event;  // in the order of sources, after all were looked at
};

// `settings` of the pipeline: threads and limits alone are used. After a stop request, what was looked at so
// far is finished and written; so is what was written before an error. Errors: bad_argument (a folder that is
// not empty and no data set, one made with other pictures, inputs inside it, ...), not_found, no_space,
// write_failed, damaged (its manifest), those of enrol() and of models.
[[nodiscard]] Result<DatasetSummary> build_dataset(const std::filesystem::path& folder,
                                                   const DatasetInput& input, const Models& models,
                                                   const PipelineSettings& pipeline,
                                                   const DatasetSettings& settings,
                                                   const DatasetCallbacks& callbacks,
                                                   std::stop_token stop = {});

}  // namespace kith

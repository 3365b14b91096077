// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>

#include <spdlog/spdlog.h>

#include "dataset.h"
#include "output.h"
#include "text.h"

namespace kith::cli {
namespace {

namespace fs = std::filesystem;

struct BuildOptions {
  fs::path out;
  std::vector<std::string> inputs;
  fs::path people;
  std::string person;
  bool cluster = false;
  std::vector<fs::path> videos;
  int camera = -1;
  VideoSettings video;
  std::string crop = std::string(dataset_picture_name(DatasetSettings{}.picture));
  DatasetSettings settings;
};

// How long a camera is looked at unless --seconds says otherwise: a turn of the head.
constexpr double camera_seconds = 10;

std::string figure(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

// "blurred (sharpness 2.1, at least 4)".
std::string drop_text(const Drop& drop) {
  std::string name(drop_reason_name(drop.reason));
  const auto measured = [&](const std::string& what) {
    return name + " (" + what + " " + figure(drop.measured) + ", at least " + figure(drop.limit) + ")";
  };
  switch (drop.reason) {
    case DropReason::small: return measured("pixels");
    case DropReason::unsure: return measured("score");
    case DropReason::blurred: return measured("sharpness");
    case DropReason::turned: return measured("frontality");
    case DropReason::poor: return measured("quality");
    case DropReason::unlike: return measured("similarity");
    case DropReason::seen_once: return measured("faces");
    case DropReason::near_duplicate: return name + " of " + printable(drop.of);
    default: return name;
  }
}

std::string source_text(const DatasetEvent& event) {
  std::string source = printable(event.source.string());
  if (!event.frame) return source;
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, " at %.2f s", event.frame->seconds);
  return source + seconds;
}

std::string event_text(const DatasetEvent& event) {
  std::string what;
  if (event.error) {
    what = "failed: " + std::string(error_code_name(event.error->code));
  } else if (event.drop) {
    what =
        (event.person.empty() ? "" : printable(event.person) + ", ") + "dropped: " + drop_text(*event.drop);
  } else {
    what = printable(event.person) + ": " + printable(event.file) + (event.added ? "" : " (there already)");
  }
  return table_line(source_text(event), what);
}

Json event_json(const DatasetEvent& event) {
  if (event.error) return error_json(event.source, *event.error);
  Json object{{"source", event.source.string()}};
  if (event.frame) {
    object["frame"] = event.frame->number;
    object["seconds"] = six_digits(event.frame->seconds);
  }
  if (event.face) {
    object["box"] = box_json(event.face->box);
    object["score"] = six_digits(event.face->score);
    object["quality"] = six_digits(event.face->quality);
    object["sharpness"] = six_digits(event.measures.sharpness);
    object["frontality"] = six_digits(event.measures.frontality);
  }
  object["person"] = event.person.empty() ? Json(nullptr) : Json(event.person);
  if (!event.drop) {
    object["file"] = event.file;
    object["added"] = event.added;
    return object;
  }
  object["dropped"] = drop_reason_name(event.drop->reason);
  if (event.drop->limit != 0) {
    object["measured"] = six_digits(event.drop->measured);
    object["limit"] = six_digits(event.drop->limit);
  }
  if (!event.drop->of.empty()) object["of"] = event.drop->of;
  return object;
}

std::string_view note_name(EnrolmentNote::Kind kind) {
  switch (kind) {
    case EnrolmentNote::Kind::failed: return "failed";
    case EnrolmentNote::Kind::no_face: return "no-face";
    case EnrolmentNote::Kind::several_faces: return "several-faces";
    case EnrolmentNote::Kind::unlike_others: return "unlike";
    case EnrolmentNote::Kind::looks_like: return "looks-like";
  }
  return "";
}

Json note_json(const EnrolmentNote& note) {
  return {{"note", note_name(note.kind)},
          {"person", note.person},
          {"photo", note.photo.string()},
          {"message", note.message}};
}

Json summary_json(const DatasetSummary& summary) {
  return {{"photos", summary.photos}, {"known", summary.known},     {"failed", summary.failed},
          {"added", summary.added},   {"present", summary.present}, {"dropped", summary.dropped},
          {"people", summary.people}};
}

// What was added and dropped, by person and by reason.
class Tally {
 public:
  void count(const DatasetEvent& event) {
    if (event.added) ++added_[event.person];
    if (event.drop) ++dropped_[event.drop->reason];
  }

  [[nodiscard]] std::string text(const DatasetSummary& summary, const fs::path& out) const {
    std::string lines;
    for (const auto& [person, pictures] : added_)
      lines += printable(person) + ": " + counted(pictures, "picture") + " added\n";
    std::string reasons;
    for (const auto& [reason, faces] : dropped_)
      reasons +=
          (reasons.empty() ? "" : ", ") + std::to_string(faces) + " " + std::string(drop_reason_name(reason));
    if (!reasons.empty()) lines += "Dropped: " + reasons + "\n";
    if (summary.known > 0) lines += counted(summary.known, "photo or video") + " known from earlier runs\n";
    return lines + printable(out.string()) + ": " + counted(summary.added + summary.present, "picture") +
           " of " + counted_people(summary.people) + ", " + std::to_string(summary.added) + " of them new\n";
  }

 private:
  std::map<std::string, std::size_t> added_;
  std::map<DropReason, std::size_t> dropped_;
};

DatasetNaming naming_of(const BuildOptions& chosen) {
  if (chosen.cluster) return DatasetNaming::cluster;
  if (!chosen.person.empty()) return DatasetNaming::one_person;
  const bool references = !chosen.inputs.empty() || !chosen.videos.empty() || chosen.camera >= 0;
  return references ? DatasetNaming::identify : DatasetNaming::folders;
}

// Opened, in the order given; those that can't be are named on standard error.
struct Videos {
  std::vector<std::unique_ptr<FrameSource>> sources;
  std::vector<DatasetVideo> videos;
  std::vector<Error> errors;

  void add(Result<std::unique_ptr<FrameSource>> opened, const fs::path& file) {
    if (!opened) {
      spdlog::error("{}", printable(opened.error().message));
      errors.push_back(std::move(opened.error()));
      return;
    }
    videos.push_back({opened->get(), file});
    sources.push_back(std::move(*opened));
  }

  [[nodiscard]] std::size_t frames() const {
    std::size_t count = 0;
    for (const auto& source : sources) count += source->info().frames;
    return count;
  }
};

Videos open_videos(const BuildOptions& chosen) {
  Videos videos;
  for (const fs::path& file : chosen.videos) videos.add(open_video(file, chosen.video), file);
  if (chosen.camera >= 0) {
    VideoSettings settings = chosen.video;
    if (settings.max_seconds == 0) settings.max_seconds = camera_seconds;
    videos.add(open_camera(chosen.camera, settings), {});
  }
  return videos;
}

Exit build(const BuildOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Videos videos = open_videos(chosen);
  DatasetInput input{naming_of(chosen), expand_inputs(chosen.inputs), videos.videos, chosen.people,
                     chosen.person};
  // A run for nothing but videos that can't be read is no run.
  if (!videos.errors.empty() && videos.videos.empty() && input.photos.empty()) return could_not_run;
  std::vector<fs::path> photos = input.photos;
  if (!chosen.people.empty()) photos.push_back(chosen.people);

  const Result<Models>& models =
      load_models(options, videos.videos.empty() ? ModelUse{.photos_at_once = photos_at_once(photos, options)}
                                                 : ModelUse{});
  if (!models) return report_failure(models.error());
  const PipelineSettings pipeline{.threads = options.thread_count(), .decode = options.decode_settings()};
  Output output;
  Tally tally;
  Progress progress(
      "Photos",
      options.quiet ? 0 : count_photos(photos, std::numeric_limits<std::size_t>::max()) + videos.frames(),
      options.quiet);
  const DatasetCallbacks callbacks{
      [&] { progress.advance(); },
      [&](const DatasetEvent& event) {
        progress.clear();
        if (event.error) spdlog::error("{}", printable(event.error->message));
        output.write(options.json ? line_of(event_json(event)) : event_text(event));
        tally.count(event);
      }};
  const Result<DatasetSummary> summary =
      build_dataset(chosen.out, input, *models, pipeline, chosen.settings, callbacks, stop);
  progress.clear();
  if (!summary) {
    output.flush();
    return report_failure(summary.error());
  }
  for (const EnrolmentNote& note : summary->notes) {
    spdlog::warn("{}", printable(note.message));
    if (options.json) output.write(line_of(note_json(note)));
  }
  output.write(options.json ? line_of(summary_json(*summary)) : tally.text(*summary, chosen.out));
  if (Status finished = output.finish(); !finished) return report_failure(finished.error());
  if (summary->cancelled) return interrupted;
  return summary->failed + videos.errors.size() > 0 ? some_failed : ok;
}

void add_quality_options(CLI::App& command, DatasetSettings& settings) {
  const auto share = CLI::Range(0.0F, 1.0F);
  command
      .add_option("--min-face", settings.min_face,
                  "Drop faces with a box narrower or lower than this, pixels")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("PX");
  command
      .add_option("--min-score", settings.min_score, "Drop faces that the detector is less sure of, 0 to 1")
      ->check(share)
      ->capture_default_str()
      ->type_name("S");
  command
      .add_option("--min-sharpness", settings.min_sharpness,
                  "Drop blurred faces: the spread of the Laplacian at 112 pixels, grey levels")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("S");
  command
      .add_option("--min-frontality", settings.min_frontality,
                  "Drop faces turned away: 1 is the nose midway between the eyes, 0 a profile")
      ->check(share)
      ->capture_default_str()
      ->type_name("S");
  command
      .add_option("--min-quality", settings.min_quality,
                  "Drop faces of less quality, all of the above together")
      ->check(share)
      ->capture_default_str()
      ->type_name("Q");
  command
      .add_option("--near-duplicates", settings.duplicate_similarity,
                  "Drop near-duplicates from this cosine of the vectors on, where the pixels agree, too")
      ->check(share)
      ->capture_default_str()
      ->type_name("S");
  command
      .add_option("--frame-gap", settings.frame_gap_seconds,
                  "Of frames of a video nearer than this, keep the best alone, seconds")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("S");
  command
      .add_option("--max-per-person", settings.max_per_person,
                  "Keep no more pictures a person, the best; 0: all")
      ->capture_default_str()
      ->type_name("N");
}

void add_picture_options(CLI::App& command, BuildOptions& chosen) {
  command
      .add_option(
          "--crop", chosen.crop,
          "aligned: the face in the embedders' pose; box: the square about it; none: the photo's own bytes")
      ->check(CLI::IsMember({"aligned", "box", "none"}))
      ->capture_default_str();
  command.add_option("--size", chosen.settings.size, "Side of the pictures, pixels")
      ->check(CLI::Range(16, 4096))
      ->capture_default_str()
      ->type_name("PX");
  command
      .add_option("--margin", chosen.settings.margin,
                  "aligned: what is shown around the embedders' crop, on each side, as a part of it")
      ->check(CLI::Range(0.0F, 4.0F))
      ->capture_default_str()
      ->type_name("M");
}

void add_video_options(CLI::App& command, BuildOptions& chosen) {
  command.add_option("--video", chosen.videos, "A video file to take faces from; may be given again")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command.add_option("--camera", chosen.camera, "The camera /dev/videoN to take faces from")
      ->check(CLI::Range(0, 255))
      ->type_name("N");
  command.add_option("--every", chosen.video.every_seconds, "Look at a frame every S seconds; 0: at each")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("S");
  command
      .add_option(
          "--seconds", chosen.video.max_seconds,
          "Look no further than S seconds into a video, or so long at a camera; 0: to the end, a camera 10")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("S");
}

void check_usage(const BuildOptions& chosen) {
  const int namings = int{!chosen.people.empty()} + int{!chosen.person.empty()} + int{chosen.cluster};
  if (namings != 1) {
    throw CLI::ValidationError(
        "dataset build", "say whose the faces are: --people DIR, --person NAME or --cluster, one of these");
  }
  const bool any = !chosen.inputs.empty() || !chosen.videos.empty() || chosen.camera >= 0;
  if (!any && chosen.people.empty())
    throw CLI::ValidationError("dataset build", "give photos, folders of photos, --video FILE or --camera N");
}

}  // namespace

void add_dataset_build(CLI::App& dataset, Options& options, Action& action) {
  const auto chosen = std::make_shared<BuildOptions>();
  CLI::App& command = *dataset.add_subcommand(
      "build", "Makes a folder a person of the faces worth learning from; says what it dropped and why");
  command.add_option("out", chosen->out, "The data set: a new folder, or one of an earlier run to add to")
      ->required()
      ->type_name("OUT");
  command
      .add_option("photos", chosen->inputs,
                  "Photos and folders of photos; - reads a list from standard input")
      ->type_name("PHOTO|DIR");
  command
      .add_option("--people", chosen->people,
                  "Folder of Name.jpg files, Name/ folders of photos, or both. Alone: their photos are the "
                  "data set's. "
                  "With photos, videos or a camera: who is on those is told by them")
      ->type_name("DIR");
  command.add_option("--person", chosen->person, "All photos and videos are of this person")
      ->type_name("NAME");
  command.add_flag("--cluster", chosen->cluster,
                   "Nobody knows who is on them: group the faces, person-001 being the largest group");
  add_video_options(command, *chosen);
  add_picture_options(command, *chosen);
  add_quality_options(command, chosen->settings);
  command.add_flag("--again", chosen->settings.again,
                   "Look again at photos and videos that earlier runs have seen");
  add_photo_options(command, options);
  command.callback([chosen, &options, &action] {
    check_usage(*chosen);
    for (const DatasetPicture picture :
         {DatasetPicture::aligned, DatasetPicture::box, DatasetPicture::whole}) {
      if (dataset_picture_name(picture) == chosen->crop) chosen->settings.picture = picture;
    }
    action = [chosen, &options](const std::stop_token& stop) { return build(*chosen, options, stop); };
  });
}

}  // namespace kith::cli

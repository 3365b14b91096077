// SPDX-License-Identifier: Apache-2.0
#include "dataset/look.h"

#include <utility>

#include "core/sha256.h"
#include "dataset/quality.h"
#include "imageio/jpeg_encode.h"

namespace kith::dataset {
namespace {

// Above the eye's needs, since networks learn what compression leaves behind.
constexpr int jpeg_quality = 95;

}  // namespace

AlignTemplate picture_template(int size, float margin) {
  const AlignTemplate crop;
  const float scale = static_cast<float>(size) / (static_cast<float>(crop.width) * (1 + 2 * margin));
  const float shift = static_cast<float>(size) / 2 - static_cast<float>(crop.width) / 2 * scale;
  AlignTemplate result;
  result.width = size;
  result.height = size;
  for (std::size_t i = 0; i < crop.landmarks.size(); ++i)
    result.landmarks[i] = {crop.landmarks[i].x * scale + shift, crop.landmarks[i].y * scale + shift};
  return result;
}

Result<Image> measuring_crop(ImageSource& source, const Landmarks& landmarks) {
  return align(source, landmarks, AlignTemplate{});
}

PipelineSettings Looker::photo_settings() const {
  PipelineSettings settings;
  settings.threads = pipeline_.threads;
  settings.decode = pipeline_.decode;
  const bool aligned = settings_.picture == DatasetPicture::aligned;
  settings.aligned = aligned ? picture_template(settings_.size, settings_.margin) : AlignTemplate{};
  if (settings_.picture == DatasetPicture::box) settings.thumbnail_side = settings_.size;
  return settings;
}

void Looker::photos(const std::vector<std::filesystem::path>& inputs, const std::stop_token& stop) {
  PipelineSettings settings = photo_settings();
  settings.fingerprint = true;
  settings.leave_out = [&](const PhotoReport& report) {
    return known_({report.photo.string(), report.content, person_of_(report.photo)});
  };
  const Pipeline pipeline(*models_.detector, models_.embedder.get(), identifier_, settings);
  const RunSummary run = pipeline.run(
      inputs,
      [&](PhotoReport&& report) {
        looked_();
        if (report.left_out) {
          ++counts.known;
          return;
        }
        ++counts.photos;
        const Origin origin{origins_++, report.content, false, person_of_(report.photo)};
        if (!report.error) sources.push_back({report.photo.string(), origin.sha256, origin.person});
        take(std::move(report), origin);
      },
      stop);
  counts.cancelled = counts.cancelled || run.cancelled;
}

Status Looker::video(const DatasetVideo& video, const std::stop_token& stop) {
  Origin origin{origins_++, {}, video.file.empty(), person_of_(video.frames->info().name)};
  if (!origin.live) {
    Result<std::string> hash = sha256_of_file(video.file);
    if (!hash) return tl::unexpected(std::move(hash.error()));
    origin.sha256 = std::move(*hash);
  }
  const Source source{video.frames->info().name, origin.sha256, origin.person};
  if (!origin.live && known_(source)) {
    ++counts.known;
    return {};
  }
  bool failed = false;
  const Pipeline pipeline(*models_.detector, models_.embedder.get(), identifier_, photo_settings());
  const RunSummary run = pipeline.run(
      *video.frames,
      [&](PhotoReport&& report) {
        looked_();
        failed = failed || report.error;
        if (report.frame) ++counts.photos;
        take(std::move(report), origin);
      },
      stop);
  counts.cancelled = counts.cancelled || run.cancelled;
  if (!origin.live && !failed && !run.cancelled) sources.push_back(source);
  return {};
}

void Looker::take(PhotoReport&& report, const Origin& origin) {
  Seen seen;
  seen.source = report.photo;
  seen.sha256 = origin.sha256;
  seen.live = origin.live;
  seen.frame = report.frame;
  seen.origin = origin.number;
  seen.look = looks_++;
  seen.person = origin.person;
  if (report.error) {
    ++counts.failed;
    seen.error = std::move(report.error);
    found.push_back(std::move(seen));
    return;
  }
  if (report.faces.empty()) {
    seen.drop = Drop{DropReason::no_face, 0, 0, {}};
    found.push_back(std::move(seen));
    return;
  }
  for (std::size_t i = 0; i < report.faces.size(); ++i) take_face(report, i, origin, seen);
}

void Looker::take_face(PhotoReport& report, std::size_t number, const Origin& origin, Seen seen) {
  Face& face = report.faces[number];
  if (identifier_ != nullptr && face.identity && face.identity->name) seen.person = *face.identity->name;
  seen.number = report.faces.size() > 1 ? number + 1 : 0;
  seen.face = std::move(face);
  Status done = measure(seen, report, number);
  if (done) {
    seen.drop = shortcoming(*seen.face, seen.measures, settings_);
    if (!seen.drop) done = picture(seen, report, number);
  }
  if (!done) {
    ++counts.failed;
    seen.error = std::move(done.error());
  }
  if (origin.live && !seen.jpeg.empty()) seen.sha256 = sha256_of(seen.jpeg);
  found.push_back(std::move(seen));
}

Status Looker::measure(Seen& seen, const PhotoReport& report, std::size_t number) const {
  ImageView aligned(report.aligned[number]);
  const bool is_picture = settings_.picture == DatasetPicture::aligned;
  const Landmarks placed =
      is_picture ? picture_template(settings_.size, settings_.margin).landmarks : AlignTemplate{}.landmarks;
  const Result<Image> crop = measuring_crop(aligned, placed);
  if (!crop) return tl::unexpected(crop.error());
  seen.measures = measure_face(*seen.face, *crop);
  seen.signature = picture_signature(*crop);
  return {};
}

Status Looker::picture(Seen& seen, PhotoReport& report, std::size_t number) const {
  switch (settings_.picture) {
    case DatasetPicture::whole: seen.landmarks = seen.face->landmarks; return {};
    case DatasetPicture::box:
      seen.landmarks = in_thumbnail(*seen.face, settings_.size).landmarks;
      seen.jpeg = std::move(report.thumbnails[number]);
      return {};
    case DatasetPicture::aligned: break;
  }
  seen.landmarks = picture_template(settings_.size, settings_.margin).landmarks;
  Result<std::vector<std::uint8_t>> jpeg = imageio::encode_jpeg(report.aligned[number], jpeg_quality);
  if (!jpeg) return tl::unexpected(std::move(jpeg.error()));
  seen.jpeg = std::move(*jpeg);
  return {};
}

}  // namespace kith::dataset

// SPDX-License-Identifier: Apache-2.0
#include "detect/mtcnn.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "detect/mtcnn_maths.h"
#include "detect/nms.h"
#include "detect/raster.h"

namespace kith::detect {
namespace {

constexpr int rnet_side = 24;
constexpr int onet_side = 48;
constexpr Normalisation normalisation{127.5F, 1.0F / 128};

// A place where a face may be.
struct Window {
  Box box;                // pixels of the full photo
  float score = 0;        // of the last network that saw it
  EdgeOffsets offsets;    // that network's correction, not applied yet
  Landmarks landmarks{};  // of the O-Net, pixels of the full photo
};

// The picture as decoded, and its relation to the full photo.
struct Picture {
  const Image* image;
  float scale;  // pixels of the image a pixel of the photo
};

bool is_finite(const Box& box) {
  return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) &&
         std::isfinite(box.height);
}

std::vector<Window> without_repeats(std::vector<Window> windows, float max_overlap,
                                    Measure measure = Measure::of_union) {
  return detect::without_repeats(std::move(windows), max_overlap, &Window::box, &Window::score, measure);
}

void keep_best(std::vector<Window>& windows, int count) {
  const auto limit = static_cast<std::size_t>(count);
  if (windows.size() <= limit) return;
  std::ranges::stable_sort(windows, std::greater{}, &Window::score);
  windows.resize(limit);
}

tl::unexpected<Error> misshapen(const char* network) {
  return fail(ErrorCode::internal, std::string("MTCNN's ") + network +
                                       " gave outputs of unexpected size; run `kith models check`");
}

class Mtcnn final : public Detector {
 public:
  Mtcnn(infer::Model pnet, infer::Model rnet, infer::Model onet, const MtcnnSettings& settings)
      : pnet_(std::move(pnet)), rnet_(std::move(rnet)), onet_(std::move(onet)), settings_(settings) {}

  Result<std::vector<Face>> detect(ImageSource& source, Wanted /*all of them*/) const override {
    if (source.width() <= 0 || source.height() <= 0) return std::vector<Face>();
    Result<Picture> picture = look_at(source, settings_.long_side);
    if (!picture) return tl::unexpected(picture.error());
    Result<std::vector<Window>> windows = proposals(source, *picture);
    if (!windows) return tl::unexpected(windows.error());

    windows = judged(rnet_, {"R-Net", rnet_side, settings_.rnet_score, false}, *picture,
                     next_windows(source, std::move(*windows), settings_.max_rnet_windows));
    if (!windows) return tl::unexpected(windows.error());
    windows = next_windows(source, without_repeats(std::move(*windows), settings_.rnet_overlap),
                           settings_.max_onet_windows);

    // Landmarks are only as exact as the pixels are fine; the aligner will want them as fine anyway.
    picture = look_at(source, long_side_for_onet(source, *windows));
    if (!picture) return tl::unexpected(picture.error());
    windows = judged(onet_, {"O-Net", onet_side, settings_.onet_score, true}, *picture, std::move(*windows));
    if (!windows) return tl::unexpected(windows.error());
    return faces(std::move(*windows));
  }

 private:
  // A network that looks at one window at a time.
  struct Judge {
    const char* name;
    int side;  // of its input, pixels
    float min_score;
    bool gives_landmarks;
  };

  static Result<Picture> look_at(ImageSource& source, int long_side) {
    const Result<const Image*> image = source.at_least(std::min(long_side, source.long_side()));
    if (!image) return tl::unexpected(image.error());
    return Picture{*image,
                   static_cast<float>((*image)->long_side()) / static_cast<float>(source.long_side())};
  }

  // The P-Net's windows from all levels of the pyramid.
  [[nodiscard]] Result<std::vector<Window>> proposals(const ImageSource& source,
                                                      const Picture& picture) const {
    const float scale =
        std::min(1.0F, static_cast<float>(settings_.long_side) / static_cast<float>(source.long_side()));
    const int width = std::max(1, static_cast<int>(std::lround(static_cast<float>(source.width()) * scale)));
    const int height =
        std::max(1, static_cast<int>(std::lround(static_cast<float>(source.height()) * scale)));
    // Shrunk once, not anew from the decoder's picture for each level.
    const Image base = resized(*picture.image, width, height);
    std::vector<Window> windows;
    for (const float level : pyramid_scales(width, height, settings_.min_face, settings_.pyramid_factor)) {
      const int level_width = static_cast<int>(std::ceil(static_cast<float>(width) * level));
      const int level_height = static_cast<int>(std::ceil(static_cast<float>(height) * level));
      Result<std::vector<Window>> seen = scan(resized(base, level_width, level_height), level);
      if (!seen) return seen;
      keep_best(*seen, settings_.max_level_windows);
      seen = without_repeats(std::move(*seen), settings_.level_overlap);
      windows.insert(windows.end(), seen->begin(), seen->end());
    }
    keep_best(windows, settings_.max_level_windows);
    windows = without_repeats(std::move(windows), settings_.pnet_overlap);
    for (Window& window : windows) window.box = scaled(window.box, 1 / scale);
    return windows;
  }

  // Every window of one level that may hold a face, in pixels of the picture that was resized by `scale`.
  [[nodiscard]] Result<std::vector<Window>> scan(const Image& level, float scale) const {
    Result<infer::Session> session = pnet_.acquire({1, 3, level.height(), level.width()});
    if (!session) return tl::unexpected(session.error());
    write_planes(level, normalisation, level.width(), level.height(), session->input());
    if (Status ran = session->run(); !ran) return tl::unexpected(ran.error());

    const infer::TensorView offsets = session->output(0);
    const infer::TensorView scores = session->output(1);
    const auto rows = static_cast<std::size_t>(scores.shape[2]);
    const auto columns = static_cast<std::size_t>(scores.shape[3]);
    const std::size_t cells = rows * columns;
    if (scores.values.size() != 2 * cells || offsets.values.size() != 4 * cells) return misshapen("P-Net");

    std::vector<Window> windows;
    for (std::size_t cell = 0; cell < cells; ++cell) {
      const float score = scores.values[cells + cell];
      if (!(score >= settings_.pnet_score)) continue;
      windows.push_back(
          {.box = window_of_cell(static_cast<int>(cell % columns), static_cast<int>(cell / columns), scale),
           .score = score,
           .offsets = {offsets.values[cell], offsets.values[cells + cell], offsets.values[2 * cells + cell],
                       offsets.values[3 * cells + cell]}});
    }
    return windows;
  }

  // Corrected and made square for the next network, the best `count` of those that touch the photo.
  static std::vector<Window> next_windows(const ImageSource& source, std::vector<Window> windows, int count) {
    const Box photo{0, 0, static_cast<float>(source.width()), static_cast<float>(source.height())};
    for (Window& window : windows) window.box = squared(corrected(window.box, window.offsets));
    std::erase_if(windows, [&](const Window& window) {
      return !is_finite(window.box) || !(overlap(window.box, photo) > 0);
    });
    keep_best(windows, count);
    return windows;
  }

  // The long side at which the smallest window is not enlarged for the O-Net.
  [[nodiscard]] int long_side_for_onet(const ImageSource& source, const std::vector<Window>& windows) const {
    auto needed = static_cast<float>(settings_.long_side);
    for (const Window& window : windows) {
      needed = std::max(needed, static_cast<float>(source.long_side()) * onet_side / window.box.width);
    }
    return static_cast<int>(std::ceil(std::min(needed, static_cast<float>(source.long_side()))));
  }

  // The windows in which the judge sees a face, with its score, correction and landmarks.
  [[nodiscard]] Result<std::vector<Window>> judged(const infer::Model& model, const Judge& judge,
                                                   const Picture& picture,
                                                   std::vector<Window> windows) const {
    std::vector<Window> faces;
    const auto batch = static_cast<std::size_t>(settings_.batch);
    for (std::size_t first = 0; first < windows.size(); first += batch) {
      const std::span<Window> some =
          std::span(windows).subspan(first, std::min(batch, windows.size() - first));
      if (Status ran = judge_batch(model, judge, picture, some); !ran) return tl::unexpected(ran.error());
      std::ranges::copy_if(some, std::back_inserter(faces), [&](const Window& window) {
        return window.score > judge.min_score && is_finite(corrected(window.box, window.offsets));
      });
    }
    return faces;
  }

  static Status judge_batch(const infer::Model& model, const Judge& judge, const Picture& picture,
                            std::span<Window> windows) {
    Result<infer::Session> session =
        model.acquire({static_cast<std::int64_t>(windows.size()), 3, judge.side, judge.side});
    if (!session) return tl::unexpected(session.error());
    const std::size_t values = std::size_t{3} * static_cast<std::size_t>(judge.side * judge.side);
    const std::span<float> input = session->input();
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const Box seen = on_whole_pixels(scaled(windows[i].box, picture.scale));
      write_planes(cut_out(*picture.image, seen, judge.side, judge.side), normalisation, judge.side,
                   judge.side, input.subspan(i * values, values));
    }
    if (Status ran = session->run(); !ran) return ran;

    const infer::TensorView offsets = session->output(0);
    const infer::TensorView scores = session->output(judge.gives_landmarks ? 2 : 1);
    if (offsets.values.size() != windows.size() * 4 || scores.values.size() != windows.size() * 2)
      return misshapen(judge.name);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      windows[i].score = scores.values[i * 2 + 1];
      std::ranges::copy(offsets.values.subspan(i * 4, 4), windows[i].offsets.begin());
    }
    if (!judge.gives_landmarks) return {};
    const infer::TensorView landmarks = session->output(1);
    if (landmarks.values.size() != windows.size() * 10) return misshapen(judge.name);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      // Relative to the window that the network saw, not to the corrected box.
      windows[i].landmarks = landmarks_in(windows[i].box, landmarks.values.subspan(i * 10).first<10>());
    }
    return {};
  }

  [[nodiscard]] std::vector<Face> faces(std::vector<Window> windows) const {
    for (Window& window : windows) window.box = corrected(window.box, window.offsets);
    std::erase_if(windows,
                  [](const Window& window) { return window.box.width <= 0 || window.box.height <= 0; });
    std::vector<Face> faces;
    for (const Window& window :
         without_repeats(std::move(windows), settings_.onet_overlap, Measure::of_smaller)) {
      Face& face = faces.emplace_back();
      face.box = window.box;
      face.score = window.score;
      face.landmarks = window.landmarks;
    }
    std::ranges::sort(faces, {}, [](const Face& face) { return face.box.x; });
    return faces;
  }

  infer::Model pnet_;
  infer::Model rnet_;
  infer::Model onet_;
  MtcnnSettings settings_;
};

Status check(const MtcnnSettings& settings) {
  // Written so that NaN is refused too.
  if (!(settings.min_face >= 8))
    return fail(ErrorCode::bad_argument, "MTCNN cannot look for faces under 8 pixels");
  if (!(settings.pyramid_factor > 0.1F && settings.pyramid_factor < 0.95F)) {
    return fail(ErrorCode::bad_argument, "MTCNN's pyramid factor must lie between 0.1 and 0.95");
  }
  if (settings.long_side < pnet_window || settings.batch < 1 || settings.max_level_windows < 1 ||
      settings.max_rnet_windows < 1 || settings.max_onet_windows < 1) {
    return fail(ErrorCode::bad_argument, "MTCNN's sizes and limits must be positive");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Detector>> load_mtcnn(const infer::Engine& engine, const infer::WeightsFile& pnet_file,
                                             const infer::WeightsFile& rnet_file,
                                             const infer::WeightsFile& onet_file,
                                             const MtcnnSettings& settings) {
  if (Status checked = check(settings); !checked) return tl::unexpected(checked.error());
  // In bf16, faces and false alarms near the thresholds change places (seen on 2 of the 12 sample photos),
  // for a fifth of the time.
  constexpr auto exact = infer::Precision::float32;
  Result<infer::Model> pnet = engine.load(
      pnet_file, {.input = {1, 3, -1, -1}, .outputs = {{1, 4, -1, -1}, {1, 2, -1, -1}}, .precision = exact});
  if (!pnet) return tl::unexpected(pnet.error());
  Result<infer::Model> rnet = engine.load(
      rnet_file, {.input = {-1, 3, rnet_side, rnet_side}, .outputs = {{-1, 4}, {-1, 2}}, .precision = exact});
  if (!rnet) return tl::unexpected(rnet.error());
  Result<infer::Model> onet = engine.load(
      onet_file,
      {.input = {-1, 3, onet_side, onet_side}, .outputs = {{-1, 4}, {-1, 10}, {-1, 2}}, .precision = exact});
  if (!onet) return tl::unexpected(onet.error());
  return std::make_unique<Mtcnn>(std::move(*pnet), std::move(*rnet), std::move(*onet), settings);
}

}  // namespace kith::detect

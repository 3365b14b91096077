// SPDX-License-Identifier: Apache-2.0
#include "detect/centerface.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "detect/landmark_net.h"
#include "detect/nms.h"
#include "detect/raster.h"

namespace kith::detect {
namespace {

constexpr int network_stride = 32;  // the input's sides are multiples of this
constexpr int cell_size = 4;        // the outputs are at a quarter of the input's resolution

// One look at the photo with its long side shrunk (or grown) to so many pixels. Faces of other sizes
// there (square root of the area) are left to other levels.
struct Level {
  int long_side = 0;
  float smallest = 0;
  float largest = std::numeric_limits<float>::max();
};

// A face as one level of the pyramid sees it.
struct Candidate {
  Face face;             // pixels of the full photo
  float level_size = 0;  // square root of the box's area, in pixels of the level
  float preference = 0;  // score, lowered where the level shows the face too large or too small
};

// What the levels looked at so far show.
struct Findings {
  std::vector<Candidate> candidates;
  bool hints = false;  // whether the last of them showed something small that may be a face on a closer look
};

int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

float size_of(const Box& box) { return std::sqrt(std::max(box.area(), 0.0F)); }

// What is looked at along one side of a level, and which of it is the part's own: faces whose centres lie
// there are taken from it.
struct Stretch {
  int begin = 0;
  int end = 0;
  int own_begin = 0;
  int own_end = 0;

  [[nodiscard]] int length() const { return end - begin; }
  // Whether a face that reaches from `low` to `high` is this part's: its middle is, and none of it is cut
  // off.
  [[nodiscard]] bool owns(float low, float high) const {
    // Two parts may see the middle on different sides of the line between them; if both take it, it is
    // merged.
    constexpr float slack = 2 * cell_size;
    const float middle = (low + high) / 2;
    const bool from_before = own_begin != begin && (middle < static_cast<float>(own_begin) - slack ||
                                                    low < static_cast<float>(begin));
    const bool into_next =
        own_end != end && (middle >= static_cast<float>(own_end) + slack || high > static_cast<float>(end));
    return !from_before && !into_next;
  }
};

// The network's four maps, decoded at one cell. Units: pixels of the network's input.
class Maps {
 public:
  explicit Maps(const infer::Session& session)
      : heat_(session.output(0)),
        scale_(session.output(1)),
        offset_(session.output(2)),
        landmarks_(session.output(3)),
        height_(static_cast<int>(heat_.shape[2])),
        width_(static_cast<int>(heat_.shape[3])) {}

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  // The contract leaves the maps' sizes open: a wrong model may give maps of different sizes.
  [[nodiscard]] bool fit_together() const {
    const std::size_t cells = heat_.values.size();
    return scale_.values.size() == 2 * cells && offset_.values.size() == 2 * cells &&
           landmarks_.values.size() == 10 * cells;
  }
  [[nodiscard]] float score(int y, int x) const { return heat_.values[index(0, y, x)]; }

  [[nodiscard]] Face face(int y, int x) const {
    const float height = std::exp(scale_.values[index(0, y, x)]) * cell_size;
    const float width = std::exp(scale_.values[index(1, y, x)]) * cell_size;
    const float centre_y = (static_cast<float>(y) + offset_.values[index(0, y, x)] + 0.5F) * cell_size;
    const float centre_x = (static_cast<float>(x) + offset_.values[index(1, y, x)] + 0.5F) * cell_size;
    Face result;
    result.score = score(y, x);
    result.box = {centre_x - width / 2, centre_y - height / 2, width, height};
    for (int i = 0; i < 5; ++i) {
      result.landmarks[static_cast<std::size_t>(i)] = {
          result.box.x + landmarks_.values[index(2 * i + 1, y, x)] * width,
          result.box.y + landmarks_.values[index(2 * i, y, x)] * height};
    }
    return result;
  }

 private:
  [[nodiscard]] std::size_t index(int channel, int y, int x) const {
    return (static_cast<std::size_t>(channel) * static_cast<std::size_t>(height_) +
            static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(width_) +
           static_cast<std::size_t>(x);
  }

  infer::TensorView heat_;
  infer::TensorView scale_;
  infer::TensorView offset_;
  infer::TensorView landmarks_;
  int height_;
  int width_;
};

Face mapped(Face face, float factor_x, float factor_y) {
  face.box = {face.box.x * factor_x, face.box.y * factor_y, face.box.width * factor_x,
              face.box.height * factor_y};
  for (Point& point : face.landmarks) point = {point.x * factor_x, point.y * factor_y};
  return face;
}

Face moved(Face face, float by_x, float by_y) {
  face.box.x += by_x;
  face.box.y += by_y;
  for (Point& point : face.landmarks) point = {point.x + by_x, point.y + by_y};
  return face;
}

bool is_finite(const Face& face) {
  return std::isfinite(face.box.x) && std::isfinite(face.box.y) && std::isfinite(face.box.width) &&
         std::isfinite(face.box.height) && face.box.width > 0 && face.box.height > 0;
}

std::vector<Candidate> suppressed(std::vector<Candidate> candidates, float merge_overlap) {
  return without_repeats(
      std::move(candidates), merge_overlap, [](const Candidate& candidate) { return candidate.face.box; },
      &Candidate::preference);
}

class CenterFace final : public Detector {
 public:
  CenterFace(infer::Model model, std::optional<LandmarkNet> landmark_net, const CenterFaceSettings& settings)
      : model_(std::move(model)), landmark_net_(std::move(landmark_net)), settings_(settings) {}

  Result<std::vector<Face>> detect(ImageSource& source, Wanted wanted) const override {
    if (source.width() <= 0 || source.height() <= 0) return std::vector<Face>();
    Findings found;
    const Status looked =
        wanted == Wanted::all ? look_for_all(source, found) : look_for_largest(source, found);
    if (!looked) return tl::unexpected(looked.error());
    return close_looks(source, std::move(found.candidates));
  }

 private:
  Status look_for_all(ImageSource& source, Findings& found) const {
    Status looked = look_at(glance_level(source), source, found);
    if (!looked || shows_all_at_their_best(found)) return looked;
    found = {};
    looked = look_at(Level{portrait_side(source)}, source, found);
    const std::optional<Level> middle = middle_level(source, found);
    if (looked) looked = look_at(middle, source, found);
    const bool is_enough =
        middle && shows_all_at_their_best(found) && !shows_faces_that_touch(found) && !found.hints;
    if (looked && !is_enough) looked = look_closer(source, found);
    if (looked) looked = look_at(close_up_level(source, found), source, found);
    return looked;
  }

  // Without a glance and the middle level: references are few, and much depends on each.
  Status look_for_largest(ImageSource& source, Findings& found) const {
    Status looked = look_at(Level{portrait_side(source)}, source, found);
    if (looked) looked = look_at(close_up_level(source, found), source, found);
    // What is seen at its best there is the largest face: finer levels would show it worse.
    if (looked && !shows_one_at_its_best(found)) looked = look_closer(source, found);
    return looked;
  }

  Status look_closer(ImageSource& source, Findings& found) const {
    Status looked = look_at(main_level(source), source, found);
    if (looked) looked = look_at(group_level(source, found), source, found);
    return looked;
  }

  [[nodiscard]] std::optional<Level> glance_level(const ImageSource& source) const {
    const bool saves = !main_level(source) && portrait_side(source) > settings_.glance_level;
    if (!saves) return std::nullopt;
    return Level{settings_.glance_level};
  }

  // Where it may well be enough: all that the portrait level shows will be at its best at one of the two.
  [[nodiscard]] std::optional<Level> middle_level(const ImageSource& source, const Findings& found) const {
    const std::optional<Level> main = main_level(source);
    if (!main || !is_finer(main->long_side, settings_.middle_level)) return std::nullopt;
    const float enlargement =
        static_cast<float>(settings_.middle_level) / static_cast<float>(portrait_side(source));
    const auto will_do = [&](const Candidate& candidate) {
      return candidate.level_size * enlargement >= settings_.best_size_min &&
             candidate.level_size <= settings_.best_size_max;
    };
    if (found.candidates.empty() || !std::ranges::all_of(found.candidates, will_do) ||
        shows_faces_that_touch(found))
      return std::nullopt;
    return Level{settings_.middle_level, 0, settings_.largest_size};
  }

  [[nodiscard]] std::optional<Level> main_level(const ImageSource& source) const {
    const int side = std::min(settings_.main_level, source.long_side());
    if (!is_finer(side, settings_.portrait_level)) return std::nullopt;
    return Level{side, 0, settings_.largest_size};
  }

  [[nodiscard]] std::optional<Level> group_level(const ImageSource& source, const Findings& found) const {
    const float largest = static_cast<float>(source.long_side()) * settings_.max_enlargement;
    const int side = std::min(settings_.group_level, static_cast<int>(largest));
    if (!is_finer(side, settings_.main_level) || !shows_small_faces(source, found)) return std::nullopt;
    return Level{side, 0, settings_.largest_size};
  }

  [[nodiscard]] std::optional<Level> close_up_level(const ImageSource& source, const Findings& found) const {
    if (!may_hide_a_close_up(source, found)) return std::nullopt;
    return Level{settings_.close_up_level, settings_.best_size_min};
  }

  // Not hardly finer, which would show nothing new.
  [[nodiscard]] static bool is_finer(int side, int than) { return side * 2 > than * 3; }

  [[nodiscard]] int portrait_side(const ImageSource& source) const {
    return std::min(settings_.portrait_level, source.long_side());
  }

  // A face that fills the frame is too large for the portrait level, which then shows nothing of it, or
  // parts. Another large face leaves no room for one.
  [[nodiscard]] bool may_hide_a_close_up(const ImageSource& source, const Findings& found) const {
    constexpr float large = 0.25F;  // of the photo's long side
    const auto side = static_cast<float>(portrait_side(source));
    if (side <= settings_.best_size_max) return false;
    const float to_portrait_level = side / static_cast<float>(source.long_side());
    return std::ranges::none_of(found.candidates, [&](const Candidate& candidate) {
      const float size = size_of(candidate.face.box) * to_portrait_level;
      return size > large * side && size <= settings_.best_size_max;
    });
  }

  [[nodiscard]] bool is_at_its_best(const Candidate& candidate) const {
    return candidate.level_size >= settings_.best_size_min && candidate.level_size <= settings_.best_size_max;
  }

  [[nodiscard]] bool shows_one_at_its_best(const Findings& found) const {
    return std::ranges::any_of(found.candidates,
                               [&](const Candidate& candidate) { return is_at_its_best(candidate); });
  }

  // And shows one at all.
  [[nodiscard]] bool shows_all_at_their_best(const Findings& found) const {
    return !found.candidates.empty() &&
           std::ranges::all_of(found.candidates,
                               [&](const Candidate& candidate) { return is_at_its_best(candidate); });
  }

  // The coarser the level, the more of its neighbour gets into such a face's box and landmarks.
  [[nodiscard]] static bool shows_faces_that_touch(const Findings& found) {
    for (auto one = found.candidates.begin(); one != found.candidates.end(); ++one) {
      const auto touches = [&](const Candidate& other) { return overlap(one->face.box, other.face.box) > 0; };
      if (std::any_of(std::next(one), found.candidates.end(), touches)) return true;
    }
    return false;
  }

  [[nodiscard]] bool shows_small_faces(const ImageSource& source, const Findings& found) const {
    const float to_main_level =
        static_cast<float>(settings_.main_level) / static_cast<float>(source.long_side());
    return std::ranges::any_of(found.candidates, [&](const Candidate& candidate) {
      return size_of(candidate.face.box) * to_main_level < settings_.small_face;
    });
  }

  // Adds what the level, if any, shows, each face once.
  Status look_at(const std::optional<Level>& level, ImageSource& source, Findings& found) const {
    if (!level) return {};
    Status looked = look(source, *level, found);
    found.candidates = suppressed(std::move(found.candidates), settings_.merge_overlap);
    return looked;
  }

  Status look(ImageSource& source, const Level& level, Findings& found) const {
    const Result<const Image*> picture = source.at_least(level.long_side);
    if (!picture) return tl::unexpected(picture.error());
    const float factor = static_cast<float>(level.long_side) / static_cast<float>(source.long_side());
    const int width = std::max(1, static_cast<int>(std::lround(static_cast<float>(source.width()) * factor)));
    const int height =
        std::max(1, static_cast<int>(std::lround(static_cast<float>(source.height()) * factor)));
    const float factor_x = static_cast<float>(source.width()) / static_cast<float>(width);
    const float factor_y = static_cast<float>(source.height()) / static_cast<float>(height);

    const Result<std::vector<Face>> faces = run_in_parts(resized(**picture, width, height));
    if (!faces) return tl::unexpected(faces.error());
    found.hints = false;
    for (const Face& face : *faces) {
      const float size = size_of(face.box);
      if (!is_sure(face)) {
        found.hints = found.hints || size < settings_.small_face;
        continue;
      }
      if (size < level.smallest || size > level.largest) continue;
      found.candidates.push_back({mapped(face, factor_x, factor_y), size, face.score * trust(size)});
    }
    return {};
  }

  [[nodiscard]] std::vector<Stretch> stretches(int side) const {
    const int count = (side + settings_.part_side - 1) / settings_.part_side;
    const int own = round_up((side + count - 1) / count, network_stride);
    std::vector<Stretch> result;
    for (int begin = 0; begin < side; begin += own) {
      const int end = std::min(side, begin + own);
      result.push_back({std::max(0, begin - settings_.part_margin),
                        std::min(side, end + settings_.part_margin), begin, end});
    }
    return result;
  }

  [[nodiscard]] bool is_sure(const Face& face) const { return face.score > settings_.min_score; }

  // Faces in pixels of `picture`, down to the score of a hint.
  [[nodiscard]] Result<std::vector<Face>> run_in_parts(const Image& picture) const {
    const std::vector<Stretch> columns = stretches(picture.width());
    const std::vector<Stretch> rows = stretches(picture.height());
    if (columns.size() == 1 && rows.size() == 1) return run(picture);
    std::vector<Face> result;
    for (const Stretch& row : rows) {
      for (const Stretch& column : columns) {
        const Box part{static_cast<float>(column.begin), static_cast<float>(row.begin),
                       static_cast<float>(column.length()), static_cast<float>(row.length())};
        Result<std::vector<Face>> faces = run(cut_out(picture, part, column.length(), row.length()));
        if (!faces) return faces;
        for (const Face& found : *faces) {
          const Face face = moved(found, part.x, part.y);
          const Box& box = face.box;
          if (column.owns(box.x, box.x + box.width) && row.owns(box.y, box.y + box.height))
            result.push_back(face);
        }
      }
    }
    return result;
  }

  // 1 for sizes at which the network is at its best, falling with the ratio beyond.
  [[nodiscard]] float trust(float level_size) const {
    if (level_size < settings_.best_size_min) return std::sqrt(level_size / settings_.best_size_min);
    if (level_size > settings_.best_size_max) return settings_.best_size_max / level_size;
    return 1;
  }

  // One inference; faces in pixels of `picture`, down to the score of a hint, best first, without repeats.
  [[nodiscard]] Result<std::vector<Face>> run(const Image& picture) const {
    const int width = round_up(picture.width(), network_stride);
    const int height = round_up(picture.height(), network_stride);
    Result<infer::Session> session = model_.acquire({1, 3, height, width});
    if (!session) return tl::unexpected(session.error());
    write_planes(picture, {}, width, height, session->input());
    if (Status ran = session->run(); !ran) return tl::unexpected(ran.error());

    const Maps maps(*session);
    if (!maps.fit_together()) {
      return fail(ErrorCode::internal, "CenterFace gave outputs of unexpected size; run `kith models check`");
    }
    const float least_score = std::min(settings_.hint_score, settings_.min_score);
    std::vector<Candidate> found;
    for (int y = 0; y < maps.height(); ++y) {
      for (int x = 0; x < maps.width(); ++x) {
        if (!(maps.score(y, x) > least_score)) continue;
        Face face = maps.face(y, x);
        if (is_finite(face)) found.push_back({face, 0, face.score});
      }
    }
    std::vector<Face> faces;
    for (const Candidate& candidate : suppressed(std::move(found), settings_.merge_overlap))
      faces.push_back(candidate.face);
    return faces;
  }

  // Each face is looked at once more on its own. The two networks err independently, so the mean of
  // their landmarks is better than either; where the pyramid showed the face small, its word weighs less.
  [[nodiscard]] Result<std::vector<Face>> close_looks(ImageSource& source,
                                                      std::vector<Candidate> candidates) const {
    if (candidates.size() > settings_.max_faces) candidates.resize(settings_.max_faces);
    std::vector<Face> faces;
    if (candidates.empty()) return faces;
    const Result<const Image*> picture = source.at_least(finest_long_side(source, candidates));
    if (!picture) return tl::unexpected(picture.error());
    const float to_picture =
        static_cast<float>((*picture)->long_side()) / static_cast<float>(source.long_side());
    for (Candidate& candidate : candidates) {
      if (landmark_net_) {
        const Result<Landmarks> closer =
            landmark_net_->locate(**picture, scaled(candidate.face.box, to_picture));
        if (!closer) return tl::unexpected(closer.error());
        const float weight = std::min(1.0F, candidate.level_size / settings_.best_size_min) / 2;
        candidate.face.landmarks = blended(candidate.face.landmarks, scaled(*closer, 1 / to_picture), weight);
      }
      faces.push_back(candidate.face);
    }
    std::ranges::sort(faces, {}, [](const Face& face) { return face.box.x; });
    return faces;
  }

  // Asked for once, for the smallest face: asking face by face would decode the photo several times.
  [[nodiscard]] int finest_long_side(const ImageSource& source,
                                     const std::vector<Candidate>& candidates) const {
    auto smallest = static_cast<float>(source.long_side());
    for (const Candidate& candidate : candidates)
      smallest = std::min(smallest, candidate.face.box.long_side());
    const float enlargement = std::min(1.0F, settings_.face_pixels / std::max(smallest, 1.0F));
    return static_cast<int>(std::ceil(static_cast<float>(source.long_side()) * enlargement));
  }

  infer::Model model_;
  std::optional<LandmarkNet> landmark_net_;
  CenterFaceSettings settings_;
};

}  // namespace

Result<std::unique_ptr<Detector>> load_centerface(const infer::Engine& engine,
                                                  const infer::WeightsFile& model_file,
                                                  const infer::WeightsFile& landmark_file,
                                                  const CenterFaceSettings& settings) {
  const infer::ModelContract contract{
      .input = {1, 3, -1, -1},
      .outputs = {{1, 1, -1, -1}, {1, 2, -1, -1}, {1, 2, -1, -1}, {1, 10, -1, -1}},
  };
  // The two networks load side by side, in the time that the larger takes.
  std::future<Result<LandmarkNet>> loading;
  if (!landmark_file.path.empty())
    loading = std::async(std::launch::async, [&] { return LandmarkNet::load(engine, landmark_file); });
  Result<infer::Model> model = engine.load(model_file, contract);
  if (!model) return tl::unexpected(model.error());
  std::optional<LandmarkNet> landmark_net;
  if (loading.valid()) {
    Result<LandmarkNet> loaded = loading.get();
    if (!loaded) return tl::unexpected(loaded.error());
    landmark_net.emplace(std::move(*loaded));
  }
  return std::make_unique<CenterFace>(std::move(*model), std::move(landmark_net), settings);
}

}  // namespace kith::detect

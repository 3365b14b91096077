// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <mutex>
#include <numbers>
#include <random>

#include <libsvm/svm.h>

#include "identify/look_models.h"
#include "identify/space.h"

namespace kith::identify {
namespace {

using Vector = std::vector<float>;

Vector unit(Vector z) {
  normalise(z);
  return z;
}

// Standard normal numbers, the same on every machine: std::normal_distribution is not (Box and Muller, 1958).
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : random_(seed) {}

  double uniform() { return (static_cast<double>(random_() >> 11U) + 0.5) * 0x1p-53; }  // within (0, 1)
  double operator()() {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::mt19937_64 random_;
};

// Faces of nobody, as the background says that unknown people's lie.
std::vector<Vector> made_up_strangers(const Background& background, const SvmSettings& settings) {
  Normal normal(settings.seed);
  std::vector<Vector> strangers;
  while (strangers.size() < settings.strangers) {
    double rest = normal.uniform();
    const BackgroundComponent* drawn = &background.components.back();
    for (const BackgroundComponent& component : background.components) {
      rest -= component.weight;
      if (rest >= 0) continue;
      drawn = &component;
      break;
    }
    Vector face;
    for (std::size_t i = 0; i < background.reduced(); ++i)
      face.push_back(drawn->mean[i] + std::sqrt(drawn->variance[i]) * static_cast<float>(normal()));
    strangers.push_back(unit(std::move(face)));
  }
  return strangers;
}

struct FreeModel {
  void operator()(svm_model* model) const { svm_free_and_destroy_model(&model); }
};

// A plane . (face, 1) that is above 0 on the side of `own`, by libsvm (Chang and Lin, "LIBSVM: a library for
// support vector machines", 2011). The products are worked out before, since libsvm's own are over sparse
// vectors.
SvmPlane separating_plane(std::span<const Vector* const> own, std::span<const Vector* const> others,
                          double cost) {
  std::vector<const Vector*> all(own.begin(), own.end());
  all.insert(all.end(), others.begin(), others.end());
  // A row: its own number, counted from 1, the products with all faces, the end.
  std::vector<std::vector<svm_node>> rows(all.size());
  std::vector<svm_node*> starts;
  std::vector<double> labels;
  for (std::size_t i = 0; i < all.size(); ++i) {
    rows[i].push_back({0, static_cast<double>(i + 1)});
    for (std::size_t j = 0; j < all.size(); ++j)
      rows[i].push_back({static_cast<int>(j + 1), dot(*all[i], *all[j])});
    rows[i].push_back({-1, 0});
    starts.push_back(rows[i].data());
    labels.push_back(i < own.size() ? 1 : -1);
  }
  const svm_problem problem{static_cast<int>(all.size()), labels.data(), starts.data()};
  svm_parameter parameter{};
  parameter.svm_type = C_SVC;
  parameter.kernel_type = PRECOMPUTED;
  parameter.cache_size = 16;  // MB
  parameter.eps = 1e-4;
  parameter.C = cost;
  // Both sides weigh the same, however few faces one has.
  int own_label = 1;
  double balance = static_cast<double>(others.size()) / static_cast<double>(own.size());
  parameter.nr_weight = 1;
  parameter.weight_label = &own_label;
  parameter.weight = &balance;
  const std::unique_ptr<svm_model, FreeModel> model(svm_train(&problem, &parameter));
  SvmPlane plane(all.front()->size() + 1, 0.0F);
  for (int k = 0; k < model->l; ++k) {
    const Vector& face = *all[static_cast<std::size_t>(model->sv_indices[k] - 1)];
    const auto weight = static_cast<float>(model->sv_coef[0][k]);
    for (std::size_t i = 0; i < face.size(); ++i) plane[i] += weight * face[i];
  }
  plane.back() = static_cast<float>(-model->rho[0]);
  return plane;
}

float height_over(const SvmPlane& plane, std::span<const float> face) {
  return dot(std::span(plane).first(face.size()), face) + plane.back();
}

// libsvm tells of its progress on standard output.
void silence_libsvm() {
  static std::once_flag once;
  std::call_once(once, [] { svm_set_print_string_function([](const char*) {}); });
}

class Planes final : public LookModels {
 public:
  Planes(const Background& background, std::span<const EnrolledPerson> people, const SvmSettings& settings)
      : planes_(svm_planes(background, people, settings)) {}
  explicit Planes(std::vector<SvmPlane> planes) : planes_(std::move(planes)) {}

  std::vector<float> scores(std::span<const float> z) const override {
    const Vector face = unit({z.begin(), z.end()});
    std::vector<float> result;
    result.reserve(planes_.size());
    for (const SvmPlane& plane : planes_) result.push_back(height_over(plane, face));
    return result;
  }

 private:
  std::vector<SvmPlane> planes_;
};

// One person's look, and what everybody is told apart by.
struct TrainingLook {
  std::size_t person;
  std::vector<Vector> faces;  // unit length
  Vector mean;                // likewise
};

std::vector<TrainingLook> training_looks(const Background& background,
                                         std::span<const EnrolledPerson> people) {
  std::vector<TrainingLook> looks;
  for (std::size_t person = 0; person < people.size(); ++person) {
    for (const Look& look : people[person].looks) {
      ProjectedLook projected = projected_look(background, people[person], look);
      TrainingLook& made = looks.emplace_back(TrainingLook{person, {}, unit(projected.mean)});
      for (Vector& face : projected.faces) made.faces.push_back(unit(std::move(face)));
    }
  }
  return looks;
}

// The most similar faces of other people and of strangers.
std::vector<const Vector*> rivals_of(const TrainingLook& look, std::span<const TrainingLook> looks,
                                     std::span<const Vector> strangers, std::size_t count) {
  std::vector<std::pair<float, const Vector*>> rivals;
  const auto add = [&](const Vector& face) { rivals.emplace_back(dot(face, look.mean), &face); };
  for (const TrainingLook& other : looks) {
    if (other.person != look.person) std::ranges::for_each(other.faces, add);
  }
  std::ranges::for_each(strangers, add);
  const std::size_t kept = std::min(count, rivals.size());
  std::ranges::partial_sort(rivals, rivals.begin() + static_cast<std::ptrdiff_t>(kept), std::greater{},
                            [](const auto& rival) { return rival.first; });
  std::vector<const Vector*> faces;
  for (std::size_t i = 0; i < kept; ++i) faces.push_back(rivals[i].second);
  return faces;
}

// Scales a plane so that made-up strangers have 0 on average, and the standard deviation that the cosine to
// any fixed face has over all directions, reduced^-1/2: so every person's score says the same of strangers
// (Z-norm; Auckenthaler et al., 2000), and looks like a similarity.
void level(SvmPlane& plane, std::span<const Vector> strangers) {
  double sum = 0;
  double squares = 0;
  for (const Vector& stranger : strangers) {
    const double height = height_over(plane, stranger);
    sum += height;
    squares += height * height;
  }
  const auto count = static_cast<double>(strangers.size());
  const double mean = sum / count;
  const double deviation = std::sqrt(std::max(squares / count - mean * mean, 1e-12));
  plane.back() -= static_cast<float>(mean);
  const auto scale = static_cast<float>(1 / (deviation * std::sqrt(static_cast<double>(plane.size() - 1))));
  for (float& value : plane) value *= scale;
}

}  // namespace

std::vector<SvmPlane> svm_planes(const Background& background, std::span<const EnrolledPerson> people,
                                 const SvmSettings& settings) {
  silence_libsvm();
  const std::vector<Vector> strangers = made_up_strangers(background, settings);
  const std::vector<TrainingLook> looks = training_looks(background, people);
  std::vector<SvmPlane> planes;
  planes.reserve(looks.size());
  for (const TrainingLook& look : looks) {
    std::vector<const Vector*> own;
    for (const Vector& face : look.faces) own.push_back(&face);
    planes.push_back(
        separating_plane(own, rivals_of(look, looks, strangers, settings.rivals), settings.cost));
    level(planes.back(), strangers);
  }
  return planes;
}

Trainer svm_trainer(const Background& background, const SvmSettings& settings) {
  return [&background, settings](std::span<const EnrolledPerson> people) {
    return std::make_unique<Planes>(background, people, settings);
  };
}

std::unique_ptr<LookModels> models_of(std::vector<SvmPlane> planes) {
  return std::make_unique<Planes>(std::move(planes));
}

}  // namespace kith::identify

// SPDX-License-Identifier: Apache-2.0
#include "adapt/adapt.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <random>
#include <string>

#include "adapt/whitening.h"

namespace kith::adapt {
namespace {

constexpr double rates[] = {1e-4, 1e-3, 1e-2};  // lowest first

// A shuffle that is the same with every standard library, which std::shuffle is not.
template <typename T>
void shuffle(std::vector<T>& values, std::mt19937_64& random) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random() % i]);
}

bool is_usable(std::span<const float> vector) {
  const float square = dot(vector, vector);  // NaN or infinite where a value is
  return square > 0.25F && square < 4;
}

bool can_be_learned_from(const Rows& rows) { return rows.size() >= 2; }

// The people in a random order, those who can be learned from first so that each part has its share of them,
// each with the rows of up to faces_a_person faces. What numbers people have makes no difference.
std::vector<Rows> drawn_people(const NamedVectors& vectors, const Settings& settings, std::mt19937_64& random,
                               std::size_t& damaged) {
  const Matrix matrix{vectors.values, vectors.dimension};
  std::map<std::int64_t, std::size_t> number_of;
  std::vector<Rows> people;
  for (std::size_t row = 0; row < vectors.people.size(); ++row) {
    if (!is_usable(matrix.row(row))) {
      ++damaged;
      continue;
    }
    const auto [number, fresh] = number_of.try_emplace(vectors.people[row], people.size());
    if (fresh) people.emplace_back();
    people[number->second].push_back(row);
  }
  for (Rows& rows : people) {
    if (rows.size() <= settings.faces_a_person) continue;
    shuffle(rows, random);
    rows.resize(settings.faces_a_person);
  }
  shuffle(people, random);
  // Not std::ranges::stable_partition, whose subrange clang 14 cannot compile with this standard library.
  std::stable_partition(people.begin(), people.end(), can_be_learned_from);
  return people;
}

std::string counted(std::size_t count, const char* one, const char* several) {
  return std::to_string(count) + " " + (count == 1 ? one : several);
}

Status check_people(const Report& report, const Settings& settings) {
  if (report.people >= settings.min_people) return {};
  std::string message = std::string(report.people == 1 ? "there is " : "there are ") +
                        counted(report.people, "person", "people") +
                        " with two named faces or more, and adapting takes at least " +
                        std::to_string(settings.min_people);
  if (report.single_faces > 0) {
    message +=
        " (" + counted(report.single_faces, "more has", "more have") + " one face, which tells nothing)";
  }
  return fail(ErrorCode::bad_argument, message + "; name more faces, of people who have one too");
}

// Part by part: people who are in a part are compared, and all others learned from. So nobody is ever judged
// by what was learned from them.
class CrossValidation {
 public:
  CrossValidation(const NamedVectors& vectors, const std::vector<Rows>& people, const Settings& settings)
      : matrix_{vectors.values, vectors.dimension}, people_(people), settings_(settings) {}

  Result<HeldOut> operator()(const std::stop_token& stop) {
    for (std::size_t part = 0; part < settings_.parts; ++part) {
      if (stop.stop_requested()) return fail(ErrorCode::cancelled, "interrupted; nothing was learned");
      hold_out(part);
    }
    return std::move(held_out_);
  }

 private:
  struct HeldOutFace {
    std::size_t person;  // its number in held_out_
    std::span<const float> base;
    Embedding adapted;
  };

  void hold_out(std::size_t part) {
    std::vector<Rows> learned_from;
    std::vector<Rows> judged;
    for (std::size_t i = 0; i < people_.size(); ++i)
      (i % settings_.parts == part ? judged : learned_from).push_back(people_[i]);
    compare(part, judged, fit_whitening(matrix_, learned_from, settings_.shrinkage).projection);
  }

  void compare(std::size_t part, const std::vector<Rows>& judged, const Projection& projection) {
    std::vector<HeldOutFace> faces;
    for (const Rows& rows : judged) {
      if (faces.size() + rows.size() > settings_.faces_a_part) break;
      for (const std::size_t row : rows) {
        faces.push_back({held_out_.people.size(), matrix_.row(row), projection(matrix_.row(row))});
        normalise(faces.back().adapted);
      }
      held_out_.people.push_back({part, rows.size()});
    }
    for (std::size_t i = 0; i < faces.size(); ++i) {
      for (std::size_t j = i + 1; j < faces.size(); ++j) {
        const PairOfFaces pair{faces[i].person, faces[j].person, dot(faces[i].base, faces[j].base),
                               dot(faces[i].adapted, faces[j].adapted)};
        (pair.person == pair.other ? held_out_.same : held_out_.different).push_back(pair);
      }
    }
  }

  Matrix matrix_;
  const std::vector<Rows>& people_;
  const Settings& settings_;
  HeldOut held_out_;
};

// The lowest rate that the pairs can tell.
Result<double> measurable_rate(const HeldOut& held_out, const Settings& settings) {
  const auto pairs = static_cast<double>(held_out.different.size());
  const auto wanted = static_cast<double>(settings.min_false_accepts);
  for (const double rate : rates) {
    if (!held_out.same.empty() && rate * pairs >= wanted) return rate;
  }
  return fail(ErrorCode::bad_argument,
              "the named faces make " + std::to_string(held_out.different.size()) +
                  " pairs of two people to judge on, and telling whether adapting helps takes at least " +
                  std::to_string(std::lround(wanted / rates[std::size(rates) - 1])) + "; name more faces");
}

// A parabola through the strangers' tail that bends upwards before 1 would take the likest for the most
// unlike.
bool falls(const Calibration& calibration) {
  const auto slope = [&](float s) { return calibration.tail[1] + 2 * calibration.tail[2] * s; };
  return std::isfinite(calibration.slope) && std::isfinite(calibration.intercept) && calibration.slope > 0 &&
         slope(std::max(calibration.min_similarity, 0.0F)) < 0 && slope(1) < 0;
}

std::optional<Calibration> calibration_of(const HeldOut& held_out, bool few_pairs) {
  std::vector<float> same;
  std::vector<float> different;
  for (const PairOfFaces& pair : held_out.same) same.push_back(pair.adapted);
  for (const PairOfFaces& pair : held_out.different) different.push_back(pair.adapted);
  Calibration calibration = eval::fit_calibration(same, different);
  if (!falls(calibration)) return std::nullopt;
  if (few_pairs)
    calibration.min_similarity = std::max(calibration.min_similarity, std::ranges::max(different));
  return calibration;
}

}  // namespace

Result<Adapted> learn(const NamedVectors& vectors, const Settings& settings, const std::stop_token& stop) {
  assert(vectors.values.size() == vectors.people.size() * vectors.dimension);
  std::mt19937_64 random(settings.seed);
  Adapted result;
  Report& report = result.report;
  const std::vector<Rows> people = drawn_people(vectors, settings, random, report.damaged);
  for (const Rows& rows : people) {
    if (can_be_learned_from(rows)) {
      ++report.people;
      report.faces += rows.size();
    } else {
      ++report.single_faces;
    }
  }
  if (Status enough = check_people(report, settings); !enough) return tl::unexpected(enough.error());

  const Result<HeldOut> held_out = CrossValidation(vectors, people, settings)(stop);
  if (!held_out) return tl::unexpected(held_out.error());
  report.same_pairs = held_out->same.size();
  report.different_pairs = held_out->different.size();
  const Result<double> rate = measurable_rate(*held_out, settings);
  if (!rate) return tl::unexpected(rate.error());
  report.gain = gain_of(*held_out, *rate, settings.draws, settings.seed);

  result.few_pairs = report.different_pairs < settings.pairs_for_a_tail;
  result.calibration = calibration_of(*held_out, result.few_pairs);
  Whitening whitening = fit_whitening({vectors.values, vectors.dimension}, people, settings.shrinkage);
  report.shrinkage = whitening.shrinkage;
  result.projection = std::move(whitening.projection);
  return result;
}

}  // namespace kith::adapt

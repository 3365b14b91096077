// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include <opencv2/core.hpp>

#include <kith/background.h>

#include "identify/look_models.h"
#include "identify/space.h"

namespace kith {
namespace {

constexpr double least_variance = 1e-3;  // of z, whose values are about 1

// Faces, one a row, and the number of each row's person.
struct Rows {
  cv::Mat values;  // double
  std::vector<std::size_t> person;
  std::vector<int> faces;  // by person, at least 1
};

Rows rows_of(const Gallery& people) {
  Rows rows;
  for (const Person& person : people) {
    for (const Reference& reference : person.references) {
      cv::Mat row;
      cv::Mat(reference.embedding).reshape(1, 1).convertTo(row, CV_64F);
      rows.values.push_back(row);
      rows.person.push_back(rows.faces.size());
    }
    rows.faces.push_back(static_cast<int>(person.references.size()));
  }
  return rows;
}

cv::Mat mean_row(const cv::Mat& values) {
  cv::Mat mean;
  cv::reduce(values, mean, 0, cv::REDUCE_AVG);
  return mean;
}

cv::Mat without(const cv::Mat& values, const cv::Mat& row) {
  return values - cv::repeat(row, values.rows, 1);
}

// Covariances of one person's faces, and of people's centres.
struct Scatter {
  cv::Mat within;
  cv::Mat between;
};

// `within` is pooled over people of two faces and more. The means of people scatter by `between` and by how
// unsure each is, within / n, which is taken off.
Scatter scatter_of(const Rows& rows) {
  const auto count = static_cast<int>(rows.faces.size());
  cv::Mat means = cv::Mat::zeros(count, rows.values.cols, CV_64F);
  for (int i = 0; i < rows.values.rows; ++i) {
    const std::size_t person = rows.person[static_cast<std::size_t>(i)];
    means.row(static_cast<int>(person)) += rows.values.row(i) / rows.faces[person];
  }
  cv::Mat residuals = rows.values.clone();
  for (int i = 0; i < residuals.rows; ++i)
    residuals.row(i) -= means.row(static_cast<int>(rows.person[static_cast<std::size_t>(i)]));
  double unsureness = 0;
  for (const int faces : rows.faces) unsureness += 1.0 / faces / count;
  Scatter scatter;
  scatter.within = residuals.t() * residuals / (rows.values.rows - count);
  means = without(means, mean_row(means));
  scatter.between = means.t() * means / count - unsureness * scatter.within;
  return scatter;
}

// The axes along which a symmetric matrix is diagonal, as rows, the longest first.
struct Axes {
  cv::Mat lengths;
  cv::Mat rows;
};

Axes axes_of(const cv::Mat& symmetric) {
  Axes axes;
  cv::eigen(symmetric, axes.lengths, axes.rows);
  return axes;
}

std::vector<float> floats(const cv::Mat& values) {
  cv::Mat narrow;
  values.reshape(1, 1).convertTo(narrow, CV_32F);
  return {narrow.begin<float>(), narrow.end<float>()};
}

std::vector<float> variances(const cv::Mat& covariance) {
  return floats(cv::max(covariance.diag().t(), least_variance));
}

// Mean and projection: principal components, then linear discriminants, scaled so that one person's faces
// have the variance 1 along each.
void learn_projection(const Rows& faces, const BackgroundSettings& settings, Background& background) {
  const cv::Mat mean = mean_row(faces.values);
  const cv::Mat centred = without(faces.values, mean);
  const auto reduced = static_cast<int>(std::min({settings.reduced, static_cast<std::size_t>(centred.cols),
                                                  static_cast<std::size_t>(centred.rows - 1)}));
  const cv::Mat principal = axes_of(centred.t() * centred).rows.rowRange(0, reduced);

  Scatter scatter = scatter_of({centred * principal.t(), faces.person, faces.faces});
  const double sphere = cv::trace(scatter.within)[0] / reduced;
  scatter.within = (1 - settings.shrinkage) * scatter.within +
                   (settings.shrinkage * sphere + 1e-12) * cv::Mat::eye(reduced, reduced, CV_64F);
  const Axes axes = axes_of(scatter.within);
  cv::Mat whitening = axes.rows.clone();
  for (int i = 0; i < reduced; ++i) whitening.row(i) /= std::sqrt(axes.lengths.at<double>(i));
  const cv::Mat discriminants = axes_of(whitening * scatter.between * whitening.t()).rows;

  background.mean = floats(mean);
  background.projection = floats(discriminants * whitening * principal);
}

// Every face's z; what projected() makes of it.
Rows projected_rows(const Background& background, const Gallery& people) {
  Gallery moved = people;
  for (Person& person : moved) {
    for (Reference& reference : person.references)
      reference.embedding = identify::projected(background, reference.embedding);
  }
  return rows_of(moved);
}

// How much of each face, a row, each component, a column, explains: rows add up to 1.
cv::Mat responsibilities(const Background& background, const cv::Mat& faces) {
  cv::Mat result(faces.rows, static_cast<int>(background.components.size()), CV_64F);
  for (int i = 0; i < faces.rows; ++i) {
    const std::vector<double> shares = identify::component_shares(background, floats(faces.row(i)));
    std::ranges::copy(shares, result.ptr<double>(i));
  }
  return result;
}

// The maximum of the expected likelihood; components of too few people are left out.
void maximise(const cv::Mat& faces, const cv::Mat& shares, const BackgroundSettings& settings,
              Background& background) {
  const cv::Mat squares = faces.mul(faces);
  background.components.clear();
  double kept = 0;
  for (int k = 0; k < shares.cols; ++k) {
    const cv::Mat share = shares.col(k);
    const double people = cv::sum(share)[0];
    if (people < static_cast<double>(settings.people_a_component) && shares.cols > 1) continue;
    const cv::Mat mean = share.t() * faces / people;
    const cv::Mat variance = share.t() * squares / people - mean.mul(mean);
    background.components.push_back(
        {static_cast<float>(people), floats(mean), floats(cv::max(variance, least_variance))});
    kept += people;
  }
  for (BackgroundComponent& component : background.components) component.weight /= static_cast<float>(kept);
}

// A mixture fitted by expectation and maximisation (Dempster, Laird and Rubin, 1977) to one face a person, so
// that nobody counts more than others for having many.
void learn_components(const Rows& faces, const BackgroundSettings& settings, Background& background) {
  cv::Mat chosen;
  for (int i = 0; i < faces.values.rows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (i == 0 || faces.person[at] != faces.person[at - 1]) chosen.push_back(faces.values.row(i));
  }
  // A beginning: each face belongs to the seed that it lies closest to.
  std::mt19937_64 random(settings.seed);
  std::vector<int> seeds;
  // No more than there are people for, so that at least one is always kept.
  const std::size_t count = std::clamp<std::size_t>(
      static_cast<std::size_t>(chosen.rows) / settings.people_a_component, 1, settings.components);
  for (std::size_t k = 0; k < count; ++k)
    seeds.push_back(static_cast<int>(random() % static_cast<std::uint64_t>(chosen.rows)));
  cv::Mat shares = cv::Mat::zeros(chosen.rows, static_cast<int>(seeds.size()), CV_64F);
  for (int i = 0; i < chosen.rows; ++i) {
    const auto product = [&](int seed) { return chosen.row(i).dot(chosen.row(seed)); };
    const auto closest = std::ranges::max_element(seeds, {}, product);
    shares.at<double>(i, static_cast<int>(closest - seeds.begin())) = 1;
  }
  maximise(chosen, shares, settings, background);
  constexpr int steps = 30;
  for (int step = 0; step < steps; ++step)
    maximise(chosen, responsibilities(background, chosen), settings, background);
}

Background learn_statistics(const Gallery& cohort, const BackgroundSettings& settings) {
  Background background;
  learn_projection(rows_of(cohort), settings, background);
  // Scaling z to one length bends the space, so its variances are measured in it.
  background.within.resize(background.projection.size() / background.mean.size());
  const Rows faces = projected_rows(background, cohort);
  const Scatter scatter = scatter_of(faces);
  background.within = variances(scatter.within);
  background.between = variances(scatter.between);
  learn_components(faces, settings, background);
  background.people = faces.faces.size();
  background.faces = faces.person.size();
  return background;
}

// Half of the people, every other one: those of many faces and those of one apart, so that both halves have
// both.
std::pair<Gallery, Gallery> halves(const Gallery& cohort) {
  std::pair<Gallery, Gallery> result;
  std::array<bool, 2> turn{};
  for (const Person& person : cohort) {
    bool& first = turn[person.references.size() > 1 ? 1 : 0];
    first = !first;
    (first ? result.first : result.second).push_back(person);
  }
  return result;
}

Status check_cohort(const Gallery& cohort) {
  // Of each half as many are needed as make a covariance that is more than chance.
  constexpr std::size_t least_people = 100;
  std::size_t several = 0;
  for (const Person& person : cohort) {
    if (person.references.size() > 1) ++several;
    for (const Reference& reference : person.references) {
      if (reference.embedding.empty() ||
          reference.embedding.size() != cohort.front().references.front().embedding.size()) {
        return fail(ErrorCode::bad_argument,
                    reference.source + ": its face has no vector, or one of another length than the others");
      }
    }
  }
  if (several >= least_people) return {};
  return fail(ErrorCode::bad_argument,
              "the cohort has " + std::to_string(several) + " people with two faces and more, and at least " +
                  std::to_string(least_people) + " are needed; give photos of more people");
}

}  // namespace

Result<Background> learn_background(const Gallery& cohort, const CalibrationFit& fit,
                                    const BackgroundSettings& settings) {
  Gallery people = cohort;
  std::erase_if(people, [](const Person& person) { return person.references.empty(); });
  if (Status checked = check_cohort(people); !checked) return tl::unexpected(checked.error());
  Background background = learn_statistics(people, settings);
  const auto [one, other] = halves(people);
  identify::HeldOutScores gaussian;
  identify::HeldOutScores svm;
  for (const auto& [learned_from, held_out] : {std::pair(&one, &other), std::pair(&other, &one)}) {
    const Background half = learn_statistics(*learned_from, settings);
    identify::score_held_out(half, identify::gaussian_trainer(half), *held_out, gaussian);
    identify::score_held_out(half, identify::svm_trainer(half), *held_out, svm);
  }
  background.gaussian = fit(gaussian.same, gaussian.different);
  background.svm = fit(svm.same, svm.different);
  return background;
}

}  // namespace kith

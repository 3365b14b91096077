// SPDX-License-Identifier: Apache-2.0
#include "identify/photo_identifier.h"

#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <tuple>
#include <unordered_map>

namespace kith::identify {
namespace {

// One face against everybody.
struct Scores {
  std::vector<float> similarities;   // by person
  std::vector<float> judged;         // by person: the scorer's
  std::vector<float> probabilities;  // by person; 0 of those who are ruled out
  float unknown = 1;                 // probability that the face is nobody's
  std::vector<std::size_t> ranking;  // persons who are not ruled out, the likeliest first: see rank()
};

class PhotoIdentifier final : public Identifier {
 public:
  PhotoIdentifier(std::vector<EnrolledPerson> people, std::unique_ptr<Scorer> scorer,
                  const Judgement& judgement, const IdentifySettings& settings)
      : people_(std::move(people)),
        scorer_(std::move(scorer)),
        judgement_(judgement),
        settings_(settings),
        table_(people_, settings),
        means_(people_),
        threshold_(similarity_threshold(judgement.calibration, settings.false_accept_rate, people_.size())) {
    for (std::size_t i = 0; i < people_.size(); ++i) by_name_.emplace(people_[i].name, i);
  }

  void identify(std::span<Face> faces) const override {
    const std::vector<Scores> scores = score_all(faces);
    const std::vector<std::optional<std::size_t>> names = assign(scores);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      if (!faces[i].embedding.empty()) faces[i].identity = describe(faces[i], scores[i], names[i]);
    }
  }

  std::vector<bool> unsettled(std::span<const Face> faces) const override {
    const std::vector<Scores> scores = score_all(faces);
    // How many faces each person may go to: a contested name goes to the better face.
    std::vector<int> claims(people_.size(), 0);
    for (const Scores& of_face : scores) {
      for (const std::size_t person : of_face.ranking) {
        if (!comes_near(of_face, person)) break;
        ++claims[person];
      }
    }
    std::vector<bool> result;
    result.reserve(scores.size());
    for (const Scores& of_face : scores) result.push_back(!is_settled(of_face, claims));
    return result;
  }

 private:
  // Whether further looks could give the face that person's name.
  [[nodiscard]] bool comes_near(const Scores& scores, std::size_t person) const {
    return scores.judged[person] >= threshold_ - judgement_.second_look_margin;
  }

  // Nobody comes near, or one person does, alone and clearly.
  [[nodiscard]] bool is_settled(const Scores& scores, const std::vector<int>& claims) const {
    if (scores.ranking.empty()) return true;
    const std::size_t first = scores.ranking.front();
    if (!comes_near(scores, first)) return true;
    constexpr float sure = 0.9F;
    const bool alone = scores.ranking.size() < 2 || !comes_near(scores, scores.ranking[1]);
    return alone && claims[first] == 1 &&
           scores.judged[first] >= threshold_ + judgement_.second_look_margin &&
           scores.probabilities[first] >= std::max(sure, settings_.min_probability);
  }

  [[nodiscard]] std::vector<Scores> score_all(std::span<const Face> faces) const {
    std::vector<Scores> scores(faces.size());
    for (std::size_t i = 0; i < faces.size(); ++i) {
      if (!faces[i].embedding.empty()) scores[i] = score(faces[i]);
    }
    return scores;
  }

  [[nodiscard]] Scores score(const Face& face) const {
    Scores result;
    result.similarities =
        table_.best(face.year, [&](std::size_t row) { return means_.similarity(row, face.embedding); });
    result.probabilities.assign(people_.size(), 0.0F);
    result.ranking = possible_for(face);
    std::erase_if(result.ranking,
                  [&](std::size_t person) { return result.similarities[person] == no_score; });
    if (result.ranking.empty()) return result;
    result.judged = scorer_->scores({face, result.similarities, result.ranking});
    rank(result);

    // Bayes over "is person i" for each i and "is nobody", with likelihood ratios from the calibration.
    // The ratios are scaled by the largest, since exp() of a large one overflows. Who is ruled out is no
    // hypothesis any more; the others keep their prior, so that the odds between them stay as they were.
    const double top = log_ratio(result.judged[result.ranking.front()]);
    const double shift = std::max(top, 0.0);
    const double share = settings_.prior_enrolled / static_cast<double>(people_.size());
    const double nobody = (1 - settings_.prior_enrolled) * std::exp(-shift);
    double total = nobody;
    std::vector<double> weights;
    weights.reserve(result.ranking.size());
    constexpr double no_part = -40;  // e^-40 of a whole is less than a float's last digit
    for (const std::size_t person : result.ranking) {
      const double exponent = log_ratio(result.judged[person]) - shift;
      weights.push_back(exponent < no_part ? 0 : share * std::exp(exponent));
      total += weights.back();
    }
    for (std::size_t i = 0; i < weights.size(); ++i)
      result.probabilities[result.ranking[i]] = static_cast<float>(weights[i] / total);
    result.unknown = static_cast<float>(nobody / total);
    return result;
  }

  // Sorts as much of the ranking as anybody looks at: the first two, and all who come near enough to be
  // named. Sorting all of a large gallery would take longer than comparing with it.
  void rank(Scores& scores) const {
    // Not std::ranges::partition, whose subrange clang 14 cannot compile with this standard library.
    const auto rest = std::partition(scores.ranking.begin(), scores.ranking.end(),
                                     [&](std::size_t person) { return comes_near(scores, person); });
    const auto near = static_cast<std::size_t>(rest - scores.ranking.begin());
    const std::size_t sorted = std::min(std::max(near, std::size_t{2}), scores.ranking.size());
    // Equal scores: the more similar, and then the first enrolled.
    const auto place = [&](std::size_t person) {
      return std::tuple(-scores.judged[person], -scores.similarities[person], person);
    };
    std::ranges::partial_sort(scores.ranking, scores.ranking.begin() + static_cast<std::ptrdiff_t>(sorted),
                              {}, place);
  }

  // Everybody but those whom the face cannot be.
  [[nodiscard]] std::vector<std::size_t> possible_for(const Face& face) const {
    std::vector<std::size_t> possible(people_.size());
    std::iota(possible.begin(), possible.end(), std::size_t{0});
    if (face.not_these.empty()) return possible;
    std::vector<bool> ruled_out(people_.size(), false);
    for (const std::string& name : face.not_these) {
      if (const auto found = by_name_.find(name); found != by_name_.end()) ruled_out[found->second] = true;
    }
    std::erase_if(possible, [&](std::size_t person) { return ruled_out[person]; });
    return possible;
  }

  [[nodiscard]] double log_ratio(float score) const {
    return static_cast<double>(judgement_.calibration.slope) * score + judgement_.calibration.intercept;
  }

  // For each face the person whose name it gets. The likeliest pair of a face and a person goes
  // first, so that of two faces that both resemble a person the better one has the name.
  [[nodiscard]] std::vector<std::optional<std::size_t>> assign(const std::vector<Scores>& scores) const {
    struct Pair {
      std::size_t face;
      std::size_t person;
      float score;
    };
    std::vector<Pair> pairs;
    for (std::size_t face = 0; face < scores.size(); ++face) {
      for (const std::size_t person : scores[face].ranking) {
        const float score = scores[face].judged[person];
        if (score < threshold_) break;
        if (scores[face].probabilities[person] >= settings_.min_probability)
          pairs.push_back({face, person, score});
      }
    }
    std::ranges::stable_sort(pairs, std::greater{}, &Pair::score);
    std::vector<std::optional<std::size_t>> names(scores.size());
    std::vector<bool> taken(people_.size(), false);
    for (const Pair& pair : pairs) {
      if (names[pair.face] || (taken[pair.person] && !settings_.allow_repeats)) continue;
      names[pair.face] = pair.person;
      taken[pair.person] = true;
    }
    return names;
  }

  [[nodiscard]] Candidate candidate(const Scores& scores, std::size_t person) const {
    return {people_[person].name, scores.probabilities[person], scores.similarities[person]};
  }

  // The photo of the person's reference that the face is closest to, of those of an age that compares.
  [[nodiscard]] const std::string& closest_reference(std::size_t person, const Face& face) const {
    const std::vector<Reference>& references = people_[person].references;
    const std::optional<float> age = age_in(face.year, people_[person].born);
    const Reference* closest = &references.front();
    float most = no_score;
    for (const Reference& reference : references) {
      if (!ages_compare(age, age_in(reference.year, people_[person].born), settings_)) continue;
      const float similarity = dot(reference.embedding, face.embedding);
      if (similarity <= most) continue;
      most = similarity;
      closest = &reference;
    }
    return closest->source;
  }

  [[nodiscard]] Identity describe(const Face& face, const Scores& scores,
                                  std::optional<std::size_t> named) const {
    Identity result;
    result.probability = scores.unknown;
    if (scores.ranking.empty()) return result;
    const std::size_t closest = named.value_or(scores.ranking.front());
    result.similarity = scores.similarities[closest];
    result.score = scores.judged[closest];
    result.reference = closest_reference(closest, face);
    if (named) {
      result.name = people_[*named].name;
      result.probability = scores.probabilities[*named];
    }
    for (const std::size_t person : scores.ranking) {
      if (named && person == *named) continue;
      result.runner_up = candidate(scores, person);
      break;
    }
    return result;
  }

  std::vector<EnrolledPerson> people_;
  std::unique_ptr<Scorer> scorer_;
  Judgement judgement_;
  IdentifySettings settings_;
  LookTable table_;
  MeanMatrix means_;
  std::unordered_map<std::string, std::size_t> by_name_;
  float threshold_;
};

}  // namespace

std::unique_ptr<Identifier> make_photo_identifier(std::vector<EnrolledPerson> people,
                                                  std::unique_ptr<Scorer> scorer, const Judgement& judgement,
                                                  const IdentifySettings& settings) {
  return std::make_unique<PhotoIdentifier>(std::move(people), std::move(scorer), judgement, settings);
}

Result<std::vector<EnrolledPerson>> checked_people(const Gallery& gallery, const IdentifySettings& settings) {
  if (!(settings.false_accept_rate > 0 && settings.false_accept_rate <= 1)) {
    return fail(ErrorCode::bad_argument, "the false-accept rate must lie above 0 and be at most 1");
  }
  return enrolled_people(gallery, settings);
}

}  // namespace kith::identify

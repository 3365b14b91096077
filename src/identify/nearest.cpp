// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include <kith/identify.h>

namespace kith {
namespace {

// The mean of references that resemble each other.
struct Template {
  Embedding mean;
  std::optional<float> age;  // of the person, the mean too; absent where the birth or the dates are unknown
};

// What of a person does the comparing, and what is named in the answer.
struct Templates {
  std::string name;
  std::vector<Template> templates;  // at least one
  std::vector<Reference> references;
  std::optional<float> born;
};

// Of somebody who has no template of an age that compares.
constexpr float no_similarity = -2;

// One face against everybody.
struct Scores {
  std::vector<float> similarities;   // by person
  float crowding = 0;                // to be taken off every similarity before it is judged
  std::vector<float> probabilities;  // by person; 0 of those who are ruled out
  float unknown = 1;                 // probability that the face is nobody's
  std::vector<std::size_t> ranking;  // persons who are not ruled out, most similar first: see rank()
};

// Everybody's templates in one block, since a face is compared with all of them, one after the other.
class TemplateMatrix {
 public:
  TemplateMatrix(const std::vector<Templates>& people, const IdentifySettings& settings)
      : settings_(settings), dimension_(people.front().templates.front().mean.size()) {
    for (const Templates& person : people) {
      for (const Template& one : person.templates) {
        rows_.insert(rows_.end(), one.mean.begin(), one.mean.end());
        ages_.push_back(one.age);
      }
      ends_.push_back(ages_.size());
      births_.push_back(person.born);
    }
  }

  // To each person's closest template that says how they looked in that year; no_similarity without one.
  [[nodiscard]] std::vector<float> similarities(std::span<const float> face,
                                                std::optional<float> year) const {
    std::vector<float> result;
    result.reserve(ends_.size());
    std::size_t row = 0;
    for (std::size_t person = 0; person < ends_.size(); ++person) {
      const std::optional<float> age = age_in(year, births_[person]);
      float closest = no_similarity;
      for (; row < ends_[person]; ++row) {
        if (ages_compare(age, ages_[row], settings_)) closest = std::max(closest, dot(mean(row), face));
      }
      result.push_back(closest);
    }
    return result;
  }

 private:
  [[nodiscard]] std::span<const float> mean(std::size_t row) const {
    return std::span(rows_).subspan(row * dimension_, dimension_);
  }

  IdentifySettings settings_;
  std::size_t dimension_;
  std::vector<float> rows_;
  std::vector<std::optional<float>> ages_;    // by row
  std::vector<std::size_t> ends_;             // by person: the row behind the last
  std::vector<std::optional<float>> births_;  // by person
};

using Group = std::vector<std::size_t>;  // indices of references

Template template_of(const Person& person, const Group& group) {
  Template result{Embedding(person.references.front().embedding.size(), 0.0F), {}};
  float years = 0;
  bool dated = true;
  for (const std::size_t i : group) {
    const Reference& reference = person.references[i];
    std::ranges::transform(result.mean, reference.embedding, result.mean.begin(), std::plus{});
    const std::optional<float> age = age_in(reference.year, person.born);
    dated = dated && age.has_value();
    years += age.value_or(0);
  }
  normalise(result.mean);
  if (dated) result.age = years / static_cast<float>(group.size());
  return result;
}

// Whether two references may be parts of one template.
bool may_mix(const Person& person, const Reference& one, const Reference& other,
             const IdentifySettings& settings) {
  const std::optional<float> age = age_in(one.year, person.born);
  const std::optional<float> other_age = age_in(other.year, person.born);
  return age.has_value() == other_age.has_value() && ages_compare(age, other_age, settings);
}

// Groups a person's references by average linkage, the closest groups first, while they resemble each
// other; a template is a group's mean.
std::vector<Template> templates_of(const Person& person, const IdentifySettings& settings) {
  const std::vector<Reference>& references = person.references;
  // Of references that may not mix: no sum that it is part of is ever large enough.
  constexpr float never = -std::numeric_limits<float>::infinity();
  std::vector<Group> groups;
  // sums[i][j]: the similarities between the members of two groups, added up.
  std::vector<std::vector<float>> sums;
  for (std::size_t i = 0; i < references.size(); ++i) {
    groups.push_back({i});
    std::vector<float>& row = sums.emplace_back();
    for (const Reference& other : references) {
      const bool mix = may_mix(person, references[i], other, settings);
      row.push_back(mix ? dot(references[i].embedding, other.embedding) : never);
    }
  }
  while (groups.size() > 1) {
    std::size_t first = 0;
    std::size_t second = 0;
    float closest = settings.template_similarity;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      for (std::size_t j = i + 1; j < groups.size(); ++j) {
        const float linkage = sums[i][j] / static_cast<float>(groups[i].size() * groups[j].size());
        if (linkage < closest) continue;
        closest = linkage;
        first = i;
        second = j;
      }
    }
    if (second == 0) break;
    std::ranges::copy(groups[second], std::back_inserter(groups[first]));
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(second));
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (i == second) continue;
      sums[i][first] += sums[i][second];
      sums[first][i] = sums[i][first];
    }
    sums.erase(sums.begin() + static_cast<std::ptrdiff_t>(second));
    for (std::vector<float>& row : sums) row.erase(row.begin() + static_cast<std::ptrdiff_t>(second));
  }
  std::vector<Template> templates;
  templates.reserve(groups.size());
  for (const Group& group : groups) templates.push_back(template_of(person, group));
  return templates;
}

class Nearest final : public Identifier {
 public:
  Nearest(std::vector<Templates> people, const Calibration& calibration, const IdentifySettings& settings)
      : people_(std::move(people)),
        calibration_(calibration),
        settings_(settings),
        templates_(people_, settings),
        threshold_(similarity_threshold(calibration, settings.false_accept_rate, people_.size())) {
    for (std::size_t i = 0; i < people_.size(); ++i) by_name_.emplace(people_[i].name, i);
    if (people_.size() < 5 * settings_.crowd) return;
    double sum = 0;
    for (const Templates& person : people_)
      sum += crowd_similarity(templates_.similarities(person.templates.front().mean, std::nullopt));
    usual_crowd_ = static_cast<float>(sum / static_cast<double>(people_.size()));
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
        if (judged(of_face, person) < threshold_ - settings_.second_look_margin) break;
        ++claims[person];
      }
    }
    std::vector<bool> result;
    result.reserve(scores.size());
    for (const Scores& of_face : scores) result.push_back(!is_settled(of_face, claims));
    return result;
  }

 private:
  // Nobody comes near, or one person does, alone and clearly.
  [[nodiscard]] bool is_settled(const Scores& scores, const std::vector<int>& claims) const {
    if (scores.ranking.empty()) return true;
    const float margin = settings_.second_look_margin;
    const std::size_t first = scores.ranking.front();
    if (judged(scores, first) < threshold_ - margin) return true;
    constexpr float sure = 0.9F;
    const bool alone = scores.ranking.size() < 2 || judged(scores, scores.ranking[1]) < threshold_ - margin;
    return alone && claims[first] == 1 && judged(scores, first) >= threshold_ + margin &&
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
    result.similarities = templates_.similarities(face.embedding, face.year);
    result.probabilities.assign(people_.size(), 0.0F);
    result.ranking = possible_for(face);
    std::erase_if(result.ranking,
                  [&](std::size_t person) { return result.similarities[person] == no_similarity; });
    if (result.ranking.empty()) return result;
    result.crowding = crowding(result);
    rank(result);

    // Bayes over "is person i" for each i and "is nobody", with likelihood ratios from the calibration.
    // The ratios are scaled by the largest, since exp() of a large one overflows. Who is ruled out is no
    // hypothesis any more; the others keep their prior, so that the odds between them stay as they were.
    const double top = log_ratio(judged(result, result.ranking.front()));
    const double shift = std::max(top, 0.0);
    const double share = settings_.prior_enrolled / static_cast<double>(people_.size());
    const double nobody = (1 - settings_.prior_enrolled) * std::exp(-shift);
    double total = nobody;
    std::vector<double> weights;
    weights.reserve(result.ranking.size());
    constexpr double no_part = -40;  // e^-40 of a whole is less than a float's last digit
    for (const std::size_t person : result.ranking) {
      const double exponent = log_ratio(judged(result, person)) - shift;
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
    const auto comes_near = [&](std::size_t person) {
      return judged(scores, person) >= threshold_ - settings_.second_look_margin;
    };
    // Not std::ranges::partition, whose subrange clang 14 cannot compile with this standard library.
    const auto rest = std::partition(scores.ranking.begin(), scores.ranking.end(), comes_near);
    const auto near = static_cast<std::size_t>(rest - scores.ranking.begin());
    const std::size_t sorted = std::min(std::max(near, std::size_t{2}), scores.ranking.size());
    std::ranges::partial_sort(scores.ranking, scores.ranking.begin() + static_cast<std::ptrdiff_t>(sorted),
                              [&](std::size_t a, std::size_t b) {
                                const float of_a = scores.similarities[a];
                                const float of_b = scores.similarities[b];
                                return of_a > of_b || (of_a == of_b && a < b);
                              });
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

  // By how much this face's similarities are to be lowered. Who is ruled out is not in the crowd either:
  // where it is that person's face after all, the next in line would count as crowd and be held down.
  [[nodiscard]] float crowding(const Scores& scores) const {
    if (!usual_crowd_ || scores.ranking.size() <= settings_.crowd) return 0;
    std::vector<float> similarities;
    similarities.reserve(scores.ranking.size());
    for (const std::size_t person : scores.ranking) similarities.push_back(scores.similarities[person]);
    return settings_.crowding * (crowd_similarity(std::move(similarities)) - *usual_crowd_);
  }

  // The mean similarity to the people who come next after the closest. Requires more than `crowd` people.
  [[nodiscard]] float crowd_similarity(std::vector<float> similarities) const {
    const auto end = similarities.begin() + static_cast<std::ptrdiff_t>(settings_.crowd) + 1;
    std::ranges::partial_sort(similarities, end, std::greater{});
    return std::accumulate(similarities.begin() + 1, end, 0.0F) / static_cast<float>(settings_.crowd);
  }

  [[nodiscard]] static float judged(const Scores& scores, std::size_t person) {
    return scores.similarities[person] - scores.crowding;
  }

  [[nodiscard]] double log_ratio(float similarity) const {
    return static_cast<double>(calibration_.slope) * similarity + calibration_.intercept;
  }

  [[nodiscard]] bool convincing(const Scores& scores, std::size_t person) const {
    return judged(scores, person) >= threshold_ && scores.probabilities[person] >= settings_.min_probability;
  }

  // For each face the person whose name it gets. The most similar pair of a face and a person goes
  // first, so that of two faces that both resemble a person the better one has the name.
  [[nodiscard]] std::vector<std::optional<std::size_t>> assign(const std::vector<Scores>& scores) const {
    struct Pair {
      std::size_t face;
      std::size_t person;
      float similarity;
    };
    std::vector<Pair> pairs;
    for (std::size_t face = 0; face < scores.size(); ++face) {
      for (const std::size_t person : scores[face].ranking) {
        if (judged(scores[face], person) < threshold_) break;
        if (convincing(scores[face], person)) pairs.push_back({face, person, judged(scores[face], person)});
      }
    }
    std::ranges::stable_sort(pairs, std::greater{}, &Pair::similarity);
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
    float most = no_similarity;
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
    result.score = judged(scores, closest);
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

  std::vector<Templates> people_;
  Calibration calibration_;
  IdentifySettings settings_;
  TemplateMatrix templates_;
  std::unordered_map<std::string, std::size_t> by_name_;
  float threshold_;
  std::optional<float> usual_crowd_;  // absent where too few people are enrolled to tell
};

Result<Templates> make_templates(const Person& person, std::size_t dimension,
                                 const IdentifySettings& settings) {
  if (person.references.empty()) {
    return fail(ErrorCode::bad_argument, "\"" + person.name + "\" has no reference face");
  }
  for (const Reference& reference : person.references) {
    if (reference.embedding.empty()) {
      return fail(ErrorCode::bad_argument, reference.source + ": its face has no vector; embed it first");
    }
    if (reference.embedding.size() != dimension) {
      return fail(ErrorCode::bad_argument,
                  reference.source +
                      ": its vector has another length than the others; embed all references with one model");
    }
  }
  return Templates{person.name, templates_of(person, settings), person.references, person.born};
}

}  // namespace

bool ages_compare(std::optional<float> one, std::optional<float> other,
                  const IdentifySettings& settings) noexcept {
  if (!one || !other) return true;
  const auto [younger, older] = std::minmax({std::max(0.0F, *one), std::max(0.0F, *other)});
  return younger >= settings.adult_age || older <= younger * settings.child_growth + settings.child_years;
}

std::optional<float> age_in(std::optional<float> year, std::optional<float> born) noexcept {
  return year && born ? std::optional(*year - *born) : std::nullopt;
}

Result<std::unique_ptr<Identifier>> make_nearest_identifier(const Gallery& gallery,
                                                            const Calibration& calibration,
                                                            const IdentifySettings& settings) {
  if (gallery.empty()) return fail(ErrorCode::bad_argument, "nobody is enrolled");
  if (!(settings.false_accept_rate > 0 && settings.false_accept_rate <= 1)) {
    return fail(ErrorCode::bad_argument, "the false-accept rate must lie above 0 and be at most 1");
  }
  const std::size_t dimension =
      gallery.front().references.empty() ? 0 : gallery.front().references.front().embedding.size();
  std::vector<Templates> people;
  for (const Person& person : gallery) {
    Result<Templates> made = make_templates(person, dimension, settings);
    if (!made) return tl::unexpected(made.error());
    people.push_back(std::move(*made));
  }
  return std::make_unique<Nearest>(std::move(people), calibration, settings);
}

}  // namespace kith

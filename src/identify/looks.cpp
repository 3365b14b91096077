// SPDX-License-Identifier: Apache-2.0
#include "identify/looks.h"

#include <functional>
#include <iterator>
#include <limits>

namespace kith::identify {
namespace {

using Group = std::vector<std::size_t>;  // indices of references

Look look_of(const Person& person, Group group) {
  Look result{std::move(group), Embedding(person.references.front().embedding.size(), 0.0F), {}};
  float years = 0;
  bool dated = true;
  for (const std::size_t i : result.references) {
    const Reference& reference = person.references[i];
    std::ranges::transform(result.mean, reference.embedding, result.mean.begin(), std::plus{});
    const std::optional<float> age = age_in(reference.year, person.born);
    dated = dated && age.has_value();
    years += age.value_or(0);
  }
  normalise(result.mean);
  if (dated) result.age = years / static_cast<float>(result.references.size());
  return result;
}

// Whether two references may be parts of one look.
bool may_mix(const Person& person, const Reference& one, const Reference& other,
             const IdentifySettings& settings) {
  const std::optional<float> age = age_in(one.year, person.born);
  const std::optional<float> other_age = age_in(other.year, person.born);
  return age.has_value() == other_age.has_value() && ages_compare(age, other_age, settings);
}

std::vector<Look> looks_of(const Person& person, const IdentifySettings& settings) {
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
  std::vector<Look> looks;
  looks.reserve(groups.size());
  for (Group& group : groups) looks.push_back(look_of(person, std::move(group)));
  return looks;
}

Status check_references(const Person& person, std::size_t dimension) {
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
  return {};
}

}  // namespace

Result<std::vector<EnrolledPerson>> enrolled_people(const Gallery& gallery,
                                                    const IdentifySettings& settings) {
  if (gallery.empty()) return fail(ErrorCode::bad_argument, "nobody is enrolled");
  const std::size_t dimension =
      gallery.front().references.empty() ? 0 : gallery.front().references.front().embedding.size();
  std::vector<EnrolledPerson> people;
  people.reserve(gallery.size());
  for (const Person& person : gallery) {
    if (Status checked = check_references(person, dimension); !checked)
      return tl::unexpected(checked.error());
    people.push_back({person.name, person.references, person.born, looks_of(person, settings)});
  }
  return people;
}

LookTable::LookTable(std::span<const EnrolledPerson> people, const IdentifySettings& settings)
    : settings_(settings) {
  for (const EnrolledPerson& person : people) {
    for (const Look& look : person.looks) ages_.push_back(look.age);
    ends_.push_back(ages_.size());
    births_.push_back(person.born);
  }
}

MeanMatrix::MeanMatrix(std::span<const EnrolledPerson> people)
    : dimension_(people.front().looks.front().mean.size()) {
  for (const EnrolledPerson& person : people) {
    for (const Look& look : person.looks) rows_.insert(rows_.end(), look.mean.begin(), look.mean.end());
  }
}

}  // namespace kith::identify

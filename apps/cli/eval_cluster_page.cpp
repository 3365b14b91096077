// SPDX-License-Identifier: Apache-2.0
#include "eval_cluster_page.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace kith::cli {
namespace {

constexpr std::size_t most_cards = 12;
constexpr std::size_t most_pictures = 6;            // a card
constexpr std::size_t pairs_of_histogram = 50'000;  // of either kind: a bin's share within a thousandth

using Rows = std::vector<std::size_t>;  // numbers of faces

// By group, each group's faces by what tells them apart: of a cluster by person, of a person by cluster.
using Mixed = std::map<std::int64_t, std::map<std::int64_t, Rows>>;

Mixed mixed(const std::vector<std::int64_t>& groups, const std::vector<std::int64_t>& kinds) {
  Mixed found;
  for (std::size_t i = 0; i < groups.size(); ++i) found[groups[i]][kinds[i]].push_back(i);
  return found;
}

// The parts of the groups of several, the largest part first; the groups with the most outside it first.
std::vector<std::vector<Rows>> worst(const Mixed& groups) {
  std::vector<std::vector<Rows>> found;
  for (const auto& [group, parts] : groups) {
    if (parts.size() < 2) continue;
    std::vector<Rows>& of_group = found.emplace_back();
    for (const auto& [kind, rows] : parts) of_group.push_back(rows);
    std::ranges::stable_sort(of_group, std::greater{}, &Rows::size);
  }
  const auto outside = [](const std::vector<Rows>& parts) {
    std::size_t sum = 0;
    for (const Rows& part : std::span(parts).subspan(1)) sum += part.size();
    return sum;
  };
  std::ranges::stable_sort(found, std::greater{}, outside);
  return found;
}

// One face of each part, or a second and third where there are few.
report::Card card(std::string title, std::string detail, const std::vector<Rows>& parts,
                  const ClusterResult& result, const FacePictures& pictures) {
  report::Card made{.title = std::move(title), .detail = std::move(detail)};
  for (std::size_t depth = 0; made.pictures.size() < most_pictures; ++depth) {
    bool any = false;
    for (const Rows& part : parts) {
      if (depth >= part.size() || made.pictures.size() == most_pictures) continue;
      made.pictures.push_back(pictures.of(result.faces.photos[part[depth]]));
      any = true;
    }
    if (!any) break;
  }
  return made;
}

std::size_t faces_in(const std::vector<Rows>& parts) {
  std::size_t sum = 0;
  for (const Rows& part : parts) sum += part.size();
  return sum;
}

std::string shown_of(std::size_t count) {
  return count > most_cards ? "; the worst " + std::to_string(most_cards) + " are shown." : ".";
}

report::Section mixed_section(const ClusterResult& result, const FacePictures& pictures) {
  const std::vector<std::vector<Rows>> groups = worst(mixed(result.clusters, result.people));
  report::Section section{.title = "Clusters of several people" +
                                   (result.model.empty() ? "" : ", " + result.model)};
  section.paragraphs.push_back(counted(groups.size(), "cluster") + shown_of(groups.size()));
  for (const std::vector<Rows>& parts : std::span(groups).first(std::min(groups.size(), most_cards)))
    section.cards.push_back(card(counted(faces_in(parts), "face") + " of " + counted_people(parts.size()),
                                 "one face of each first", parts, result, pictures));
  return section;
}

report::Section torn_section(const ClusterResult& result, const FacePictures& pictures) {
  const std::vector<std::vector<Rows>> groups = worst(mixed(result.people, result.clusters));
  report::Section section{.title = "People in several clusters" +
                                   (result.model.empty() ? "" : ", " + result.model)};
  section.paragraphs.push_back(counted_people(groups.size()) + shown_of(groups.size()));
  for (const std::vector<Rows>& parts : std::span(groups).first(std::min(groups.size(), most_cards)))
    section.cards.push_back(card(result.faces.people[parts.front().front()],
                                 counted(faces_in(parts), "face") + " in " + std::to_string(parts.size()) +
                                     " clusters; one face of each first",
                                 parts, result, pictures));
  return section;
}

std::vector<Measured> figures_of(const ClusterResult& result) {
  std::vector<Measured> figures;
  for (const auto& [name, of] :
       {std::pair<std::string, const eval::ClusterFigures&>{"pairwise", result.score.pairwise},
        {"B-cubed", result.score.bcubed}}) {
    figures.push_back({name + " precision", of.precision, of.precision95, false});
    figures.push_back({name + " recall", of.recall, of.recall95, false});
    figures.push_back({name + " F", of.f, of.f95, false});
  }
  return figures;
}

report::Section difference_section(const ClusterComparison& comparison) {
  const eval::ClusterDifference& difference = comparison.difference;
  return {
      .title = comparison.first + " less " + comparison.second,
      .paragraphs =
          {"The difference of the two on the same faces; where its interval holds 0, these faces do not tell "
           "the two apart."},
      .tables = {
          figures_table({"difference"}, {{{"pairwise F", difference.pairwise, difference.pairwise95, false},
                                          {"B-cubed F", difference.bcubed, difference.bcubed95, false}}})}};
}

report::Section similarities_section(const std::vector<ClusterResult>& results, const EvalOptions& chosen) {
  report::Section section{.title = "Similarities"};
  for (const ClusterResult& result : results) {
    const eval::SampledSimilarities sampled = eval::sample_similarities(
        result.faces.vectors, result.faces.dimension, result.people, pairs_of_histogram);
    section.figures.push_back(similarities_figure(
        result.model.empty() ? "stored vectors" : result.model, "one person", sampled.same, "two people",
        sampled.different,
        {.label = "large groups merge", .x = static_cast<double>(chosen.cluster.settings.min_similarity)}));
  }
  return section;
}

}  // namespace

report::Page cluster_page(const std::vector<ClusterResult>& results,
                          const std::vector<ClusterComparison>& comparisons, const FacePictures& pictures,
                          const std::string& detector, const EvalOptions& chosen, const Options& options) {
  std::vector<std::string> models;
  std::vector<std::vector<Measured>> figures;
  for (const ClusterResult& result : results) {
    models.push_back(result.model);
    figures.push_back(figures_of(result));
  }
  report::Page page = page_of("Grouping of unnamed faces",
                              "Which faces are one person? " +
                                  counted(results.front().people.size(), "face") + ", grouped from scratch.",
                              chosen, options, {detector}, models);
  page.sections.push_back({.title = "Figures", .tables = {figures_table(models, figures)}});
  for (const ClusterComparison& comparison : comparisons)
    page.sections.push_back(difference_section(comparison));
  page.sections.push_back(similarities_section(results, chosen));
  for (const ClusterResult& result : results) {
    if (result.faces.photos.empty()) continue;  // stored vectors
    page.sections.push_back(mixed_section(result, pictures));
    page.sections.push_back(torn_section(result, pictures));
  }
  return page;
}

}  // namespace kith::cli

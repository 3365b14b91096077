// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "eval_base.h"
#include "library.h"
#include "output.h"

namespace kith::cli {

namespace {

// The share with its 95 % interval: "97.5 % [95.1, 98.8]".
std::string share_text(std::size_t part, std::size_t whole) {
  const eval::Interval interval = eval::wilson95(part, whole);
  char text[64];
  std::snprintf(text, sizeof text, "%.1f %% [%.1f, %.1f]",
                whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole) : 0.0,
                100 * interval.low, 100 * interval.high);
  return text;
}

Json share_json(std::size_t part, std::size_t whole) {
  const eval::Interval interval = eval::wilson95(part, whole);
  return {{"value", whole > 0 ? Json(six_digits(static_cast<double>(part) / static_cast<double>(whole)))
                              : Json(nullptr)},
          {"ci95", {six_digits(interval.low), six_digits(interval.high)}}};
}

Json person_score_json(const PersonScore& score) {
  return {{"name", score.person},
          {"faces", score.faces},
          {"precision", share_json(score.right, score.right + score.false_names)},
          {"recall", share_json(score.right, score.faces)},
          {"wrong", score.wrong},
          {"unknown", score.unknown}};
}

}  // namespace

Exit eval_library(const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::read);
  if (!library) return report_failure(library.error());
  const Result<ModelSpec> embedder = active_embedder(options);
  if (!embedder) return report_failure(embedder.error());
  const Result<LibraryEvaluation> evaluation = library->evaluate(*embedder);
  if (!evaluation) return report_failure(evaluation.error());
  PersonScore all;
  for (const PersonScore& score : evaluation->people) {
    all.faces += score.faces;
    all.right += score.right;
    all.wrong += score.wrong;
    all.unknown += score.unknown;
    all.false_names += score.false_names;
  }
  if (all.faces == 0) {
    return report_failure(
        {ErrorCode::bad_argument,
         "there is nothing to evaluate on: nobody has confirmed faces in two "
         "photos that were not scanned together, with vectors of this model; see `kith review`"});
  }
  if (options.json) {
    Json people = Json::array();
    for (const PersonScore& score : evaluation->people) people.push_back(person_score_json(score));
    Json confusions = Json::array();
    for (const Confusion& pair : evaluation->confusions)
      confusions.push_back({{"name", pair.person}, {"taken_for", pair.taken_for}, {"faces", pair.faces}});
    Json object = person_score_json(all);
    object.erase("name");
    object["people"] = std::move(people);
    object["confusions"] = std::move(confusions);
    return print(line_of(object));
  }
  std::string text = counted(all.faces, "confirmed face") + ", named by those of other photos: precision " +
                     share_text(all.right, all.right + all.false_names) + ", recall " +
                     share_text(all.right, all.faces) + ", " + counted(all.false_names, "wrong name") + "\n";
  for (const PersonScore& score : evaluation->people) {
    text += "  " + printable(score.person) + ": " + std::to_string(score.right) + " of " +
            counted(score.faces, "face") + " named, " + std::to_string(score.false_names) +
            " of others taken for them\n";
  }
  for (const Confusion& pair : evaluation->confusions)
    text += "  " + printable(pair.person) + " taken for " + printable(pair.taken_for) + ": " +
            counted(pair.faces, "face") + "\n";
  return print(text);
}

}  // namespace kith::cli

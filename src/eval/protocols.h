// SPDX-License-Identifier: Apache-2.0
// Evaluation protocols: which photos, which comparisons. They read lists; the vectors and faces of the
// photos come from the caller, which runs the same pipeline as every other command.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include <kith/identify.h>
#include <kith/result.h>

#include "eval/metrics.h"

namespace kith::eval {

// By the photo's path relative to the data folder, as the protocol's list names it. A photo without
// a face is absent.
using Vectors = std::unordered_map<std::string, Embedding>;

struct LfwPair {
  std::string a;
  std::string b;
  bool same = false;
  int fold = 0;
};

// LFW's pairs.txt: "folds<TAB>pairs", then per fold so many pairs of one person (name, i, j) and as many of
// two (name, i, name, j). `every` > 1 keeps one pair in so many, for a quick look.
// Errors: not_found; damaged (with the line), also where there are fewer or more pairs than the first line
// says; bad_argument where `every` leaves fewer than two folds, or pairs of one kind alone.
[[nodiscard]] Result<std::vector<LfwPair>> read_lfw_pairs(const std::filesystem::path& file, int every);

// A pair with a photo without a face counts as decided wrongly, whichever kind it is.
[[nodiscard]] std::vector<Pair> score_pairs(const std::vector<LfwPair>& pairs, const Vectors& vectors);

struct OpenSetRow {
  std::string role;
  std::string identity;
  std::string file;
};

// CSV with the columns role, identity, file; roles: gallery, known_unknown_train, probe_known,
// probe_known_unknown, probe_unknown_unknown. `every` > 1 keeps one identity in so many.
// Errors: not_found, damaged (with the line).
[[nodiscard]] Result<std::vector<OpenSetRow>> read_open_set(const std::filesystem::path& file, int every);

// Whether there is something to judge: somebody enrolled, probes of enrolled people, and probes of strangers.
// Errors: bad_argument, saying what there is none of.
[[nodiscard]] Status check_probes(const std::vector<OpenSetRow>& rows);

[[nodiscard]] Gallery enrolled(const std::vector<OpenSetRow>& rows, const Vectors& vectors);

// Whom each probe comes closest to, named or not, and how close. A known probe without a face counts as missed.
[[nodiscard]] std::vector<Probe> score_probes(const std::vector<OpenSetRow>& rows,
                                              const Identifier& identifier, const Vectors& vectors);

// The training part of the open set (gallery and known_unknown_train), each face against every other
// person's single photos and templates, and against its own person's other photos.
struct TrainingScores {
  std::vector<float> same;
  std::vector<float> different;
};
[[nodiscard]] TrainingScores training_scores(const std::vector<OpenSetRow>& rows, const Vectors& vectors);

// boxes.csv of a detection set: image, x, y, w, h, invalid, ... By image name.
// Errors: not_found, damaged (with the line).
[[nodiscard]] Result<std::unordered_map<std::string, std::vector<TrueFace>>> read_boxes(
    const std::filesystem::path& file);

}  // namespace kith::eval

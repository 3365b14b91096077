// SPDX-License-Identifier: Apache-2.0
// Lists of pairs of photos, each with whether the two show one person: LFW's, and anybody's.
// docs/evaluation.md has the formats.
//
// Each reader takes a text, and `name` for its messages ("NAME:12: expected ..."). `every` > 1 keeps one pair
// in so many, for a quick look.
//
// Thread rule: pure functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <kith/face.h>
#include <kith/result.h>

#include "eval/metrics.h"

namespace kith::eval {

// By the photo's path relative to the data folder, as the protocol's list names it. A photo without
// a face is absent.
using Vectors = std::unordered_map<std::string, Embedding>;

struct ListedPair {
  std::string a;
  std::string b;
  bool same = false;
  int fold = 0;  // from 0, without gaps
};

inline constexpr std::size_t most_folds = 1000;  // each costs a search for a threshold

// LFW's pairs.txt (view 2): "folds<TAB>pairs", then per fold so many pairs of one person (name, i, j) and as
// many of two (name, i, name, j), between tabs. Errors: damaged (with the line), also where there are fewer
// or more pairs than the first line says; bad_argument where `every` leaves fewer than two folds, or pairs of
// one kind alone.
[[nodiscard]] Result<std::vector<ListedPair>> parse_lfw_folds(std::string_view text, const std::string& name,
                                                              int every);

// LFW's pairsDevTrain.txt or pairsDevTest.txt (view 1): "pairs", then so many of one person and as many of
// two. All in `fold`. Errors: as above, less the folds.
[[nodiscard]] Result<std::vector<ListedPair>> parse_lfw_part(std::string_view text, const std::string& name,
                                                             int fold, int every);

// Any list: a pair a line, "photo, photo, 0 or 1" (1: one person), and where every line has it a fold, any
// whole numbers. With a comma in the first line that is not empty it is CSV (RFC 4180), which may begin with
// the line "a,b,same" or "a,b,same,fold"; else the fields stand between tabs, or where that line has none
// between blanks, and lines that begin with # are remarks. Without folds the pairs of either kind are dealt
// to ten folds, or to as many as there are pairs of the rarer kind, in turn. Errors: damaged (with the line);
// bad_argument where there are fewer than two folds or more than most_folds, or pairs of one kind alone.
[[nodiscard]] Result<std::vector<ListedPair>> parse_pair_list(std::string_view text, const std::string& name,
                                                              int every);

// LFW, below its folder. View 1: fold 0 is the training part, fold 1 the test's. Requires view 1 or 2.
// Errors: not_found, unreadable, and the above.
[[nodiscard]] Result<std::vector<ListedPair>> read_lfw(const std::filesystem::path& folder, int view,
                                                       int every);

[[nodiscard]] Result<std::vector<ListedPair>> read_pair_list(const std::filesystem::path& file, int every);

// A pair with a photo without a face counts as decided wrongly, whichever kind it is.
[[nodiscard]] std::vector<Pair> score_pairs(const std::vector<ListedPair>& pairs, const Vectors& vectors);

}  // namespace kith::eval

// SPDX-License-Identifier: Apache-2.0
// How a face is matched with the people known: the options of the commands that let one choose, and what the
// choice needs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kith/classifiers.h>

#include "command.h"

namespace kith::cli {

inline constexpr std::string_view all_classifiers = "all";

struct ClassifierChoice {
  std::string name{classifier_name(Classifier::nearest)};
  std::filesystem::path background;  // empty: the one beside the embedder's file
};

// --classifier, which takes all_classifiers where a command can compare them, and --background.
void add_classifier_options(CLI::App& command, ClassifierChoice& chosen, bool comparing = false);

// One, or all.
[[nodiscard]] std::vector<Classifier> classifiers_of(const ClassifierChoice& chosen);

// What these classifiers know of unknown people; nothing where none of them asks. Errors: those of
// load_background.
[[nodiscard]] Result<std::optional<Background>> background_of(const ClassifierChoice& chosen,
                                                              const ModelSpec& embedder);

}  // namespace kith::cli

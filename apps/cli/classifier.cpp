// SPDX-License-Identifier: Apache-2.0
#include "classifier.h"

#include <algorithm>
#include <array>

namespace kith::cli {

namespace {

constexpr std::array every_classifier{Classifier::nearest, Classifier::gaussian, Classifier::svm};

}  // namespace

void add_classifier_options(CLI::App& command, ClassifierChoice& chosen, bool comparing) {
  std::vector<std::string> names;
  for (const Classifier classifier : every_classifier) names.emplace_back(classifier_name(classifier));
  if (comparing) names.emplace_back(all_classifiers);
  command.add_option("--classifier", chosen.name, "How a face is matched")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command
      .add_option(
          "--background", chosen.background,
          "What gaussian and svm know of unknown people (default: the one beside the model; see `kith "
          "train background`)")
      ->type_name("FILE");
}

std::vector<Classifier> classifiers_of(const ClassifierChoice& chosen) {
  std::vector<Classifier> result;
  std::ranges::copy_if(every_classifier, std::back_inserter(result), [&](Classifier classifier) {
    return chosen.name == all_classifiers || chosen.name == classifier_name(classifier);
  });
  return result;
}

Result<std::optional<Background>> background_of(const ClassifierChoice& chosen, const ModelSpec& embedder) {
  if (chosen.name == classifier_name(Classifier::nearest)) return std::nullopt;
  Result<Background> background =
      load_background(chosen.background.empty() ? background_file(embedder) : chosen.background, embedder);
  if (!background) return tl::unexpected(background.error());
  return std::move(*background);
}

}  // namespace kith::cli

// SPDX-License-Identifier: Apache-2.0
// From figures and curves to the page of `kith eval --report`.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "eval/curves.h"
#include "eval_base.h"
#include "report/page.h"

namespace kith::cli {

// Pictures of faces, cut from their photos only now: a page shows a few of thousands.
class FacePictures {
 public:
  // `faces`: of a photo without a face, the middle of the photo is shown.
  FacePictures(std::filesystem::path folder, std::unordered_map<std::string, Box> faces,
               const Options& options);

  // By the photo's name in the list, which is the label. A photo that cannot be read any more gives a blank.
  [[nodiscard]] report::Picture of(const std::string& file) const;
  // That part of a photo.
  [[nodiscard]] report::Picture of(const std::string& file, const Box& box, std::string label) const;

 private:
  [[nodiscard]] report::Picture cut(const std::string& file, const Box* box, std::string label) const;

  std::filesystem::path folder_;
  std::unordered_map<std::string, Box> faces_;
  DecodeSettings decode_;
};

// The page's head: what was measured, on what, with what.
[[nodiscard]] report::Page page_of(std::string title, std::string summary, const EvalOptions& chosen,
                                   const Options& options, const std::vector<std::string>& detectors,
                                   const std::vector<std::string>& models);

// A column a model, a row a figure. Requires the same figures of each.
[[nodiscard]] report::Table figures_table(const std::vector<std::string>& models,
                                          const std::vector<std::vector<Measured>>& figures);

// "Side by side": McNemar's table of each comparison, and what it says.
[[nodiscard]] report::Section comparisons_section(const std::vector<Comparison>& comparisons);

[[nodiscard]] report::Series series_of(std::string name, eval::Curve curve);

// How similar the two kinds are, as a plot of two histograms, with the threshold between them.
[[nodiscard]] report::Figure similarities_figure(const std::string& model, const std::string& first,
                                                 const std::vector<float>& first_values,
                                                 const std::string& second,
                                                 const std::vector<float>& second_values,
                                                 const report::Guide& threshold);

// "0.123".
[[nodiscard]] std::string similarity_text(float similarity);

// Writes --report, where it is asked for. Errors: no_space, write_failed.
[[nodiscard]] Status write_report(const report::Page& page, const EvalOptions& chosen);

}  // namespace kith::cli

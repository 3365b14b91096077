// SPDX-License-Identifier: Apache-2.0
#include "eval_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <kith/align.h>

#include "core/atomic_write.h"
#include "imageio/jpeg_encode.h"

namespace kith::cli {
namespace {

constexpr int picture_side = 160;  // shown at 120: sharp on a fine display, 5 KB each
constexpr int picture_quality = 85;

Result<std::vector<std::uint8_t>> thumbnail_bytes(const std::filesystem::path& file, const Box* box,
                                                  const DecodeSettings& settings) {
  const Result<Photo> photo = Photo::open(file, settings);
  if (!photo) return tl::unexpected(photo.error());
  const Result<Image> image = photo->decode(std::max(photo->info().width, photo->info().height));
  if (!image) return tl::unexpected(image.error());
  ImageView view(*image);
  // thumbnail() shows nearly twice the box: this much of the middle is the whole short side.
  const auto side = static_cast<float>(std::min(view.width(), view.height())) / 1.8F;
  const Box middle{(static_cast<float>(view.width()) - side) / 2,
                   (static_cast<float>(view.height()) - side) / 2, side, side};
  const Result<Image> picture = thumbnail(view, box == nullptr ? middle : *box, picture_side);
  if (!picture) return tl::unexpected(picture.error());
  return imageio::encode_jpeg(*picture, picture_quality);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string p_text(const eval::McNemar& test) {
  char text[64];
  std::snprintf(text, sizeof text, test.p < 1e-4 ? "p < 0.0001" : "p = %.4f", test.p);
  return text;
}

std::string verdict(const Comparison& comparison) {
  const eval::McNemar test = eval::mcnemar(comparison.counts);
  const eval::Interval interval = eval::difference95(comparison.counts);
  char figures[128];
  std::snprintf(figures, sizeof figures, "%+.2f percentage points (95 %% interval %+.2f to %+.2f)",
                100 * eval::difference(comparison.counts), 100 * interval.low, 100 * interval.high);
  const std::string test_name =
      test.exact ? "McNemar's exact test" : "McNemar's test with continuity correction";
  return comparison.first + " less " + comparison.second + ": " + figures + ". " + test_name + ": " +
         p_text(test) +
         (test.p < 0.05 ? "." : ": these " + comparison.trials + " do not tell the two apart.");
}

report::Table contingency(const Comparison& comparison) {
  const eval::PairedCounts& counts = comparison.counts;
  const auto cell = [](std::size_t count) { return report::Cell{std::to_string(count), ""}; };
  return {.caption = "All " + std::to_string(counts.trials()) + " " + comparison.trials +
                     " by whether they are " + comparison.right,
          .head = {"", comparison.second + ": yes", comparison.second + ": no"},
          .rows = {{{comparison.first + ": yes", ""}, cell(counts.both), cell(counts.only_first)},
                   {{comparison.first + ": no", ""}, cell(counts.only_second), cell(counts.neither)}}};
}

}  // namespace

FacePictures::FacePictures(std::filesystem::path folder, std::unordered_map<std::string, Box> faces,
                           const Options& options)
    : folder_(std::move(folder)), faces_(std::move(faces)), decode_(options.decode_settings()) {}

report::Picture FacePictures::of(const std::string& file) const {
  const auto face = faces_.find(file);
  if (face == faces_.end()) return cut(file, nullptr, file + " (no face found)");
  return cut(file, &face->second, file);
}

report::Picture FacePictures::of(const std::string& file, const Box& box, std::string label) const {
  return cut(file, &box, std::move(label));
}

report::Picture FacePictures::cut(const std::string& file, const Box* box, std::string label) const {
  Result<std::vector<std::uint8_t>> bytes = thumbnail_bytes(folder_ / file, box, decode_);
  return {bytes ? std::move(*bytes) : std::vector<std::uint8_t>(), std::move(label)};
}

report::Page page_of(std::string title, std::string summary, const EvalOptions& chosen,
                     const Options& options, const std::vector<std::string>& detectors,
                     const std::vector<std::string>& models) {
  report::Page page{.title = std::move(title), .summary = std::move(summary)};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) page.facts.push_back({name, value});
  };
  add("Data", chosen.folder.string());
  add("List", chosen.list.string());
  add("Sample", chosen.every > 1 ? "one in " + std::to_string(chosen.every) : "");
  add(detectors.size() > 1 ? "Detectors" : "Detector", joined(detectors));
  add(models.size() > 1 ? "Embedders" : "Embedder", joined(models));
  add("Arithmetic", options.precision == "f32" ? "f32" : "bf16 where the processor has it, else f32");
  page.footer = "Made by kith " KITH_VERSION
                ". Brackets are 95 % intervals: Wilson's for shares, a bootstrap for all else. The pictures "
                "and file names are "
                "those of the data set; whoever gets this page gets them.";
  return page;
}

report::Table figures_table(const std::vector<std::string>& models,
                            const std::vector<std::vector<Measured>>& figures) {
  report::Table table{.caption = "Below each figure: its 95 % interval", .head = {""}};
  table.head.insert(table.head.end(), models.begin(), models.end());
  for (std::size_t i = 0; i < figures.front().size(); ++i) {
    std::vector<report::Cell>& row = table.rows.emplace_back();
    row.push_back({figures.front()[i].label, ""});
    for (const std::vector<Measured>& model : figures)
      row.push_back({value_text(model[i]), interval_text(model[i])});
  }
  return table;
}

report::Section comparisons_section(const std::vector<Comparison>& comparisons) {
  report::Section section{.title = "Side by side"};
  for (const Comparison& comparison : comparisons) {
    section.paragraphs.push_back(verdict(comparison));
    section.tables.push_back(contingency(comparison));
  }
  return section;
}

report::Series series_of(std::string name, eval::Curve curve) {
  return {.name = std::move(name), .x = std::move(curve.x), .y = std::move(curve.y)};
}

report::Figure similarities_figure(const std::string& model, const std::string& first,
                                   const std::vector<float>& first_values, const std::string& second,
                                   const std::vector<float>& second_values, const report::Guide& threshold) {
  constexpr int bins = 60;
  // Tenths around all of them, so that models can be laid side by side.
  float low = 0;
  float high = 1;
  for (const std::vector<float>* values : {&first_values, &second_values}) {
    for (const float value : *values) {
      low = std::min(low, std::floor(value * 10) / 10);
      high = std::max(high, std::ceil(value * 10) / 10);
    }
  }
  report::Plot plot{.title = "Histograms of similarities of " + model,
                    .x = {.label = "similarity (cosine)", .low = low, .high = high},
                    .y = {.label = "share a bin", .low = 0},
                    .series = {report::histogram(first, first_values, low, high, bins),
                               report::histogram(second, second_values, low, high, bins)}};
  if (std::isfinite(threshold.x)) plot.guides.push_back(threshold);
  return {std::move(plot),
          model +
              ": what is left of the threshold is taken for different people, what is right of it "
              "for one. Each histogram sums to 1."};
}

std::string similarity_text(float similarity) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(similarity));
  return text;
}

Status write_report(const report::Page& page, const EvalOptions& chosen) {
  return write_atomically(chosen.report, report::html(page));
}

}  // namespace kith::cli

// SPDX-License-Identifier: Apache-2.0
#include "eval_base.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include <spdlog/spdlog.h>

#include "output.h"

namespace kith::cli {

namespace {

namespace fs = std::filesystem;

const Face* central_face(const PhotoReport& report) {
  const Face* central = nullptr;
  float least = std::numeric_limits<float>::infinity();
  for (const Face& face : report.faces) {
    const Point centre = face.box.centre();
    const float distance = std::hypot(centre.x - static_cast<float>(report.info.width) / 2,
                                      centre.y - static_cast<float>(report.info.height) / 2);
    if (distance < least) {
      least = distance;
      central = &face;
    }
  }
  return central;
}

}  // namespace

Json interval_json(const eval::Interval& interval) {
  return {six_digits(interval.low), six_digits(interval.high)};
}

std::string percent_line(const std::string& label, double value, const eval::Interval& interval) {
  char text[128];
  std::snprintf(text, sizeof text, "  %-24s %6.2f %%   [%.2f, %.2f]\n", label.c_str(), value * 100,
                interval.low * 100, interval.high * 100);
  return text;
}

Result<RunSummary> run_over(const Pipeline& pipeline, const std::vector<fs::path>& photos,
                            const fs::path& folder, const Options& options, const std::stop_token& stop,
                            const Pipeline::Sink& take) {
  Progress progress("Photos", photos.size(), options.quiet);
  const RunSummary summary = pipeline.run(
      photos,
      [&](PhotoReport&& report) {
        progress.advance();
        if (report.error) {
          progress.clear();
          spdlog::error("{}", printable(report.error->message));
        }
        take(std::move(report));
      },
      stop);
  if (summary.cancelled)
    return fail(ErrorCode::cancelled, "interrupted; there is no result from a part of the photos");
  if (summary.failed == summary.photos)
    return fail(ErrorCode::not_found,
                folder.string() + ": none of the data set's photos could be read; is this its folder?");
  if (Status written = write_timings(summary, options); !written) return tl::unexpected(written.error());
  return summary;
}

Result<Looked> vectors_of(const std::set<std::string>& files, const fs::path& folder, const Models& models,
                          const Options& options, const std::stop_token& stop) {
  std::vector<fs::path> photos;
  for (const std::string& file : files) photos.push_back(folder / file);
  const Pipeline pipeline(*models.detector, models.embedder.get(), nullptr,
                          {.threads = options.thread_count(), .decode = options.decode_settings()});
  eval::Vectors vectors;
  const Result<RunSummary> summary =
      run_over(pipeline, photos, folder, options, stop, [&](PhotoReport&& report) {
        if (const Face* face = central_face(report))
          vectors.emplace(report.photo.lexically_relative(folder).string(), face->embedding);
      });
  if (!summary) return tl::unexpected(summary.error());
  return Looked{std::move(vectors), *summary};
}

std::set<std::string> files_of(const std::vector<eval::OpenSetRow>& rows,
                               std::span<const std::string_view> roles) {
  std::set<std::string> files;
  for (const eval::OpenSetRow& row : rows) {
    if (std::ranges::find(roles, row.role) != roles.end()) files.insert(row.file);
  }
  return files;
}

Exit print_result(const std::string& text, const RunSummary& summary) {
  const Exit printed = print(text);
  return printed == ok ? exit_code(summary) : printed;
}

}  // namespace kith::cli

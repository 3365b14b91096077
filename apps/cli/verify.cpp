// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <spdlog/spdlog.h>

#include "command.h"
#include "output.h"
#include "text.h"

namespace kith::cli {
namespace {

struct VerifyOptions {
  std::filesystem::path a;
  std::filesystem::path b;
  double false_accept_rate = IdentifySettings{}.false_accept_rate;
};

// The largest face of a photo, or the error of one that has none.
Result<Face> subject_of(const PhotoReport& report) {
  if (report.error) return tl::unexpected(*report.error);
  if (report.faces.empty())
    return fail(ErrorCode::no_face, report.photo.string() + ": no face found; give a photo with a face");
  if (report.faces.size() > 1)
    spdlog::warn("{}: several faces; the largest is compared", printable(report.photo.string()));
  return *largest_face(report.faces);
}

// The pipeline would take a folder for all photos in it, and the first two faces that it sees for the pair.
Status check_no_folder(const VerifyOptions& chosen) {
  for (const std::filesystem::path& photo : {chosen.a, chosen.b}) {
    std::error_code ignored;
    if (std::filesystem::is_directory(photo, ignored))
      return fail(ErrorCode::bad_argument, photo.string() + ": is a folder; give two photos");
  }
  return {};
}

Exit verify(const VerifyOptions& chosen, const Options& options, const std::stop_token& stop) {
  if (Status photos = check_no_folder(chosen); !photos) return report_failure(photos.error());
  const Result<Models>& models = load_models(options);
  if (!models) return report_failure(models.error());
  const Pipeline pipeline(
      *models->detector, models->embedder.get(), nullptr,
      {.threads = options.thread_count(), .decode = options.decode_settings(), .embed = Embed::largest});
  std::vector<Face> subjects;
  Output output;
  bool failed = false;
  const RunSummary summary = pipeline.run(
      {chosen.a, chosen.b},
      [&](PhotoReport&& report) {
        Result<Face> subject = subject_of(report);
        if (subject) {
          subjects.push_back(std::move(*subject));
          return;
        }
        failed = true;
        spdlog::error("{}", printable(subject.error().message));
        if (options.json) output.write(line_of(error_json(report.photo, subject.error())));
      },
      stop);
  if (summary.cancelled) return interrupted;
  if (Status written = write_timings(summary, options); !written) return report_failure(written.error());
  if (failed || subjects.size() != 2) {
    if (Status finished = output.finish(); !finished) return report_failure(finished.error());
    return some_failed;
  }

  const Calibration& calibration = models->embedder_spec.calibration;
  const float similarity = dot(subjects[0].embedding, subjects[1].embedding);
  const float probability = same_person_probability(calibration, similarity);
  const bool same = similarity >= similarity_threshold(calibration, chosen.false_accept_rate, 1);
  if (options.json) {
    output.write(line_of({{"a", chosen.a.string()},
                          {"b", chosen.b.string()},
                          {"similarity", six_digits(similarity)},
                          {"probability", six_digits(probability)},
                          {"same", same}}));
  } else {
    char text[96];
    std::snprintf(text, sizeof text, "%s (similarity %.3f, probability %.3f)\n",
                  same ? "the same person" : "not shown to be the same person",
                  static_cast<double>(similarity), static_cast<double>(probability));
    output.write(text);
  }
  if (Status finished = output.finish(); !finished) return report_failure(finished.error());
  return ok;
}

}  // namespace

void add_verify(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<VerifyOptions>();
  CLI::App& command = *app.add_subcommand("verify", "Tells whether two photos show the same person");
  command.add_option("a", chosen->a, "One photo")->required()->type_name("A");
  command.add_option("b", chosen->b, "Another photo")->required()->type_name("B");
  command
      .add_option("--far", chosen->false_accept_rate,
                  "The share of pairs of different people that may be called the same")
      ->check(CLI::Range(1e-9, 1.0))
      ->capture_default_str()
      ->type_name("RATE");
  add_photo_options(command, options);
  add_timings_option(command, options);
  command.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token& stop) { return verify(*chosen, options, stop); };
  });
}

}  // namespace kith::cli

// SPDX-License-Identifier: Apache-2.0
#include "command.h"
#include "output.h"
#include "text.h"

namespace kith::cli {
namespace {

Exit detect(const std::vector<std::string>& inputs, const Options& options, const std::stop_token& stop) {
  const std::vector<std::filesystem::path> photos = expand_inputs(inputs);
  const Result<Models>& models =
      load_models(options, {.photos_at_once = photos_at_once(photos, options), .vectors = false});
  if (!models) return report_failure(models.error());
  // The embedder's crop gives the quality; its vectors are not needed.
  const Pipeline pipeline(
      *models->detector, models->embedder.get(), nullptr,
      {.threads = options.thread_count(), .decode = options.decode_settings(), .embed = Embed::none});
  return run_pipeline(
      pipeline, photos, options,
      [&](const PhotoReport& report, Output& output) {
        const std::string what = report.error ? "failed: " + std::string(error_code_name(report.error->code))
                                              : counted(report.faces.size(), "face");
        output.write(options.json ? line_of(report_json(report, false)) : table_line(report.photo, what));
      },
      stop);
}

}  // namespace

void add_detect(CLI::App& app, Options& options, Action& action) {
  const auto inputs = std::make_shared<std::vector<std::string>>();
  CLI::App& command = *app.add_subcommand("detect", "Finds the faces on photos");
  add_inputs(command, *inputs);
  add_photo_options(command, options);
  add_timings_option(command, options);
  command.callback([inputs, &options, &action] {
    action = [inputs, &options](const std::stop_token& stop) { return detect(*inputs, options, stop); };
  });
}

}  // namespace kith::cli

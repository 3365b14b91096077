// SPDX-License-Identifier: Apache-2.0
#include <array>
#include "command.h"

#include "core/atomic_write.h"
#include "core/npy.h"
#include "output.h"
#include "text.h"

namespace kith::cli {
namespace {

struct EmbedOptions {
  std::vector<std::string> inputs;
  std::filesystem::path npy;
};

Json embedding_json(const PhotoReport& report) {
  if (report.error) return error_json(report.photo, *report.error);
  Json faces = Json::array();
  for (const Face& face : report.faces) {
    Json vector = Json::array();
    for (const float value : face.embedding) vector.push_back(six_digits(value));
    faces.push_back({{"box", box_json(face.box)}, {"embedding", std::move(vector)}});
  }
  return {{"photo", report.photo.string()}, {"faces", std::move(faces)}};
}

Exit embed(const EmbedOptions& chosen, const Options& options, const std::stop_token& stop) {
  const std::vector<std::filesystem::path> inputs = expand_inputs(chosen.inputs);
  const Result<Models>& models = load_models(options, {.photos_at_once = photos_at_once(inputs, options)});
  if (!models) return report_failure(models.error());
  const Pipeline pipeline(*models->detector, models->embedder.get(), nullptr,
                          {.threads = options.thread_count(), .decode = options.decode_settings()});
  std::vector<float> vectors;  // one after the other
  std::size_t rows = 0;
  const Exit code = run_pipeline(
      pipeline, inputs, options,
      [&](const PhotoReport& report, Output& output) {
        const std::string numbers = report.faces.empty() ? ""
                                                         : ", rows " + std::to_string(rows) + " to " +
                                                               std::to_string(rows + report.faces.size() - 1);
        if (options.json) {
          output.write(line_of(embedding_json(report)));
        } else {
          output.write(table_line(report.photo,
                                  report.error ? "failed" : counted(report.faces.size(), "face") + numbers));
        }
        if (chosen.npy.empty()) return;
        for (const Face& face : report.faces) {
          vectors.insert(vectors.end(), face.embedding.begin(), face.embedding.end());
          ++rows;
        }
      },
      stop);
  if (code == could_not_run || chosen.npy.empty()) return code;
  const std::array shape{rows, static_cast<std::size_t>(models->embedder->dimension())};
  if (Status written = write_atomically(chosen.npy, npy_bytes<float>(vectors, shape)); !written)
    return report_failure(written.error());
  return code;
}

}  // namespace

void add_embed(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<EmbedOptions>();
  CLI::App& command =
      *app.add_subcommand("embed", "Prints the vector of each face, for programs of your own");
  add_inputs(command, chosen->inputs);
  add_photo_options(command, options);
  add_timings_option(command, options);
  CLI::Option* npy = command.add_option(
      "--npy", chosen->npy, "Write all vectors to one NumPy file, a row a face in the order printed");
  npy->type_name("FILE");
  command.callback([chosen, &options, &action] {
    if (!options.json && chosen->npy.empty())
      throw CLI::ValidationError("embed", "give --json, --npy FILE, or both");
    action = [chosen, &options](const std::stop_token& stop) { return embed(*chosen, options, stop); };
  });
}

}  // namespace kith::cli

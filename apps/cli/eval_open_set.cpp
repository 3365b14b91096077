// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "eval_base.h"

namespace kith::cli {

namespace {

constexpr std::array<std::string_view, 4> roles_at_work{"gallery", "probe_known", "probe_known_unknown",
                                                        "probe_unknown_unknown"};

}  // namespace

Exit eval_open_set(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::vector<eval::OpenSetRow>> rows = eval::read_open_set(chosen.csv, chosen.every);
  if (!rows) return report_failure(rows.error());
  if (Status judged = eval::check_probes(*rows); !judged)
    return report_failure({judged.error().code, chosen.csv.string() + ": " + judged.error().message});
  const Result<Models> models = load_models(options);
  if (!models) return report_failure(models.error());
  const Result<Looked> looked =
      vectors_of(files_of(*rows, roles_at_work), chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());
  const Result<std::vector<eval::Probe>> probes =
      eval::score_probes(*rows, eval::enrolled(*rows, looked->vectors), looked->vectors);
  if (!probes) return report_failure(probes.error());

  const auto known = static_cast<std::size_t>(std::ranges::count_if(*probes, &eval::Probe::enrolled));
  const auto rank1 = static_cast<std::size_t>(std::ranges::count_if(
      *probes, [](const eval::Probe& probe) { return probe.enrolled && probe.correct; }));
  const auto share = [&](std::size_t count) {
    return known == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(known);
  };
  Json dir;
  Json intervals;
  std::string lines;
  for (const auto& [label, rate] :
       {std::pair{"1e-1", 1e-1}, std::pair{"1e-2", 1e-2}, std::pair{"1e-3", 1e-3}}) {
    const std::size_t count = eval::detected_and_identified(*probes, rate);
    const eval::Interval interval = eval::wilson95(count, known);
    dir[label] = six_digits(share(count));
    intervals[label] = interval_json(interval);
    lines += percent_line(std::string("DIR at FAR ") + label, share(count), interval);
  }
  if (options.json) {
    return print_result(line_of({{"protocol", chosen.csv.stem().string()},
                                 {"model", models->embedder_spec.name},
                                 {"detector", models->detector_spec.name},
                                 {"classifier", "nearest"},
                                 {"dir", dir},
                                 {"dir_ci95", intervals},
                                 {"rank1", six_digits(share(rank1))},
                                 {"probes", probes->size()},
                                 {"probes_known", known}}),
                        looked->summary);
  }
  return print_result("Open-set identification, " + models->detector_spec.name + " + " +
                          models->embedder_spec.name + ", " + std::to_string(known) +
                          " probes of enrolled people and " + std::to_string(probes->size() - known) +
                          " of strangers (95 % intervals)\n" + lines +
                          percent_line("rank 1", share(rank1), eval::wilson95(rank1, known)),
                      looked->summary);
}

}  // namespace kith::cli

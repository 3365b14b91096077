// SPDX-License-Identifier: Apache-2.0
#include "train_epochs.h"

#include <algorithm>
#include <cstdio>

#include "report/plot.h"
#include "text.h"

namespace kith::cli {

std::string epoch_line(const TrainEpoch& epoch, int epochs) {
  char text[200];
  std::snprintf(text, sizeof text, "epoch %3d of %d   loss %7.4f   active %5.1f %%   %6.1f photos/s",
                epoch.epoch, epochs, epoch.loss, 100 * epoch.active_share, epoch.photos_per_second);
  std::string line = text;
  if (epoch.validation) {
    std::snprintf(text, sizeof text, "   validation: TAR %5.1f %% at FAR 1 %%, accuracy %5.1f %%",
                  100 * epoch.validation->tar, 100 * epoch.validation->accuracy);
    line += text;
  }
  return line + "\n";
}

Json validation_json(const std::optional<Validation>& validation) {
  if (!validation) return nullptr;
  return {{"tar", {{"1e-2", six_digits(validation->tar)}}}, {"accuracy", six_digits(validation->accuracy)}};
}

Json epoch_json(const TrainEpoch& epoch) {
  return {{"epoch", epoch.epoch},
          {"loss", six_digits(epoch.loss)},
          {"active_share", six_digits(epoch.active_share)},
          {"photos_per_second", six_digits(epoch.photos_per_second)},
          {"seconds", six_digits(epoch.seconds)},
          {"validation", validation_json(epoch.validation)}};
}

std::string curves_csv(const std::vector<TrainEpoch>& epochs) {
  std::string csv =
      "epoch,loss,active_share,photos_per_second,seconds,validation_tar_1e-2,validation_accuracy\n";
  for (const TrainEpoch& epoch : epochs) {
    char text[200];
    std::snprintf(text, sizeof text, "%d,%.6g,%.6g,%.6g,%.6g,", epoch.epoch, epoch.loss, epoch.active_share,
                  epoch.photos_per_second, epoch.seconds);
    csv += text;
    if (epoch.validation) {
      std::snprintf(text, sizeof text, "%.6g,%.6g", epoch.validation->tar, epoch.validation->accuracy);
      csv += text;
    } else {
      csv += ",";
    }
    csv += "\n";
  }
  return csv;
}

std::string curves_svg(const std::vector<TrainEpoch>& epochs, const std::string& title) {
  report::Series loss{.name = "loss, of its largest"};
  report::Series active{.name = "active share"};
  report::Series tar{.name = "validation TAR at FAR 1 %"};
  report::Series accuracy{.name = "validation accuracy"};
  double largest = 0;
  for (const TrainEpoch& epoch : epochs) largest = std::max(largest, epoch.loss);
  const auto add = [](report::Series& series, double x, double y) {
    series.x.push_back(x);
    series.y.push_back(y);
  };
  for (const TrainEpoch& epoch : epochs) {
    add(loss, epoch.epoch, largest > 0 ? epoch.loss / largest : 0);
    add(active, epoch.epoch, epoch.active_share);
    if (!epoch.validation) continue;
    add(tar, epoch.epoch, epoch.validation->tar);
    add(accuracy, epoch.epoch, epoch.validation->accuracy);
  }
  report::Plot plot{.title = title,
                    .x = {.label = "epoch"},
                    .y = {.label = "share", .low = 0, .high = 1},
                    .series = {loss, active},
                    .guides = {}};
  if (!tar.x.empty()) plot.series.insert(plot.series.end(), {tar, accuracy});
  return report::svg_file(plot);
}

}  // namespace kith::cli

// SPDX-License-Identifier: Apache-2.0
#include "library.h"

namespace kith::cli {
namespace {

struct GroupOptions {
  bool afresh = false;
  bool ignore_strangers = false;
};

Json cluster_json(const LibraryCluster& cluster) {
  Json faces = Json::array();
  for (const LibraryFace& face : cluster.faces)
    faces.push_back({{"face", face.id}, {"photo", face.path.string()}, {"box", box_json(face.box)}});
  return {{"cluster", cluster.id}, {"faces", std::move(faces)}};
}

std::string clusters_text(const ClusterSummary& summary, const std::vector<LibraryCluster>& clusters) {
  std::string text = counted(summary.faces, "face") +
                     " without a name: " + counted(summary.clusters, "cluster") + ", " +
                     counted(summary.strangers, "stranger") + " seen once\n";
  for (const LibraryCluster& cluster : clusters) {
    if (cluster.faces.size() < 2) break;  // the largest come first
    text += "cluster " + std::to_string(cluster.id) + ": " + counted(cluster.faces.size(), "face") +
            ", for example " + face_text(cluster.faces.front()) + "\n";
  }
  if (summary.clusters > 0)
    text += "`kith people add NAME --cluster NUMBER` names one, `kith review` asks about each.\n";
  return text;
}

Exit ignore_strangers(Library& library, const Options& options, const std::vector<LibraryCluster>& clusters) {
  std::vector<FaceId> strangers;
  for (const LibraryCluster& cluster : clusters) {
    if (cluster.faces.size() == 1) strangers.push_back(cluster.faces.front().id);
  }
  if (strangers.empty()) return print("There are no strangers to ignore.\n");
  if (Status ignored = library.ignore(strangers); !ignored) return report_failure(ignored.error());
  return finish_decision(library, options,
                         counted(strangers.size(), "stranger") + " ignored; `kith undo` takes it back");
}

Exit group(const GroupOptions& chosen, const Options& options, const std::stop_token& stop) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  const Result<ModelSpec> embedder = active_embedder(options);
  if (!embedder) return report_failure(embedder.error());
  const Result<ClusterSummary> summary = library->group(*embedder, chosen.afresh, stop);
  if (!summary) return report_failure(summary.error());
  const Result<std::vector<LibraryCluster>> clusters = library->clusters();
  if (!clusters) return report_failure(clusters.error());
  if (chosen.ignore_strangers) return ignore_strangers(*library, options, *clusters);
  if (!options.json) return print(clusters_text(*summary, *clusters));
  std::string lines;
  for (const LibraryCluster& cluster : *clusters) lines += line_of(cluster_json(cluster));
  return print(lines);
}

}  // namespace

void add_cluster(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<GroupOptions>();
  CLI::App& command =
      *app.add_subcommand("cluster", "Groups the faces of the photo library that have no name");
  add_library_option(command, options);
  command.add_flag("--afresh", chosen->afresh,
                   "Group all again, instead of adding what is new to the groups there are");
  command.add_flag("--ignore-strangers", chosen->ignore_strangers,
                   "Ignore all faces that resemble no other, in one step");
  add_json_option(command, options);
  command.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token& stop) { return group(*chosen, options, stop); };
  });
}

}  // namespace kith::cli

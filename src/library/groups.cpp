// SPDX-License-Identifier: Apache-2.0
// Clusters of faces without a name.
#include <algorithm>
#include <map>
#include <unordered_set>

#include <kith/cluster.h>
#include <kith/library.h>

#include "library/impl.h"

namespace kith {
namespace {

using store::Database;

// Links between faces that are both to be grouped.
ClusterLinks links_among(Database& database, const std::vector<FaceId>& faces) {
  const std::unordered_set<FaceId> here(faces.begin(), faces.end());
  ClusterLinks links;
  for (const store::LinkRow& link : store::links(database)) {
    if (here.contains(link.one) && here.contains(link.other))
      (link.same ? links.must : links.cannot).emplace_back(link.one, link.other);
  }
  return links;
}

std::vector<std::int64_t> labels_before(Database& database, const std::vector<FaceId>& faces) {
  const std::unordered_map<FaceId, ClusterId> known = store::cluster_members(database);
  std::vector<std::int64_t> labels;
  for (const FaceId face : faces) {
    const auto label = known.find(face);
    labels.push_back(label == known.end() ? 0 : label->second);
  }
  return labels;
}

void write(Database& database, const std::vector<FaceId>& faces, const std::vector<std::int64_t>& labels) {
  store::Transaction transaction(database);
  std::unordered_map<FaceId, ClusterId> before = store::cluster_members(database);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto old = before.find(faces[i]);
    const bool is_new = old == before.end() || old->second != labels[i];
    // It may have been forgotten while it was grouped, or its photo taken out.
    if (is_new && store::has_face(database, faces[i]))
      store::put_cluster_member(database, faces[i], labels[i]);
    if (old != before.end()) before.erase(old);
  }
  for (const auto& [face, cluster] : before) store::drop_cluster_member(database, face);
  transaction.commit();
}

}  // namespace

Result<ClusterSummary> Library::group(const ModelSpec& embedder, bool afresh, std::stop_token stop) {
  return store::guarded(*impl_->database, [&]() -> Result<ClusterSummary> {
    Database& database = *impl_->database;
    if (!library::is_embedded(database, embedder))
      return fail(ErrorCode::bad_argument, "not all faces have vectors of the model \"" + embedder.name +
                                               "\" yet; run `kith scan` first, and then group them");
    const std::int64_t model = library::known_model_of(database, embedder);
    const store::Vectors faces = store::vectors(database, model, store::Which::unnamed);
    const std::vector<std::int64_t> before = labels_before(database, faces.faces);
    Clustering clustering;
    if (!faces.faces.empty()) {
      Result<Clustering> grouped =
          cluster({.vectors = faces.values,
                   .dimension = faces.dimension,
                   .ids = faces.faces,
                   .photos = faces.photos,
                   .previous = before},
                  links_among(database, faces.faces), {.rebuild = afresh}, std::move(stop));
      if (!grouped) return tl::unexpected(grouped.error());
      clustering = std::move(*grouped);
    }
    write(database, faces.faces, clustering.labels);
    ClusterSummary summary;
    summary.faces = faces.faces.size();
    for (const Cluster& found : clustering.clusters)
      ++(found.stranger() ? summary.strangers : summary.clusters);
    return summary;
  });
}

Result<std::vector<LibraryCluster>> Library::clusters() {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<LibraryCluster>> {
    std::map<ClusterId, LibraryCluster> by_id;
    for (LibraryFace& face : store::faces_in_clusters(*impl_->database)) {
      LibraryCluster& cluster = by_id[*face.cluster];
      cluster.id = *face.cluster;
      cluster.faces.push_back(std::move(face));
    }
    std::vector<LibraryCluster> result;
    for (auto& [id, cluster] : by_id) result.push_back(std::move(cluster));
    std::ranges::stable_sort(result, std::greater{},
                             [](const LibraryCluster& cluster) { return cluster.faces.size(); });
    return result;
  });
}

}  // namespace kith

// SPDX-License-Identifier: Apache-2.0
#include <kith/cluster.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>
#include <tbb/task_arena.h>

#include "cluster/constraints.h"
#include "cluster/linkage.h"
#include "cluster/neighbours.h"
#include "cluster/stable_ids.h"

namespace kith {
namespace {

using namespace cluster_detail;

// Numbers of groups go to twice the faces.
constexpr std::size_t most_faces = std::numeric_limits<Index>::max() / 2;

tl::unexpected<Error> wrong(const std::string& message) { return fail(ErrorCode::bad_argument, message); }

Status check_settings(const ClusterSettings& settings) {
  if (!(settings.min_similarity > 0 && settings.min_similarity <= 1))
    return wrong("the least similarity of a cluster has to lie above 0 and not above 1");
  if (!(settings.few_faces_margin >= 0 && settings.few_faces_margin <= 1))
    return wrong("the margin for few faces has to lie between 0 and 1");
  if (settings.neighbours == 0 || settings.probes == 0 || settings.threads < 0)
    return wrong("clustering needs at least one neighbour and one probe, and no negative number of threads");
  return {};
}

Status check_columns(const ClusterFaces& faces) {
  const std::size_t count = faces.ids.size();
  if (count > most_faces) return wrong("more faces than can be grouped at once");
  if (count > 0 && faces.dimension == 0) return wrong("vectors without a dimension");
  if (faces.vectors.size() != count * faces.dimension)
    return wrong(std::to_string(count) + " faces of dimension " + std::to_string(faces.dimension) + " and " +
                 std::to_string(faces.vectors.size()) + " numbers in their vectors");
  for (const auto& [name, size] :
       {std::pair("photos", faces.photos.size()), std::pair("previous clusters", faces.previous.size())}) {
    if (size != 0 && size != count)
      return wrong(std::to_string(count) + " faces and " + std::to_string(size) + " " + name);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (faces.ids[i] <= (i == 0 ? 0 : faces.ids[i - 1]))
      return wrong("face " + std::to_string(faces.ids[i]) +
                   ": the faces' ids have to be positive and ascending");
  }
  return {};
}

bool is_unit(std::span<const float> vector) {
  constexpr float tolerance = 0.01F;
  // NaN and infinity fail it too.
  return std::abs(std::sqrt(best_kernel().dot(vector.data(), vector.data(), vector.size())) - 1) <= tolerance;
}

Status check_vectors(const ClusterFaces& faces, const Rows& rows) {
  using Range = tbb::blocked_range<std::size_t>;
  const std::size_t bad = tbb::parallel_reduce(
      Range(0, rows.size(), 1024), rows.size(),
      [&](const Range& range, std::size_t found) {
        for (std::size_t i = range.begin(); i < range.end() && i < found; ++i) {
          if (!is_unit(rows[i])) found = i;
        }
        return found;
      },
      [](std::size_t a, std::size_t b) { return std::min(a, b); });
  if (bad < rows.size())
    return wrong("face " + std::to_string(faces.ids[bad]) + ": its vector is not of unit length");
  return {};
}

std::vector<Edge> find_edges(const Rows& rows, const Beginning& beginning, const ClusterSettings& settings,
                             const std::stop_token& stop) {
  if (beginning.fresh.empty()) return {};
  const GraphSettings graph{settings.min_similarity, settings.neighbours, settings.probes, settings.seed};
  const auto fresh = static_cast<double>(beginning.fresh.size());
  const auto settled = static_cast<double>(beginning.settled.size());
  const auto limit = static_cast<double>(settings.exact_faces);
  // Few new faces are compared with all of even a large library.
  if (fresh * (fresh / 2 + settled) <= limit * limit / 2)
    return exact_graph(rows, beginning.fresh, beginning.settled, graph, stop);
  return partitioned_graph(rows, beginning.fresh, graph, stop);
}

Result<Clustering> cluster_checked(const ClusterFaces& faces, const ClusterLinks& links,
                                   const ClusterSettings& settings, const std::stop_token& stop) {
  const Rows rows{faces.vectors, faces.dimension};
  if (Status sound = check_vectors(faces, rows); !sound) return tl::unexpected(sound.error());
  Result<Beginning> beginning = begin_with(faces, links, settings.rebuild);
  if (!beginning) return tl::unexpected(beginning.error());
  std::vector<Edge> edges = find_edges(rows, *beginning, settings, stop);
  const auto cancelled = [] { return fail(ErrorCode::cancelled, "the grouping of faces was interrupted"); };
  if (stop.stop_requested()) return cancelled();
  const std::optional<std::vector<Index>> groups =
      link(rows, std::move(beginning->groups), std::move(edges),
           {settings.min_similarity, settings.few_faces_margin}, stop);
  if (!groups) return cancelled();
  return with_stable_ids(faces.ids, faces.previous, *groups);
}

}  // namespace

Result<Clustering> cluster(const ClusterFaces& faces, const ClusterLinks& links,
                           const ClusterSettings& settings, std::stop_token stop) {
  if (Status sound = check_settings(settings); !sound) return tl::unexpected(sound.error());
  if (Status sound = check_columns(faces); !sound) return tl::unexpected(sound.error());
  tbb::task_arena arena(settings.threads > 0 ? settings.threads : tbb::task_arena::automatic);
  return arena.execute([&] { return cluster_checked(faces, links, settings, stop); });
}

}  // namespace kith

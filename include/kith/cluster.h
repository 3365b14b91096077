// SPDX-License-Identifier: Apache-2.0
// Groups faces that nobody has named: one cluster a person, as far as the vectors tell.
//
// Average linkage (UPGMA: Sokal and Michener, "A statistical method for evaluating systematic
// relationships", 1958) on a nearest-neighbour graph. Of all pairs of clusters that an edge joins, the
// two with the highest
//     linkage(A, B) = mean of dot(a, b) over all a in A, b in B = dot(sum A, sum B) / (|A| |B|)
// are merged, again and again, of those with
//     linkage(A, B) >= min_similarity + few_faces_margin / sqrt(|A| |B|)
// The second term is how unsure a mean of so many pairs is, taking them for independent. The graph
// only proposes: the linkage is that of all faces of both clusters, through their sums. An edge joins each
// face with its nearest faces of at least `min_similarity`; a mean that reaches it has a pair that does,
// so with enough neighbours a face the graph leaves nothing out. One chance likeness does not join two
// people, as it does with single linkage and connected components.
//
// The same input gives the same output on one kind of processor, whatever the number of threads.
//
// Thread rule: cluster() may be called by several threads at once; it uses threads of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include <kith/result.h>

namespace kith {

// Faces as columns: entry i of each span is face i's. Row i of `vectors` is
// vectors[i * dimension, (i + 1) * dimension). Nothing is copied but what the search needs.
struct ClusterFaces {
  std::span<const float> vectors;  // unit length (within 1e-2, so that stored half floats will do)
  std::size_t dimension = 0;
  std::span<const std::int64_t> ids;  // the faces' ids: positive, ascending, no two alike
  // The photo each face is on. Two faces of one photo are never put together, unless must-linked.
  // Empty: every face is on a photo of its own.
  std::span<const std::int64_t> photos;
  // The cluster each face was in, from an earlier Clustering::labels; 0: a face that is new. Empty: all new.
  std::span<const std::int64_t> previous;
};

// The owner's word, as pairs of face ids. It beats the rule about photos and every similarity. Must-linked
// faces are one cluster, but a linkage takes no mean over faces that only a link holds together: who
// resembles either side joins.
struct ClusterLinks {
  std::vector<std::pair<std::int64_t, std::int64_t>> must;    // one person, also through others
  std::vector<std::pair<std::int64_t, std::int64_t>> cannot;  // two people
};

struct ClusterSettings {
  // Cosine, above 0: two large clusters are one person from this mean similarity on ...
  float min_similarity = 0.43F;
  // ... and two single faces from this much more. Both are for the built-in embedder, whose strangers
  // spread by 0.1, and were chosen together on the training people of LFW's open set (docs/accuracy.md).
  float few_faces_margin = 0.07F;
  // Edges a face: its nearest. Of a person with more photos than this each face still has edges to a good
  // part of them, and its clusters find each other through these. Bounds the memory: 8 bytes an edge.
  std::size_t neighbours = 64;
  // Up to this many faces every pair is compared (100,000: about a minute on two cores). Beyond, the
  // faces are split into parts by k-means, and each is compared with those of the nearest parts only
  // (inverted file: Jegou, Douze, Schmid, "Product quantization for nearest neighbor search", 2011).
  std::size_t exact_faces = 100'000;
  // Of those parts (two for each square root of faces: 2,000 for a million), how many are searched a face.
  std::size_t probes = 64;
  // false: faces with a previous label stay in their cluster, only the new ones look for a place.
  // true: all are grouped afresh, and `previous` only decides which ids the clusters get.
  bool rebuild = false;
  // Of the k-means.
  std::uint64_t seed = 1;
  int threads = 0;  // 0: as many as the machine has
};

struct Cluster {
  std::int64_t id = 0;
  std::size_t faces = 0;

  // A cluster of one: somebody seen once.
  [[nodiscard]] bool stranger() const noexcept { return faces == 1; }
};

struct Clustering {
  std::vector<std::int64_t> labels;  // the id of each face's cluster, strangers included
  std::vector<Cluster> clusters;     // by id, ascending
};

// What happens to clusters of earlier runs, unless settings.rebuild:
// - Their faces are not compared with each other again, but for clusters that hold must-linked faces. New
// faces join them, or one another, by the linkage
//   above, and two of them are merged where new faces or must-links bring them together and the linkage
//   agrees.
// - One that a new cannot-link or the rule about photos contradicts is dissolved: its faces count as new.
// Ids: a cluster is born with the smallest id of its faces that no cluster bears, or a negative id where all
// are borne. Later it keeps its id: of earlier and present clusters the two that share the most faces are the
// same one (the smaller ids where several share as many), then the next two.
//
// Errors: bad_argument (spans of different lengths, ids that are not positive and ascending, a vector
// that is not of unit length or not finite, links that name no face of these, a cannot-link within
// must-linked faces - each named in the message -, settings out of range), cancelled.
[[nodiscard]] Result<Clustering> cluster(const ClusterFaces& faces, const ClusterLinks& links = {},
                                         const ClusterSettings& settings = {}, std::stop_token stop = {});

}  // namespace kith

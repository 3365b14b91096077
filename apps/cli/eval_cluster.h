// SPDX-License-Identifier: Apache-2.0
// `kith eval cluster`: its options, and what it does once the vectors are there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "command.h"
#include "eval/metrics.h"

namespace kith::cli {

struct ClusterChoice {
  std::filesystem::path npy;          // stored vectors ...
  std::filesystem::path labels;       // ... and whose they are; both or neither
  std::filesystem::path save;         // where to keep the vectors and labels of a folder, without extension
  std::filesystem::path assignments;  // where to write each face's cluster
  ClusterSettings settings;
};

// --npy and --labels alone.
void add_stored_options(CLI::App& command, ClusterChoice& chosen);
void add_cluster_options(CLI::App& command, ClusterChoice& chosen);

struct LabelledFaces {
  std::vector<float> vectors;  // one after the other
  std::size_t dimension = 0;
  std::vector<std::string> people;
  std::vector<std::string> photos;  // may be empty where the vectors were stored

  void add(const std::string& person, const std::string& photo, const Embedding& vector);
};

// What --npy and --labels name. Errors: those of read_npy; not_found, bad_argument (other numbers of rows and
// labels).
[[nodiscard]] Result<LabelledFaces> stored_faces(const ClusterChoice& chosen);

// The people as numbers, in the order in which they first appear.
[[nodiscard]] std::vector<std::int64_t> numbered(const std::vector<std::string>& people);

// What a grouping of faces came to.
struct ClusterResult {
  std::string model;  // empty where the vectors were stored
  LabelledFaces faces;
  std::vector<std::int64_t> people;    // numbers of the faces' people
  std::vector<std::int64_t> clusters;  // and of their clusters
  std::size_t strangers = 0;           // clusters of one face
  eval::ClusterScore score;
  double seconds = 0;
};

// Two results of the same faces.
struct ClusterComparison {
  std::string first;
  std::string second;
  eval::ClusterDifference difference;
};

}  // namespace kith::cli

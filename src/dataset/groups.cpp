// SPDX-License-Identifier: Apache-2.0
#include "dataset/groups.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <set>

#include <kith/cluster.h>

namespace kith::dataset {
namespace {

// The members as columns, as cluster() takes them.
struct Columns {
  std::vector<float> vectors;
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> photos;
  std::vector<std::int64_t> previous;
  std::map<std::int64_t, std::string> people;  // of earlier clusters
};

Columns columns_of(std::span<const GroupMember> members) {
  Columns columns;
  std::map<std::string, std::int64_t> looks;
  std::map<std::string, std::int64_t> clusters;
  for (const GroupMember& member : members) {
    const auto id = static_cast<std::int64_t>(columns.ids.size()) + 1;
    columns.vectors.insert(columns.vectors.end(), member.vector->begin(), member.vector->end());
    columns.ids.push_back(id);
    columns.photos.push_back(looks.try_emplace(member.look, id).first->second);
    // A cluster has the number of its first face.
    const bool is_new = member.person.empty();
    columns.previous.push_back(is_new ? 0 : clusters.try_emplace(member.person, id).first->second);
    if (!is_new) columns.people[columns.previous.back()] = member.person;
  }
  return columns;
}

// Free names, one after another.
class Numbers {
 public:
  explicit Numbers(std::span<const std::string> taken) : taken_(taken.begin(), taken.end()) {}
  std::string next() {
    char name[32];
    do {
      std::snprintf(name, sizeof name, "person-%03d", ++number_);
    } while (!taken_.insert(name).second);
    return name;
  }

 private:
  std::set<std::string> taken_;
  int number_ = 0;
};

}  // namespace

Result<std::vector<GroupName>> group_names(std::span<const GroupMember> members,
                                           std::span<const std::string> taken,
                                           const ClusterSettings& settings, std::size_t min_cluster) {
  if (members.empty()) return std::vector<GroupName>{};
  Columns columns = columns_of(members);
  Result<Clustering> clustering = cluster(
      {columns.vectors, members.front().vector->size(), columns.ids, columns.photos, columns.previous}, {},
      settings);
  if (!clustering) return tl::unexpected(std::move(clustering.error()));
  std::ranges::stable_sort(clustering->clusters, std::greater{}, &Cluster::faces);
  Numbers numbers(taken);
  std::map<std::int64_t, std::size_t> sizes;
  for (const Cluster& one : clustering->clusters) {
    sizes[one.id] = one.faces;
    if (one.faces >= min_cluster && !columns.people.contains(one.id)) columns.people[one.id] = numbers.next();
  }
  std::vector<GroupName> names;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::int64_t label = clustering->labels[i];
    const auto person = columns.people.find(label);
    names.push_back({person == columns.people.end() ? std::string() : person->second, sizes[label]});
    if (!members[i].person.empty()) names.back().person = members[i].person;
  }
  return names;
}

}  // namespace kith::dataset

// SPDX-License-Identifier: Apache-2.0
#include "cluster/constraints.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>
#include <unordered_map>

namespace kith::cluster_detail {
namespace {

// Sets of faces that are being joined. A set is known by its smallest face.
class Sets {
 public:
  explicit Sets(std::size_t count) : parents_(count) {
    std::iota(parents_.begin(), parents_.end(), Index{0});
  }

  Index find(Index face) {
    while (parents_[face] != face) {
      parents_[face] = parents_[parents_[face]];
      face = parents_[face];
    }
    return face;
  }

  void join(Index a, Index b) {
    a = find(a);
    b = find(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<Index> parents_;
};

using Pairs = std::vector<std::pair<Index, Index>>;

Result<Pairs> places(const ClusterFaces& faces,
                     const std::vector<std::pair<std::int64_t, std::int64_t>>& links) {
  Pairs pairs;
  for (const auto& [a, b] : links) {
    Index found[2] = {};
    for (const auto& [id, place] : {std::pair(a, &found[0]), std::pair(b, &found[1])}) {
      const auto at = std::ranges::lower_bound(faces.ids, id);
      if (at == faces.ids.end() || *at != id) {
        return fail(ErrorCode::bad_argument,
                    "a link names face " + std::to_string(id) + ", which is not among the faces to group");
      }
      *place = static_cast<Index>(at - faces.ids.begin());
    }
    pairs.emplace_back(found[0], found[1]);
  }
  return pairs;
}

Status check_consistent(const ClusterFaces& faces, const Pairs& cannot, Sets& must) {
  for (const auto& [a, b] : cannot) {
    if (must.find(a) != must.find(b)) continue;
    return fail(ErrorCode::bad_argument, "faces " + std::to_string(faces.ids[a]) + " and " +
                                             std::to_string(faces.ids[b]) +
                                             " must not be one person, and must-links make them one; take "
                                             "one of these links back");
  }
  return {};
}

// Whether the faces are on photos with several faces, and which: each such photo's faces, one after the
// other.
std::vector<std::vector<Index>> shared_photos(const ClusterFaces& faces) {
  std::vector<std::pair<std::int64_t, Index>> by_photo;
  by_photo.reserve(faces.photos.size());
  for (Index face = 0; face < faces.photos.size(); ++face) by_photo.emplace_back(faces.photos[face], face);
  std::ranges::sort(by_photo);
  std::vector<std::vector<Index>> shared;
  for (std::size_t i = 1; i < by_photo.size(); ++i) {
    if (by_photo[i].first != by_photo[i - 1].first) continue;
    if (i < 2 || by_photo[i - 2].first != by_photo[i].first) shared.push_back({by_photo[i - 1].second});
    shared.back().push_back(by_photo[i].second);
  }
  return shared;
}

// The earlier clusters that stand, as joined sets.
class Standing {
 public:
  Standing(const ClusterFaces& faces, const Pairs& must_links, Sets& must, const Pairs& cannot,
           const std::vector<std::vector<Index>>& photos)
      : faces_(faces), must_links_(must_links), must_(must), cannot_(cannot), photos_(photos) {
    dissolved_.assign(faces.ids.size(), false);
  }

  // First each by itself, then with what must-links add to it: one that contradicts itself
  // should not take others with it.
  Sets join() {
    Sets alone = join_labels();
    dissolve_contradictions(alone);
    Sets joined = join_labels();
    for (const auto& [a, b] : must_links_) joined.join(a, b);
    dissolve_contradictions(joined);
    Sets result = join_labels();
    for (const auto& [a, b] : must_links_) result.join(a, b);
    return result;
  }

  [[nodiscard]] bool is_settled(Index face) const {
    return !faces_.previous.empty() && faces_.previous[face] != 0 && !dissolved_[face];
  }

 private:
  Sets join_labels() {
    Sets sets(faces_.ids.size());
    std::unordered_map<std::int64_t, Index> first;
    for (Index face = 0; face < faces_.ids.size(); ++face) {
      if (is_settled(face)) sets.join(face, first.try_emplace(faces_.previous[face], face).first->second);
    }
    return sets;
  }

  void dissolve_contradictions(Sets& sets) {
    std::vector<bool> wrong(faces_.ids.size(), false);  // by set
    for (const auto& [a, b] : cannot_) {
      if (sets.find(a) == sets.find(b)) wrong[sets.find(a)] = true;
    }
    std::vector<std::pair<Index, Index>> seen;  // on one photo: set, must-linked set
    for (const std::vector<Index>& photo : photos_) {
      seen.clear();
      for (const Index face : photo) seen.emplace_back(sets.find(face), must_.find(face));
      std::ranges::sort(seen);
      for (std::size_t i = 1; i < seen.size(); ++i) {
        if (seen[i].first == seen[i - 1].first && seen[i].second != seen[i - 1].second)
          wrong[seen[i].first] = true;
      }
    }
    for (Index face = 0; face < faces_.ids.size(); ++face) {
      if (wrong[sets.find(face)]) dissolved_[face] = true;
    }
  }

  const ClusterFaces& faces_;
  const Pairs& must_links_;
  Sets& must_;
  const Pairs& cannot_;
  const std::vector<std::vector<Index>>& photos_;
  std::vector<bool> dissolved_;  // by face
};

// `persons`: whom the earlier clusters and the must-links make one. Those without must-links begin as one
// group.
Beginning number_groups(const Standing& standing, Sets& persons, const Pairs& must_links, std::size_t faces) {
  std::vector<bool> linked(faces, false);  // by set
  for (const auto& [a, b] : must_links) linked[persons.find(a)] = true;
  Beginning beginning;
  Groups& groups = beginning.groups;
  groups.of_face.resize(faces);
  std::vector<Index> person_of(faces);
  Index person_count = 0;
  for (Index face = 0; face < faces; ++face) {
    const Index first = persons.find(face);
    person_of[face] = first == face ? person_count++ : person_of[first];
    const bool glued = standing.is_settled(face) && !linked[first];
    (glued ? beginning.settled : beginning.fresh).push_back(face);
    if (glued && first != face) {
      groups.of_face[face] = groups.of_face[first];
    } else {
      groups.of_face[face] = static_cast<Index>(groups.persons.size());
      groups.persons.push_back(person_of[face]);
    }
  }
  groups.marks.resize(person_count);
  return beginning;
}

void set_marks(Groups& groups, const std::vector<std::vector<Index>>& photos, const Pairs& cannot) {
  Mark mark = 0;
  const auto bear = [&](Index face) {
    std::vector<Mark>& marks = groups.marks[groups.persons[groups.of_face[face]]];
    if (marks.empty() || marks.back() != mark) marks.push_back(mark);
  };
  for (const std::vector<Index>& photo : photos) {
    std::ranges::for_each(photo, bear);
    ++mark;
  }
  for (const auto& [a, b] : cannot) {
    bear(a);
    bear(b);
    ++mark;
  }
}

}  // namespace

Result<Beginning> begin_with(const ClusterFaces& faces, const ClusterLinks& links, bool rebuild) {
  const Result<Pairs> must_links = places(faces, links.must);
  if (!must_links) return tl::unexpected(must_links.error());
  const Result<Pairs> cannot = places(faces, links.cannot);
  if (!cannot) return tl::unexpected(cannot.error());
  Sets must(faces.ids.size());
  for (const auto& [a, b] : *must_links) must.join(a, b);
  if (Status consistent = check_consistent(faces, *cannot, must); !consistent)
    return tl::unexpected(consistent.error());

  ClusterFaces known = faces;
  if (rebuild) known.previous = {};
  const std::vector<std::vector<Index>> photos = shared_photos(faces);
  Standing standing(known, *must_links, must, *cannot, photos);
  Sets persons = standing.join();
  Beginning beginning = number_groups(standing, persons, *must_links, faces.ids.size());
  set_marks(beginning.groups, photos, *cannot);
  return beginning;
}

}  // namespace kith::cluster_detail

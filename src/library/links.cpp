// SPDX-License-Identifier: Apache-2.0
#include "library/links.h"

#include <algorithm>

namespace kith::library {

Links::Links(store::Database& database) {
  const std::vector<store::LinkRow> links = store::links(database);
  if (links.empty()) return;
  for (const store::LinkRow& link : links) {
    add(link.one);
    add(link.other);
    if (link.same) join(link.one, link.other);
  }
  for (const store::ConfirmedFace& face : store::confirmed_faces(database)) {
    if (const auto group = group_of_.find(face.face); group != group_of_.end())
      groups_[group->second].confirmed.push_back({face.person, face.face});
  }
  for (const auto& [face, people] : store::rejections(database)) {
    const auto group = group_of_.find(face);
    if (group == group_of_.end()) continue;
    for (const PersonId person : people) groups_[group->second].refused.push_back({person, face});
  }
  for (const store::LinkRow& link : links) {
    if (link.same) continue;
    Group& one = groups_[group_of_.at(link.one)];
    Group& other = groups_[group_of_.at(link.other)];
    one.apart.insert(one.apart.end(), other.confirmed.begin(), other.confirmed.end());
    other.apart.insert(other.apart.end(), one.confirmed.begin(), one.confirmed.end());
  }
}

const Links::Said* Links::given(FaceId face) const {
  const std::vector<Said>& confirmed = group_of(face).confirmed;
  const bool one_person = !confirmed.empty() && std::ranges::all_of(confirmed, [&](const Said& said) {
    return said.person == confirmed.front().person;
  });
  return one_person ? &confirmed.front() : nullptr;
}

std::vector<FaceId> Links::given_faces() const {
  std::vector<FaceId> faces;
  for (const auto& [face, group] : group_of_) {
    if (given(face) != nullptr) faces.push_back(face);
  }
  return faces;
}

const Links::Group& Links::group_of(FaceId face) const {
  static const Group alone;
  const auto group = group_of_.find(face);
  return group == group_of_.end() ? alone : groups_[group->second];
}

std::size_t Links::add(FaceId face) {
  const auto [entry, fresh] = group_of_.emplace(face, groups_.size());
  if (fresh) groups_.push_back({.faces = {face}, .confirmed = {}, .refused = {}, .apart = {}});
  return entry->second;
}

void Links::join(FaceId one, FaceId other) {
  const std::size_t into = group_of_.at(one);
  const std::size_t from = group_of_.at(other);
  if (into == from) return;
  for (const FaceId face : groups_[from].faces) {
    group_of_[face] = into;
    groups_[into].faces.push_back(face);
  }
  groups_[from].faces.clear();
}

}  // namespace kith::library

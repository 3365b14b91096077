// SPDX-License-Identifier: Apache-2.0
// What follows for names from faces that the owner linked: "one person", "two people".
#pragma once

#include <unordered_map>
#include <vector>

#include "store/people.h"

namespace kith::library {

// Faces that are one person, directly or by way of others, share what the owner decided about any of them.
class Links {
 public:
  explicit Links(store::Database& database);

  // A person, and the face that the owner decided about.
  struct Said {
    PersonId person = 0;
    FaceId by = 0;
  };
  // Whom a face is, since it is one person with a confirmed face; nullptr: nobody, or two people at once.
  [[nodiscard]] const Said* given(FaceId face) const;
  // Whom a face is not: it is one person with a face that the owner refused that name.
  [[nodiscard]] const std::vector<Said>& refused(FaceId face) const { return group_of(face).refused; }
  // Whom a face is not: it, or who is one person with it, is another person than a face of that name.
  [[nodiscard]] const std::vector<Said>& apart(FaceId face) const { return group_of(face).apart; }

  // Every face that given() names.
  [[nodiscard]] std::vector<FaceId> given_faces() const;

 private:
  // Faces that are one person.
  struct Group {
    std::vector<FaceId> faces;
    std::vector<Said> confirmed;
    std::vector<Said> refused;
    std::vector<Said> apart;
  };

  [[nodiscard]] const Group& group_of(FaceId face) const;
  std::size_t add(FaceId face);
  void join(FaceId one, FaceId other);

  std::vector<Group> groups_;
  std::unordered_map<FaceId, std::size_t> group_of_;  // only faces that are linked
};

}  // namespace kith::library

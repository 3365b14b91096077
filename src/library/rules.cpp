// SPDX-License-Identifier: Apache-2.0
#include "library/rules.h"

#include <algorithm>

#include "store/photos.h"

namespace kith::library {

bool before_birth(const std::string& taken, const std::string& birth) {
  const std::size_t length = std::min(taken.size(), birth.size());
  return length > 0 && taken.compare(0, length, birth, 0, length) < 0;
}

Rules::Rules(store::Database& database) : rejected_(store::rejections(database)) {
  for (const store::PersonRow& person : store::people(database)) {
    people_[person.id] = person;
    if (!person.birth.empty()) born_.push_back(person.id);
  }
  for (const store::ConfirmedFace& face : store::confirmed_faces(database))
    confirmed_on_[face.photo].push_back(face);
  if (born_.empty()) return;
  taken_ = store::capture_dates(database);
}

std::vector<Forbidden> Rules::reasons(FaceId face, PhotoId photo) const {
  std::vector<Forbidden> result;
  if (const auto rejected = rejected_.find(face); rejected != rejected_.end()) {
    for (const PersonId person : rejected->second) {
      const std::string& name = people_.at(person).name;
      result.push_back({name, "you said that it is not " + name});
    }
  }
  if (const auto confirmed = confirmed_on_.find(photo); confirmed != confirmed_on_.end()) {
    for (const store::ConfirmedFace& other : confirmed->second) {
      if (other.face == face) continue;
      const std::string& name = people_.at(other.person).name;
      result.push_back({name, name + " is another face of this photo"});
    }
  }
  if (const auto taken = taken_.find(photo); taken != taken_.end()) {
    for (const PersonId person : born_) {
      const store::PersonRow& row = people_.at(person);
      if (before_birth(taken->second, row.birth))
        result.push_back({row.name, "taken on " + taken->second.substr(0, 10) + ", before " + row.name +
                                        " was born (" + row.birth + ")"});
    }
  }
  return result;
}

std::vector<std::string> Rules::forbidden(FaceId face, PhotoId photo) const {
  std::vector<std::string> names;
  for (Forbidden& reason : reasons(face, photo)) names.push_back(std::move(reason.person));
  return names;
}

}  // namespace kith::library

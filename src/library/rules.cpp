// SPDX-License-Identifier: Apache-2.0
#include "library/rules.h"

#include <algorithm>

#include "core/partial_date.h"
#include "store/photos.h"

namespace kith::library {

bool before_birth(const std::string& taken, const std::string& birth) {
  const std::size_t length = std::min(taken.size(), birth.size());
  return length > 0 && taken.compare(0, length, birth, 0, length) < 0;
}

Rules::Rules(store::Database& database) : rejected_(store::rejections(database)), links_(database) {
  for (const store::PersonRow& person : store::people(database)) {
    people_[person.id] = person;
    if (!person.birth.empty()) born_.push_back(person.id);
  }
  for (const store::ConfirmedFace& face : store::confirmed_faces(database))
    named_on_[face.photo].push_back({face.face, face.person});
  for (const FaceId face : links_.given_faces()) add_given(database, face);
  if (!born_.empty()) taken_ = store::capture_dates(database);
}

// A face that is given a name by a link keeps others of its photo from it, as a confirmed one does.
void Rules::add_given(store::Database& database, FaceId face) {
  const std::optional<PhotoId> photo = store::photo_of(database, face);
  if (!photo || !given(face, *photo)) return;
  std::vector<NamedFace>& named = named_on_[*photo];
  if (std::ranges::find(named, face, &NamedFace::face) == named.end())
    named.push_back({face, links_.given(face)->person});
}

std::optional<Given> Rules::given(FaceId face, PhotoId photo) const {
  const Links::Said* said = links_.given(face);
  if (said == nullptr || said->by == face) return std::nullopt;
  const std::string& name = people_.at(said->person).name;
  std::vector<Forbidden> against = refused(face);
  std::ranges::move(unborn(photo), std::back_inserter(against));
  if (std::ranges::find(against, name, &Forbidden::person) != against.end()) return std::nullopt;
  return Given{said->person, name, said->by,
               "you said that it is one person with face " + std::to_string(said->by) + ", who is " + name};
}

// What the owner said, of this face and of those that it is linked to.
std::vector<Forbidden> Rules::refused(FaceId face) const {
  std::vector<Forbidden> result;
  const auto add = [&](PersonId person, const std::string& before, const std::string& after) {
    const std::string& name = people_.at(person).name;
    result.push_back({name, before + name + after});
  };
  if (const auto rejected = rejected_.find(face); rejected != rejected_.end()) {
    for (const PersonId person : rejected->second) add(person, "you said that it is not ", "");
  }
  for (const Links::Said& said : links_.refused(face)) {
    if (said.by != face)
      add(said.person,
          "you said that it is one person with face " + std::to_string(said.by) + ", who is not ", "");
  }
  for (const Links::Said& said : links_.apart(face))
    add(said.person, "you said that it is another person than face " + std::to_string(said.by) + ", who is ",
        "");
  return result;
}

std::vector<Forbidden> Rules::unborn(PhotoId photo) const {
  std::vector<Forbidden> result;
  const auto taken = taken_.find(photo);
  if (taken == taken_.end()) return result;
  for (const PersonId person : born_) {
    const store::PersonRow& row = people_.at(person);
    if (before_birth(taken->second, row.birth))
      result.push_back({row.name, "taken on " + taken->second.substr(0, 10) + ", before " + row.name +
                                      " was born (" + row.birth + ")"});
  }
  return result;
}

std::vector<Forbidden> Rules::reasons(FaceId face, PhotoId photo) const {
  std::vector<Forbidden> result = refused(face);
  if (const auto named = named_on_.find(photo); named != named_on_.end()) {
    const auto self = std::ranges::find(named->second, face, &NamedFace::face);
    for (const NamedFace& other : named->second) {
      // The owner may say of two faces of one photo that they are one person: a mirror, a collage.
      if (other.face == face || (self != named->second.end() && self->person == other.person)) continue;
      const std::string& name = people_.at(other.person).name;
      result.push_back({name, name + " is another face of this photo"});
    }
  }
  std::ranges::move(unborn(photo), std::back_inserter(result));
  return result;
}

std::vector<std::string> Rules::forbidden(FaceId face, PhotoId photo) const {
  std::vector<std::string> names;
  for (Forbidden& reason : reasons(face, photo)) names.push_back(std::move(reason.person));
  return names;
}

std::optional<float> Rules::year(PhotoId photo) const {
  const auto taken = taken_.find(photo);
  return taken == taken_.end() ? std::nullopt : year_of(taken->second);
}

}  // namespace kith::library

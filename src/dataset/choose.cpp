// SPDX-License-Identifier: Apache-2.0
#include "dataset/choose.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <set>

#include "dataset/names.h"
#include "dataset/select.h"
#include "pipeline/likeness.h"

namespace kith::dataset {
namespace {

// What is chosen from: a new face, or a picture that is there.
struct Option {
  Sight sight;
  std::string file;      // below the data set
  std::string text;      // in messages
  Seen* seen = nullptr;  // null: there already
};

std::string seconds_text(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string place_of(const Seen& seen) {
  std::string text = seen.source.string();
  if (seen.frame) text += " at " + seconds_text("%.2f", seen.frame->seconds) + " s";
  return text;
}

// What tells apart the pictures of one source: the frame's time in milliseconds, the face's number.
std::string which_of(const Seen& seen) {
  std::string text;
  if (seen.frame) text = seconds_text("%09.0f", seen.frame->seconds * 1000);
  if (seen.number > 0) text += (text.empty() ? "" : "-") + std::to_string(seen.number);
  return text;
}

std::string picture_name_of(const Seen& seen) {
  constexpr std::size_t longest_extension = 8;
  const std::string stem = seen.live ? seen.source.string() : seen.source.stem().string();
  std::string extension = ".jpg";
  if (seen.jpeg.empty()) {
    extension = seen.source.extension().string();
    if (!extension.empty()) extension = "." + safe_component(extension.substr(1), longest_extension);
  }
  return picture_name(stem, seen.sha256, which_of(seen), extension);
}

// The number of the picture's source where it was looked at in this run, too.
std::size_t origin_of(const Picture& picture, const std::vector<Seen*>& faces) {
  const auto found = std::ranges::find_if(
      faces, [&](const Seen* seen) { return !seen->live && seen->sha256 == picture.source_sha256; });
  return found == faces.end() ? std::numeric_limits<std::size_t>::max() : (*found)->origin;
}

Option option_of(const Present& present, const Folder& folder, const std::vector<Seen*>& faces) {
  const Picture& picture = folder.pictures()[present.picture];
  Option option;
  option.sight = {
      &present.vector, &present.signature, picture.face.quality, origin_of(picture, faces), {}, true};
  if (picture.frame) option.sight.seconds = picture.frame->seconds;
  option.file = picture.file;
  option.text = (folder.path() / picture.file).string();
  return option;
}

Option option_of(Seen& seen, const std::string& person, Folder& folder) {
  Option option;
  option.sight = {&seen.face->embedding, &seen.signature, seen.face->quality, seen.origin, {}, false};
  if (seen.frame) option.sight.seconds = seen.frame->seconds;
  option.file = folder.file_of(person, picture_name_of(seen));
  option.text = place_of(seen);
  option.seen = &seen;
  return option;
}

std::vector<Sight> sights_of(const std::vector<Option>& options) {
  std::vector<Sight> sights;
  for (const Option& option : options) sights.push_back(option.sight);
  return sights;
}

void erase_dropped(std::vector<Option>& options) {
  std::erase_if(options, [](const Option& option) { return option.seen != nullptr && option.seen->drop; });
}

void drop_near_duplicates(std::vector<Option>& options, const DatasetSettings& settings) {
  const std::vector<std::optional<Duplicate>> duplicates = near_duplicates(sights_of(options), settings);
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (!duplicates[i]) continue;
    options[i].seen->drop = Drop{DropReason::near_duplicate, duplicates[i]->similarity,
                                 settings.duplicate_similarity, options[duplicates[i]->of].file};
  }
  erase_dropped(options);
}

void drop_unlike(const std::string& person, std::vector<Option>& options, const EnrolmentSettings& settings,
                 std::vector<EnrolmentNote>& notes) {
  std::vector<Reference> references;
  std::map<std::string, const Option*> left_out;
  for (const Option& option : options) {
    if (left_out.emplace(option.text, &option).second)
      references.push_back({option.text, *option.sight.vector, option.sight.quality, {}});
  }
  std::vector<EnrolmentNote> found;
  pipeline::leave_out_unlike(person, references, settings, found);
  for (const Reference& reference : references) left_out.erase(reference.source);
  for (EnrolmentNote& note : found) {
    const auto option = left_out.find(note.photo.string());
    if (option != left_out.end() && option->second->seen == nullptr) {
      note.message = option->first + ": unlike the other pictures of \"" + person +
                     "\", so likely somebody else; delete it if that is so";
    }
    notes.push_back(std::move(note));
  }
  for (const auto& [text, option] : left_out) {
    if (option->seen == nullptr) continue;
    float closest = -1;
    for (const Reference& other : references)
      closest = std::max(closest, dot(other.embedding, *option->sight.vector));
    option->seen->drop = Drop{DropReason::unlike, closest, settings.unlike_similarity, {}};
  }
  erase_dropped(options);
}

void drop_too_many(std::vector<Option>& options, std::size_t most) {
  for (const std::size_t at : beyond_the_best(sights_of(options), most))
    options[at].seen->drop = Drop{DropReason::too_many, 0, 0, {}};
  erase_dropped(options);
}

}  // namespace

void drop_other_faces(PersonFaces& person, const DatasetSettings& settings) {
  std::map<std::size_t, std::vector<Seen*>> looks;
  for (Seen* seen : person.faces) looks[seen->look].push_back(seen);
  std::vector<std::vector<const Face*>> photos;
  for (const auto& [look, faces] : looks) {
    photos.emplace_back();
    for (const Seen* seen : faces) photos.back().push_back(&*seen->face);
  }
  std::vector<const Embedding*> known;
  for (const Present& one : person.present) known.push_back(&one.vector);
  const std::vector<std::size_t> chosen =
      faces_of_one_person(photos, known, settings.likeness.unlike_similarity);
  std::size_t photo = 0;
  for (const auto& [look, faces] : looks) {
    for (std::size_t i = 0; i < faces.size(); ++i) {
      if (i != chosen[photo]) faces[i]->drop = Drop{DropReason::other_face, 0, 0, {}};
    }
    ++photo;
  }
  std::erase_if(person.faces, [](const Seen* seen) { return seen->drop.has_value(); });
}

Person choose(PersonFaces& person, Folder& folder, const DatasetSettings& settings,
              std::vector<EnrolmentNote>& notes) {
  std::vector<Option> options;
  for (const Present& one : person.present) options.push_back(option_of(one, folder, person.faces));
  for (Seen* seen : person.faces) options.push_back(option_of(*seen, person.person, folder));
  drop_near_duplicates(options, settings);
  drop_unlike(person.person, options, settings.likeness, notes);
  drop_too_many(options, settings.max_per_person);

  Person chosen{person.person, {}, {}};
  std::vector<const Embedding*> vectors;
  for (const Option& option : options) {
    vectors.push_back(option.sight.vector);
    if (option.seen != nullptr) option.seen->file = option.file;
  }
  if (!options.empty()) chosen.references.push_back({options.front().text, mean_direction(vectors), 1, {}});
  return chosen;
}

}  // namespace kith::dataset

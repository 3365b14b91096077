// SPDX-License-Identifier: Apache-2.0
#include "library/claims.h"

#include <algorithm>
#include <cmath>

#include "core/atomic_write.h"
#include "core/fold.h"
#include "core/person_name.h"
#include "library/impl.h"
#include "library/pairing.h"
#include "library/written.h"
#include "store/journal.h"

namespace kith::library {
namespace {

using store::Database;
using store::FileWord;
using store::WholeFace;

// At least so much of a region must lie on the photo for a face to be drawn there.
constexpr float least_on_photo = 0.5F;

bool is_undecided(const WholeFace& face) { return !face.forgotten && !face.ignored && !face.confirmed; }

bool is_on(const Box& box, const store::KnownFile& file) {
  const auto common = [](float start, float size, int limit) {
    return std::min(start + size, static_cast<float>(limit)) - std::max(start, 0.0F);
  };
  const float x = common(box.x, box.width, file.width);
  const float y = common(box.y, box.height, file.height);
  return x > 0 && y > 0 && x * y >= least_on_photo * box.area();
}

// Whether the word stands in the photo's own metadata or its sidecar, where kith writes too, and kith wrote
// it: what kith guessed must not come back as somebody's word, nor what the owner has taken back since.
bool is_kiths_own(const FileWord& word, const std::vector<store::WrittenRow>& written) {
  if (word.source == "picasa" || word.source == "takeout" || word.source == "digikam") return false;
  return std::ranges::any_of(written, [&](const store::WrittenRow& row) {
    return is_written(row.record, word.name) || (row.next && is_written(*row.next, word.name));
  });
}

bool same_word(const FileWord& one, const FileWord& other) {
  constexpr float nearly = 1e-4F;
  const auto near = [](float a, float b) { return std::abs(a - b) < nearly; };
  if (one.name != other.name || one.source != other.source || one.stale != other.stale ||
      one.shares.has_value() != other.shares.has_value())
    return false;
  if (!one.shares) return true;
  const Box& a = *one.shares;
  const Box& b = *other.shares;
  return near(a.x, b.x) && near(a.y, b.y) && near(a.width, b.width) && near(a.height, b.height);
}

// Whether the two speak of the same, whoever says it.
bool same_place_or_none(const FileWord& one, const FileWord& other) {
  if (!one.shares || !other.shares) return one.shares.has_value() == other.shares.has_value();
  return same_place(*one.shares, *other.shares) > 0;
}

}  // namespace

// ---- names

PeopleByName::PeopleByName(Database& database) : database_(database) {
  const auto add = [&](const std::string& name, const std::string& person) {
    const auto [known, fresh] = by_folded_.emplace(folded(name), person);
    if (!fresh && known->second != person) known->second.reset();
  };
  for (const PersonSummary& person : store::person_summaries(database)) {
    add(person.name, person.name);
    for (const std::string& alias : person.aliases) add(alias, person.name);
  }
}

std::optional<store::PersonRow> PeopleByName::find(const std::string& name) {
  if (std::optional<store::PersonRow> exact = store::find_person(database_, name)) return exact;
  const auto known = by_folded_.find(folded(name));
  if (known == by_folded_.end() || !known->second) return std::nullopt;
  return store::find_person(database_, *known->second);
}

store::PersonRow PeopleByName::find_or_add(const std::string& name, std::size_t& added) {
  if (std::optional<store::PersonRow> known = find(name)) return *known;
  ++added;
  store::PersonRow fresh;
  fresh.id = store::add_person(database_, name);
  fresh.name = name;
  by_folded_.emplace(folded(name), name);
  return fresh;
}

// ---- places

Box to_pixels(const Box& shares, const store::KnownFile& file) {
  const auto width = static_cast<float>(file.width);
  const auto height = static_cast<float>(file.height);
  return {shares.x * width, shares.y * height, shares.width * width, shares.height * height};
}

Box to_shares(const Box& pixels, int width, int height) {
  const auto across = static_cast<float>(width);
  const auto down = static_cast<float>(height);
  return {pixels.x / across, pixels.y / down, pixels.width / across, pixels.height / down};
}

std::optional<std::size_t> face_at(const std::vector<WholeFace>& faces, const Box& place) {
  return paired(1, faces.size(),
                [&](std::size_t, std::size_t i) { return same_place(place, faces[i].row.face.box); })
      .front();
}

bool looks_like(const std::string& file, std::int64_t size, std::int64_t mtime_ns) {
  const Result<FileState> now = file_state(file);
  return now && static_cast<std::int64_t>(now->bytes) == size && now->modified_ns == mtime_ns;
}

bool is_as_scanned(const store::KnownFile& file) {
  return file.width > 0 && looks_like(file.path, file.size, file.mtime_ns);
}

// ---- settling

struct ClaimSettler::OnPhoto {
  const store::KnownFile& file;
  std::vector<WholeFace> faces;
  std::vector<store::ConflictRow> conflicts;
};

void ClaimSettler::settle(const store::KnownFile& file, const std::vector<FileWord>& words) {
  ++summary_.photos;
  OnPhoto photo{file, store::whole_faces(database_, file.id, false), store::conflicts_on(database_, file.id)};
  const std::vector<store::WrittenRow> written = store::written_for(database_, file.id);
  std::vector<const FileWord*> placed;
  std::vector<const FileWord*> somewhere;
  for (const FileWord& word : words) {
    if (is_kiths_own(word, written)) {
      ++summary_.names;
      ++summary_.known;
      continue;
    }
    // Two programs that say the same say it once.
    const auto says_it = [&](const FileWord* other) {
      return folded(other->name) == folded(word.name) && same_place_or_none(*other, word);
    };
    std::vector<const FileWord*>& kind = word.shares ? placed : somewhere;
    if (std::ranges::none_of(kind, says_it)) kind.push_back(&word);
  }
  std::vector<Box> boxes;
  for (const FileWord* word : placed) boxes.push_back(to_pixels(*word->shares, file));
  const auto pairs = paired(boxes.size(), photo.faces.size(), [&](std::size_t i, std::size_t j) {
    return same_place(boxes[i], photo.faces[j].row.face.box);
  });
  for (std::size_t i = 0; i < placed.size(); ++i) {
    ++summary_.names;
    // Another's word on a face that is taken is a word on this face, and not on one that is not there.
    settle_place(photo, *placed[i], boxes[i], pairs[i] ? pairs[i] : face_at(photo.faces, boxes[i]));
  }
  settle_somewhere(photo, somewhere);
}

void ClaimSettler::settle_place(OnPhoto& photo, const FileWord& word, const Box& box,
                                std::optional<std::size_t> face) {
  if (face) {
    settle_face(photo, word, *face);
  } else if (can_be_drawn(box) && is_on(box, photo.file)) {
    draw(photo, word, box);
  } else {
    ask(photo, word);
  }
}

void ClaimSettler::settle_face(OnPhoto& photo, const FileWord& word, std::size_t number) {
  WholeFace& face = photo.faces[number];
  if (face.forgotten) {
    ++summary_.forgotten;
    return;
  }
  const std::optional<store::PersonRow> person = people_.find(word.name);
  if (person && face.confirmed == person->name) {
    ++summary_.known;
  } else if (!is_undecided(face) ||
             (person && std::ranges::find(face.rejected, person->name) != face.rejected.end())) {
    ask(photo, word);
  } else {
    confirm(face, word.name);
  }
}

// A name without a place goes to the only face of a photo that it can belong to. Anything less sure is asked.
void ClaimSettler::settle_somewhere(OnPhoto& photo, const std::vector<const FileWord*>& words) {
  std::vector<const FileWord*> open;
  for (const FileWord* word : words) {
    ++summary_.names;
    const std::optional<store::PersonRow> person = people_.find(word->name);
    const auto is_person = [&](const WholeFace& face) { return person && face.confirmed == person->name; };
    if (std::ranges::any_of(photo.faces, is_person)) {
      ++summary_.known;
    } else {
      open.push_back(word);
    }
  }
  if (open.empty()) return;
  if (std::ranges::any_of(photo.faces, &WholeFace::forgotten)) {
    // It may be the name that was forgotten.
    summary_.forgotten += open.size();
    return;
  }
  const bool one_of_each = photo.faces.size() == 1 && open.size() == 1 && !open.front()->stale;
  if (one_of_each && is_undecided(photo.faces.front())) {
    WholeFace& face = photo.faces.front();
    const std::optional<store::PersonRow> person = people_.find(open.front()->name);
    const std::string name = person ? person->name : open.front()->name;
    const bool refused = std::ranges::find(face.rejected, name) != face.rejected.end();
    const bool another = face.suggested && face.suggested != name;
    // Who has a name teaches what the person looks like: a poor face may be anything.
    const bool good = !face.drawn && face.row.face.quality >= EnrolmentSettings{}.min_quality;
    if (!refused && !another && good) {
      confirm(face, name);
      return;
    }
  }
  for (const FileWord* word : open) ask(photo, *word);
}

void ClaimSettler::confirm(WholeFace& face, const std::string& name) {
  const store::PersonRow person = people_.find_or_add(name, summary_.people);
  store::confirm(database_, face.row.id, person.id);
  store::drop_guess(database_, face.row.id);
  face.confirmed = person.name;
  ++summary_.confirmed;
}

void ClaimSettler::draw(OnPhoto& photo, const FileWord& word, const Box& box) {
  WholeFace face;
  face.row = draw_face(database_, photo.file.id, box);
  face.drawn = true;
  confirm(face, word.name);
  ++summary_.drawn;
  photo.faces.push_back(std::move(face));
}

void ClaimSettler::ask(OnPhoto& photo, const FileWord& word) {
  const std::optional<store::PersonRow> person = people_.find(word.name);
  const auto is_this = [&](const store::ConflictRow& known) {
    if (!same_place_or_none(known.word, word)) return false;
    if (folded(known.word.name) == folded(word.name)) return true;
    const std::optional<store::PersonRow> other = people_.find(known.word.name);
    return person && other && other->id == person->id;
  };
  const auto known = std::ranges::find_if(photo.conflicts, is_this);
  if (known != photo.conflicts.end()) {
    if (known->settled) ++summary_.settled;
    return;
  }
  store::put_conflict(database_, photo.file.id, word);
  photo.conflicts.push_back({.id = 0, .photo = photo.file.id, .word = word, .settled = false});
  ++summary_.conflicts;
}

void ClaimSettler::keep(const std::string& path, const std::vector<FileWord>& words) {
  ++summary_.photos;
  summary_.names += words.size();
  summary_.waiting += words.size();
  const std::vector<store::ClaimRow> known = store::claims_on(database_, path);
  std::vector<bool> said_again(known.size(), false);
  for (const FileWord& word : words) {
    const auto same =
        std::ranges::find_if(known, [&](const store::ClaimRow& row) { return same_word(row.word, word); });
    if (same != known.end()) {
      said_again[static_cast<std::size_t>(same - known.begin())] = true;
    } else {
      store::put_claim(database_, path, word);
    }
  }
  // What the same program said before and says no more.
  for (std::size_t i = 0; i < known.size(); ++i) {
    const auto speaks = [&](const FileWord& word) { return word.source == known[i].word.source; };
    if (!said_again[i] && std::ranges::any_of(words, speaks)) store::drop_claim(database_, known[i].id);
  }
}

void settle_claims(Database& database) {
  std::vector<store::KnownFile> files = store::files_with_claims(database);
  std::erase_if(files, [](const store::KnownFile& file) { return !is_as_scanned(file); });
  if (files.empty()) return;
  store::Decision decision(database, true);
  ClaimSettler settler(database);
  std::vector<std::int64_t> claims;
  for (const store::KnownFile& file : files) {
    std::vector<FileWord> words;
    for (const store::ClaimRow& row : store::claims_on(database, file.path)) {
      words.push_back(row.word);
      claims.push_back(row.id);
    }
    settler.settle(file, words);
  }
  decision.off_the_record([&] {
    for (const std::int64_t claim : claims) store::drop_claim(database, claim);
  });
  decision.commit("import", "imported the names in the files of " + std::to_string(files.size()) +
                                (files.size() == 1 ? " photo" : " photos"));
}

}  // namespace kith::library

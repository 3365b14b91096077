// SPDX-License-Identifier: Apache-2.0
// What files say of people, and what of it becomes the library's.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include <kith/library.h>

#include "store/exchange.h"
#include "store/metadata.h"
#include "store/people.h"

namespace kith::library {

// The library's people as files may write their names: exactly, as an alias, or differing in case and in how
// accents are composed only.
class PeopleByName {
 public:
  explicit PeopleByName(store::Database& database);
  [[nodiscard]] std::optional<store::PersonRow> find(const std::string& name);
  // Makes the person where there is none.
  [[nodiscard]] store::PersonRow find_or_add(const std::string& name, std::size_t& added);

 private:
  store::Database& database_;
  std::unordered_map<std::string, std::optional<std::string>> by_folded_;  // nothing: several people's
};

// Turns files' words into the owner's decisions. Within a Decision that records faces.
class ClaimSettler {
 public:
  explicit ClaimSettler(store::Database& database) : database_(database), people_(database) {}

  // What files say of a photo that the library knows as `file`, and has read.
  void settle(const store::KnownFile& file, const std::vector<store::FileWord>& words);
  // Of a photo that it has not.
  void keep(const std::string& path, const std::vector<store::FileWord>& words);

  [[nodiscard]] const NamesImport& summary() const { return summary_; }

 private:
  struct OnPhoto;
  void settle_place(OnPhoto& photo, const store::FileWord& word, const Box& box,
                    std::optional<std::size_t> face);
  void settle_somewhere(OnPhoto& photo, const std::vector<const store::FileWord*>& words);
  void settle_face(OnPhoto& photo, const store::FileWord& word, std::size_t face);
  void confirm(store::WholeFace& face, const std::string& name);
  void draw(OnPhoto& photo, const store::FileWord& word, const Box& box);
  void ask(OnPhoto& photo, const store::FileWord& word);

  store::Database& database_;
  PeopleByName people_;
  NamesImport summary_;
};

// Settles the claims on photos that were not scanned when they were imported, and are now, as one journal
// entry; undoing that does not bring the claims back.
void settle_claims(store::Database& database);

// Which of a photo's faces this place is; nothing: none of them.
[[nodiscard]] std::optional<std::size_t> face_at(const std::vector<store::WholeFace>& faces,
                                                 const Box& place);

// Whether a file has this size and time of change.
[[nodiscard]] bool looks_like(const std::string& file, std::int64_t size, std::int64_t mtime_ns);

// Whether the photo could be read when it was scanned, and nobody changed it since: its faces are where the
// library has them.
[[nodiscard]] bool is_as_scanned(const store::KnownFile& file);

// From shares of the upright photo to its pixels, and back.
[[nodiscard]] Box to_pixels(const Box& shares, const store::KnownFile& file);
[[nodiscard]] Box to_shares(const Box& pixels, int width, int height);

}  // namespace kith::library

// SPDX-License-Identifier: Apache-2.0
// Which photos meet a condition.
//
// Thread rule: plain values; find_photos as the database.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <kith/library.h>

#include "store/database.h"

namespace kith::store {

// Whose word makes a name count. A face that is ignored or forgotten has none.
enum class NamesBy { anybody, owner, machine };

// A condition on a photo, put together from the ones below. What the caller gives is bound to the
// statement, never made part of its text.
class PhotoCondition {
 public:
  // A face on it is one of these people.
  static PhotoCondition shows(std::span<const PersonId> people, NamesBy names);
  static PhotoCondition shows_anybody(NamesBy names);
  // A face on it has no name and is not ignored.
  static PhotoCondition has_unnamed();
  // So many faces, ignored ones too.
  static PhotoCondition has_faces(int least, int most);
  // By the beginning of a date: "2019", "2019-07", "2019-07-31". A photo of unknown date meets none of these.
  static PhotoCondition taken_before(const std::string& date);
  static PhotoCondition taken_on(const std::string& date);
  static PhotoCondition taken_after(const std::string& date);  // the whole of `date` is over
  // `folded` stands in it, whatever the case (core/fold.h).
  static PhotoCondition camera_contains(const std::string& folded);
  static PhotoCondition path_contains(const std::string& folded);
  static PhotoCondition taken_near(double latitude, double longitude, double radius_km);
  static PhotoCondition is_missing();

  static PhotoCondition all_of(std::span<const PhotoCondition> parts);
  static PhotoCondition any_of(std::span<const PhotoCondition> parts);
  [[nodiscard]] PhotoCondition negated() const;

 private:
  friend std::vector<FoundPhoto> find_photos(Database& database, const PhotoCondition& condition,
                                             NamesBy names);
  using Value = std::variant<std::int64_t, double, std::string>;
  PhotoCondition(std::string text, std::vector<Value> values)
      : text_(std::move(text)), values_(std::move(values)) {}
  static PhotoCondition joined(std::span<const PhotoCondition> parts, std::string_view operation);

  std::string text_;           // an SQL expression on the table `photo`, in parentheses
  std::vector<Value> values_;  // of its question marks
};

// By capture date, those of unknown date last, then by path; with the people whose names count, from left to
// right.
[[nodiscard]] std::vector<FoundPhoto> find_photos(Database& database, const PhotoCondition& condition,
                                                  NamesBy names);

// Every name that a person goes by.
struct KnownName {
  std::string name;
  PersonId person = 0;
};
[[nodiscard]] std::vector<KnownName> known_names(Database& database);

// Kilometres along the surface between two points, degrees.
[[nodiscard]] double distance_km(double latitude, double longitude, double other_latitude,
                                 double other_longitude) noexcept;

}  // namespace kith::store

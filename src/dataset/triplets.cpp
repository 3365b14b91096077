// SPDX-License-Identifier: Apache-2.0
#include "dataset/triplets.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/file_bytes.h"
#include "core/npy.h"
#include "pipeline/walker.h"

namespace kith::dataset {
namespace {

namespace fs = std::filesystem;

// "Anna" of "Anna/1.jpg"; empty where the path is no such thing.
std::string_view person_of(std::string_view file) {
  const std::size_t slash = file.find('/');
  return slash == std::string_view::npos || slash + 1 == file.size() ? std::string_view()
                                                                     : file.substr(0, slash);
}

// Numbers the people in the order in which they come.
PictureList numbered(std::vector<std::string> files) {
  PictureList list;
  std::map<std::string, std::size_t, std::less<>> numbers;
  for (std::string& file : files) {
    const auto [at, is_new] = numbers.try_emplace(std::string(person_of(file)), list.names.size());
    if (is_new) list.names.push_back(at->first);
    list.persons.push_back(at->second);
    list.files.push_back(std::move(file));
  }
  return list;
}

// The standard's distributions differ between its implementations.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : generator_(seed) {}

  // 0..sides - 1, each as likely: what lies above the last whole multiple is thrown again.
  std::size_t operator()(std::size_t sides) {
    assert(sides > 0);
    constexpr std::uint64_t top = std::mt19937_64::max();
    const std::uint64_t fair = top - top % sides;
    std::uint64_t thrown = generator_();
    while (thrown >= fair) thrown = generator_();
    return static_cast<std::size_t>(thrown % sides);
  }

 private:
  std::mt19937_64 generator_;
};

// The pictures, one person's after another's.
struct Grouped {
  std::vector<std::int64_t> pictures;
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
  };
  std::vector<Range> people;           // who have a picture
  std::vector<std::size_t> anchors;    // places in `pictures`, of people with two or more
  std::vector<std::size_t> person_at;  // place in `pictures` -> place in `people`
  double triplets = 0;                 // how many different ones there are
};

Grouped grouped(std::span<const std::size_t> persons) {
  Grouped result;
  result.pictures.resize(persons.size());
  std::iota(result.pictures.begin(), result.pictures.end(), std::int64_t{0});
  const auto person = [&](std::int64_t picture) { return persons[static_cast<std::size_t>(picture)]; };
  std::ranges::stable_sort(result.pictures, {}, person);
  for (std::size_t at = 0; at < result.pictures.size(); ++at) {
    if (at == 0 || person(result.pictures[at]) != person(result.pictures[at - 1]))
      result.people.push_back({at, at});
    ++result.people.back().end;
    result.person_at.push_back(result.people.size() - 1);
  }
  for (const Grouped::Range& range : result.people) {
    if (range.size() < 2) continue;
    const auto own = static_cast<double>(range.size());
    result.triplets += own * (own - 1) * (static_cast<double>(persons.size()) - own);
    for (std::size_t at = range.begin; at < range.end; ++at) result.anchors.push_back(at);
  }
  return result;
}

// Any place of the range but one.
std::size_t another(Dice& dice, const Grouped::Range& range, std::size_t not_this) {
  const std::size_t drawn = range.begin + dice(range.size() - 1);
  return drawn < not_this ? drawn : drawn + 1;
}

// Any place outside of the range.
std::size_t outside(Dice& dice, const Grouped::Range& range, std::size_t pictures) {
  const std::size_t drawn = dice(pictures - range.size());
  return drawn < range.begin ? drawn : drawn + range.size();
}

// All there are.
std::vector<Triplet> every_triplet(const Grouped& all) {
  std::vector<Triplet> triplets;
  for (const std::size_t anchor : all.anchors) {
    const Grouped::Range& own = all.people[all.person_at[anchor]];
    for (std::size_t positive = own.begin; positive < own.end; ++positive) {
      if (positive == anchor) continue;
      for (std::size_t negative = 0; negative < all.pictures.size(); ++negative) {
        if (negative >= own.begin && negative < own.end) continue;
        triplets.push_back({all.pictures[anchor], all.pictures[positive], all.pictures[negative]});
      }
    }
  }
  return triplets;
}

// The first `count` of a shuffle (Fisher and Yates).
std::vector<Triplet> some_of(std::vector<Triplet> triplets, std::size_t count, Dice& dice) {
  for (std::size_t at = 0; at < count; ++at)
    std::swap(triplets[at], triplets[at + dice(triplets.size() - at)]);
  triplets.resize(count);
  return triplets;
}

std::string wrong_row(std::size_t row, const std::string& what) {
  return "triplet " + std::to_string(row) + ": " + what;
}

}  // namespace

Result<PictureList> list_pictures(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return fail(ErrorCode::not_found,
                folder.string() + ": no such folder; give one with a folder for each person");
  }
  pipeline::Walker walker({folder});
  std::vector<std::string> files;
  while (const std::optional<pipeline::Found> found = walker.next()) {
    if (found->error) return tl::unexpected(*found->error);
    std::string file = found->relative.generic_string();
    if (person_of(file).empty()) continue;  // beside the people's folders
    if (file.find_first_of("\r\n") != std::string::npos) {
      return fail(
          ErrorCode::bad_argument,
          found->photo.string() + ": a line break in its name; rename it, since a list has a line a picture");
    }
    files.push_back(std::move(file));
  }
  if (files.empty()) {
    return fail(
        ErrorCode::no_face,
        folder.string() + ": holds no photo in a folder of its own; give one with a folder for each person");
  }
  std::ranges::sort(files);
  return numbered(std::move(files));
}

std::string list_text(const PictureList& list) {
  std::string text;
  for (const std::string& file : list.files) text += file + "\n";
  return text;
}

Result<PictureList> read_list(std::string_view text, const std::string& name) {
  std::vector<std::string> files;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (person_of(line).empty()) {
      return fail(ErrorCode::bad_argument, name + ": line " + std::to_string(files.size() + 1) +
                                               " is no picture in a person's folder, as \"Anna/1.jpg\" is");
    }
    files.emplace_back(line);
  }
  return numbered(std::move(files));
}

Result<PictureList> load_list(const fs::path& file) {
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30U;
  const Result<std::vector<std::uint8_t>> bytes = read_file(file, most_bytes);
  if (!bytes) return tl::unexpected(bytes.error());
  return read_list({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, file.string());
}

Result<std::vector<Triplet>> random_triplets(std::span<const std::size_t> persons, std::size_t count,
                                             std::uint64_t seed) {
  const Grouped all = grouped(persons);
  if (all.triplets < static_cast<double>(count) || all.triplets == 0) {
    return fail(ErrorCode::bad_argument, std::to_string(persons.size()) + " pictures of " +
                                             std::to_string(all.people.size()) + " people make " +
                                             std::to_string(static_cast<std::uint64_t>(all.triplets)) +
                                             " triplets, not " + std::to_string(count) +
                                             "; they take two pictures of one person and one of another");
  }
  Dice dice(seed);
  // Drawing until all are different would take long where few are left.
  if (static_cast<double>(count) > all.triplets / 2) return some_of(every_triplet(all), count, dice);
  std::vector<Triplet> triplets;
  std::set<Triplet> drawn;
  triplets.reserve(count);
  while (triplets.size() < count) {
    const std::size_t anchor = all.anchors[dice(all.anchors.size())];
    const Grouped::Range& own = all.people[all.person_at[anchor]];
    const std::size_t positive = another(dice, own, anchor);
    const std::size_t negative = outside(dice, own, all.pictures.size());
    const Triplet triplet{all.pictures[anchor], all.pictures[positive], all.pictures[negative]};
    if (drawn.insert(triplet).second) triplets.push_back(triplet);
  }
  return triplets;
}

Status check_triplets(std::span<const Triplet> triplets, std::span<const std::size_t> persons) {
  for (std::size_t row = 0; row < triplets.size(); ++row) {
    const Triplet& triplet = triplets[row];
    for (const std::int64_t place : triplet) {
      if (place < 0 || static_cast<std::uint64_t>(place) >= persons.size()) {
        return fail(ErrorCode::bad_argument,
                    wrong_row(row, std::to_string(place) + " is no place in a list of " +
                                       std::to_string(persons.size()) + " pictures"));
      }
    }
    const auto person = [&](std::size_t which) { return persons[static_cast<std::size_t>(triplet[which])]; };
    if (triplet[0] == triplet[1])
      return fail(ErrorCode::bad_argument, wrong_row(row, "anchor and positive are the same picture"));
    if (person(0) != person(1))
      return fail(ErrorCode::bad_argument, wrong_row(row, "anchor and positive are two people's"));
    if (person(0) == person(2))
      return fail(ErrorCode::bad_argument, wrong_row(row, "anchor and negative are one person's"));
  }
  return {};
}

Result<std::vector<Triplet>> read_triplets(const fs::path& file, std::span<const std::size_t> persons) {
  const Result<NpyArray<std::int64_t>> array = read_npy<std::int64_t>(file, 2);
  if (!array) return tl::unexpected(array.error());
  if (array->shape[1] != 3) {
    return fail(ErrorCode::unsupported_format, file.string() + ": its rows have " +
                                                   std::to_string(array->shape[1]) +
                                                   " numbers; a triplet has anchor, positive and negative");
  }
  std::vector<Triplet> triplets(array->shape[0]);
  for (std::size_t i = 0; i < array->values.size(); ++i) triplets[i / 3][i % 3] = array->values[i];
  if (Status checked = check_triplets(triplets, persons); !checked) {
    return fail(checked.error().code,
                file.string() + ": " + checked.error().message + "; give the list that it was made from");
  }
  return triplets;
}

std::string triplets_npy(std::span<const Triplet> triplets) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(triplets.size() * 3);
  for (const Triplet& triplet : triplets) numbers.insert(numbers.end(), triplet.begin(), triplet.end());
  return npy_bytes<std::int64_t>(numbers, std::array<std::size_t, 2>{triplets.size(), 3});
}

}  // namespace kith::dataset

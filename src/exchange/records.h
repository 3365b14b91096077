// SPDX-License-Identifier: Apache-2.0
// What a library has to tell others, as JSON Lines or as CSV: who there is, which photos there are, whose
// faces are on them and who decided that. docs/export.md describes the two formats to their users.
//
// Text from elsewhere is not to be trusted: what the reader hands on has finite numbers, boxes with an area,
// UTF-8 text and dates of the calendar. What any of it means for a library is not this stage's business.
//
// Thread rule: plain values and functions of them.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <kith/face.h>
#include <kith/photo.h>
#include <kith/result.h>

namespace kith::exchange {

// Numbers of faces and persons mean something within one file only.

struct PersonRecord {
  std::string name;
  std::vector<std::string> aliases;
  std::string birth;  // a year, a month, a day, or empty
  std::optional<std::int64_t> cover;
  std::optional<float> min_similarity;
};

struct ModelVector {
  std::string model;
  Embedding values;
};

enum class Decided { nobody, suggested, confirmed, ignored };

struct FaceRecord {
  std::int64_t number = 0;
  std::size_t line = 0;  // of the text that it was read from
  Box box;
  std::optional<Landmarks> landmarks;
  float score = 0;
  float quality = 0;
  bool drawn = false;  // by the owner
  std::string name;    // of a suggested or confirmed face
  Decided decided = Decided::nobody;
  float probability = 0;
  std::vector<std::string> rejected;  // names that it is not
  std::vector<ModelVector> vectors;
};

struct PhotoRecord {
  std::string path;
  std::string content;  // SHA-256 of the file, hexadecimal; empty where it could not be read
  PhotoInfo info;
  bool missing = false;
  std::vector<FaceRecord> faces;
};

// The owner said that two faces are, or are not, one person.
struct LinkRecord {
  std::int64_t one = 0;
  std::int64_t other = 0;
  bool same = false;
};

using Record = std::variant<PersonRecord, PhotoRecord, LinkRecord>;

// One record as text, with its line end; a CSV file begins with csv_heading().
[[nodiscard]] std::string to_json_line(const Record& record);
[[nodiscard]] std::string json_heading();
[[nodiscard]] std::string to_csv(const Record& record);
[[nodiscard]] std::string csv_heading();

// A file's bytes are no longer than this between two line ends; a photo of a thousand faces with vectors
// fits.
inline constexpr std::size_t longest_line = std::size_t{1} << 24;

// "line 12: ..." with the code `damaged`.
[[nodiscard]] tl::unexpected<Error> error_in_line(std::size_t line, const std::string& what);

struct ReadRecord {
  std::size_t line = 0;
  Record record;
};

// Every record of the text. What an import has no use for (sizes, dates, guesses, vectors) is passed over.
// CSV gives a face, a rejected name or an alias in a row of its own, wherever a spreadsheet sorted it to:
// these come back as part of their photo or person, and what belongs to nothing is an error. The first byte
// tells the format. Errors: damaged, naming the line.
[[nodiscard]] Result<std::vector<ReadRecord>> read_records(std::istream& input);

}  // namespace kith::exchange

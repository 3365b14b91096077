// SPDX-License-Identifier: Apache-2.0
// The language of `kith search`: from text to a syntax tree, and back. docs/search.md describes it to its
// users.
//
//   query  := both { "OR" both }
//   both   := one { ["AND"] one }
//   one    := "NOT" one | "(" query ")" | term
//   term   := name | filter ":" value          with quotes around what has blanks in it
//
// Who has which name, and which photos there are, is no business of this stage: a name is any text here.
//
// Thread rule: plain values and functions of them.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <kith/result.h>

namespace kith::search {

// A query comes from a page or a script as well as from its owner's hand. The limits keep the tree, and the
// work that it makes, small; nobody types as much.
inline constexpr std::size_t longest_query = 4000;  // bytes
inline constexpr std::size_t most_terms = 200;
// Parentheses and NOTs inside each other. SQLite's own parser takes no more than about twice as many.
inline constexpr std::size_t deepest_nesting = 8;

struct Name {
  std::string text;
  bool operator==(const Name&) const = default;
};
// When the photo was taken, by the camera's clock. `date` is a year, a month or a day; before and after leave
// the whole of it out.
struct Taken {
  enum class When { before, on, after };
  When when = When::on;
  std::string date;
  bool operator==(const Taken&) const = default;
};
struct Camera {
  std::string text;
  bool operator==(const Camera&) const = default;
};
struct Path {
  std::string text;
  bool operator==(const Path&) const = default;
};
struct Faces {
  static constexpr int any = std::numeric_limits<int>::max();
  int least = 0;
  int most = any;
  bool operator==(const Faces&) const = default;
};
struct Near {
  double latitude = 0;   // degrees, -90..90
  double longitude = 0;  // degrees, -180..180
  double radius_km = 0;
  bool operator==(const Near&) const = default;
};
struct Unnamed {
  bool yes = true;
  bool operator==(const Unnamed&) const = default;
};
struct Missing {
  bool yes = true;
  bool operator==(const Missing&) const = default;
};
// Which names count, in all of the query: it stands once, beside all the rest.
struct Confirmed {
  bool yes = true;
  bool operator==(const Confirmed&) const = default;
};
using Term = std::variant<Name, Taken, Camera, Path, Faces, Near, Unnamed, Missing, Confirmed>;

struct Node {
  enum class Kind { term, all_of, any_of, none_of };
  Kind kind = Kind::term;
  Term term;                // of a term
  std::vector<Node> parts;  // of all_of and any_of two or more, of none_of one
  std::size_t at = 0;       // where in the query it begins, in bytes
  std::size_t size = 0;     // how many bytes it has there

  // The same tree, wherever it was written.
  bool operator==(const Node& other) const {
    return kind == other.kind && (kind == Kind::term ? term == other.term : parts == other.parts);
  }
};

// Errors: bad_argument, with the place marked.
[[nodiscard]] Result<Node> parse(std::string_view query);

// A query that parses to this tree.
[[nodiscard]] std::string print(const Node& node);

// `message`, and below it the query with the place marked, for people to read.
[[nodiscard]] Error error_at(std::string_view query, std::size_t at, std::size_t size,
                             const std::string& message);

}  // namespace kith::search

// SPDX-License-Identifier: Apache-2.0
#include "search/query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/fold.h"
#include "core/partial_date.h"
#include "search/places.h"

namespace kith::search {
namespace {

struct Token {
  enum class Kind { end, open, close, word };
  Kind kind = Kind::end;
  std::string text;      // of a word, without its quotes
  bool quoted = false;   // some of it stood in quotes
  std::size_t bare = 0;  // how many bytes of `text` stood before the first quote
  std::size_t at = 0;
  std::size_t size = 0;

  [[nodiscard]] bool is_keyword(std::string_view keyword) const {
    return kind == Kind::word && !quoted && text == keyword;
  }
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool ends_word(char c) { return is_blank(c) || c == '(' || c == ')'; }

// Cuts the query into words and parentheses.
class Lexer {
 public:
  explicit Lexer(std::string_view query) : query_(query) {}

  Result<Token> next() {
    while (at_ < query_.size() && is_blank(query_[at_])) ++at_;
    Token token;
    token.at = at_;
    if (at_ == query_.size()) return token;
    if (query_[at_] == '(' || query_[at_] == ')') {
      token.kind = query_[at_] == '(' ? Token::Kind::open : Token::Kind::close;
      token.size = 1;
      ++at_;
      return token;
    }
    token.kind = Token::Kind::word;
    while (at_ < query_.size() && !ends_word(query_[at_])) {
      if (query_[at_] != '"') {
        token.text += query_[at_++];
        if (!token.quoted) token.bare = token.text.size();
        continue;
      }
      token.quoted = true;
      if (!read_quoted(token.text))
        return tl::unexpected(error_at(query_, token.at, query_.size() - token.at,
                                       "this quote is never closed; put \" at its end"));
    }
    token.size = at_ - token.at;
    return token;
  }

 private:
  // From the opening quote to behind the closing one; \" and \\ stand for " and \.
  bool read_quoted(std::string& text) {
    for (++at_; at_ < query_.size(); ++at_) {
      if (query_[at_] == '"') {
        ++at_;
        return true;
      }
      const bool escaped = query_[at_] == '\\' && at_ + 1 < query_.size() &&
                           (query_[at_ + 1] == '"' || query_[at_ + 1] == '\\');
      if (escaped) ++at_;
      text += query_[at_];
    }
    return false;
  }

  std::string_view query_;
  std::size_t at_ = 0;
};

constexpr std::array filters{"after",   "before", "on",   "camera",  "faces",
                             "unnamed", "path",   "near", "missing", "confirmed"};

std::string all_filters() {
  std::string list;
  for (const char* filter : filters) list += (list.empty() ? "" : ", ") + std::string(filter) + ":";
  return list;
}

// What is wrong with a filter's value; the caller knows where it stands.
using Wrong = tl::unexpected<std::string>;
template <typename T>
using Read = tl::expected<T, std::string>;

Wrong wrong(std::string what) { return Wrong(std::move(what)); }

// All of `text` as a number.
template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> finite(std::string_view text) {
  const std::optional<double> value = number<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

Read<Term> read_taken(Taken::When when, const std::string& value) {
  if (!is_partial_date(value)) return wrong("is not a date; write 2019, 2019-07 or 2019-07-31");
  return Taken{when, value};
}

Read<Term> read_faces(std::string_view value) {
  constexpr auto usage =
      "is not a number of faces; write faces:3, faces:>3, faces:>=3, faces:<3, faces:<=3 or faces:2-4";
  constexpr int most = 1'000'000;
  const std::size_t sign = std::min(value.find_first_not_of("<>="), value.size());
  const std::string_view comparison = value.substr(0, sign);
  const std::string_view rest = value.substr(sign);
  const auto count = [](std::string_view text) {
    const std::optional<int> parsed = number<int>(text);
    return parsed && *parsed >= 0 && *parsed <= most ? parsed : std::nullopt;
  };
  if (const std::size_t dash = rest.find('-'); comparison.empty() && dash != std::string_view::npos) {
    const std::optional<int> from = count(rest.substr(0, dash));
    const std::optional<int> to = count(rest.substr(dash + 1));
    if (!from || !to) return wrong(usage);
    if (*from > *to) return wrong("begins above its end; write the smaller number first");
    return Faces{*from, *to};
  }
  const std::optional<int> n = count(rest);
  if (!n) return wrong(usage);
  if (comparison.empty() || comparison == "=") return Faces{*n, *n};
  if (comparison == ">") return Faces{*n + 1, Faces::any};
  if (comparison == ">=") return Faces{*n, Faces::any};
  if (comparison == "<=") return Faces{0, *n};
  if (comparison != "<") return wrong(usage);
  if (*n == 0) return wrong("is true of no photo");
  return Faces{0, *n - 1};
}

Read<double> read_radius(std::string_view text) {
  constexpr double half_way_round = 20'040;  // km: all of the earth
  if (!text.ends_with("km")) return wrong("needs a radius in kilometres at its end, such as 20km");
  const std::optional<double> radius = finite(text.substr(0, text.size() - 2));
  if (!radius || *radius <= 0 || *radius > half_way_round)
    return wrong("needs a radius between 0 and 20040 km, such as 20km");
  return *radius;
}

Read<Term> read_near(std::string_view value) {
  const std::size_t comma = value.rfind(',');
  if (comma == std::string_view::npos)
    return wrong("is no place with a radius; write near:Paris,20km or near:48.86,2.35,20km");
  const Read<double> radius = read_radius(value.substr(comma + 1));
  if (!radius) return Wrong(radius.error());
  const std::string_view where = value.substr(0, comma);
  if (const std::size_t middle = where.find(','); middle != std::string_view::npos) {
    const std::optional<double> latitude = finite(where.substr(0, middle));
    const std::optional<double> longitude = finite(where.substr(middle + 1));
    if (!latitude || !longitude || std::abs(*latitude) > 90 || std::abs(*longitude) > 180)
      return wrong(
          "needs a latitude from -90 to 90 and a longitude from -180 to 180, such as near:48.86,2.35,20km");
    return Near{*latitude, *longitude, *radius};
  }
  if (const std::optional<Place> place = find_place(where))
    return Near{place->latitude, place->longitude, *radius};
  std::vector<std::string> names;
  for (const Place& place : places()) {
    names.emplace_back(place.name);
    if (!place.also.empty()) names.emplace_back(place.also);
  }
  std::string meant;
  for (const std::string& name : similar_names(where, names, 3)) meant += (meant.empty() ? "" : ", ") + name;
  return wrong(
      "names a place that kith does not know" + (meant.empty() ? "" : " (do you mean " + meant + "?)") +
      "; `kith search --places` lists those it knows, and coordinates always work: near:48.86,2.35,20km");
}

Read<bool> read_yes(std::string_view value) {
  if (value == "yes") return true;
  if (value == "no") return false;
  return wrong("is neither yes nor no");
}

template <typename Flag>
Read<Term> read_flag(std::string_view value) {
  return read_yes(value).map([](bool yes) -> Term { return Flag{yes}; });
}

Read<Term> read_filter(std::string_view filter, const std::string& value) {
  if (value.empty()) return wrong("has nothing after the colon");
  if (filter == "after") return read_taken(Taken::When::after, value);
  if (filter == "before") return read_taken(Taken::When::before, value);
  if (filter == "on") return read_taken(Taken::When::on, value);
  if (filter == "camera") return Camera{value};
  if (filter == "path") return Path{value};
  if (filter == "faces") return read_faces(value);
  if (filter == "near") return read_near(value);
  if (filter == "unnamed") return read_flag<Unnamed>(value);
  if (filter == "missing") return read_flag<Missing>(value);
  if (filter == "confirmed") return read_flag<Confirmed>(value);
  return wrong("is no filter; there are " + all_filters() + ". A name with a colon goes in quotes");
}

// Recursive descent. Each call leaves `token_` at the first token that it did not use.
class Parser {
 public:
  explicit Parser(std::string_view query) : query_(query), lexer_(query) {}

  Result<Node> parse() {
    if (Status moved = advance(); !moved) return tl::unexpected(moved.error());
    if (token_.kind == Token::Kind::end)
      return fail(ErrorCode::bad_argument,
                  "the search is empty; name a person, or give a filter such as after:2019");
    Result<Node> root = any_of();
    if (!root) return root;
    if (token_.kind == Token::Kind::close) return complain(token_, "there is no ( that this ) closes");
    if (Status placed = check_confirmed(*root); !placed) return tl::unexpected(placed.error());
    return root;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> complain(const Token& token, const std::string& what) const {
    return tl::unexpected(error_at(query_, token.at, token.size, what));
  }
  [[nodiscard]] tl::unexpected<Error> complain(const Node& node, const std::string& what) const {
    return tl::unexpected(error_at(query_, node.at, node.size, what));
  }

  Status advance() {
    before_ = token_.at + token_.size;
    Result<Token> next = lexer_.next();
    if (!next) return tl::unexpected(next.error());
    token_ = std::move(*next);
    return {};
  }

  [[nodiscard]] bool ends_group() const {
    return token_.kind == Token::Kind::end || token_.kind == Token::Kind::close;
  }

  // What is made of these parts: the only one itself.
  [[nodiscard]] Node joined(Node::Kind kind, std::vector<Node> parts) const {
    if (parts.size() == 1) return std::move(parts.front());
    Node node{.kind = kind, .term = {}, .parts = std::move(parts)};
    node.at = node.parts.front().at;
    node.size = before_ - node.at;
    return node;
  }

  Result<Node> any_of() {
    std::vector<Node> parts;
    while (true) {
      Result<Node> part = all_of();
      if (!part) return part;
      parts.push_back(std::move(*part));
      if (!token_.is_keyword("OR")) return joined(Node::Kind::any_of, std::move(parts));
      if (Status moved = advance(); !moved) return tl::unexpected(moved.error());
    }
  }

  Result<Node> all_of() {
    std::vector<Node> parts;
    while (true) {
      Result<Node> part = one();
      if (!part) return part;
      parts.push_back(std::move(*part));
      if (ends_group() || token_.is_keyword("OR")) return joined(Node::Kind::all_of, std::move(parts));
      if (!token_.is_keyword("AND")) continue;
      if (Status moved = advance(); !moved) return tl::unexpected(moved.error());
    }
  }

  Result<Node> one() {
    const Token first = token_;
    if (first.kind == Token::Kind::end)
      return complain(first,
                      "something is missing at the end: a name, a filter, or what stands in parentheses");
    if (first.kind == Token::Kind::close) return complain(first, "something is missing before this )");
    if (first.is_keyword("AND") || first.is_keyword("OR"))
      return complain(first, first.text +
                                 " stands between two terms; a person of that name goes in quotes: \"" +
                                 first.text + "\"");
    if (first.kind == Token::Kind::word && !first.is_keyword("NOT")) return term();
    if (++depth_ > deepest_nesting)
      return complain(first, "parentheses and NOTs go no deeper than " + std::to_string(deepest_nesting));
    if (Status moved = advance(); !moved) return tl::unexpected(moved.error());
    Result<Node> inner = first.kind == Token::Kind::open ? in_parentheses(first) : negated(first);
    --depth_;
    return inner;
  }

  Result<Node> negated(const Token& keyword) {
    Result<Node> part = one();
    if (!part) return part;
    Node node{.kind = Node::Kind::none_of, .term = {}, .parts = {}};
    node.parts.push_back(std::move(*part));
    node.at = keyword.at;
    node.size = before_ - keyword.at;
    return node;
  }

  Result<Node> in_parentheses(const Token& open) {
    if (token_.kind == Token::Kind::close) return complain(token_, "there is nothing in these parentheses");
    Result<Node> inner = any_of();
    if (!inner) return inner;
    if (token_.kind != Token::Kind::close) return complain(open, "this ( is never closed");
    if (Status moved = advance(); !moved) return tl::unexpected(moved.error());
    inner->at = open.at;
    inner->size = before_ - open.at;
    return inner;
  }

  Result<Node> term() {
    const Token word = token_;
    if (++terms_ > most_terms)
      return complain(word, "a search has at most " + std::to_string(most_terms) + " names and filters");
    Node node{
        .kind = Node::Kind::term, .term = Name{word.text}, .parts = {}, .at = word.at, .size = word.size};
    const std::size_t colon = word.text.find(':');
    if (colon != std::string::npos && colon < word.bare) {
      const std::string filter = word.text.substr(0, colon);
      Read<Term> read = read_filter(filter, word.text.substr(colon + 1));
      if (!read) return complain(word, "\"" + word.text + "\" " + read.error());
      node.term = std::move(*read);
    } else if (word.text.empty()) {
      return complain(word, "there is no name in these quotes");
    }
    if (Status moved = advance(); !moved) return tl::unexpected(moved.error());
    return node;
  }

  // `confirmed:` is about every name of the query. Below OR, NOT or further parentheses it would seem to be
  // about some of them.
  [[nodiscard]] Status check_confirmed(const Node& root) const {
    std::size_t times = 0;
    const auto is_confirmed = [](const Node& node) {
      return node.kind == Node::Kind::term && std::holds_alternative<Confirmed>(node.term);
    };
    if (is_confirmed(root)) return {};
    for (const Node& part : root.parts) {
      if (!is_confirmed(part)) {
        if (const Node* inner = find_confirmed(part)) return misplaced(*inner);
      } else if (root.kind != Node::Kind::all_of) {
        return misplaced(part);
      } else if (++times > 1) {
        return complain(part, "confirmed: stands only once, it is about all names");
      }
    }
    return {};
  }

  [[nodiscard]] Status misplaced(const Node& node) const {
    return complain(
        node,
        "confirmed: is about all names of the search, so it stands beside the rest: confirmed:yes (...)");
  }

  [[nodiscard]] static const Node* find_confirmed(const Node& node) {
    if (node.kind == Node::Kind::term) return std::holds_alternative<Confirmed>(node.term) ? &node : nullptr;
    for (const Node& part : node.parts) {
      if (const Node* found = find_confirmed(part)) return found;
    }
    return nullptr;
  }

  std::string_view query_;
  Lexer lexer_;
  Token token_;
  std::size_t before_ = 0;  // where the token before `token_` ended
  std::size_t depth_ = 0;
  std::size_t terms_ = 0;
};

// ---- printing

bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    return ends_word(c) || is_control(c) || c == '"' || c == ':' || c == '\\';
  });
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string text_of(std::string_view text) { return is_plain(text) ? std::string(text) : in_quotes(text); }

// The shortest text that reads back as the same number.
std::string text_of(double value) {
  std::array<char, 64> buffer{};
  const auto [end, problem] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

std::string text_of(bool yes) { return yes ? "yes" : "no"; }

struct TermPrinter {
  std::string operator()(const Name& name) const {
    const bool keyword = name.text == "AND" || name.text == "OR" || name.text == "NOT";
    return keyword ? in_quotes(name.text) : text_of(name.text);
  }
  std::string operator()(const Taken& taken) const {
    const char* const filter = taken.when == Taken::When::before ? "before:"
                               : taken.when == Taken::When::on   ? "on:"
                                                                 : "after:";
    return filter + taken.date;
  }
  std::string operator()(const Camera& camera) const { return "camera:" + text_of(camera.text); }
  std::string operator()(const Path& path) const { return "path:" + text_of(path.text); }
  std::string operator()(const Faces& faces) const {
    if (faces.least == faces.most) return "faces:" + std::to_string(faces.least);
    if (faces.most == Faces::any) return "faces:>=" + std::to_string(faces.least);
    return "faces:" + std::to_string(faces.least) + "-" + std::to_string(faces.most);
  }
  std::string operator()(const Near& near) const {
    return "near:" + text_of(near.latitude) + "," + text_of(near.longitude) + "," + text_of(near.radius_km) +
           "km";
  }
  std::string operator()(const Unnamed& unnamed) const { return "unnamed:" + text_of(unnamed.yes); }
  std::string operator()(const Missing& missing) const { return "missing:" + text_of(missing.yes); }
  std::string operator()(const Confirmed& confirmed) const { return "confirmed:" + text_of(confirmed.yes); }
};

// With parentheses around what would else be taken apart.
std::string print_part(const Node& node) {
  const bool joins = node.kind == Node::Kind::all_of || node.kind == Node::Kind::any_of;
  std::string text = print(node);
  if (!joins) return text;
  text.insert(text.begin(), '(');
  text.push_back(')');
  return text;
}

}  // namespace

Result<Node> parse(std::string_view query) {
  if (query.size() > longest_query)
    return fail(ErrorCode::bad_argument,
                "the search is longer than " + std::to_string(longest_query) + " bytes; make it shorter");
  if (!is_utf8(query)) return fail(ErrorCode::bad_argument, "the search is no UTF-8 text");
  return Parser(query).parse();
}

std::string print(const Node& node) {
  switch (node.kind) {
    case Node::Kind::term: return std::visit(TermPrinter{}, node.term);
    case Node::Kind::none_of: return "NOT " + print_part(node.parts.front());
    case Node::Kind::all_of:
    case Node::Kind::any_of: break;
  }
  std::string result;
  for (const Node& part : node.parts)
    result += (result.empty() ? "" : node.kind == Node::Kind::all_of ? " AND " : " OR ") + print_part(part);
  return result;
}

Error error_at(std::string_view query, std::size_t at, std::size_t size, const std::string& message) {
  // Of a long query only what is around the place.
  constexpr std::size_t around = 60;
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(query[i]) & 0xC0U) == 0x80U;
  };
  std::size_t begin = at > around ? at - around : 0;
  while (begin > 0 && continues(begin)) --begin;
  std::size_t end = std::min(query.size(), at + size + around);
  while (end < query.size() && continues(end)) ++end;
  std::string line = begin > 0 ? "…" : "";
  std::string marks = begin > 0 ? " " : "";
  for (std::size_t i = begin; i < end; ++i) {
    line += is_control(query[i]) ? ' ' : query[i];
    if (!continues(i)) marks += i < at ? ' ' : i < at + size ? '^' : ' ';
  }
  if (at >= end) marks += '^';
  marks.erase(marks.find_last_not_of(' ') + 1);
  return {ErrorCode::bad_argument,
          message + "\n  " + line + (end < query.size() ? "…" : "") + "\n  " + marks};
}

}  // namespace kith::search

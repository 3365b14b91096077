// SPDX-License-Identifier: Apache-2.0
#include "eval/pair_lists.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <optional>
#include <sstream>

#include "core/csv.h"
#include "eval/list_text.h"

namespace kith::eval {
namespace {

using Pairs = std::vector<ListedPair>;

constexpr int dealt_folds = 10;  // as LFW has

// ---- LFW

std::string lfw_file(const std::string& person, int number) {
  std::string digits = std::to_string(number);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  return person + "/" + person + "_" + digits + ".jpg";
}

std::optional<ListedPair> lfw_pair(const std::string& line) {
  const std::vector<std::string> fields = split(line, '\t');
  int first = 0;
  int second = 0;
  if ((fields.size() != 3 && fields.size() != 4) || !parse(fields[1], first) ||
      !parse(fields.back(), second) || first < 1 || second < 1)
    return std::nullopt;
  const bool same = fields.size() == 3;
  return ListedPair{lfw_file(fields[0], first), lfw_file(same ? fields[0] : fields[2], second), same, 0};
}

// The lines below the first one, folds times twice `pairs_a_fold`.
Result<Pairs> lfw_pairs(const std::vector<std::string>& lines, const std::string& name, int folds,
                        int pairs_a_fold) {
  const std::size_t fold_size = 2 * static_cast<std::size_t>(pairs_a_fold);
  const std::size_t expected = static_cast<std::size_t>(folds) * fold_size;
  const std::string promised = "; the first line says " + std::to_string(folds) +
                               (folds == 1 ? " fold" : " folds") + " of twice " +
                               std::to_string(pairs_a_fold) + " pairs";
  Pairs pairs;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    if (pairs.size() == expected) return damaged(name, i, "the end of the file" + promised);
    std::optional<ListedPair> pair = lfw_pair(lines[i]);
    if (!pair)
      return damaged(name, i, "a pair: name, number, number, or name, number, name, number, between tabs");
    pair->fold = static_cast<int>(pairs.size() / fold_size);
    pairs.push_back(std::move(*pair));
  }
  if (pairs.size() < expected)
    return damaged(name, lines.size(), std::to_string(expected - pairs.size()) + " more pairs" + promised);
  return pairs;
}

// ---- any list

constexpr const char* list_line = "two photos and 0 or 1, and a fold on every line or on none";

struct Row {
  std::size_t line = 0;  // from 0
  std::vector<std::string> fields;
};

Result<std::vector<Row>> csv_rows(std::string_view text, const std::string& name) {
  std::istringstream stream{std::string(text)};
  CsvReader reader(stream);
  std::vector<Row> rows;
  while (true) {
    Result<std::optional<CsvReader::Row>> row = reader.next();
    if (!row) return fail(row.error().code, name + ": " + row.error().message);
    if (!*row) return rows;
    const bool is_empty = (*row)->fields.size() == 1 && (*row)->fields.front().empty();
    if (!is_empty) rows.push_back({(*row)->line - 1, std::move((*row)->fields)});
  }
}

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> found;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return found;
    const std::size_t end = line.find_first_of(" \t", begin);
    found.emplace_back(line.substr(begin, end - begin));
    line.remove_prefix(std::min(end, line.size()));
  }
}

std::vector<Row> table_rows(const std::vector<std::string>& lines) {
  const auto is_remark = [](const std::string& line) { return line.empty() || line.front() == '#'; };
  const auto first = std::ranges::find_if_not(lines, is_remark);
  const bool tabs = first != lines.end() && first->find('\t') != std::string::npos;
  std::vector<Row> rows;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_remark(lines[i])) continue;
    std::vector<std::string> fields = tabs ? split(lines[i], '\t') : words(lines[i]);
    if (!fields.empty()) rows.push_back({i, std::move(fields)});
  }
  return rows;
}

bool is_heading(const std::vector<std::string>& fields) {
  static const std::array<std::vector<std::string>, 2> headings{
      {{"a", "b", "same"}, {"a", "b", "same", "fold"}}};
  return std::ranges::find(headings, fields) != headings.end();
}

// A path that the system would cut at a zero byte names another file than it shows.
bool is_path(const std::string& text) { return !text.empty() && text.find('\0') == std::string::npos; }

std::optional<ListedPair> listed_pair(const std::vector<std::string>& fields) {
  ListedPair pair;
  if ((fields.size() != 3 && fields.size() != 4) || !is_path(fields[0]) || !is_path(fields[1]) ||
      (fields[2] != "0" && fields[2] != "1") || (fields.size() == 4 && !parse(fields[3], pair.fold)))
    return std::nullopt;
  pair.a = fields[0];
  pair.b = fields[1];
  pair.same = fields[2] == "1";
  return pair;
}

// Numbers from 0 without gaps, in the order of the list's own.
std::size_t renumber_folds(Pairs& pairs) {
  std::map<int, int> numbers;
  for (const ListedPair& pair : pairs) numbers.emplace(pair.fold, 0);
  int next = 0;
  for (auto& [given, number] : numbers) number = next++;
  for (ListedPair& pair : pairs) pair.fold = numbers.at(pair.fold);
  return numbers.size();
}

void deal(Pairs& pairs) {
  const auto same = std::ranges::count_if(pairs, &ListedPair::same);
  const auto rarer = std::min(same, static_cast<std::ptrdiff_t>(pairs.size()) - same);
  const int folds = static_cast<int>(std::clamp(rarer, std::ptrdiff_t{2}, std::ptrdiff_t{dealt_folds}));
  std::array<int, 2> next{};
  for (ListedPair& pair : pairs) pair.fold = next[pair.same ? 1 : 0]++ % folds;
}

// ---- both

void keep_one_in(int every, Pairs& pairs) {
  std::size_t number = 0;
  std::erase_if(pairs, [&](const ListedPair&) { return number++ % static_cast<std::size_t>(every) != 0; });
}

template <typename Field>
bool all_alike(const Pairs& pairs, Field field) {
  return std::ranges::all_of(pairs,
                             [&](const ListedPair& pair) { return pair.*field == pairs.front().*field; });
}

tl::unexpected<Error> too_few(const std::string& name, int every, const std::string& needed) {
  return fail(ErrorCode::bad_argument,
              name + ": " +
                  (every > 1 ? "one pair in " + std::to_string(every) + " leaves" : "this list has") +
                  " too few to judge by: " + needed + (every > 1 ? "; take more of them" : ""));
}

// Whether there is a threshold to choose and something to decide with it.
Result<Pairs> judgeable(Pairs pairs, const std::string& name, int every) {
  if (renumber_folds(pairs) > most_folds) {
    return fail(ErrorCode::bad_argument,
                name + ": has more than " + std::to_string(most_folds) + " folds; put them together");
  }
  if (all_alike(pairs, &ListedPair::fold) || all_alike(pairs, &ListedPair::same))
    return too_few(name, every, "two folds are needed, and pairs of both kinds");
  return pairs;
}

}  // namespace

Result<Pairs> parse_lfw_folds(std::string_view text, const std::string& name, int every) {
  const std::vector<std::string> lines = lines_of(text);
  const std::vector<std::string> header =
      lines.empty() ? std::vector<std::string>() : split(lines.front(), '\t');
  int folds = 0;
  int pairs_a_fold = 0;
  if (header.size() != 2 || !parse(header[0], folds) || !parse(header[1], pairs_a_fold) || folds < 2 ||
      pairs_a_fold < 1)
    return damaged(name, 0, "the number of folds (at least 2) and of pairs");
  Result<Pairs> pairs = lfw_pairs(lines, name, folds, pairs_a_fold);
  if (!pairs) return pairs;
  keep_one_in(every, *pairs);
  return judgeable(std::move(*pairs), name, every);
}

Result<Pairs> parse_lfw_part(std::string_view text, const std::string& name, int fold, int every) {
  const std::vector<std::string> lines = lines_of(text);
  int count = 0;
  if (lines.empty() || !parse(lines.front(), count) || count < 1)
    return damaged(name, 0, "the number of pairs");
  Result<Pairs> pairs = lfw_pairs(lines, name, 1, count);
  if (!pairs) return pairs;
  keep_one_in(every, *pairs);
  if (all_alike(*pairs, &ListedPair::same)) return too_few(name, every, "pairs of both kinds are needed");
  for (ListedPair& pair : *pairs) pair.fold = fold;
  return pairs;
}

Result<Pairs> parse_pair_list(std::string_view text, const std::string& name, int every) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // the byte order mark of some editors
  const std::size_t begin = text.find_first_not_of("\r\n");
  const std::string_view first =
      begin == std::string_view::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
  Result<std::vector<Row>> rows = first.find(',') != std::string_view::npos
                                      ? csv_rows(text, name)
                                      : Result<std::vector<Row>>(table_rows(lines_of(text)));
  if (!rows) return tl::unexpected(rows.error());
  if (!rows->empty() && is_heading(rows->front().fields)) rows->erase(rows->begin());
  if (rows->empty())
    return fail(ErrorCode::bad_argument, name + ": lists no pairs, so there is nothing to judge");

  Pairs pairs;
  for (const Row& row : *rows) {
    std::optional<ListedPair> pair = listed_pair(row.fields);
    if (!pair || row.fields.size() != rows->front().fields.size()) return damaged(name, row.line, list_line);
    pairs.push_back(std::move(*pair));
  }
  keep_one_in(every, pairs);
  if (rows->front().fields.size() == 3) deal(pairs);
  return judgeable(std::move(pairs), name, every);
}

Result<Pairs> read_lfw(const std::filesystem::path& folder, int view, int every) {
  assert(view == 1 || view == 2);
  const auto text_of = [&](const char* file) { return read_text(folder / file); };
  const auto name_of = [&](const char* file) { return (folder / file).string(); };
  if (view == 2) {
    const Result<std::string> text = text_of("pairs.txt");
    return text ? parse_lfw_folds(*text, name_of("pairs.txt"), every) : tl::unexpected(text.error());
  }
  Pairs pairs;
  for (const auto& [file, fold] : {std::pair{"pairsDevTrain.txt", 0}, std::pair{"pairsDevTest.txt", 1}}) {
    const Result<std::string> text = text_of(file);
    if (!text) return tl::unexpected(text.error());
    Result<Pairs> part = parse_lfw_part(*text, name_of(file), fold, every);
    if (!part) return part;
    std::ranges::move(*part, std::back_inserter(pairs));
  }
  return pairs;
}

Result<Pairs> read_pair_list(const std::filesystem::path& file, int every) {
  const Result<std::string> text = read_text(file);
  if (!text) return tl::unexpected(text.error());
  return parse_pair_list(*text, file.string(), every);
}

std::vector<Pair> score_pairs(const std::vector<ListedPair>& pairs, const Vectors& vectors) {
  std::vector<Pair> scored;
  for (const ListedPair& pair : pairs) {
    const auto a = vectors.find(pair.a);
    const auto b = vectors.find(pair.b);
    const bool complete = a != vectors.end() && b != vectors.end();
    const float wrong = pair.same ? -1.0F : 1.0F;
    scored.push_back({complete ? dot(a->second, b->second) : wrong, pair.same, pair.fold, complete});
  }
  return scored;
}

}  // namespace kith::eval

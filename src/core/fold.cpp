// SPDX-License-Identifier: Apache-2.0
#include "core/fold.h"

#include <glib.h>

#include <algorithm>
#include <memory>
#include <numeric>

namespace kith {
namespace {

struct Free {
  void operator()(char* text) const { g_free(text); }
};
using Text = std::unique_ptr<char, Free>;

std::u32string characters(std::string_view utf8) {
  std::u32string result;
  const char* const end = utf8.data() + utf8.size();
  for (const char* at = utf8.data(); at < end; at = g_utf8_next_char(at))
    result.push_back(static_cast<char32_t>(g_utf8_get_char(at)));
  return result;
}

// Levenshtein's: letters put in, left out or changed.
std::size_t distance(const std::u32string& a, const std::u32string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

}  // namespace

bool is_utf8(std::string_view text) {
  return g_utf8_validate_len(text.data(), text.size(), nullptr) != FALSE;
}

std::string folded(std::string_view text) {
  if (text.empty()) return {};  // GLib takes no null pointer
  const Text valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
  // Normalised twice: composed and decomposed letters fold differently, and folding leaves parts to compose.
  const Text composed(g_utf8_normalize(valid.get(), -1, G_NORMALIZE_DEFAULT_COMPOSE));
  const Text lower(g_utf8_casefold(composed.get(), -1));
  const Text result(g_utf8_normalize(lower.get(), -1, G_NORMALIZE_DEFAULT_COMPOSE));
  return result.get();
}

std::vector<std::string> similar_names(std::string_view wanted, std::span<const std::string> known,
                                       std::size_t at_most) {
  constexpr std::size_t longest = 100;  // letters: the work is their product
  const std::u32string target = characters(folded(wanted));
  if (target.empty() || target.size() > longest) return {};
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& name : known) {
    const std::u32string candidate = characters(folded(name));
    if (candidate.size() > longest) continue;
    const bool alike = target.size() >= 2 && candidate.find(target) != std::u32string::npos;
    const std::size_t differs = distance(target, candidate);
    if (alike || differs <= std::max<std::size_t>(1, target.size() / 3)) near.emplace_back(differs, name);
  }
  std::ranges::stable_sort(near, {}, &std::pair<std::size_t, std::string>::first);
  std::vector<std::string> result;
  for (auto& [differs, name] : near) {
    if (result.size() < at_most && std::ranges::find(result, name) == result.end())
      result.push_back(std::move(name));
  }
  return result;
}

}  // namespace kith

// SPDX-License-Identifier: Apache-2.0
#include "metadata/merge.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/fold.h"
#include "metadata/region_geometry.h"

namespace kith::metadata {
namespace {

// Digits that a file gives: far finer than a pixel, coarser than what is lost by reading and writing.
constexpr double same_place = 1e-6;

double overlap_of(const Area& a, const Area& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (a.width * a.height + b.width * b.height - width * height);
}

bool equal(const Area& a, const Area& b) {
  return std::abs(a.x - b.x) < same_place && std::abs(a.y - b.y) < same_place &&
         std::abs(a.width - b.width) < same_place && std::abs(a.height - b.height) < same_place;
}

bool same_name(const std::string& a, const std::string& b) { return a == b || folded(a) == folded(b); }

// For each existing region what kith wrote of it; null: nothing, or not as it is now.
std::vector<const WrittenRegion*> find_ours(std::span<const ExistingRegion> existing,
                                            std::span<const WrittenRegion> record) {
  std::vector<const WrittenRegion*> ours;
  std::set<const WrittenRegion*> found;
  for (const ExistingRegion& region : existing) {
    const auto written = std::ranges::find_if(record, [&](const WrittenRegion& each) {
      return !found.contains(&each) && region.face && region.area && equal(*region.area, each.area) &&
             region.name == each.name;
    });
    ours.push_back(written == record.end() ? nullptr : &*written);
    if (written != record.end()) found.insert(&*written);
  }
  return ours;
}

struct Pair {
  double likeness = 0;
  std::size_t existing = 0;
  std::size_t wanted = 0;
};

// The existing region of each wanted one: the pairs that are most alike first.
std::vector<std::optional<std::size_t>> match(std::span<const ExistingRegion> existing,
                                              std::span<const WantedRegion> wanted) {
  std::vector<Pair> pairs;
  for (std::size_t e = 0; e < existing.size(); ++e) {
    if (!existing[e].face || !existing[e].area) continue;
    for (std::size_t w = 0; w < wanted.size(); ++w) {
      const double overlap = overlap_of(*existing[e].area, wanted[w].area);
      const bool same = same_name(existing[e].name, wanted[w].name);
      if (overlap < (same ? face_overlap.written_same_name : face_overlap.written)) continue;
      pairs.push_back({overlap + (same ? 1 : 0), e, w});
    }
  }
  std::ranges::stable_sort(pairs, std::ranges::greater(), &Pair::likeness);
  std::vector<std::optional<std::size_t>> matched(wanted.size());
  std::set<std::size_t> taken;
  for (const Pair& pair : pairs) {
    if (matched[pair.wanted] || taken.contains(pair.existing)) continue;
    matched[pair.wanted] = pair.existing;
    taken.insert(pair.existing);
  }
  return matched;
}

// What becomes of an existing region on which there is a wanted face.
void plan_matched(std::size_t index, const ExistingRegion& region, const WrittenRegion* ours,
                  const WantedRegion& wanted, RegionPlan& plan) {
  if (ours != nullptr && !ours->name_only) {
    if (region.name != wanted.name || !equal(*region.area, wanted.area))
      plan.replace.push_back({index, wanted});
    plan.record.push_back({wanted.name, wanted.area});
    return;
  }
  if (ours == nullptr && !region.name.empty()) {
    if (!same_name(region.name, wanted.name)) plan.kept.push_back({index, wanted.name});
    return;
  }
  if (region.name != wanted.name) plan.rename.push_back({index, wanted.name});
  plan.record.push_back({wanted.name, *region.area, true});
}

}  // namespace

RegionPlan merge_regions(std::span<const ExistingRegion> existing, std::span<const WantedRegion> wanted,
                         std::span<const WrittenRegion> record) {
  const std::vector<const WrittenRegion*> ours = find_ours(existing, record);
  const std::vector<std::optional<std::size_t>> matched = match(existing, wanted);
  RegionPlan plan;
  std::vector<bool> stays(existing.size(), false);
  for (std::size_t w = 0; w < wanted.size(); ++w) {
    if (!matched[w]) {
      plan.add.push_back(wanted[w]);
      plan.record.push_back({wanted[w].name, wanted[w].area});
      continue;
    }
    stays[*matched[w]] = true;
    plan_matched(*matched[w], existing[*matched[w]], ours[*matched[w]], wanted[w], plan);
  }
  for (std::size_t e = 0; e < existing.size(); ++e) {
    if (stays[e] || ours[e] == nullptr) continue;
    if (ours[e]->name_only) {
      plan.rename.push_back({e, ""});
    } else {
      plan.remove.push_back(e);
    }
  }
  return plan;
}

bool all_ours(std::span<const ExistingRegion> existing, std::span<const WrittenRegion> record) {
  return std::ranges::all_of(find_ours(existing, record), [](const WrittenRegion* written) {
    return written != nullptr && !written->name_only;
  });
}

TextPlan merge_texts(std::span<const std::string> existing, std::span<const std::string> wanted,
                     std::span<const std::string> record) {
  TextPlan plan;
  std::multiset<std::string> there;
  for (const std::string& text : existing) there.insert(folded(text));
  std::set<std::string> remembered;
  for (const std::string& text : record) {
    const bool as_written = std::ranges::find(existing, text) != existing.end();
    if (!as_written || !remembered.insert(text).second) continue;
    if (std::ranges::find(wanted, text) != wanted.end()) {
      plan.record.push_back(text);
    } else {
      plan.remove.push_back(text);
      there.erase(there.find(folded(text)));
    }
  }
  for (const std::string& text : wanted) {
    std::string key = folded(text);
    if (there.contains(key)) continue;
    there.insert(std::move(key));
    plan.add.push_back(text);
    plan.record.push_back(text);
  }
  return plan;
}

}  // namespace kith::metadata

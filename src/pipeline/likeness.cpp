// SPDX-License-Identifier: Apache-2.0
#include "pipeline/likeness.h"

#include <algorithm>
#include <iterator>

namespace kith::pipeline {
namespace {

using Kind = EnrolmentNote::Kind;

// To the other reference that it resembles most: a child's photos among an adult's resemble each other.
float closest_similarity(const std::vector<Reference>& references, std::size_t to) {
  float closest = -1;
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (i != to) closest = std::max(closest, dot(references[i].embedding, references[to].embedding));
  }
  return closest;
}

// How similar the others are to each other, on average.
float agreement(const std::vector<Reference>& references, std::size_t without) {
  std::vector<Reference> others = references;
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(without));
  float sum = 0;
  for (std::size_t i = 0; i < others.size(); ++i) sum += closest_similarity(others, i);
  return sum / static_cast<float>(others.size());
}

void compare(const Person& one, const Person& other, const EnrolmentSettings& settings,
             std::vector<EnrolmentNote>& notes) {
  for (const Reference& a : one.references) {
    for (const Reference& b : other.references) {
      if (dot(a.embedding, b.embedding) < settings.same_similarity) continue;
      notes.push_back({Kind::looks_like, other.name, b.source,
                       b.source + ": the face of \"" + other.name + "\" looks like \"" + one.name + "\" in " +
                           a.source + "; are they one person?"});
      return;
    }
  }
}

}  // namespace

std::string person_of(const std::filesystem::path& photo, const std::filesystem::path& people_folder) {
  const std::filesystem::path relative = photo.lexically_relative(people_folder);
  const bool in_root = std::distance(relative.begin(), relative.end()) == 1;
  return in_root ? relative.stem().string() : relative.begin()->string();
}

void leave_out_unlike(const std::string& name, std::vector<Reference>& references,
                      const EnrolmentSettings& settings, std::vector<EnrolmentNote>& notes) {
  const auto note = [&](const std::string& photo, const std::string& message) {
    notes.push_back({Kind::unlike_others, name, photo, photo + ": " + message});
  };
  while (references.size() >= 2) {
    std::size_t worst = 0;
    float least = 2;
    for (std::size_t i = 0; i < references.size(); ++i) {
      const float similarity = closest_similarity(references, i);
      if (similarity < least) {
        least = similarity;
        worst = i;
      }
    }
    if (least >= settings.unlike_similarity) return;
    const std::string photo = references[worst].source;
    if (references.size() == 2) {
      note(photo, "unlike the other photo of \"" + name + "\" (" + references[1 - worst].source +
                      "); one of them may be somebody else");
      return;
    }
    if (agreement(references, worst) < settings.unlike_similarity) {
      note(photo,
           "the photos of \"" + name + "\" are all unlike each other; some of them may be of somebody else");
      return;
    }
    note(photo, "unlike the other photos of \"" + name + "\", so likely somebody else; it is left out");
    references.erase(references.begin() + static_cast<std::ptrdiff_t>(worst));
  }
}

void compare_people(const Gallery& gallery, const EnrolmentSettings& settings,
                    std::vector<EnrolmentNote>& notes) {
  for (std::size_t a = 0; a < gallery.size(); ++a) {
    for (std::size_t b = a + 1; b < gallery.size(); ++b) compare(gallery[a], gallery[b], settings, notes);
  }
}

}  // namespace kith::pipeline

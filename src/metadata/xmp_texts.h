// SPDX-License-Identifier: Apache-2.0
// The texts of XMP by their place, whatever the form in which they were written and the prefixes chosen
// inside of a property.
//
// Thread rule: a plain value.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <exiv2/exiv2.hpp>

namespace kith::metadata {

// A place is the property by Exiv2's prefix, then fields by their names without one and items by number from
// 1: "mwg-rs.Regions/RegionList[2]/Area/x". All texts are valid UTF-8.
class XmpTexts {
 public:
  explicit XmpTexts(const Exiv2::XmpData& xmp);

  // Whether anything is there: a text, a structure or a list.
  [[nodiscard]] bool has(const std::string& place) const;
  // The text; of one in several languages the default one; the first of a list. Empty: absent.
  [[nodiscard]] std::string text(const std::string& place) const;
  // All items of a list, or the one text that stands in its place.
  [[nodiscard]] std::vector<std::string> list(const std::string& place) const;

 private:
  std::unordered_map<std::string, std::vector<std::string>> texts_;
};

}  // namespace kith::metadata

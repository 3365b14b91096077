// SPDX-License-Identifier: Apache-2.0
#include "metadata/xmp_texts.h"

#include <optional>
#include <utility>

#include "core/utf8.h"

namespace kith::metadata {
namespace {

// "Xmp.mwg-rs.Regions/mwg-rs:RegionList[2]" to "mwg-rs.Regions/RegionList[2]". Nothing for what is said of a
// text and not of the photo: its language, for one.
std::optional<std::string> place_of(std::string_view key) {
  constexpr std::string_view family = "Xmp.";
  if (!key.starts_with(family) || key.find("/?") != std::string_view::npos) return std::nullopt;
  key.remove_prefix(family.size());
  std::string place(key.substr(0, key.find('/')));
  key.remove_prefix(place.size());
  while (!key.empty()) {
    const std::string_view field = key.substr(1, key.find('/', 1) - 1);
    key.remove_prefix(field.size() + 1);
    const std::size_t colon = field.find(':');
    place.append("/").append(colon == std::string_view::npos ? field : field.substr(colon + 1));
  }
  return place;
}

std::vector<std::string> texts_of(const Exiv2::Xmpdatum& datum) {
  const Exiv2::Value& value = datum.value();
  if (const auto* languages = dynamic_cast<const Exiv2::LangAltValue*>(&value); languages != nullptr) {
    if (languages->value_.empty()) return {};
    const auto standard = languages->value_.find("x-default");
    return {valid_utf8((standard != languages->value_.end() ? standard : languages->value_.begin())->second)};
  }
  if (const auto* array = dynamic_cast<const Exiv2::XmpArrayValue*>(&value); array != nullptr) {
    std::vector<std::string> texts;
    for (long i = 0; i < array->count(); ++i)  // NOLINT(google-runtime-int): Exiv2's type
      texts.push_back(valid_utf8(array->toString(i)));
    return texts;
  }
  const auto* text = dynamic_cast<const Exiv2::XmpTextValue*>(&value);
  const bool plain = text != nullptr && text->xmpArrayType() == Exiv2::XmpValue::xaNone &&
                     text->xmpStruct() == Exiv2::XmpValue::xsNone;
  if (plain) return {valid_utf8(text->value_)};
  return {};
}

}  // namespace

XmpTexts::XmpTexts(const Exiv2::XmpData& xmp) {
  for (const Exiv2::Xmpdatum& datum : xmp) {
    std::optional<std::string> place = place_of(datum.key());
    if (place && datum.typeId() != Exiv2::invalidTypeId)
      texts_.try_emplace(std::move(*place), texts_of(datum));
  }
}

bool XmpTexts::has(const std::string& place) const { return texts_.contains(place); }

std::string XmpTexts::text(const std::string& place) const {
  const auto found = texts_.find(place);
  if (found == texts_.end()) return {};
  if (!found->second.empty()) return found->second.front();
  const auto first = texts_.find(place + "[1]");
  return first == texts_.end() || first->second.empty() ? std::string() : first->second.front();
}

std::vector<std::string> XmpTexts::list(const std::string& place) const {
  const auto found = texts_.find(place);
  if (found == texts_.end()) return {};
  std::vector<std::string> all = found->second;
  for (std::size_t i = 1;; ++i) {
    const auto item = texts_.find(place + '[' + std::to_string(i) + ']');
    if (item == texts_.end()) return all;
    all.insert(all.end(), item->second.begin(), item->second.end());
  }
}

}  // namespace kith::metadata

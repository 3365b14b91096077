// SPDX-License-Identifier: Apache-2.0
// An XMP packet to be changed in places: the properties of its RDF, arrays of texts, and structures, in
// whichever of RDF's spellings they stand. Exiv2 would read and write the whole anew, and lose on the way
// what it does not know (qualifiers, comments, prefixes, order).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kith/result.h>

#include "metadata/xml_tree.h"

namespace kith::metadata {

namespace ns {
inline constexpr std::string_view rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
inline constexpr std::string_view xml = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view dc = "http://purl.org/dc/elements/1.1/";
inline constexpr std::string_view exif = "http://ns.adobe.com/exif/1.0/";
inline constexpr std::string_view iptc_ext = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
inline constexpr std::string_view lightroom = "http://ns.adobe.com/lightroom/1.0/";
inline constexpr std::string_view digikam = "http://www.digikam.org/ns/1.0/";
inline constexpr std::string_view mwg_regions = "http://www.metadataworkinggroup.com/schemas/regions/";
inline constexpr std::string_view dimensions = "http://ns.adobe.com/xap/1.0/sType/Dimensions#";
inline constexpr std::string_view area = "http://ns.adobe.com/xmp/sType/Area#";
inline constexpr std::string_view microsoft = "http://ns.microsoft.com/photo/1.2/";
inline constexpr std::string_view microsoft_info = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#";
inline constexpr std::string_view microsoft_region = "http://ns.microsoft.com/photo/1.2/t/Region#";
inline constexpr std::string_view note = "http://ns.adobe.com/xmp/note/";
}  // namespace ns

// A name with the prefix that everybody gives its namespace.
struct Property {
  std::string_view prefix;
  std::string_view space;
  std::string_view local;

  [[nodiscard]] XmlName name() const { return {std::string(space), std::string(local)}; }
  [[nodiscard]] std::string qualified() const { return std::string(prefix) + ":" + std::string(local); }
  [[nodiscard]] std::string declaration() const {
    return " xmlns:" + std::string(prefix) + "=\"" + std::string(space) + "\"";
  }
};

enum class ArrayKind { bag, sequence, alternatives };

class XmpPacket {
 public:
  // Of no text: a new, empty one. `file` stands in messages. Error: damaged.
  [[nodiscard]] static Result<XmpPacket> parse(std::string_view text, const std::string& file);

  [[nodiscard]] std::string text() const { return written(document_); }
  // Without any property.
  [[nodiscard]] bool empty() const { return is_bare(*rdf_); }

  // Null where absent.
  [[nodiscard]] XmlElement* property(const Property& property) const;
  // A simple property's value, as attribute or element.
  [[nodiscard]] std::string simple(const Property& property) const;
  // `content`: XML between the property's tags; `attributes`: XML within its start tag.
  void add_property(const Property& property, const std::string& attributes, const std::string& content);
  void remove_property(const XmlElement& property);

  [[nodiscard]] std::vector<std::string> texts(const Property& property) const;
  // The property must be absent, a list, or say nothing.
  void add_texts(const Property& property, ArrayKind kind, std::span<const std::string> texts);
  // The last that equals `text`. A list that becomes empty goes.
  void remove_text(const Property& property, std::string_view text);

  // The text for any language.
  [[nodiscard]] std::string default_text(const Property& property) const;
  // An empty one removes it; false where it stands there in a form that can't be changed.
  [[nodiscard]] bool set_default_text(const Property& property, std::string_view text);

 private:
  XmpPacket(XmlDocument document, XmlElement* rdf) : document_(std::move(document)), rdf_(rdf) {}
  [[nodiscard]] std::string about() const;

  XmlDocument document_;
  XmlElement* rdf_;
};

// Whether there is neither content nor an attribute that would be lost with it.
[[nodiscard]] bool says_nothing(const XmlElement& element);
// Whether fields may be put into it: else it has a form that is no structure's, or one of attributes alone.
[[nodiscard]] bool takes_fields(const XmlElement& holder);
// The rdf:Bag, rdf:Seq or rdf:Alt of a property or field; null where there is none.
[[nodiscard]] XmlElement* array_of(const XmlElement& holder);
[[nodiscard]] std::vector<XmlElement*> items_of(const XmlElement& holder);
// An item in the array's own words: "<rdf:li>...</rdf:li>".
[[nodiscard]] std::string item(const XmlElement& array, const std::string& attributes,
                               const std::string& content);
// One of texts that has all of these; the attributes are each item's.
[[nodiscard]] std::string new_array(ArrayKind kind, const std::string& item_attributes,
                                    std::span<const std::string> texts);

// The element that holds a structure's fields: the property itself, or the rdf:Description in it.
[[nodiscard]] XmlElement& structure_of(XmlElement& holder);
// A field's text, as attribute or element; empty where absent.
[[nodiscard]] std::string field_text(XmlElement& holder, const Property& field);
[[nodiscard]] XmlElement* field_element(XmlElement& holder, const Property& field);
void set_field(XmlElement& holder, const Property& field, std::string_view text);
void remove_field(XmlElement& holder, const Property& field);

}  // namespace kith::metadata

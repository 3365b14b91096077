// SPDX-License-Identifier: Apache-2.0
// An XML document as a tree that, written out again, is the same byte for byte but for what was changed: of
// other programs' metadata kith may touch nothing, neither a space nor a prefix.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <kith/result.h>

namespace kith::metadata {

struct XmlName {
  std::string space;  // the namespace's URI
  std::string local;

  friend bool operator==(const XmlName&, const XmlName&) = default;
};

struct XmlAttribute {
  XmlName name;
  std::string value;
  // Where in the start tag it stands, with the blanks before it, and where its value, without the quotes.
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t value_begin = 0;
};

struct XmlElement;

// Either an element, or what stands between elements: text, comments, blanks.
struct XmlNode {
  std::string raw;
  std::unique_ptr<XmlElement> element;
};

struct XmlElement {
  XmlName name;
  std::string start_tag;
  std::string end_tag;                   // empty where the start tag closes the element: "<a/>"
  std::vector<XmlAttribute> attributes;  // but for xmlns...
  std::vector<XmlNode> content;
  std::string text;  // between the tags, without the children's
};

struct XmlDocument {
  std::string head;
  std::unique_ptr<XmlElement> root;
  std::string tail;
};

// `file` stands in messages. Error: damaged (no well-formed UTF-8 XML; a document type, which no metadata has
// and which can make megabytes out of bytes; absurdly deep).
[[nodiscard]] Result<XmlDocument> parse_xml(std::string_view text, const std::string& file);

[[nodiscard]] std::string written(const XmlDocument& document);

[[nodiscard]] const XmlAttribute* find_attribute(const XmlElement& element, const XmlName& name);
[[nodiscard]] XmlElement* find_child(const XmlElement& element, const XmlName& name);
[[nodiscard]] std::vector<XmlElement*> children(const XmlElement& element);

// Whether there is nothing but blanks in it.
[[nodiscard]] bool is_bare(const XmlElement& element);

// "rdf" of "<rdf:li ...>"; empty where it has none.
[[nodiscard]] std::string prefix_of(const XmlElement& element);
// As it stands in the start tag, entities and all.
[[nodiscard]] std::string_view raw_value(const XmlElement& element, const XmlAttribute& attribute);

// For text and for attributes in double or single quotes.
[[nodiscard]] std::string escaped(std::string_view text);

// Behind the last child, on a line of its own where that is; `fragment` is XML.
void append_child(XmlElement& parent, std::string fragment);
// With the blanks before it.
void remove_child(XmlElement& parent, const XmlElement& child);
void replace_child(XmlElement& parent, const XmlElement& child, std::string fragment);
// The children stay.
void set_text(XmlElement& element, std::string_view text);
// The element must have it.
void set_attribute(XmlElement& element, const XmlName& name, std::string_view value);
void remove_attribute(XmlElement& element, const XmlName& name);
// `prefix` must stand for the name's namespace there.
void add_attribute(XmlElement& element, const std::string& prefix, const XmlName& name,
                   std::string_view value);

}  // namespace kith::metadata

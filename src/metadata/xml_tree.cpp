// SPDX-License-Identifier: Apache-2.0
#include "metadata/xml_tree.h"

#include <expat.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <type_traits>
#include <utility>

namespace kith::metadata {
namespace {

constexpr std::size_t deepest = 64;  // metadata in use have about 10 levels
constexpr std::string_view blanks = " \t\r\n";
constexpr char name_separator = '\x01';

bool is_blank(std::string_view text) { return text.find_first_not_of(blanks) == std::string_view::npos; }

// Expat's "URI<separator>local"; without a namespace "local".
XmlName name_of(std::string_view expat_name) {
  const std::size_t at = expat_name.find(name_separator);
  if (at == std::string_view::npos) return {"", std::string(expat_name)};
  return {std::string(expat_name.substr(0, at)), std::string(expat_name.substr(at + 1))};
}

// Finds the attributes in a start tag that expat has found to be well-formed, in their order.
void locate_attributes(XmlElement& element) {
  const std::string_view tag = element.start_tag;
  std::size_t at = tag.find_first_of(" \t\r\n/>");
  auto next = element.attributes.begin();
  while (next != element.attributes.end()) {
    const std::size_t name = tag.find_first_not_of(blanks, at);
    const std::size_t quote = tag.find_first_of("\"'", name);
    if (quote == std::string_view::npos) return;
    const std::size_t close = tag.find(tag[quote], quote + 1);
    const std::string_view key = tag.substr(name, tag.find_first_of(" \t\r\n=", name) - name);
    if (key != "xmlns" && !key.starts_with("xmlns:")) {
      next->begin = at;
      next->end = close + 1;
      next->value_begin = quote + 1;
      ++next;
    }
    at = close + 1;
  }
}

// Builds the tree from expat's events and the places in the text where they happen.
class Builder {
 public:
  explicit Builder(std::string_view text)
      : text_(text), parser_(XML_ParserCreateNS("UTF-8", name_separator)) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const XML_Char* name, const XML_Char** attributes) {
          static_cast<Builder*>(self)->start(name, attributes);
        },
        [](void* self, const XML_Char* /*name*/) { static_cast<Builder*>(self)->end(); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const XML_Char* characters, int count) {
      static_cast<Builder*>(self)->characters({characters, static_cast<std::size_t>(count)});
    });
    XML_SetStartDoctypeDeclHandler(
        parser_.get(),
        [](void* self, const XML_Char* /*name*/, const XML_Char* /*system*/, const XML_Char* /*public*/,
           int /*internal*/) { static_cast<Builder*>(self)->refuse("it has a document type"); });
  }

  // The reason where it is none.
  tl::expected<XmlDocument, std::string> run() {
    if (text_.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
      return tl::unexpected(std::string("it is too long"));
    }
    const auto status = XML_Parse(parser_.get(), text_.data(), static_cast<int>(text_.size()), XML_TRUE);
    if (!refused_.empty()) return tl::unexpected(refused_);
    if (status != XML_STATUS_OK || document_.root == nullptr) {
      return tl::unexpected(std::string(XML_ErrorString(XML_GetErrorCode(parser_.get()))) + " in line " +
                            std::to_string(XML_GetCurrentLineNumber(parser_.get())));
    }
    document_.tail = text_.substr(at_);
    return std::move(document_);
  }

 private:
  struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };

  void refuse(std::string why) {
    refused_ = std::move(why);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  std::size_t place() const { return static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_.get())); }
  std::string passed(std::size_t to) {
    const std::size_t from = std::exchange(at_, to);
    return std::string(text_.substr(from, to - from));
  }

  void start(const XML_Char* name, const XML_Char** attributes) {
    if (!refused_.empty()) return;
    if (open_.size() == deepest) return refuse("its elements lie too deep within each other");
    auto element = std::make_unique<XmlElement>();
    element->name = name_of(name);
    for (; *attributes != nullptr; attributes += 2) {
      element->attributes.push_back({name_of(attributes[0]), attributes[1]});
    }
    std::string before = passed(place());
    element->start_tag = passed(place() + static_cast<std::size_t>(XML_GetCurrentByteCount(parser_.get())));
    locate_attributes(*element);
    XmlElement* opened = element.get();
    if (open_.empty()) {
      document_.head = std::move(before);
      document_.root = std::move(element);
    } else {
      std::vector<XmlNode>& content = open_.back()->content;
      if (!before.empty()) content.push_back({std::move(before), nullptr});
      content.push_back({{}, std::move(element)});
    }
    open_.push_back(opened);
  }

  void end() {
    if (!refused_.empty()) return;
    XmlElement& element = *open_.back();
    open_.pop_back();
    if (element.start_tag.ends_with("/>")) return;
    std::string before = passed(place());
    if (!before.empty()) element.content.push_back({std::move(before), nullptr});
    element.end_tag = passed(at_ + static_cast<std::size_t>(XML_GetCurrentByteCount(parser_.get())));
  }

  void characters(std::string_view text) {
    if (!open_.empty()) open_.back()->text += text;
  }

  std::string_view text_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser_;
  XmlDocument document_;
  std::vector<XmlElement*> open_;
  std::size_t at_ = 0;
  std::string refused_;
};

void write(const XmlElement& element, std::string& out) {
  out += element.start_tag;
  for (const XmlNode& node : element.content) {
    if (node.element != nullptr) {
      write(*node.element, out);
    } else {
      out += node.raw;
    }
  }
  out += element.end_tag;
}

// "<a/>" becomes "<a></a>".
void open_up(XmlElement& element) {
  if (!element.end_tag.empty()) return;
  std::string& tag = element.start_tag;
  tag.replace(tag.size() - 2, 2, ">");
  element.end_tag = "</" + tag.substr(1, tag.find_first_of(" \t\r\n>", 1) - 1) + ">";
}

auto node_of(XmlElement& parent, const XmlElement& child) {
  const auto found =
      std::ranges::find_if(parent.content, [&](const XmlNode& node) { return node.element.get() == &child; });
  assert(found != parent.content.end());
  return found;
}

}  // namespace

Result<XmlDocument> parse_xml(std::string_view text, const std::string& file) {
  auto document = Builder(text).run();
  if (document) return std::move(*document);
  return fail(ErrorCode::damaged, file + ": its XMP can't be read: " + document.error() +
                                      "; repair it with the program that wrote it, or remove it");
}

std::string written(const XmlDocument& document) {
  std::string out = document.head;
  write(*document.root, out);
  return out + document.tail;
}

const XmlAttribute* find_attribute(const XmlElement& element, const XmlName& name) {
  const auto found = std::ranges::find(element.attributes, name, &XmlAttribute::name);
  return found == element.attributes.end() ? nullptr : &*found;
}

XmlElement* find_child(const XmlElement& element, const XmlName& name) {
  for (const XmlNode& node : element.content) {
    if (node.element != nullptr && node.element->name == name) return node.element.get();
  }
  return nullptr;
}

std::vector<XmlElement*> children(const XmlElement& element) {
  std::vector<XmlElement*> found;
  for (const XmlNode& node : element.content) {
    if (node.element != nullptr) found.push_back(node.element.get());
  }
  return found;
}

bool is_bare(const XmlElement& element) {
  return std::ranges::all_of(
      element.content, [](const XmlNode& node) { return node.element == nullptr && is_blank(node.raw); });
}

std::string prefix_of(const XmlElement& element) {
  const std::string_view tag = element.start_tag;
  const std::string_view name = tag.substr(1, tag.find_first_of(" \t\r\n/>", 1) - 1);
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? "" : std::string(name.substr(0, colon));
}

std::string_view raw_value(const XmlElement& element, const XmlAttribute& attribute) {
  return std::string_view(element.start_tag)
      .substr(attribute.value_begin, attribute.end - 1 - attribute.value_begin);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\n': out += "&#10;"; break;
      case '\r': out += "&#13;"; break;
      case '\t': out += "&#9;"; break;
      default: out += c;
    }
  }
  return out;
}

void append_child(XmlElement& parent, std::string fragment) {
  open_up(parent);
  std::vector<XmlNode>& content = parent.content;
  auto last = content.end();
  for (auto node = content.begin(); node != content.end(); ++node) {
    if (node->element != nullptr) last = node;
  }
  if (last == content.end()) {
    const bool blank_end = !content.empty() && is_blank(content.back().raw);
    content.insert(content.end() - (blank_end ? 1 : 0), XmlNode{std::move(fragment), nullptr});
    return;
  }
  // What an earlier call put there stands behind the last element, and the new fragment behind that.
  const bool indented =
      last != content.begin() && std::prev(last)->element == nullptr && is_blank(std::prev(last)->raw);
  std::string raw = (indented ? std::prev(last)->raw : std::string()) + std::move(fragment);
  auto at = std::next(last);
  while (at != content.end() && !is_blank(at->raw)) ++at;
  content.insert(at, XmlNode{std::move(raw), nullptr});
}

void remove_child(XmlElement& parent, const XmlElement& child) {
  auto node = node_of(parent, child);
  if (node != parent.content.begin() && std::prev(node)->element == nullptr &&
      is_blank(std::prev(node)->raw)) {
    node = parent.content.erase(std::prev(node));
  }
  parent.content.erase(node);
}

void replace_child(XmlElement& parent, const XmlElement& child, std::string fragment) {
  *node_of(parent, child) = XmlNode{std::move(fragment), nullptr};
}

void set_text(XmlElement& element, std::string_view text) {
  open_up(element);
  element.text = text;
  std::erase_if(element.content, [](const XmlNode& node) { return node.element == nullptr; });
  element.content.insert(element.content.begin(), XmlNode{escaped(text), nullptr});
}

void set_attribute(XmlElement& element, const XmlName& name, std::string_view value) {
  const auto found = std::ranges::find(element.attributes, name, &XmlAttribute::name);
  assert(found != element.attributes.end());
  element.start_tag.replace(found->value_begin, found->end - 1 - found->value_begin, escaped(value));
  found->value = value;
  locate_attributes(element);
}

void remove_attribute(XmlElement& element, const XmlName& name) {
  const auto found = std::ranges::find(element.attributes, name, &XmlAttribute::name);
  assert(found != element.attributes.end());
  element.start_tag.erase(found->begin, found->end - found->begin);
  element.attributes.erase(found);
  locate_attributes(element);
}

void add_attribute(XmlElement& element, const std::string& prefix, const XmlName& name,
                   std::string_view value) {
  std::string& tag = element.start_tag;
  const std::size_t end = tag.size() - (tag.ends_with("/>") ? 2 : 1);
  std::string text = " ";
  text += prefix + ":" + name.local + "=\"" + escaped(value) + "\"";
  tag.insert(end, text);
  element.attributes.push_back({name, std::string(value)});
  locate_attributes(element);
}

}  // namespace kith::metadata

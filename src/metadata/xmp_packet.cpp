// SPDX-License-Identifier: Apache-2.0
#include "metadata/xmp_packet.h"

#include <algorithm>

namespace kith::metadata {
namespace {

constexpr std::string_view empty_packet =
    "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"kith\">\n"
    " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    "<?xpacket end=\"w\"?>";

XmlName rdf_name(std::string_view local) { return {std::string(ns::rdf), std::string(local)}; }
const XmlName default_language{std::string(ns::xml), "lang"};

XmlElement* find_rdf(XmlElement& root) {
  return root.name == rdf_name("RDF") ? &root : find_child(root, rdf_name("RDF"));
}

bool is_default_language(const XmlElement& text) {
  const XmlAttribute* language = find_attribute(text, default_language);
  return language != nullptr && language->value == "x-default";
}

// Beside a structure's fields stand RDF's own words and XML's.
bool is_field(const XmlAttribute& attribute) {
  return attribute.name.space != ns::rdf && attribute.name.space != ns::xml;
}

// With qualifiers, a text is a structure of which rdf:value is the text.
std::string text_of(XmlElement& element) {
  XmlElement& structure = structure_of(element);
  if (const XmlElement* value = find_child(structure, rdf_name("value"))) return value->text;
  const XmlAttribute* value = find_attribute(structure, rdf_name("value"));
  return value != nullptr ? value->value : element.text;
}

// Where text_of reads it.
void set_value(XmlElement& element, std::string_view text) {
  XmlElement& structure = structure_of(element);
  if (XmlElement* value = find_child(structure, rdf_name("value"))) return set_text(*value, text);
  if (find_attribute(structure, rdf_name("value")) != nullptr) {
    return set_attribute(structure, rdf_name("value"), text);
  }
  set_text(element, text);
}

// How the RDF namespace is called at an element of it, and what a tag must carry besides for that to hold.
struct RdfPrefix {
  std::string prefix;
  std::string declaration;
};
RdfPrefix rdf_prefix(const XmlElement& element) {
  const std::string prefix = prefix_of(element);
  if (!prefix.empty()) return {prefix, ""};
  return {"rdf", " xmlns:rdf=\"" + std::string(ns::rdf) + "\""};
}

// What stands for the field's namespace in an element that has another field of it as an attribute.
std::string prefix_for(XmlElement& structure, const Property& field) {
  for (const XmlAttribute& other : structure.attributes) {
    if (other.name.space != field.space) continue;
    const std::string_view tag = structure.start_tag;
    const std::size_t name = tag.find_first_not_of(" \t\r\n", other.begin);
    return std::string(tag.substr(name, tag.find(':', name) - name));
  }
  const std::size_t name_end = structure.start_tag.find_first_of(" \t\r\n/>", 1);
  std::string own = "kith-" + std::string(field.prefix);
  structure.start_tag.insert(name_end, " xmlns:" + own + "=\"" + std::string(field.space) + "\"");
  return own;
}

std::string_view tag_of(ArrayKind kind) {
  switch (kind) {
    case ArrayKind::bag: return "rdf:Bag";
    case ArrayKind::sequence: return "rdf:Seq";
    case ArrayKind::alternatives: break;
  }
  return "rdf:Alt";
}

}  // namespace

Result<XmpPacket> XmpPacket::parse(std::string_view text, const std::string& file) {
  // Behind the packet some writers fill up with zeros.
  const std::size_t end = text.find_last_not_of(std::string_view(" \t\r\n\0", 5)) + 1;
  auto document = parse_xml(end == 0 ? empty_packet : text.substr(0, end), file);
  if (!document) return tl::unexpected(document.error());
  document->tail += text.substr(end);
  XmlElement* rdf = find_rdf(*document->root);
  if (rdf == nullptr) {
    return fail(ErrorCode::damaged, file +
                                        ": its XMP can't be read: it has no rdf:RDF; repair it with the "
                                        "program that wrote it, or remove it");
  }
  return XmpPacket(std::move(*document), rdf);
}

XmlElement* XmpPacket::property(const Property& property) const {
  for (const XmlElement* subject : children(*rdf_)) {
    if (XmlElement* found = find_child(*subject, property.name())) return found;
  }
  return nullptr;
}

std::string XmpPacket::simple(const Property& property) const {
  for (XmlElement* subject : children(*rdf_)) {
    if (const XmlAttribute* found = find_attribute(*subject, property.name())) return found->value;
    if (XmlElement* found = find_child(*subject, property.name())) return text_of(*found);
  }
  return "";
}

// All subjects of a packet must be the same.
std::string XmpPacket::about() const {
  for (const XmlElement* subject : children(*rdf_)) {
    const XmlAttribute* about = find_attribute(*subject, rdf_name("about"));
    if (about == nullptr) about = find_attribute(*subject, {"", "about"});
    if (about != nullptr) return std::string(raw_value(*subject, *about));
  }
  return "";
}

void XmpPacket::add_property(const Property& property, const std::string& attributes,
                             const std::string& content) {
  const RdfPrefix rdf = rdf_prefix(*rdf_);
  const std::string subject = rdf.prefix + ":Description";
  // Our own fragments say "rdf" in any case.
  const std::string declaration =
      rdf.prefix == "rdf" ? rdf.declaration : " xmlns:rdf=\"" + std::string(ns::rdf) + "\"";
  const bool first = children(*rdf_).empty();
  const std::string about_value = about();
  const char quote = about_value.find('"') == std::string::npos ? '"' : '\'';
  std::string fragment = first ? "\n  " : "";
  fragment += "<" + subject + declaration + " " + rdf.prefix + ":about=" + quote + about_value + quote;
  fragment += property.declaration() + ">\n   <" + property.qualified() + attributes + ">";
  fragment += content + "</" + property.qualified() + ">\n  </" + subject + ">";
  append_child(*rdf_, std::move(fragment));
}

void XmpPacket::remove_property(const XmlElement& property) {
  for (XmlElement* subject : children(*rdf_)) {
    const auto own = children(*subject);
    if (std::ranges::find(own, &property) == own.end()) continue;
    remove_child(*subject, property);
    const bool says_more = !is_bare(*subject) || std::ranges::any_of(subject->attributes, is_field);
    if (!says_more) remove_child(*rdf_, *subject);
    return;
  }
}

std::vector<std::string> XmpPacket::texts(const Property& property) const {
  std::vector<std::string> found;
  if (const XmlElement* holder = this->property(property)) {
    for (XmlElement* each : items_of(*holder)) found.push_back(text_of(*each));
  }
  return found;
}

void XmpPacket::add_texts(const Property& property, ArrayKind kind, std::span<const std::string> texts) {
  if (texts.empty()) return;
  const XmlElement* holder = this->property(property);
  XmlElement* array = holder == nullptr ? nullptr : array_of(*holder);
  if (array == nullptr) {
    add_property(property, "", new_array(kind, "", texts));
    // Not before: it may be all that tells whom the packet is about.
    if (holder != nullptr) remove_property(*holder);
    return;
  }
  for (const std::string& text : texts) append_child(*array, item(*array, "", escaped(text)));
}

void XmpPacket::remove_text(const Property& property, std::string_view text) {
  XmlElement* holder = this->property(property);
  XmlElement* array = holder == nullptr ? nullptr : array_of(*holder);
  if (array == nullptr) return;
  // The last of several is the one that was added last.
  std::vector<XmlElement*> items = items_of(*holder);
  const auto found =
      std::find_if(items.rbegin(), items.rend(), [&](XmlElement* each) { return text_of(*each) == text; });
  if (found == items.rend()) return;
  remove_child(*array, **found);
  if (is_bare(*array)) remove_property(*holder);
}

std::string XmpPacket::default_text(const Property& property) const {
  const XmlElement* holder = this->property(property);
  if (holder == nullptr) return "";
  const std::vector<XmlElement*> items = items_of(*holder);
  if (items.empty()) return array_of(*holder) == nullptr ? holder->text : "";
  const auto found =
      std::ranges::find_if(items, [](const XmlElement* each) { return is_default_language(*each); });
  return text_of(found == items.end() ? *items.front() : **found);
}

bool XmpPacket::set_default_text(const Property& property, std::string_view text) {
  const std::string language = " xml:lang=\"x-default\"";
  XmlElement* holder = this->property(property);
  if (holder == nullptr) {
    if (!text.empty()) {
      const std::string only(text);
      add_property(property, "", new_array(ArrayKind::alternatives, language, std::span(&only, 1)));
    }
    return true;
  }
  XmlElement* array = array_of(*holder);
  if (array == nullptr) {
    if (!children(*holder).empty()) return false;
    remove_property(*holder);
    return set_default_text(property, text);
  }
  const std::vector<XmlElement*> items = items_of(*holder);
  const auto found =
      std::ranges::find_if(items, [](const XmlElement* each) { return is_default_language(*each); });
  if (found == items.end()) {
    if (!text.empty()) append_child(*array, item(*array, language, escaped(text)));
    return true;
  }
  if (!text.empty()) {
    set_value(**found, text);
    return true;
  }
  remove_child(*array, **found);
  if (is_bare(*array)) remove_property(*holder);
  return true;
}

XmlElement* array_of(const XmlElement& holder) {
  for (const std::string_view kind : {"Bag", "Seq", "Alt"}) {
    if (XmlElement* found = find_child(holder, rdf_name(kind))) return found;
  }
  return nullptr;
}

bool says_nothing(const XmlElement& element) {
  return is_bare(element) && std::ranges::all_of(element.attributes, [](const XmlAttribute& attribute) {
           return attribute.name == rdf_name("parseType");
         });
}

bool takes_fields(const XmlElement& holder) {
  if (find_child(holder, rdf_name("Description")) != nullptr || says_nothing(holder)) return true;
  const XmlAttribute* form = find_attribute(holder, rdf_name("parseType"));
  return form != nullptr && form->value == "Resource";
}

std::vector<XmlElement*> items_of(const XmlElement& holder) {
  const XmlElement* array = array_of(holder);
  std::vector<XmlElement*> items = array == nullptr ? std::vector<XmlElement*>() : children(*array);
  std::erase_if(items, [](const XmlElement* each) { return each->name != rdf_name("li"); });
  return items;
}

std::string item(const XmlElement& array, const std::string& attributes, const std::string& content) {
  const RdfPrefix rdf = rdf_prefix(array);
  const std::string tag = rdf.prefix + ":li";
  // Our own attributes and content say "rdf" in any case.
  const std::string declaration =
      rdf.prefix == "rdf" ? rdf.declaration : " xmlns:rdf=\"" + std::string(ns::rdf) + "\"";
  return "<" + tag + declaration + attributes + ">" + content + "</" + tag + ">";
}

std::string new_array(ArrayKind kind, const std::string& item_attributes,
                      std::span<const std::string> texts) {
  const std::string tag(tag_of(kind));
  std::string array = "\n    <" + tag + ">";
  for (const std::string& text : texts) {
    array += "\n     <rdf:li" + item_attributes + ">" + escaped(text) + "</rdf:li>";
  }
  return array + "\n    </" + tag + ">\n   ";
}

XmlElement& structure_of(XmlElement& holder) {
  XmlElement* inner = find_child(holder, rdf_name("Description"));
  return inner != nullptr ? *inner : holder;
}

std::string field_text(XmlElement& holder, const Property& field) {
  XmlElement& structure = structure_of(holder);
  if (const XmlAttribute* found = find_attribute(structure, field.name())) return found->value;
  XmlElement* found = find_child(structure, field.name());
  return found != nullptr ? text_of(*found) : "";
}

XmlElement* field_element(XmlElement& holder, const Property& field) {
  return find_child(structure_of(holder), field.name());
}

void set_field(XmlElement& holder, const Property& field, std::string_view text) {
  XmlElement& structure = structure_of(holder);
  if (find_attribute(structure, field.name()) != nullptr) return set_attribute(structure, field.name(), text);
  if (XmlElement* found = find_child(structure, field.name())) return set_value(*found, text);
  // A property whose fields are attributes must be empty, so the new one has to be an attribute, too.
  const bool attributes_only =
      &structure == &holder && is_bare(holder) && std::ranges::any_of(holder.attributes, is_field);
  if (attributes_only) return add_attribute(structure, prefix_for(structure, field), field.name(), text);
  append_child(structure, "<" + field.qualified() + field.declaration() + ">" + escaped(text) + "</" +
                              field.qualified() + ">");
}

void remove_field(XmlElement& holder, const Property& field) {
  XmlElement& structure = structure_of(holder);
  if (find_attribute(structure, field.name()) != nullptr) return remove_attribute(structure, field.name());
  if (const XmlElement* found = find_child(structure, field.name())) remove_child(structure, *found);
}

}  // namespace kith::metadata

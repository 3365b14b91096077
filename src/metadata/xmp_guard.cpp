// SPDX-License-Identifier: Apache-2.0
#include "metadata/xmp_guard.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "core/file_errors.h"
#include "core/utf8.h"

namespace kith::metadata {
namespace {

constexpr std::string_view mend = "restore it from a backup, or let the program that wrote it mend it";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// "rdf:li" to "li".
std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// Goes through the marks of an XML text and counts. It takes what is no XML for what comes nearest.
class Counter {
 public:
  Counter(std::string_view text, const XmpLimits& limits) : rest_(text), limits_(limits) {}

  // What is too much, or empty.
  std::string_view complaint() {
    while (complaint_.empty()) {
      const std::size_t open = rest_.find('<');
      if (open == std::string_view::npos) break;
      rest_.remove_prefix(open + 1);
      mark();
    }
    return complaint_;
  }

 private:
  void mark() {
    if (rest_.starts_with("!--")) return skip_past("-->", 3);
    if (rest_.starts_with("![CDATA[")) return skip_past("]]>", 0);
    if (rest_.starts_with('?')) return skip_past("?>", 0);
    if (rest_.starts_with('!')) {
      complaint_ = "it has a document type, which XMP has not";
    } else if (rest_.starts_with('/')) {
      skip_past(">", 0);
      if (!properties_.empty()) properties_.pop_back();
    } else {
      element();
    }
  }

  void element() {
    count_property(local_name(name()) == "li" ? 0 : 1);
    if (properties_.size() == limits_.max_depth) {
      complaint_ = "its XMP is nested too deeply";
      return;
    }
    properties_.push_back(0);
    while (complaint_.empty() && !rest_.empty() && rest_.front() != '>' && rest_.front() != '/') attribute();
    const bool closed = rest_.starts_with('/');
    skip_past(">", 0);
    if (closed) properties_.pop_back();
  }

  void attribute() {
    const std::string_view key = name();
    while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == '=')) rest_.remove_prefix(1);
    if (rest_.empty() || rest_.front() == '>' || rest_.front() == '/') return;
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    if (quote != '"' && quote != '\'') return;
    const std::string_view value = rest_.substr(0, rest_.find(quote));
    rest_.remove_prefix(std::min(rest_.size(), value.size() + 1));
    count_property(1);
    if (!key.starts_with("xmlns")) return;
    namespaces_.insert(value);
    if (namespaces_.size() > limits_.max_namespaces) complaint_ = "its XMP has too many namespaces";
  }

  // The name that comes next, and the blanks around it, taken off.
  std::string_view name() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    const std::size_t length = std::min(rest_.size(), rest_.find_first_of(" \t\r\n=/><\"'"));
    const std::string_view result = rest_.substr(0, length);
    rest_.remove_prefix(length);
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    return result;
  }

  void count_property(std::size_t count) {
    if (++nodes_ > limits_.max_nodes) complaint_ = "its XMP has too many parts";
    // x:xmpmeta, rdf:RDF, rdf:Description: what these hold together is the photo's.
    constexpr std::size_t envelope = 3;
    std::size_t& properties = properties_.size() <= envelope ? of_the_photo_ : properties_.back();
    properties += count;
    if (properties > limits_.max_properties) complaint_ = "its XMP has too many properties";
  }

  void skip_past(std::string_view end, std::size_t from) {
    const std::size_t at = rest_.find(end, from);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
  }

  std::string_view rest_;
  const XmpLimits& limits_;
  std::string_view complaint_;
  std::vector<std::size_t> properties_;  // of each element that is open
  std::size_t of_the_photo_ = 0;
  std::size_t nodes_ = 0;
  std::set<std::string_view> namespaces_;
};

// The XML declaration would now name the wrong encoding.
std::string_view without_declaration(std::string_view utf8) {
  if (!utf8.starts_with("<?xml ")) return utf8;
  const std::size_t end = utf8.find("?>");
  return end == std::string_view::npos ? std::string_view() : utf8.substr(end + 2);
}

}  // namespace

Result<std::string> utf8_packet(std::string_view text, std::string_view name) {
  using namespace std::string_view_literals;
  if (text.starts_with("\xef\xbb\xbf")) return std::string(text.substr(3));
  const bool little = text.starts_with("\xff\xfe") || text.starts_with("<\0"sv);
  const bool big = text.starts_with("\xfe\xff") || text.starts_with("\0<"sv);
  if (!little && !big) return std::string(text);
  if (text.size() % 2 != 0)
    return cannot_read(ErrorCode::damaged, name, "its XMP is UTF-16 and ends within a character", mend);
  const std::string utf8 = utf8_of_utf16(text, little ? ByteOrder::little : ByteOrder::big);
  return std::string(
      without_declaration(utf8.starts_with("\xef\xbb\xbf") ? std::string_view(utf8).substr(3) : utf8));
}

Status check_packet(std::string_view utf8, std::string_view name, const XmpLimits& limits) {
  if (utf8.size() > limits.max_bytes) {
    return cannot_read(ErrorCode::too_large, name,
                       "its XMP has " + std::to_string(utf8.size()) + " bytes, the limit is " +
                           std::to_string(limits.max_bytes),
                       mend);
  }
  const std::string_view complaint = Counter(utf8, limits).complaint();
  if (!complaint.empty()) return cannot_read(ErrorCode::damaged, name, complaint, mend);
  return {};
}

Result<std::string> guarded_packet(std::string_view text, std::string_view name) {
  Result<std::string> packet = utf8_packet(text, name);
  if (!packet) return packet;
  if (Status fit = check_packet(*packet, name); !fit) return tl::unexpected(std::move(fit.error()));
  return packet;
}

}  // namespace kith::metadata

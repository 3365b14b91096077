// SPDX-License-Identifier: Apache-2.0
// What is looked at before XMP goes to Exiv2, whose toolkit takes memory and time without bounds: a few
// megabytes of empty properties keep it busy for hours, and namespaces stay in it for ever.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <kith/result.h>

namespace kith::metadata {

struct XmpLimits {
  std::size_t max_bytes = std::size_t{64} << 20U;  // beyond any sidecar in use
  // Elements within each other. Regions are some ten deep.
  std::size_t max_depth = 100;
  // Elements and attributes together: two hundred bytes of memory each.
  std::size_t max_nodes = 200'000;
  // Properties of one parent, list items aside, and of the photo itself: the toolkit looks for each among all
  // others. 5,000 take it a quarter of a second, ten times as many half a minute.
  std::size_t max_properties = 5'000;
  // Different ones. A photo that went through a dozen programs has some twenty.
  std::size_t max_namespaces = 200;
};

// UTF-8 of a packet in UTF-8 or UTF-16 (either byte order, with a mark or beginning with "<"), without the
// mark. Errors: damaged.
[[nodiscard]] Result<std::string> utf8_packet(std::string_view text, std::string_view name);

// Whether the toolkit may see it. This is no check that the XML is sound: the toolkit makes that. Errors:
// damaged (a document type, which brings entities; nested, or of more parts than XMP has), too_large.
[[nodiscard]] Status check_packet(std::string_view utf8, std::string_view name, const XmpLimits& limits = {});

// Both: what the toolkit may be given.
[[nodiscard]] Result<std::string> guarded_packet(std::string_view text, std::string_view name);

}  // namespace kith::metadata

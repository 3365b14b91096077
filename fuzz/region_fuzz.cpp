// SPDX-License-Identifier: Apache-2.0
// Any bytes must give claims that hold what metadata.h promises, or an error that names the file.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/fold.h"
#include "core/person_name.h"
#include "metadata/details.h"
#include "metadata/embedded_xmp.h"
#include "metadata/exiv2.h"
#include "metadata/heif_items.h"
#include "metadata/jpeg_segments.h"
#include "metadata/regions.h"

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

bool is_sound(const kith::Box& box) {
  return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) &&
         std::isfinite(box.height) && box.width >= 1 && box.height >= 1;
}

void check(const kith::NameClaim& claim) {
  require(claim.name.empty() || kith::is_person_name(claim.name));
  require(!claim.name.empty() || claim.box);
  require(!claim.box || (is_sound(*claim.box) && !claim.stale));
}

// What is found in a picture must lie in it.
void require_inside(std::string_view part, std::span<const std::uint8_t> file) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(part.data());
  require(part.empty() || (first >= file.data() && part.size() <= file.size() &&
                           first + part.size() <= file.data() + file.size()));
}

void find_in_file(std::span<const std::uint8_t> file) {
  using namespace kith::metadata;
  require_inside(embedded_xmp(file), file);
  if (const auto items = heif_items(file)) require_inside(items->xmp, file);
  require(jpeg_header_bytes(file).value_or(0) <= file.size());
  require(extended_xmp(file, "0123456789ABCDEF0123456789ABCDEF").size() <= file.size());
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  find_in_file({data, size});
  const auto xmp = kith::metadata::parse_xmp(text, "fuzz.xmp");
  if (!xmp) {
    require(xmp.error().message.find("fuzz.xmp") != std::string::npos);
    return 0;
  }
  const kith::PhotoFrame frame{.width = 4000, .height = 3000, .orientation = static_cast<int>(size % 8) + 1};
  const kith::metadata::XmpTexts texts(*xmp);
  const auto claims = kith::metadata::claims_of(texts, frame);
  for (const kith::NameClaim& claim : claims) check(claim);
  // A file's word, said twice, is no more than said once.
  require(kith::metadata::united({claims, claims}).size() == kith::metadata::united({claims}).size());
  const kith::PhotoDetails details = kith::metadata::details_of(texts);
  for (const std::string* line :
       {&details.taken, &details.camera, &details.lens, &details.description, &details.comment})
    require(kith::is_utf8(*line));
  return 0;
}

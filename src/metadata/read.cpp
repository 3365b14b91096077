// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/file_bytes.h"
#include "core/file_errors.h"
#include "metadata/details.h"
#include "metadata/exiv2.h"
#include "metadata/jpeg_segments.h"
#include "metadata/part.h"
#include "metadata/regions.h"
#include "metadata/sidecars.h"
#include "metadata/xmp_guard.h"
#include "metadata/xmp_texts.h"

namespace kith::metadata {
namespace {

using Bytes = std::vector<std::uint8_t>;

// What one file says.
struct Word {
  std::vector<NameClaim> claims;
  std::vector<std::string> keywords;
  PhotoDetails details;
};

Word word_of(const XmpTexts& xmp, const PhotoFrame& frame) {
  return {claims_of(xmp, frame), xmp.list("dc.subject"), details_of(xmp)};
}

Result<Word> read_sidecar(const std::filesystem::path& file, const PhotoFrame& frame) {
  const Result<Bytes> bytes = read_file(file, XmpLimits{}.max_bytes);
  if (!bytes && bytes.error().code == ErrorCode::empty_file) return Word();
  if (!bytes) return tl::unexpected(bytes.error());
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return with_exiv2(file, [&]() -> Result<Word> {
    const Result<Exiv2::XmpData> xmp = parse_xmp(text, file);
    if (!xmp) return tl::unexpected(xmp.error());
    return word_of(XmpTexts(*xmp), frame);
  });
}

// As much of the photo as may hold metadata: of a JPEG what stands before the picture. A library has a
// hundred thousand, and reading them whole takes hours.
Result<Bytes> read_photo(const std::filesystem::path& photo) {
  constexpr std::uint64_t usual_header = std::uint64_t{256} << 10U;
  Result<Bytes> beginning = read_beginning(photo, usual_header);
  if (!beginning) return beginning;
  if (const auto header = jpeg_header_bytes(*beginning)) {
    beginning->resize(*header);
    return beginning;
  }
  return beginning->size() < usual_header ? std::move(beginning)
                                          : read_file(photo, DecodeSettings{}.max_file_bytes);
}

// The rest of a JPEG's XMP goes to its main part.
Status add_extended(Exiv2::XmpData& xmp, std::span<const std::uint8_t> bytes,
                    const std::filesystem::path& photo) {
  const std::string text = extended_xmp(bytes, XmpTexts(xmp).text("xmpNote.HasExtendedXMP"));
  if (text.empty()) return {};
  const Result<Exiv2::XmpData> extended = parse_xmp(text, photo);
  if (!extended) return tl::unexpected(extended.error());
  for (const Exiv2::Xmpdatum& datum : *extended) xmp.add(datum);
  return {};
}

Result<Word> word_in(std::span<const std::uint8_t> bytes, const std::filesystem::path& photo,
                     const PhotoFrame& frame) {
  const auto image = open_image(bytes, photo);
  if (!image && image.error().code == ErrorCode::unsupported_format) return Word();
  if (!image) return tl::unexpected(image.error());
  if (Status whole = add_extended((*image)->xmpData(), bytes, photo); !whole)
    return tl::unexpected(whole.error());

  Word word = word_of(XmpTexts((*image)->xmpData()), frame);
  PhotoDetails details = details_of((*image)->exifData(), (*image)->byteOrder());
  // EXIF is the camera's own word; of descriptions XMP's is the one that people write.
  if (!word.details.description.empty()) details.description = word.details.description;
  complete(details, word.details);
  word.details = std::move(details);
  return word;
}

Result<Word> read_embedded(const std::filesystem::path& photo, const PhotoFrame& frame) {
  const Result<Bytes> bytes = read_photo(photo);
  if (!bytes) return tl::unexpected(bytes.error());
  return with_exiv2(photo, [&] { return word_in(*bytes, photo, frame); });
}

PhotoMetadata metadata_of(std::span<const Word> words) {
  PhotoMetadata result;
  std::vector<std::vector<NameClaim>> claims;
  std::set<std::string> known;
  for (const Word& word : words) {
    claims.push_back(word.claims);
    complete(result.details, word.details);
    for (const std::string& keyword : word.keywords) {
      if (!keyword.empty() && known.insert(keyword).second) result.keywords.push_back(keyword);
    }
  }
  result.claims = united(claims);
  return result;
}

}  // namespace

Result<PhotoMetadata> read_metadata(const std::filesystem::path& photo, const PhotoFrame& frame) {
  std::vector<Word> words;
  const std::vector<std::filesystem::path> sidecars = find_sidecars(photo);
  for (const std::filesystem::path& file : sidecars) {
    Result<Word> word = read_sidecar(file, frame);
    if (!word) return tl::unexpected(std::move(word.error()));
    words.push_back(std::move(*word));
  }
  Result<Word> embedded = read_embedded(photo, frame);
  if (!embedded) return tl::unexpected(std::move(embedded.error()));
  words.push_back(std::move(*embedded));
  PhotoMetadata result = metadata_of(words);
  result.sidecars = sidecars;
  return result;
}

}  // namespace kith::metadata

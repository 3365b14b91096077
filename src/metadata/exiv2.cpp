// SPDX-License-Identifier: Apache-2.0
#include "metadata/exiv2.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <utility>

#include <exiv2/webpimage.hpp>

#include "core/file_errors.h"
#include "metadata/embedded_xmp.h"
#include "metadata/heif_items.h"
#include "metadata/xmp_guard.h"

namespace kith::metadata {
namespace {

// Exiv2's own state is global, so what guards it must be.
struct Guard {
  std::recursive_mutex mutex;
  int depth = 0;  // of sessions within sessions
};

Guard& guard() {
  static Guard guard;
  return guard;
}

void set_up() {
  Exiv2::LogMsg::setHandler(nullptr);
  Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
#ifdef EXV_ENABLE_BMFF
  Exiv2::enableBMFF(true);  // HEIC, AVIF, CR3
#endif
}

// The namespaces that kith reads and writes, by Exiv2's prefixes.
constexpr std::array<std::pair<const char*, std::string_view>, 12> standard_namespaces{{
    {"mwg-rs", "http://www.metadataworkinggroup.com/schemas/regions/"},
    {"MP", "http://ns.microsoft.com/photo/1.2/"},
    {"dc", "http://purl.org/dc/elements/1.1/"},
    {"lr", "http://ns.adobe.com/lightroom/1.0/"},
    {"digiKam", "http://www.digikam.org/ns/1.0/"},
    {"iptcExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"},
    {"exif", "http://ns.adobe.com/exif/1.0/"},
    {"exifEX", "http://cipa.jp/exif/1.0/"},
    {"aux", "http://ns.adobe.com/exif/1.0/aux/"},
    {"tiff", "http://ns.adobe.com/tiff/1.0/"},
    {"xmp", "http://ns.adobe.com/xap/1.0/"},
    {"photoshop", "http://ns.adobe.com/photoshop/1.0/"},
}};

// Whether the XMP that was read in this session has left the standard prefixes alone.
bool keeps_the_standard() {
  return std::ranges::all_of(standard_namespaces, [](const auto& standard) {
    return Exiv2::XmpProperties::ns(standard.first) == standard.second;
  });
}

constexpr std::string_view mend = "restore it from a backup, or let the program that wrote it mend it";

// Pictures that kith shows; most RAW formats are TIFF to Exiv2. Exiv2's readers of films and of drawings have
// nothing to say to us.
bool is_picture(int type) {
  using namespace Exiv2::ImageType;  // NOLINT(google-build-using-namespace)
  constexpr std::array known{
      jpeg, png, tiff, webp, gif, cr2, crw, mrw, orf, raf, rw2,
#ifdef EXV_ENABLE_BMFF
      bmff,
#endif
  };
  return std::ranges::find(known, type) != known.end();
}

Status check_xmp(bool decoded, const std::filesystem::path& file) {
  if (!decoded) return cannot_read(ErrorCode::damaged, display_name(file), "its XMP is damaged", mend);
  if (keeps_the_standard()) return {};
  return cannot_read(ErrorCode::damaged, display_name(file),
                     "its XMP uses a standard prefix for a namespace of its own", mend);
}

// Exiv2 leaves damaged XMP inside a picture unread, and says so to its log alone.
bool decoded(const Exiv2::Image& image) {
  if (image.xmpPacket().empty() || !image.xmpData().empty()) return true;
  Exiv2::XmpData again;
  return Exiv2::XmpParser::decode(again, image.xmpPacket()) == 0;
}

ErrorCode code_of(const Exiv2::AnyError& error) {
  switch (error.code()) {
    case Exiv2::kerFileContainsUnknownImageType:
    case Exiv2::kerMemoryContainsUnknownImageType:
    case Exiv2::kerUnsupportedImageType: return ErrorCode::unsupported_format;
    default: return ErrorCode::damaged;
  }
}

tl::unexpected<Error> failure(const std::filesystem::path& file, ErrorCode code, std::string_view what) {
  return cannot_read(code, display_name(file), what, mend);
}

// What is no EXIF counts as absent, as Exiv2 takes it in the formats that it reads by itself.
void fill_exif(Exiv2::Image& image, std::span<const std::uint8_t> exif) {
  try {
    const auto size = static_cast<std::uint32_t>(exif.size());
    image.setByteOrder(Exiv2::ExifParser::decode(image.exifData(), exif.data(), size));
  } catch (const Exiv2::AnyError&) {
    image.exifData().clear();
  }
}

Status fill_heif(Exiv2::Image& image, const HeifItems& items, const std::filesystem::path& file) {
  if (!items.exif.empty()) fill_exif(image, items.exif);
  Result<Exiv2::XmpData> xmp = parse_xmp(items.xmp, file);
  if (!xmp) return tl::unexpected(std::move(xmp.error()));
  image.xmpData() = std::move(*xmp);
  return {};
}

Status fill(Exiv2::Image& image, std::span<const std::uint8_t> bytes, const std::filesystem::path& file) {
  if (const auto items = heif_items(bytes)) return fill_heif(image, *items, file);
  const Result<std::string> packet = guarded_packet(embedded_xmp(bytes), display_name(file));
  if (!packet) return tl::unexpected(packet.error());
  image.readMetadata();
  return check_xmp(decoded(image), file);
}

}  // namespace

Exiv2Session::Exiv2Session() {
  Guard& state = guard();
  state.mutex.lock();
  if (state.depth++ > 0) return;
  static const bool ready = (set_up(), true);
  (void)ready;
  // Forgets the namespaces of earlier sessions. Where the toolkit does not come up, its calls fail one by
  // one.
  Exiv2::XmpParser::terminate();
  Exiv2::XmpParser::initialize();
}

Exiv2Session::~Exiv2Session() {
  Guard& state = guard();
  --state.depth;
  state.mutex.unlock();
}

tl::unexpected<Error> exiv2_error(const std::filesystem::path& file) {
  try {
    throw;
  } catch (const Exiv2::AnyError& error) {
    return failure(file, code_of(error), std::string("its metadata: ") + error.what());
  } catch (const std::bad_alloc&) {
    return failure(file, ErrorCode::too_large, "there is not enough memory for its metadata");
  } catch (const std::exception& error) {
    return failure(file, ErrorCode::damaged, std::string("its metadata: ") + error.what());
  }
}

Result<std::unique_ptr<Exiv2::Image>> open_image(std::span<const std::uint8_t> bytes,
                                                 const std::filesystem::path& file) {
  using Opened = Result<std::unique_ptr<Exiv2::Image>>;
  return with_exiv2(file, [&]() -> Opened {
    const auto size = static_cast<long>(bytes.size());  // NOLINT(google-runtime-int): Exiv2's type
    if (!is_picture(Exiv2::ImageFactory::getType(bytes.data(), size))) {
      return cannot_read(ErrorCode::unsupported_format, display_name(file),
                         "its format has no metadata that kith can read", "keep its metadata in a sidecar");
    }
    std::unique_ptr<Exiv2::Image> image(Exiv2::ImageFactory::open(bytes.data(), size).release());
    if (Status sound = fill(*image, bytes, file); !sound) return tl::unexpected(sound.error());
    return image;
  });
}

Result<Exiv2::XmpData> parse_xmp(std::string_view text, const std::filesystem::path& file) {
  const Result<std::string> packet = guarded_packet(text, display_name(file));
  if (!packet) return tl::unexpected(packet.error());
  return with_exiv2(file, [&]() -> Result<Exiv2::XmpData> {
    Exiv2::XmpData xmp;
    const bool decoded = packet->empty() || Exiv2::XmpParser::decode(xmp, *packet) == 0;
    if (Status sound = check_xmp(decoded, file); !sound) return tl::unexpected(sound.error());
    return xmp;
  });
}

}  // namespace kith::metadata

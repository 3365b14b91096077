// SPDX-License-Identifier: Apache-2.0
// read_metadata on files: photos with XMP and EXIF inside, and sidecars beside them.
#include <gtest/gtest.h>
#include <kith/metadata.h>

#include <fstream>
#include <thread>

#include "imageio/exif_block.h"
#include "imageio/pictures.h"
#include "metadata/jpeg_segments.h"
#include "metadata/jpegs.h"
#include "metadata/packets.h"
#include "metadata/sidecars.h"

namespace kith::test {
namespace {

constexpr PhotoFrame frame{.width = 400, .height = 300, .orientation = 1};
constexpr const char* middle = "stArea:x='0.5' stArea:y='0.5' stArea:w='0.1' stArea:h='0.2'";
constexpr const char* corner = "stArea:x='0.1' stArea:y='0.1' stArea:w='0.1' stArea:h='0.1'";

std::string named(const std::string& name, const std::string& area = middle) {
  return packet(mwg_regions(attribute_region(name, area)));
}

class ReadMetadata : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const Bytes& bytes) {
    write_bytes(folder_ / name, bytes);
    return folder_ / name;
  }
  std::filesystem::path write(const std::string& name, const std::string& text) {
    return write(name, Bytes(text.begin(), text.end()));
  }
  // A JPEG of frame's size.
  std::filesystem::path photo(const std::string& name, const std::vector<Segment>& segments = {}) {
    static const Bytes jpeg = encode(quarters(frame.width, frame.height), ".jpg[strip]");
    return write(name, with_segments(jpeg, segments));
  }

  TemporaryFolder folder_;
};

std::vector<std::string> names_in(const std::filesystem::path& photo) {
  const auto metadata = read_metadata(photo, frame);
  if (!metadata) {
    ADD_FAILURE() << metadata.error().message;
    return {};
  }
  std::vector<std::string> names;
  for (const NameClaim& claim : metadata->claims) names.push_back(claim.name);
  return names;
}

void expect_error(const std::filesystem::path& photo, ErrorCode code, const std::string& file) {
  const auto metadata = read_metadata(photo, frame);
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().code, code) << metadata.error().message;
  EXPECT_NE(metadata.error().message.find(file), std::string::npos) << metadata.error().message;
}

using Names = std::vector<std::string>;

TEST_F(ReadMetadata, OfAPhotoWithNothingIsNothing) {
  const auto metadata = read_metadata(photo("a.jpg"), frame);
  ASSERT_TRUE(metadata) << metadata.error().message;
  EXPECT_TRUE(metadata->claims.empty() && metadata->keywords.empty() && metadata->sidecars.empty());
  EXPECT_EQ(metadata->details.taken, "");
}

TEST_F(ReadMetadata, OfAJpegComesFromItsExifAndItsXmp) {
  const Bytes exif = exif_block({.first = {ascii(0x10e, "by EXIF"), ascii(0x132, "2019:07:31 18:05:11")},
                                 .details = {{0x9286, 7, std::string("ASCII\0\0\0a comment", 17)}}});
  const std::string xmp =
      packet(mwg_regions(attribute_region("Anna", middle)) + list("dc:subject", {"sea", "Anna", "sea"}) +
             "<dc:description>by XMP</dc:description><xmp:CreateDate>2001-01-01T00:00:00</xmp:CreateDate>"
             "<exif:FNumber>2.8</exif:FNumber>");
  const auto metadata = read_metadata(photo("a.jpg", {exif_segment(exif), xmp_segment(xmp)}), frame);
  ASSERT_TRUE(metadata) << metadata.error().message;
  ASSERT_EQ(metadata->claims.size(), 1U);
  ASSERT_TRUE(metadata->claims[0].box);
  EXPECT_NEAR(metadata->claims[0].box->x, 180, 0.01);
  EXPECT_EQ(metadata->keywords, (Names{"sea", "Anna"}));
  EXPECT_EQ(metadata->details.description, "by XMP");
  EXPECT_EQ(metadata->details.taken, "2019-07-31T18:05:11");
  EXPECT_EQ(metadata->details.comment, "a comment");
  EXPECT_EQ(metadata->details.f_number, 2.8);
}

TEST_F(ReadMetadata, OfAJpegWithALongHeaderIsReadToItsEnd) {
  std::vector<Segment> segments(6, Segment{0xe2, std::string(65'000, 'p')});
  segments.push_back(xmp_segment(named("Anna")));
  EXPECT_EQ(names_in(photo("a.jpg", segments)), Names{"Anna"});
}

TEST_F(ReadMetadata, OfAJpegThatIsCutWithinItsHeaderIsNoCrash) {
  const Bytes whole = read_bytes(photo("a.jpg", {xmp_segment(named("Anna"))}));
  const std::size_t header = metadata::jpeg_header_bytes(whole).value_or(0);
  ASSERT_GT(header, 1000U);
  for (std::size_t size = 1; size < header + 4; size += 7) {
    const auto metadata = read_metadata(
        write("cut.jpg", Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), frame);
    if (!metadata) {
      EXPECT_NE(metadata.error().message.find("cut.jpg"), std::string::npos);
    }
  }
}

TEST_F(ReadMetadata, OfAJpegIncludesItsExtendedXmp) {
  const std::string guid = "0123456789ABCDEF0123456789ABCDEF";
  const std::string other = "FFFFFFFFFFFFFFFF0123456789ABCDEF";
  const Segment main = xmp_segment(
      packet("<xmpNote:HasExtendedXMP>" + guid + "</xmpNote:HasExtendedXMP>" + list("dc:subject", {"sea"})));
  const std::string extended = named("Anna");
  const std::size_t size = extended.size();
  const auto part = [&](const std::string& id, std::size_t from, std::size_t to) {
    return extended_segment(id, size, from, std::string_view(extended).substr(from, to - from));
  };
  const Segment first = part(guid, 0, 500);
  const Segment last = part(guid, 500, size);
  EXPECT_EQ(names_in(photo("a.jpg", {main, first, last})), Names{"Anna"});
  EXPECT_EQ(names_in(photo("a.jpg", {last, first, main})), Names{"Anna"});
  EXPECT_EQ(names_in(photo("a.jpg", {main, first})), Names{});
  EXPECT_EQ(names_in(photo("a.jpg", {main, last})), Names{});
  EXPECT_EQ(names_in(photo("a.jpg", {main, first, part(guid, 501, size)})), Names{});
  EXPECT_EQ(names_in(photo("a.jpg", {main, part(other, 0, 500), part(other, 500, size)})), Names{});
  EXPECT_EQ(names_in(photo("a.jpg", {main, extended_segment(guid, 0xffffffff, 0, extended)})), Names{});
  EXPECT_EQ(names_in(photo("a.jpg", {main, {0xe1, first.content.substr(0, 40)}})), Names{});
  expect_error(photo("a.jpg", {main, extended_segment(guid, 5, 0, "<a></")}), ErrorCode::damaged, "a.jpg");
}

TEST_F(ReadMetadata, OfSidecarsGoesBeforeThePhotos) {
  const auto file = photo(
      "a.jpg",
      {xmp_segment(packet(mwg_regions(attribute_region("Ben", middle) + attribute_region("Carl", corner)) +
                          list("dc:subject", {"inside"}) + "<dc:description>inside</dc:description>" +
                          "<exif:FNumber>4</exif:FNumber>"))});
  const auto sidecar =
      write("a.jpg.xmp", packet(mwg_regions(attribute_region("Anna", middle)) +
                                list("dc:subject", {"beside"}) + "<dc:description>beside</dc:description>"));
  EXPECT_EQ(names_in(file), (Names{"Anna", "Carl"}));
  const auto metadata = read_metadata(file, frame);
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->keywords, (Names{"beside", "inside"}));
  EXPECT_EQ(metadata->details.description, "beside");
  EXPECT_EQ(metadata->details.f_number, 4);
  EXPECT_EQ(metadata->sidecars, std::vector{sidecar});
}

TEST_F(ReadMetadata, OfASidecarIsSharedByPhotosOfOneStem) {
  write("a.xmp", named("Anna"));
  EXPECT_EQ(names_in(photo("a.jpg")), Names{"Anna"});
  // A RAW format that nobody knows: the sidecar alone.
  EXPECT_EQ(names_in(write("a.cr2", std::string(1000, 'x'))), Names{"Anna"});
  EXPECT_EQ(names_in(photo("b.jpg")), Names{});
}

TEST_F(ReadMetadata, OfBothSidecarsIsReadTheAppendedFirst) {
  const auto shared =
      write("a.XMP", packet(mwg_regions(attribute_region("Ben", middle) + attribute_region("Carl", corner))));
  const auto own = write("a.jpg.XMP", named("Anna"));
  const auto file = photo("a.jpg");
  EXPECT_EQ(names_in(file), (Names{"Anna", "Carl"}));
  EXPECT_EQ(metadata::find_sidecars(file), (std::vector{own, shared}));
}

TEST_F(ReadMetadata, OfAPhotoWithoutAnEndingHasOneSidecar) {
  const auto sidecar = write("a.xmp", named("Anna"));
  EXPECT_EQ(metadata::find_sidecars(photo("a")), std::vector{sidecar});
}

TEST_F(ReadMetadata, PassesByWhatIsNoSidecar) {
  std::filesystem::create_directory(folder_ / "a.xmp");
  std::filesystem::create_symlink("nowhere", folder_ / "a.jpg.xmp");
  EXPECT_EQ(names_in(photo("a.jpg", {xmp_segment(named("Anna"))})), Names{"Anna"});
}

TEST_F(ReadMetadata, TakesAnEmptySidecarForAnEmptyWord) {
  const auto file = photo("a.jpg", {xmp_segment(named("Anna"))});
  std::ofstream(folder_ / "a.xmp").flush();
  EXPECT_EQ(names_in(file), Names{"Anna"});
}

TEST_F(ReadMetadata, NamesTheFileThatIsDamaged) {
  const auto file = photo("a.jpg");
  write("a.xmp", named("Anna").substr(0, 700));
  expect_error(file, ErrorCode::damaged, "a.xmp");
  std::filesystem::remove(folder_ / "a.xmp");
  expect_error(photo("b.jpg", {xmp_segment(named("Anna").substr(0, 700))}), ErrorCode::damaged, "b.jpg");
  expect_error(
      photo("c.jpg",
            {xmp_segment(
                "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
                "rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:mwg-rs='http://example.org/' "
                "mwg-rs:a='1'/></rdf:RDF>")}),
      ErrorCode::damaged, "c.jpg");
}

TEST_F(ReadMetadata, SaysThatAPhotoIsNotThere) {
  expect_error(folder_ / "none.jpg", ErrorCode::not_found, "none.jpg");
}

TEST_F(ReadMetadata, RefusesASidecarBeyondTheLimit) {
  const auto file = photo("a.jpg");
  write("a.xmp", std::string("x"));
  std::filesystem::resize_file(folder_ / "a.xmp", (std::uintmax_t{64} << 20U) + 1);
  expect_error(file, ErrorCode::too_large, "a.xmp");
}

TEST_F(ReadMetadata, SaysThatASidecarMayNotBeRead) {
  const auto file = photo("a.jpg");
  std::filesystem::permissions(write("a.xmp", named("Anna")), std::filesystem::perms::none);
  const WithoutRootRights without;
  expect_error(file, ErrorCode::unreadable, "a.xmp");
}

TEST_F(ReadMetadata, PrintsNothingWhateverExiv2HasToSay) {
  const Bytes exif =
      exif_block({.first = {ascii(0x10e, "text")}, .details = {{0x9003, 2, "x", {}, 1'000'000}}});
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  (void)read_metadata(photo("a.jpg", {exif_segment(exif), xmp_segment("<a")}), frame);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST_F(ReadMetadata, MayBeCalledByManyThreads) {
  constexpr int threads = 8;
  std::vector<std::filesystem::path> photos;
  for (int i = 0; i < threads; ++i) {
    const std::string number = std::to_string(i);
    photos.push_back(
        photo(number + ".jpg",
              {xmp_segment(packet("<own:a xmlns:own='http://example.org/" + number + "/'>x</own:a>" +
                                  mwg_regions(attribute_region("Name " + number, middle))))}));
    write(number + ".xmp", packet("<own:b xmlns:own='http://example.org/s" + number + "/'>y</own:b>"));
  }
  std::vector<int> right(threads);
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      for (int round = 0; round < 30; ++round) {
        const auto metadata = read_metadata(photos[static_cast<std::size_t>(i)], frame);
        const bool good = metadata && metadata->claims.size() == 1 &&
                          metadata->claims[0].name == "Name " + std::to_string(i);
        right[static_cast<std::size_t>(i)] += good ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(right, std::vector<int>(threads, 30));
}

}  // namespace
}  // namespace kith::test

// SPDX-License-Identifier: Apache-2.0
// What a photo's own metadata says of the people on it and of itself, and writing names and texts into it.
//
// Names live in XMP: regions as the Metadata Working Group and as Microsoft describe them, PersonInImage, and
// keywords; inside the photo or in a sidecar beside it ("a.jpg.xmp", "a.xmp"). docs/interop.md says who reads
// what. Regions in files relate to the stored pixels; everything here relates to the upright photo.
//
// Writing changes what kith itself wrote before and nothing else: the caller keeps a record of it
// (MetadataEdit) and hands it in again. A file is replaced as a whole or stays as it is.
//
// All of this is in a library of its own, which is loaded by the first call. A kith that is without it (built
// with KITH_METADATA=OFF) answers every call with `unsupported_format`.
//
// Thread rule: the functions may be called by many threads at once, for different photos.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kith/face.h>
#include <kith/photo.h>
#include <kith/result.h>

namespace kith {

// The photo as it is now. Requires width, height > 0 and orientation 1..8.
struct PhotoFrame {
  int width = 0;        // of the upright photo, pixels
  int height = 0;       // of the upright photo, pixels
  int orientation = 1;  // EXIF, as stored
};

// What a region is of. Only a face is a person's; the others are kept and never taken for one.
enum class RegionKind { face, pet, focus, bar_code, other };

// What somebody says of a place on a photo, or of the photo as a whole.
struct NameClaim {
  RegionKind kind = RegionKind::face;
  std::string name;  // UTF-8, without line breaks; empty: a face without a name
  // Pixels of the upright photo; absent: somewhere on the photo.
  std::optional<Box> box;
  // Where it lies can't be told any more (`box` is absent): the photo was cropped or turned since.
  bool stale = false;
  std::string source;  // "mwg", "microsoft", "person-in-image", "keyword", "picasa", "takeout", "digikam"
};

// What is known of the taking of a photo. Texts are valid UTF-8; empty and nothing: absent or not valid.
struct PhotoDetails {
  std::string taken;        // "2019-07-31T18:05:11", the camera's local time
  std::string camera;       // "Canon EOS 5D"
  std::string lens;         // "EF24-70mm f/2.8L"
  std::string description;  // XMP dc:description, else EXIF ImageDescription
  std::string comment;      // EXIF UserComment
  std::optional<GeoPoint> place;
  std::optional<double> altitude;   // metres above the sea
  std::optional<double> direction;  // the camera looked there: degrees clockwise from north, 0..360
  std::optional<double> exposure;   // seconds
  std::optional<double> f_number;
  std::optional<double> focal_length;  // millimetres
  std::optional<int> iso;
};

struct PhotoMetadata {
  // A place that several forms describe (MWG and Microsoft) stands here once. The same name as a keyword or
  // in PersonInImage does not follow where a region bears it.
  std::vector<NameClaim> claims;
  std::vector<std::string> keywords;  // dc:subject
  PhotoDetails details;
  std::vector<std::filesystem::path> sidecars;  // that were read
};

// What the photo and its sidecars say; a sidecar's word on the same place or name goes before the photo's.
// Where the photo's format holds no metadata that can be read, the sidecars alone. Errors: not_found,
// unreadable, damaged (naming the file), too_large (a sidecar beyond 64 MiB).
[[nodiscard]] Result<PhotoMetadata> read_metadata(const std::filesystem::path& photo,
                                                  const PhotoFrame& frame);

// ---- writing

struct NamedFace {
  std::string name;
  Box box;  // pixels of the upright photo
};

enum class SidecarUse {
  automatic,  // a sidecar that is there; else the photo, where its format can be written; else a new sidecar
  always,
  never,
};
enum class SidecarName {
  appended,
  replaced
};  // "a.jpg.xmp", "a.xmp"; a sidecar that is there keeps its name

struct MetadataSettings {
  SidecarUse sidecar = SidecarUse::automatic;
  SidecarName sidecar_name = SidecarName::appended;
  bool microsoft = false;  // Microsoft's regions beside MWG's: Windows Photo Gallery reads no others
  bool keywords = true;    // dc:subject, lr:hierarchicalSubject, digiKam:TagsList
  std::string keyword_root = "People";  // "People|Anna" and "People/Anna"
  bool keep_modified_time = false;
};

// One line of what an edit does, for people to read.
struct MetadataChange {
  // kept: wanted, but somebody else's word stands there ("region 'Ben' by another program").
  enum class Kind { add, remove, change, kept };
  Kind kind = Kind::add;
  // "region", "Microsoft region", "person", "keyword", "description", ...; "photo's region": of the photo
  // that the names leave.
  std::string field;
  std::string before;  // empty where added
  std::string after;   // empty where removed
};

// A change to one file, worked out and not made yet.
class MetadataEdit {
 public:
  MetadataEdit(MetadataEdit&&) noexcept;
  MetadataEdit& operator=(MetadataEdit&&) noexcept;
  ~MetadataEdit();

  // The photo or a sidecar (which may not exist yet).
  [[nodiscard]] const std::filesystem::path& file() const noexcept;
  [[nodiscard]] const std::vector<MetadataChange>& changes() const noexcept;
  // Whether commit() has anything to write.
  [[nodiscard]] bool empty() const noexcept;
  // What kith will have written into file(): to be kept, and handed in with the next edit. JSON; empty:
  // nothing. Names that kith wrote into a photo leave it where a sidecar takes over within this edit.
  [[nodiscard]] const std::string& record() const noexcept;
  // Replaces the file: written beside it, flushed, renamed; owner, permissions and extended attributes are
  // kept. A sidecar in which nothing is left and that kith made is removed. Errors: changed_meanwhile (by
  // another program since the edit was worked out: nothing was written; work it out again), unreadable (a
  // folder or file that may not be written), no_space, write_failed, too_large (more than the format's
  // segment holds, and SidecarUse::never).
  [[nodiscard]] Status commit();

 private:
  friend struct MetadataEditAccess;
  struct Impl;
  explicit MetadataEdit(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The file that edit_names would change; with SidecarUse::automatic it is another one, a sidecar, where the
// photo has no room for what is wanted. Errors: not_found, bad_argument (SidecarUse::never and a format that
// can't be written).
[[nodiscard]] Result<std::filesystem::path> metadata_target(const std::filesystem::path& photo,
                                                            const MetadataSettings& settings);

// Makes the target's names those of `faces`, and of `people` who are on the photo, nobody knows where. A
// region of another program on the same face is never doubled: one of the same name suffices, one without a
// name is given it, one of another name is kept. What `record` (of the last edit of this file, or empty) says
// kith wrote, and that is as kith wrote it, is changed or removed where it is wanted no more. Where the photo
// has no room left and a sidecar takes over, it all leaves the photo, before the sidecar is written. (A
// sidecar of another program that came since is the target from then on, and has no record yet: names that
// kith wrote into the photo are taken out with SidecarUse::never, no faces, no people and the photo's
// record.) Errors: those of reading, and bad_argument (a record that is none).
[[nodiscard]] Result<MetadataEdit> edit_names(const std::filesystem::path& photo, const PhotoFrame& frame,
                                              std::span<const NamedFace> faces,
                                              std::span<const std::string> people, std::string_view record,
                                              const MetadataSettings& settings = {});

// Sets EXIF ImageDescription with dc:description, and EXIF UserComment with exif:UserComment; an absent one
// stays, an empty one is removed. A sidecar has no EXIF, and formats that kith can't write get a sidecar. The
// edit has no record: texts are the owner's, whoever wrote them before. Errors: those of reading, and
// bad_argument (no UTF-8).
[[nodiscard]] Result<MetadataEdit> edit_texts(const std::filesystem::path& photo,
                                              const std::optional<std::string>& description,
                                              const std::optional<std::string>& comment,
                                              const MetadataSettings& settings = {});

}  // namespace kith

// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include <array>

namespace kith::store {
namespace {

// What machines found out stands apart from what the owner decided: the former can be thrown away and
// made again. Ids are never used twice (AUTOINCREMENT), so that nothing old comes to mean somebody new.
constexpr std::string_view version_1 = R"sql(
-- Machines: can be made again from the photos.

CREATE TABLE photo (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL UNIQUE,        -- absolute
  size INTEGER NOT NULL,            -- bytes; with mtime_ns: whether the file is as it was
  mtime_ns INTEGER NOT NULL,
  content TEXT NOT NULL,            -- SHA-256 of the bytes, hexadecimal; '' where they could not be read
  width INTEGER NOT NULL,           -- of the upright photo, pixels; 0 where it could not be read
  height INTEGER NOT NULL,
  orientation INTEGER NOT NULL,     -- EXIF 1..8
  taken TEXT NOT NULL,              -- '2019-07-31T18:05:11', the camera's local time; '' where unknown
  camera TEXT NOT NULL,
  latitude REAL, longitude REAL,    -- degrees; NULL where unknown
  missing INTEGER NOT NULL,         -- 1: was not there at the last scan of its folder
  error_code TEXT NOT NULL,         -- '' where it was read
  error_message TEXT NOT NULL
) STRICT;
CREATE INDEX photo_size ON photo(size);

CREATE TABLE face (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  photo INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
  x REAL NOT NULL, y REAL NOT NULL, width REAL NOT NULL, height REAL NOT NULL,  -- pixels, upright
  landmarks BLOB,                   -- 10 float32, x and y of five points; NULL of a forgotten face
  score REAL NOT NULL,
  quality REAL NOT NULL
) STRICT;
CREATE INDEX face_photo ON face(photo);

CREATE TABLE model (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  dimension INTEGER NOT NULL
) STRICT;

CREATE TABLE vector (
  face INTEGER NOT NULL REFERENCES face(id) ON DELETE CASCADE,
  model INTEGER NOT NULL REFERENCES model(id) ON DELETE CASCADE,
  half BLOB NOT NULL,               -- float16, unit length
  PRIMARY KEY (face, model)
) STRICT;

CREATE TABLE crop (
  face INTEGER PRIMARY KEY REFERENCES face(id) ON DELETE CASCADE,
  jpeg BLOB NOT NULL                -- thumbnail_box() of the face
) STRICT;

-- Whom a machine takes a face for. No row: nobody.
CREATE TABLE guess (
  face INTEGER PRIMARY KEY REFERENCES face(id) ON DELETE CASCADE,
  person INTEGER REFERENCES person(id) ON DELETE CASCADE,
  probability REAL NOT NULL,
  similarity REAL NOT NULL,
  reference INTEGER,                -- the face that it rests on
  runner_up INTEGER,                -- the next person, and how likely
  runner_up_probability REAL
) STRICT;
CREATE INDEX guess_person ON guess(person);

CREATE TABLE cluster_member (
  face INTEGER PRIMARY KEY REFERENCES face(id) ON DELETE CASCADE,
  cluster INTEGER NOT NULL
) STRICT;
CREATE INDEX cluster_member_cluster ON cluster_member(cluster);

-- What machines' work is up to date with.
CREATE TABLE state (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- The owner: never thrown away, every change journalled.

CREATE TABLE person (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  birth TEXT NOT NULL,              -- '1990', '1990-05' or '1990-05-17'; '' where unknown
  cover INTEGER,                    -- the face that stands for the person; NULL: the best one
  min_similarity REAL               -- no name below it; NULL: the model's own
) STRICT;

CREATE TABLE alias (
  name TEXT PRIMARY KEY,
  person INTEGER NOT NULL REFERENCES person(id)
) STRICT;

CREATE TABLE confirmed (
  face INTEGER PRIMARY KEY REFERENCES face(id),
  person INTEGER NOT NULL REFERENCES person(id)
) STRICT;
CREATE INDEX confirmed_person ON confirmed(person);

CREATE TABLE rejected (
  face INTEGER NOT NULL REFERENCES face(id),
  person INTEGER NOT NULL REFERENCES person(id),
  PRIMARY KEY (face, person)
) STRICT;
CREATE INDEX rejected_person ON rejected(person);

CREATE TABLE link (
  face INTEGER NOT NULL REFERENCES face(id),  -- the smaller id
  other INTEGER NOT NULL REFERENCES face(id),
  same INTEGER NOT NULL,            -- 1: one person, 0: two people
  PRIMARY KEY (face, other)
) STRICT;
CREATE INDEX link_other ON link(other);

CREATE TABLE ignored (
  face INTEGER PRIMARY KEY REFERENCES face(id)
) STRICT;

-- A box that the owner drew where no machine saw a face.
CREATE TABLE drawn (
  face INTEGER PRIMARY KEY REFERENCES face(id)
) STRICT;

-- A face whose person was forgotten: only its place is kept, so that no scan brings it back.
CREATE TABLE forgotten (
  face INTEGER PRIMARY KEY REFERENCES face(id) ON DELETE CASCADE
) STRICT;

CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,                 -- UTC, '2026-01-31T18:05:11Z'
  action TEXT NOT NULL,
  summary TEXT NOT NULL,
  state INTEGER NOT NULL,           -- 0: done, 1: undone, 2: overtaken (undone, and then something else was done)
  changes BLOB NOT NULL             -- a changeset of SQLite's session extension; empty where it was erased
) STRICT;
)sql";

// Names in photos' own metadata, read and written.
constexpr std::string_view version_2 = R"sql(
ALTER TABLE photo ADD COLUMN lens TEXT NOT NULL DEFAULT '';  -- '' where unknown
ALTER TABLE photo ADD COLUMN direction REAL;  -- the camera looked there, degrees clockwise from north

-- Machines: what kith wrote into a photo's metadata, so that it can change and remove this and nothing else.
-- No journal speaks of it, since no undo takes the words out of the file.
CREATE TABLE written (
  photo INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
  file TEXT NOT NULL,               -- '': the photo; '*.xmp', '~.xmp': its sidecar, * its name, ~ without the ending
  record TEXT NOT NULL,             -- MetadataEdit::record()
  next TEXT,                        -- the record of a write under way, which a crash may have cut short; else NULL
  wanted TEXT NOT NULL,             -- what the file was to say, as JSON
  size INTEGER NOT NULL,            -- of the file after the write, or before the one under way; -1: not there
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  PRIMARY KEY (photo, file)
) STRICT;

-- The owner, by having files' names imported. What they say of photos that were not scanned yet: the next scan
-- that finds one settles it.
CREATE TABLE claim (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL,               -- of the photo, absolute
  name TEXT NOT NULL,
  source TEXT NOT NULL,             -- who says so: NameClaim::source
  x REAL, y REAL, width REAL, height REAL,  -- shares of the upright photo; NULL: somewhere on it
  stale INTEGER NOT NULL            -- 1: its place can't be told any more
) STRICT;
CREATE INDEX claim_path ON claim(path);

-- Where a file says otherwise than the library, or something that only the owner can place.
CREATE TABLE conflict (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  photo INTEGER NOT NULL REFERENCES photo(id),
  name TEXT NOT NULL,               -- the file's
  source TEXT NOT NULL,
  x REAL, y REAL, width REAL, height REAL,  -- as in claim
  stale INTEGER NOT NULL,
  settled INTEGER NOT NULL          -- 0: open, 1: the library's word stands, whatever files say again
) STRICT;
CREATE INDEX conflict_photo ON conflict(photo);
)sql";

constexpr std::array steps{version_1, version_2};

// The order in which rows can be put in: a table comes after those that it refers to.
constexpr std::array owners{"person",  "alias", "confirmed", "rejected", "link",
                            "ignored", "drawn", "claim",     "conflict"};

}  // namespace

std::span<const std::string_view> migrations() { return steps; }

std::span<const char* const> owners_tables() { return owners; }

}  // namespace kith::store

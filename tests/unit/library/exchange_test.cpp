// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include <kith/library.h>

#include "store/schema.h"
#include "support/files.h"
#include "support/library_rows.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::LibraryRows;

std::string exported(const LibraryRows& rows, ExportSettings settings = {}) {
  std::string text;
  EXPECT_TRUE(rows.library().export_to(
      [&](std::string_view part) {
        text += part;
        return Status();
      },
      settings));
  return text;
}

class Exchange : public ::testing::Test {
 protected:
  fs::path written(const std::string& text) {
    const fs::path file = folder_ / "export";
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  Result<ImportSummary> import(const LibraryRows& rows, const std::string& text) {
    return rows.library().import_from(written(text));
  }

  test::TemporaryFolder folder_;
};

// All kinds of decisions; with `decided` false only what a scan would have found.
void fill(LibraryRows& rows, bool decided) {
  const PhotoId first = rows.photo("/first", "2019-07-31T18:05:11", "Canon");
  const PhotoId second = rows.photo("/second");
  rows.photo("/empty");
  const FaceId a = rows.face(first, 100);
  const FaceId b = rows.face(first, 300);
  const FaceId c = rows.face(second, 100);
  const FaceId d = rows.face(second, 300);
  if (!decided) return;
  store::Decision decision(*rows.database, true);
  store::confirm(*rows.database, a, rows.person("Anna, \"A\""));
  store::reject(*rows.database, b, rows.person("Anna, \"A\""));
  store::reject(*rows.database, b, rows.person("Ben"));
  store::ignore(*rows.database, c);
  store::link(*rows.database, b, d, true);
  store::link(*rows.database, c, d, false);
  store::PersonRow anna = *store::find_person(*rows.database, "Anna, \"A\"");
  anna.birth = "1990-05";
  anna.cover = a;
  anna.min_similarity = 0.5F;
  store::update_person(*rows.database, anna);
  store::add_alias(*rows.database, "Annie", anna.id);
  rows.person("Nobody yet");
  const FaceId drawn = rows.face(second, 600);
  store::mark_drawn(*rows.database, drawn);
  rows.database->sql().exec("UPDATE face SET score = 1, quality = 0 WHERE id = " + std::to_string(drawn));
  store::confirm(*rows.database, drawn, rows.person("Ben"));
  decision.commit("test", "test");
}

TEST_F(Exchange, AnotherLibraryOfTheSamePhotosComesToTheSameDecisions) {
  for (const auto format : {ExportSettings::Format::json_lines, ExportSettings::Format::csv}) {
    LibraryRows from;
    fill(from, true);
    LibraryRows to;
    to.face(to.photo("/another"));  // so that no number means the same in both
    to.person("Zoe");
    fill(to, false);
    const std::string text = exported(from, {.format = format});
    const Result<ImportSummary> summary = import(to, text);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->photos, 3U);
    EXPECT_EQ(summary->known_photos, 3U);
    EXPECT_EQ(summary->faces, 5U);
    EXPECT_EQ(summary->placed_faces, 4U);
    EXPECT_EQ(summary->people, 3U);
    EXPECT_EQ(summary->confirmed, 2U);
    EXPECT_EQ(summary->rejected, 2U);
    EXPECT_EQ(summary->ignored, 1U);
    EXPECT_EQ(summary->drawn, 1U);
    EXPECT_EQ(summary->links, 2U);
    EXPECT_TRUE(summary->kept.empty());
    EXPECT_TRUE(summary->not_placed.empty());
    // Into a library that has nothing of its own, so that the numbers are the same too.
    LibraryRows same;
    fill(same, false);
    ASSERT_TRUE(import(same, text));
    EXPECT_EQ(exported(same, {.format = format}), text);
    const Result<ImportSummary> again = import(same, text);
    ASSERT_TRUE(again);
    EXPECT_EQ(
        again->people + again->confirmed + again->rejected + again->ignored + again->drawn + again->links,
        0U);
    EXPECT_EQ(exported(same, {.format = format}), text);
    EXPECT_EQ(same.library().history(10)->size(), 1U);
  }
}

TEST_F(Exchange, AnImportIsUndoneAsOne) {
  LibraryRows from;
  fill(from, true);
  LibraryRows to;
  fill(to, false);
  const std::string before = exported(to);
  ASSERT_TRUE(import(to, exported(from)));
  EXPECT_NE(exported(to), before);
  ASSERT_TRUE(*to.library().undo());
  EXPECT_EQ(exported(to), before);
  ASSERT_TRUE(*to.library().redo());
  EXPECT_EQ(exported(to), exported(from));
}

TEST_F(Exchange, WhatIsDecidedHereStays) {
  LibraryRows from;
  const PhotoId there = from.photo("/a");
  from.confirmed(there, "Anna", 100);
  from.confirmed(there, "Anna", 300);
  from.confirmed(there, "Anna", 500);
  store::reject(*from.database, from.face(there, 700), from.person("Anna"));
  store::ignore(*from.database, from.face(there, 900));
  LibraryRows to;
  const PhotoId here = to.photo("/a");
  to.confirmed(here, "Ben", 100);
  store::ignore(*to.database, to.face(here, 300));
  store::reject(*to.database, to.face(here, 500), to.person("Anna"));
  to.confirmed(here, "Anna", 700);
  to.confirmed(here, "Anna", 900);
  const std::string before = exported(to);
  const Result<ImportSummary> summary = import(to, exported(from));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->kept.size(), 5U);
  EXPECT_EQ(exported(to), before);
  EXPECT_TRUE(to.library().history(10)->empty());
}

TEST_F(Exchange, PhotosAreKnownByContentAndFacesByPlace) {
  LibraryRows from;
  from.confirmed(from.photo("/a"), "Anna", 100);
  LibraryRows to;
  const PhotoId moved = to.photo("/a");
  to.face(moved, 400);
  const FaceId same = to.face(moved, 120);  // overlaps by 0.6
  store::move_photo(*to.database, moved, "/elsewhere", 0);
  ASSERT_TRUE(import(to, exported(from)));
  EXPECT_EQ(to.library().face(same)->person, "Anna");
}

TEST_F(Exchange, OfCopiesTheOneAtTheSamePathIsMeant) {
  LibraryRows from;
  from.confirmed(from.photo("/a"), "Anna");
  LibraryRows to;
  const PhotoId copy = to.photo("/a");
  store::move_photo(*to.database, copy, "/0", 0);
  const FaceId other = to.face(copy);
  const FaceId meant = to.face(to.photo("/a"));
  ASSERT_TRUE(import(to, exported(from)));
  EXPECT_EQ(to.library().face(meant)->person, "Anna");
  EXPECT_EQ(to.library().face(other)->person, std::nullopt);
}

TEST_F(Exchange, WhatCannotBePlacedIsReported) {
  LibraryRows from;
  from.confirmed(from.photo("/gone"), "Anna");
  const PhotoId known = from.photo("/known");
  const FaceId apart = from.confirmed(known, "Anna", 500);
  const FaceId forgotten = from.confirmed(known, "Anna", 700);
  store::link(*from.database, apart, forgotten, true);
  from.face(from.photo("/nothing decided"));
  LibraryRows to;
  const FaceId erased = to.face(to.photo("/known"), 700);
  to.database->sql().exec("INSERT INTO forgotten(face) VALUES (" + std::to_string(erased) + ")");
  const Result<ImportSummary> summary = import(to, exported(from));
  ASSERT_TRUE(summary);
  ASSERT_EQ(summary->not_placed.size(), 4U);
  EXPECT_EQ(summary->not_placed[0].find("line 3: /gone: "), 0U) << summary->not_placed[0];
  EXPECT_EQ(summary->not_placed[1].find("line 4: /known, face 2: "), 0U) << summary->not_placed[1];
  EXPECT_NE(summary->not_placed[2].find("forgotten"), std::string::npos);
  EXPECT_EQ(summary->not_placed[3].find("line 6: a link"), 0U) << summary->not_placed[3];
  EXPECT_EQ(summary->confirmed, 0U);
}

TEST_F(Exchange, GuessesAreNoDecisions) {
  LibraryRows from;
  from.suggested(from.photo("/a"), "Anna");
  EXPECT_NE(exported(from).find("\"suggested\""), std::string::npos);
  LibraryRows to;
  const FaceId face = to.face(to.photo("/a"));
  ASSERT_TRUE(import(to, exported(from)));
  EXPECT_EQ(to.library().face(face)->naming, Naming::unknown);
}

TEST_F(Exchange, AGuessAgainstAnImportedDecisionGoes) {
  LibraryRows from;
  store::reject(*from.database, from.face(from.photo("/a")), from.person("Anna"));
  LibraryRows to;
  const FaceId face = to.suggested(to.photo("/a"), "Anna");
  ASSERT_TRUE(import(to, exported(from)));
  EXPECT_EQ(to.library().face(face)->naming, Naming::unknown);
}

TEST_F(Exchange, APersonWithAnotherNameHereIsFoundByAlias) {
  LibraryRows from;
  from.confirmed(from.photo("/a"), "Anna");
  LibraryRows to;
  const FaceId face = to.face(to.photo("/a"));
  store::add_alias(*to.database, "Anna", to.person("Anna Smith"));
  ASSERT_TRUE(import(to, exported(from)));
  EXPECT_EQ(to.library().face(face)->person, "Anna Smith");
  EXPECT_EQ(to.library().people()->size(), 1U);
}

TEST_F(Exchange, OfAHostileFileNothingIsImported) {
  LibraryRows from;
  from.confirmed(from.photo("/a"), "Anna");
  LibraryRows to;
  to.face(to.photo("/a"));
  const std::string before = exported(to);
  const Result<ImportSummary> summary =
      import(to, exported(from) + "{\"person\": \"Ben\", \"birth\": \"soon\"}\n");
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::damaged);
  EXPECT_NE(summary.error().message.find("line 4: "), std::string::npos) << summary.error().message;
  EXPECT_EQ(exported(to), before);
  EXPECT_EQ(to.library().import_from(folder_ / "absent").error().code, ErrorCode::not_found);
  EXPECT_EQ(to.library().import_from(folder_.path()).error().code, ErrorCode::unreadable);
}

TEST_F(Exchange, NoVectorLeavesUnlessAskedFor) {
  LibraryRows rows;
  const PhotoId photo = rows.photo("/a");
  store::FaceRow row;
  row.photo = photo;
  row.face.box = {1, 2, 30, 40};
  row.face.embedding = {0.5F, -0.25F};
  store::put_face(*rows.database, row, store::model_id(*rows.database, "model", 2));
  EXPECT_EQ(exported(rows).find("0.25"), std::string::npos);
  EXPECT_NE(exported(rows, {.vectors = true}).find("\"vectors\":{\"model\":[0.5,-0.25]}"), std::string::npos);
  const std::string csv = exported(rows, {.format = ExportSettings::Format::csv, .vectors = true});
  EXPECT_NE(csv.find("model,0.5 -0.25\r\n"), std::string::npos);
  LibraryRows to;
  EXPECT_TRUE(import(to, csv));
}

TEST_F(Exchange, AFileThatIsThereIsLeftAlone) {
  LibraryRows rows;
  fill(rows, true);
  const fs::path file = folder_ / "out.jsonl";
  ASSERT_TRUE(rows.library().export_to(file));
  EXPECT_EQ(content_of(file), exported(rows));
  EXPECT_EQ(rows.library().export_to(file, {.vectors = true}).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(content_of(file), exported(rows));
  EXPECT_EQ(rows.library().export_to(folder_ / "absent" / "out").error().code, ErrorCode::write_failed);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1);
}

}  // namespace
}  // namespace kith

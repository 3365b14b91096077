// SPDX-License-Identifier: Apache-2.0
// What files say of people, handed in as plain values.
#include "library/claims.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/atomic_write.h"
#include "library/pairing.h"
#include "store/journal.h"
#include "support/library_rows.h"

namespace kith {
namespace {

using library::ClaimSettler;
using store::FileWord;
using test::LibraryRows;

constexpr int width = 1000;  // of LibraryRows' photos
constexpr int height = 800;

FileWord at(const std::string& name, const Box& pixels, const std::string& source = "mwg") {
  return {
      .name = name, .source = source, .shares = library::to_shares(pixels, width, height), .stale = false};
}

FileWord somewhere(const std::string& name, const std::string& source = "takeout") {
  return {.name = name, .source = source, .shares = {}, .stale = false};
}

// LibraryRows' faces, and a box as another program would draw it around them.
Box face_box(float x) { return {x, 100, 80, 100}; }
Box head_box(float x) { return {x - 25, 60, 130, 170}; }

class Claims : public ::testing::Test {
 protected:
  NamesImport settle(PhotoId photo, const std::vector<FileWord>& words) {
    store::Decision decision(*rows.database, true);
    ClaimSettler settler(*rows.database);
    settler.settle(*store::file_of(*rows.database, photo), words);
    decision.commit("import", "test");
    return settler.summary();
  }

  std::vector<store::WholeFace> faces(PhotoId photo) {
    return store::whole_faces(*rows.database, photo, false);
  }

  std::vector<NameConflict> conflicts() { return rows.library().conflicts().value(); }

  // The rows of every table of the owner's, and the faces.
  std::string owners_word() {
    std::string text;
    for (const char* table :
         {"person", "alias", "confirmed", "rejected", "ignored", "drawn", "claim", "conflict", "face"}) {
      SQLite::Statement read(rows.database->sql(), std::string("SELECT * FROM ") + table + " ORDER BY 1");
      while (read.executeStep()) {
        text += table;
        for (int i = 0; i < read.getColumnCount(); ++i) text += "|" + read.getColumn(i).getString();
        text += "\n";
      }
    }
    return text;
  }

  LibraryRows rows;
};

TEST(Pairing, TakesTheGreatestLikenessFirstAndNobodyTwice) {
  const float likeness[3][2] = {{0.5F, 0.6F}, {0.0F, 0.9F}, {0.4F, 0.0F}};
  const auto pairs =
      library::paired(3, 2, [&](std::size_t one, std::size_t other) { return likeness[one][other]; });
  EXPECT_EQ(pairs[0], 0U) << "its second choice: the first went to one that is more alike";
  EXPECT_EQ(pairs[1], 1U);
  EXPECT_EQ(pairs[2], std::nullopt);
}

TEST(Pairing, AHeadIsTheFaceInItAndANeighbourIsNot) {
  EXPECT_GT(library::same_place(head_box(100), face_box(100)), 0);
  EXPECT_EQ(library::same_place(face_box(100), face_box(160)), 0);
  EXPECT_EQ(library::same_place({0, 0, 1000, 800}, face_box(100)), 0) << "a region of the whole photo";
}

TEST_F(Claims, ARegionNamesTheFaceInIt) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.face(photo, 100);
  rows.face(photo, 300);
  const NamesImport summary = settle(photo, {at("Ben", head_box(300)), at("Anna", head_box(100))});
  EXPECT_EQ(summary.confirmed, 2U);
  EXPECT_EQ(summary.people, 2U);
  EXPECT_EQ(summary.drawn, 0U);
  EXPECT_EQ(faces(photo).at(0).confirmed, "Anna");
  EXPECT_EQ(faces(photo).at(1).confirmed, "Ben");
}

TEST_F(Claims, TheSameAgainChangesNothing) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.face(photo, 100);
  const std::vector<FileWord> words{at("Anna", face_box(100)),
                                    at("Ben", face_box(500)),
                                    somewhere("Carla"),
                                    {.name = "Dora", .source = "mwg", .shares = {}, .stale = true}};
  const NamesImport first = settle(photo, words);
  EXPECT_EQ(first.confirmed, 2U);
  EXPECT_EQ(first.drawn, 1U);
  EXPECT_EQ(first.conflicts, 2U);
  const std::string before = owners_word();
  const NamesImport again = settle(photo, words);
  EXPECT_EQ(again.confirmed + again.drawn + again.conflicts + again.people, 0U);
  EXPECT_EQ(again.known, 2U);
  EXPECT_EQ(owners_word(), before);
}

TEST_F(Claims, UndoTakesAnImportBackAndRedoDoesItAgain) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.face(photo, 100);
  const std::string before = owners_word();
  settle(photo, {at("Anna", face_box(100)), at("Ben", face_box(500)), somewhere("Carla")});
  const std::string after = owners_word();
  ASSERT_TRUE(rows.library().undo());
  EXPECT_EQ(owners_word(), before);
  ASSERT_TRUE(rows.library().redo());
  EXPECT_EQ(owners_word(), after);
}

TEST_F(Claims, AnAliasAnotherCaseAndADecomposedAccentAreTheSamePerson) {
  const PhotoId photo = rows.photo("/a.jpg");
  const PersonId anna = rows.person("Anna Weber");
  store::add_alias(*rows.database, "Anni", anna);
  const PersonId zoe = rows.person("Zo\xC3\xAB");
  rows.face(photo, 100);
  rows.face(photo, 300);
  rows.face(photo, 500);
  const NamesImport summary = settle(
      photo, {at("Anni", face_box(100)), at("anna weber", face_box(300)), at("Zoe\xCC\x88", face_box(500))});
  EXPECT_EQ(summary.people, 0U);
  std::vector<PersonId> people;
  for (const store::ConfirmedFace& face : store::confirmed_faces(*rows.database))
    people.push_back(face.person);
  EXPECT_EQ(people, (std::vector<PersonId>{anna, anna, zoe}));
}

TEST_F(Claims, WhatTheOwnerDecidedIsNotOverwrittenButAskedAbout) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.confirmed(photo, "Ben", 100);
  const FaceId refused = rows.face(photo, 300);
  store::reject(*rows.database, refused, rows.person("Anna"));
  store::ignore(*rows.database, rows.face(photo, 500));
  const NamesImport summary =
      settle(photo, {at("Anna", face_box(100)), at("Anna", face_box(300)), at("Anna", face_box(500))});
  EXPECT_EQ(summary.confirmed, 0U);
  EXPECT_EQ(summary.conflicts, 3U);
  EXPECT_EQ(faces(photo).at(0).confirmed, "Ben");
  const std::vector<NameConflict> asked = conflicts();
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(asked[0].kind, NameConflict::Kind::other_name);
  EXPECT_EQ(asked[0].here, "Ben");
  EXPECT_EQ(asked[1].kind, NameConflict::Kind::refused);
  EXPECT_EQ(asked[1].face, refused);
  EXPECT_EQ(asked[2].kind, NameConflict::Kind::ignored);
}

TEST_F(Claims, ASettledConflictDoesNotComeBackAndCanBeUndone) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.confirmed(photo, "Ben", 100);
  rows.confirmed(photo, "Ben", 300);
  const std::vector<FileWord> words{at("Anna", face_box(100)), at("Anna", face_box(300))};
  settle(photo, words);
  std::vector<NameConflict> asked = conflicts();
  ASSERT_EQ(asked.size(), 2U);
  const ConflictId first = asked[0].id;
  const ConflictId second = asked[1].id;
  ASSERT_TRUE(rows.library().settle({&first, 1}, ConflictWord::library));
  ASSERT_TRUE(rows.library().settle({&second, 1}, ConflictWord::file));
  EXPECT_TRUE(conflicts().empty());
  EXPECT_EQ(faces(photo).at(0).confirmed, "Ben");
  EXPECT_EQ(faces(photo).at(1).confirmed, "Anna");
  const NamesImport again = settle(photo, words);
  EXPECT_EQ(again.conflicts, 0U);
  EXPECT_EQ(again.settled, 1U);
  EXPECT_EQ(again.known, 1U);
  // Another name at the same place is another question.
  EXPECT_EQ(settle(photo, {at("Carla", face_box(100))}).conflicts, 1U);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(rows.library().undo());
  EXPECT_EQ(conflicts().size(), 2U);
  EXPECT_EQ(faces(photo).at(1).confirmed, "Ben");
  const ConflictId wrong = 1000;
  EXPECT_EQ(rows.library().settle({&wrong, 1}, ConflictWord::file).error().code, ErrorCode::bad_argument);
}

TEST_F(Claims, AConflictIsOverWhenTheOwnerComesToSayTheSame) {
  const PhotoId photo = rows.photo("/a.jpg");
  const FaceId face = rows.confirmed(photo, "Ben", 100);
  rows.face(photo, 300);
  settle(photo, {at("Anna", face_box(100)), somewhere("Carla")});
  ASSERT_EQ(conflicts().size(), 2U);
  ASSERT_TRUE(rows.library().confirm({&face, 1}, "Anna"));
  ASSERT_EQ(conflicts().size(), 1U);
  const FaceId other = faces(photo).at(1).row.id;
  ASSERT_TRUE(rows.library().confirm({&other, 1}, "Carla"));
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(Claims, TwoProgramsThatSayTheSameSayItOnce) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.face(photo, 100);
  const NamesImport summary = settle(photo, {at("Anna", face_box(100)), at("Anna", head_box(100), "picasa"),
                                             at("Ben", face_box(500)), at("ben", head_box(500), "digikam")});
  EXPECT_EQ(summary.confirmed, 2U);
  EXPECT_EQ(summary.drawn, 1U);
  EXPECT_EQ(faces(photo).size(), 2U);
  EXPECT_EQ(summary.conflicts, 0U);
}

TEST_F(Claims, TwoProgramsThatDisagreeAreAskedAboutAndMakeNoSecondFace) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.face(photo, 100);
  const NamesImport summary =
      settle(photo, {at("Anna", face_box(100)), at("Ben", head_box(100), "picasa"),
                     at("Carla", face_box(500)), at("Dora", face_box(505), "picasa")});
  EXPECT_EQ(summary.confirmed, 2U);
  EXPECT_EQ(summary.conflicts, 2U);
  EXPECT_EQ(faces(photo).size(), 2U);
}

TEST_F(Claims, ARegionThatIsTooSmallOrOffThePhotoIsNotDrawn) {
  const PhotoId photo = rows.photo("/a.jpg");
  const NamesImport summary = settle(
      photo, {at("Anna", {10, 10, 2, 2}), at("Ben", {-90, 10, 100, 100}), at("Carla", {-40, 10, 100, 100})});
  EXPECT_EQ(summary.drawn, 1U);
  EXPECT_EQ(summary.conflicts, 2U);
}

TEST_F(Claims, ANameWithoutAPlaceIsTheOnlyFacesAndElseAQuestion) {
  const PhotoId alone = rows.photo("/alone.jpg");
  rows.face(alone);
  EXPECT_EQ(settle(alone, {somewhere("Anna"), somewhere("Anna", "person-in-image")}).confirmed, 1U);

  const PhotoId two = rows.photo("/two.jpg");
  rows.face(two, 100);
  rows.face(two, 300);
  EXPECT_EQ(settle(two, {somewhere("Anna")}).conflicts, 1U);

  const PhotoId two_names = rows.photo("/two names.jpg");
  rows.face(two_names);
  EXPECT_EQ(settle(two_names, {somewhere("Anna"), somewhere("Ben")}).conflicts, 2U);

  const PhotoId taken_for_another = rows.photo("/another.jpg");
  rows.suggested(taken_for_another, "Ben");
  EXPECT_EQ(settle(taken_for_another, {somewhere("Anna")}).conflicts, 1U);

  const PhotoId suggested = rows.photo("/suggested.jpg");
  rows.suggested(suggested, "Ben");
  EXPECT_EQ(settle(suggested, {somewhere("Ben")}).confirmed, 1U);

  const PhotoId poor = rows.photo("/poor.jpg");
  const FaceId blurred = rows.face(poor);
  rows.database->sql().exec("UPDATE face SET quality = 0.01 WHERE id = " + std::to_string(blurred));
  EXPECT_EQ(settle(poor, {somewhere("Anna")}).conflicts, 1U);

  const PhotoId none = rows.photo("/none.jpg");
  EXPECT_EQ(settle(none, {somewhere("Anna")}).conflicts, 1U);

  const PhotoId stale = rows.photo("/stale.jpg");
  rows.face(stale);
  EXPECT_EQ(settle(stale, {{.name = "Anna", .source = "mwg", .shares = {}, .stale = true}}).conflicts, 1U);
  EXPECT_EQ(conflicts().back().kind, NameConflict::Kind::unplaced);
  EXPECT_EQ(faces(stale).at(0).confirmed, std::nullopt);
}

TEST_F(Claims, TheFilesWordOnANameWithoutAPlaceNeedsOneFaceThatItCanBe) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.face(photo, 100);
  const FaceId other = rows.face(photo, 300);
  settle(photo, {somewhere("Anna")});
  const ConflictId asked = conflicts().at(0).id;
  const Status refused = rows.library().settle({&asked, 1}, ConflictWord::file);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_argument);
  ASSERT_TRUE(rows.library().ignore({&other, 1}));
  ASSERT_TRUE(rows.library().settle({&asked, 1}, ConflictWord::file));
  EXPECT_EQ(faces(photo).at(0).confirmed, "Anna");
}

// ---- forgetting

TEST_F(Claims, WhoIsForgottenIsNotBroughtBackByTheFile) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.confirmed(photo, "Anna", 100);
  rows.face(photo, 300);
  ASSERT_TRUE(rows.library().forget_person("Anna", false));
  const NamesImport summary =
      settle(photo, {at("Anna", head_box(100)), somewhere("Anna", "person-in-image")});
  EXPECT_EQ(summary.forgotten, 2U);
  EXPECT_EQ(summary.confirmed + summary.drawn + summary.conflicts + summary.people, 0U);
  EXPECT_TRUE(rows.library().people()->empty());
}

TEST_F(Claims, ForgettingErasesWhatFilesSayOfAPersonAndTheJournalOfIt) {
  const PhotoId photo = rows.photo("/a.jpg");
  rows.confirmed(photo, "Ben", 100);
  rows.person("Anna");
  {
    store::Decision decision(*rows.database, true);
    ClaimSettler settler(*rows.database);
    settler.settle(*store::file_of(*rows.database, photo), {at("anna", face_box(100))});
    settler.keep("/later.jpg", {at("ANNA", face_box(100)), at("Ben", face_box(300))});
    decision.commit("import", "names");
  }
  ASSERT_EQ(conflicts().size(), 1U);
  const Result<Receipt> receipt = rows.library().forget_person("Anna", true);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->claims, 2U);
  EXPECT_EQ(receipt->journal_entries, 1U);
  EXPECT_TRUE(conflicts().empty());
  ASSERT_EQ(store::claims_on(*rows.database, "/later.jpg").size(), 1U);
  EXPECT_EQ(store::claims_on(*rows.database, "/later.jpg")[0].word.name, "Ben");
}

TEST_F(Claims, ForgettingAPhotoTakesItsQuestionsAlong) {
  const PhotoId photo = rows.photo("/a.jpg");
  settle(photo, {somewhere("Anna")});
  ASSERT_EQ(conflicts().size(), 1U);
  ASSERT_EQ(rows.library().forget_photos({"/a.jpg"}), 1U);
  EXPECT_TRUE(conflicts().empty());
  // What was journalled of it can't be undone into nowhere.
  ASSERT_TRUE(rows.library().undo());
  EXPECT_TRUE(rows.library().check(false)->empty());
}

// ---- before the scan

class ClaimsBeforeTheScan : public Claims {
 protected:
  // A photo on the disk, as a scan would have written it down.
  PhotoId scanned() {
    std::ofstream(path) << "a photo";
    const PhotoId photo = rows.photo(path);
    const FileState now = file_state(path).value();
    store::rewrite_photo(*rows.database, photo, static_cast<std::int64_t>(now.bytes), now.modified_ns,
                         "content");
    return photo;
  }

  NamesImport keep(const std::vector<FileWord>& words) {
    store::Decision decision(*rows.database, true);
    ClaimSettler settler(*rows.database);
    settler.keep(path, words);
    decision.commit("import", "test");
    return settler.summary();
  }

  std::string path = (rows.folder() / "later.jpg").string();
};

TEST_F(ClaimsBeforeTheScan, ClaimsWaitAndAreSettledOnceByTheScan) {
  EXPECT_EQ(keep({at("Anna", head_box(100)), at("Ben", face_box(500))}).waiting, 2U);
  EXPECT_EQ(keep({at("Anna", head_box(100)), at("Ben", face_box(500))}).waiting, 2U);
  EXPECT_EQ(store::claims_on(*rows.database, path).size(), 2U) << "not doubled";
  const PhotoId photo = scanned();
  rows.face(photo, 100);
  library::settle_claims(*rows.database);
  ASSERT_EQ(faces(photo).size(), 2U);
  EXPECT_EQ(faces(photo)[0].confirmed, "Anna");
  EXPECT_EQ(faces(photo)[1].confirmed, "Ben");
  EXPECT_TRUE(store::claims_on(*rows.database, path).empty());
  // Undone stays undone, whatever is scanned again.
  ASSERT_TRUE(rows.library().undo());
  library::settle_claims(*rows.database);
  ASSERT_EQ(faces(photo).size(), 1U);
  EXPECT_EQ(faces(photo)[0].confirmed, std::nullopt);
  ASSERT_TRUE(rows.library().undo());
  ASSERT_TRUE(rows.library().check(false)->empty());
}

TEST_F(ClaimsBeforeTheScan, AnUndoneImportLeavesNothingForTheScan) {
  keep({at("Anna", face_box(100))});
  ASSERT_TRUE(rows.library().undo());
  const PhotoId photo = scanned();
  rows.face(photo, 100);
  library::settle_claims(*rows.database);
  EXPECT_EQ(faces(photo)[0].confirmed, std::nullopt);
}

TEST_F(ClaimsBeforeTheScan, ClaimsThatTellNothingNewAreGoneToo) {
  keep({at("Anna", face_box(100))});
  const PhotoId photo = scanned();
  rows.confirmed(photo, "Anna", 100);
  library::settle_claims(*rows.database);
  EXPECT_TRUE(store::claims_on(*rows.database, path).empty());
}

TEST_F(ClaimsBeforeTheScan, ClaimsOnAPhotoThatChangedSinceItsScanWaitForTheNext) {
  const PhotoId photo = scanned();
  rows.face(photo, 100);
  keep({at("Anna", face_box(100))});
  std::ofstream(path) << "a longer photo";
  library::settle_claims(*rows.database);
  EXPECT_EQ(faces(photo)[0].confirmed, std::nullopt);
  EXPECT_EQ(store::claims_on(*rows.database, path).size(), 1U);
}

TEST_F(ClaimsBeforeTheScan, WhatAProgramSaysNoMoreIsDropped) {
  keep({at("Anna", face_box(100)), somewhere("Carla")});
  keep({at("Ben", face_box(100))});
  std::vector<std::string> names;
  for (const store::ClaimRow& row : store::claims_on(*rows.database, path)) names.push_back(row.word.name);
  EXPECT_EQ(names, (std::vector<std::string>{"Carla", "Ben"})) << "another program's word stays";
}

}  // namespace
}  // namespace kith

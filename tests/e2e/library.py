# SPDX-License-Identifier: Apache-2.0
"""The photo library from the first scan to forgetting, on real photos; and what goes wrong with it: no library,
a damaged one, no rights, a full disk, two scans at once, Ctrl-C."""

import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

import support
from library_support import LibraryTest, TerminalReview, database_copy, faults, holders_of, rows, small_photos
from support import (BIDEN, BINARY, COULD_NOT_RUN, INTERRUPTED, OBAMA, OBAMA2, OBAMA3, OK, PARTIAL, SOME_FAILED, STRANGERS,
                     WRONG_USAGE, vips, wait_until)

SUMMARY_KEYS = ["photos", "new", "changed", "unchanged", "moved", "missing", "failed", "faces", "named", "embedded", "seconds"]
PERSON_KEYS = ["id", "name", "faces", "confirmed", "suggested", "aliases", "birth"]
FACE_KEYS = ["face", "photo", "box", "score", "quality", "naming", "name", "probability", "cluster"]
EVIDENCE_KEYS = ["name", "probability", "similarity", "reference", "forbidden_by", "given_by"]
HISTORY_KEYS = ["id", "at", "action", "summary", "undone", "can_undo"]

OTHER_OBAMAS = [OBAMA2, OBAMA3, *PARTIAL]
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def can(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def is_locked(library):
    """Whether a scan holds the library."""
    try:
        with open(library / "scan.lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


class ScannedTest(LibraryTest):
    """Each test gets a copy of a library into which the samples were scanned, one album for all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stock_album = cls.base / "photos & 写真"
        shutil.copytree(support.SAMPLES, cls.stock_album)
        # A second photo of each: somebody else to suggest, and surer than any of the others.
        vips("thumbnail", BIDEN, cls.stock_album / "biden small.jpg", 800)
        cls.stock = cls.base / "stock"
        cls.first_scan = subprocess.run([BINARY, "scan", cls.stock_album, "--json", "--library", cls.stock], env=cls.env,
                                        capture_output=True, check=True)

    def setUp(self):
        super().setUp()
        self.album = self.stock_album
        shutil.copytree(self.stock, self.library)

    def at(self, sample):
        return self.album / sample.relative_to(support.SAMPLES)

    def face_on(self, sample):
        (face,) = self.explain(self.at(sample))
        return face["face"]

    def name_obama(self):
        return self.run_in("people", "add", "Barack Obama", self.at(OBAMA))

    def review(self, keys, *more, code=OK):
        return self.run_in("review", *more, code=code, stdin=keys.encode())


class Story(ScannedTest):
    def test_the_first_scan(self):
        first = json.loads(self.first_scan.stdout)
        self.assertEqual(list(first), SUMMARY_KEYS)
        self.assertEqual((first["photos"], first["new"], first["failed"], first["faces"], first["named"]), (13, 13, 0, 29, 0))
        again = self.scan()
        self.assertEqual((again["photos"], again["new"], again["unchanged"], again["faces"]), (13, 0, 13, 0))
        self.assertIn("13 unchanged", self.run_in("scan", self.album).text)
        self.assertEqual(self.run_in("check").text, "The library is sound.\n")

    def test_a_name_spreads_to_the_same_person_and_to_no_stranger(self):
        said = self.name_obama().text
        self.assertIn('"Barack Obama": 1 face confirmed', said)
        self.assertIn("4 other faces", said)
        for photo in OTHER_OBAMAS:
            self.assertEqual(self.names_on(self.at(photo)), ["Barack Obama"])
        for photo in [BIDEN, *STRANGERS]:
            self.assertEqual(set(self.names_on(self.at(photo))), {None})
        (person,) = self.run_in("people", "list", "--json").objects
        self.assertEqual(list(person), PERSON_KEYS)
        self.assertEqual((person["name"], person["faces"], person["confirmed"], person["suggested"]), ("Barack Obama", 5, 1, 4))
        self.assertIn("1 confirmed, 4 suggested", self.run_in("people", "list").text)
        # And to photos that come later.
        later = self.folder / "later"
        later.mkdir()
        vips("thumbnail", OBAMA2, later / "new.jpg", 400)
        self.assertEqual(self.scan(later)["named"], 1)

    def test_people_are_learned_from_a_folder(self):
        learned = self.run_in("people", "learn", self.people)
        self.assertIn("2 people learned", learned.text)
        self.assertEqual(self.names_on(self.at(OBAMA2)), ["Barack Obama"])
        self.assertEqual(self.names_on(self.at(BIDEN)), ["Joe Biden"])
        for photo in STRANGERS:
            self.assertEqual(set(self.names_on(self.at(photo))), {None})

    def test_clusters_are_named_and_strangers_ignored_in_one_step(self):
        clusters = self.run_in("cluster", "--json").objects
        self.assertEqual(list(clusters[0]), ["cluster", "faces"])
        obamas = next(group for group in clusters if any("obama2" in face["photo"] for face in group["faces"]))
        self.assertEqual(len(obamas["faces"]), 5)
        self.run_in("people", "add", "Barack Obama", "--cluster", str(obamas["cluster"]))
        self.assertEqual(self.names_on(self.at(OBAMA3)), ["Barack Obama"])
        strangers = sum(len(group["faces"]) == 1 for group in clusters)
        self.assertGreater(strangers, 10)
        self.assertIn(f"{strangers} strangers ignored", self.run_in("cluster", "--ignore-strangers").text)
        self.assertIn("0 strangers", self.run_in("cluster").text)
        self.run_in("undo")
        self.assertIn(f"{strangers} strangers", self.run_in("cluster").text)

    def test_a_photo_outside_of_the_library_is_taken_into_it(self):
        vips("thumbnail", OBAMA2, self.folder / "new.jpg", 400)
        self.run_in("people", "add", "Barack Obama", self.folder / "new.jpg")
        self.assertEqual(self.names_on(self.at(OBAMA)), ["Barack Obama"])

    def test_explain(self):
        self.name_obama()
        self.run_in("people", "add", "Joe Biden", self.at(BIDEN))
        (face,) = self.explain(self.at(OBAMA2))
        self.assertEqual(list(face), [*FACE_KEYS, "min_similarity", "evidence"])
        self.assertEqual((face["naming"], face["name"]), ("suggested", "Barack Obama"))
        first, second = face["evidence"]
        self.assertEqual(list(first), EVIDENCE_KEYS)
        self.assertEqual((first["name"], first["reference"], first["forbidden_by"]), ("Barack Obama", str(self.at(OBAMA)), None))
        self.assertEqual(second["name"], "Joe Biden")
        self.assertGreater(first["similarity"], face["min_similarity"])
        self.assertLess(second["similarity"], face["min_similarity"])
        text = self.run_in("explain", self.at(OBAMA2)).text
        self.assertIn("is taken for Barack Obama", text)
        self.assertIn("you said so", self.run_in("explain", self.at(OBAMA)).text)
        self.run_in("people", "reject", "Barack Obama", "--face", str(face["face"]))
        (face,) = self.explain(self.at(OBAMA2))
        self.assertEqual(face["name"], None)
        self.assertTrue(face["evidence"][0]["forbidden_by"])

    def test_links_give_names_and_keep_them_away(self):
        self.name_obama()
        obama = str(self.face_on(OBAMA))
        stranger = self.explain(self.at(STRANGERS[0]))[0]
        self.assertEqual(stranger["name"], None)
        self.run_in("people", "link", "--face", obama, "--face", str(stranger["face"]))
        linked = next(face for face in self.explain(self.at(STRANGERS[0])) if face["face"] == stranger["face"])
        self.assertEqual((linked["name"], linked["naming"]), ("Barack Obama", "suggested"))
        self.assertIn(f"one person with face {obama}", linked["evidence"][0]["given_by"])
        self.assertIn("has this name: you said", self.run_in("explain", self.at(STRANGERS[0])).text)
        self.run_in("undo")
        self.assertNotIn("Barack Obama", self.names_on(self.at(STRANGERS[0])))
        self.run_in("people", "link", "--apart", "--face", obama, "--face", str(self.face_on(OBAMA2)))
        (other,) = self.explain(self.at(OBAMA2))
        self.assertEqual(other["name"], None)
        self.assertIn("another person than", other["evidence"][0]["forbidden_by"])
        self.run_in("people", "link", "--face", obama, code=WRONG_USAGE)

    def test_rejections_survive_scans_of_changed_photos(self):
        mine = self.folder / "mine"
        mine.mkdir()
        shutil.copy(OBAMA2, mine / "a.jpg")
        self.scan(mine)
        self.name_obama()
        self.assertEqual(self.names_on(mine / "a.jpg"), ["Barack Obama"])
        (face,) = self.explain(mine / "a.jpg")
        self.run_in("people", "reject", "Barack Obama", "--face", str(face["face"]))
        self.assertEqual(self.names_on(mine / "a.jpg"), [None])
        with open(mine / "a.jpg", "ab") as photo:
            photo.write(b"changed")
        self.assertEqual(self.scan(mine)["changed"], 1)
        self.assertEqual(self.names_on(mine / "a.jpg"), [None])
        (mine / "a.jpg").rename(mine / "b.jpg")
        self.assertEqual(self.scan(mine)["moved"], 1)
        self.assertEqual(self.names_on(mine / "b.jpg"), [None])

    def test_moved_renamed_and_missing_photos(self):
        mine = self.folder / "mine"
        mine.mkdir()
        for number, sample in enumerate([OBAMA, OBAMA2, BIDEN]):
            vips("thumbnail", sample, mine / f"{number}.jpg", 300)
        self.scan(mine)
        self.run_in("people", "add", "Me", mine / "0.jpg")
        (mine / "deeper").mkdir()
        (mine / "0.jpg").rename(mine / "deeper" / "🎂 renamed.jpg")
        (mine / "2.jpg").rename(self.folder / "away.jpg")
        summary = self.scan(mine)
        self.assertEqual((summary["moved"], summary["missing"], summary["new"], summary["unchanged"]), (1, 1, 0, 1))
        self.assertEqual(self.names_on(mine / "deeper" / "🎂 renamed.jpg"), ["Me"])
        (self.folder / "away.jpg").rename(mine / "2.jpg")
        self.assertEqual(self.scan(mine)["missing"], 0)
        (mine / "2.jpg").unlink()
        self.assertEqual(self.scan(mine)["missing"], 1)
        self.assertIn("1 photo", self.run_in("forget-missing").text)
        self.assertEqual(self.scan(mine)["missing"], 0)
        self.run_in("explain", mine / "2.jpg", code=COULD_NOT_RUN)

    def test_forget_photos(self):
        self.name_obama()
        self.run_in("forget-photos", self.album / "face_recognition")
        self.assertEqual(self.persons()["Barack Obama"]["faces"], 0)
        self.assertTrue(self.at(OBAMA).exists())
        failed = self.run_in("explain", self.at(OBAMA), code=COULD_NOT_RUN)
        self.assert_said(failed, "obama.jpg", "kith scan")
        self.run_in("forget-photos", self.folder / "nowhere", code=COULD_NOT_RUN)
        self.assertEqual(self.run_in("check").text, "The library is sound.\n")

    def test_undo_redo_and_history(self):
        self.name_obama()
        self.run_in("people", "add", "Joe Biden", self.at(BIDEN))
        self.run_in("people", "rename", "Joe Biden", "Joseph Biden")
        self.run_in("people", "merge", "Barack Obama", "Joseph Biden")
        self.assertEqual(list(self.persons()), ["Barack Obama"])
        entries = self.run_in("history", "--json").objects
        self.assertEqual([list(entry) for entry in entries], [HISTORY_KEYS] * 4)
        self.assertEqual([entry["action"] for entry in entries], ["merge", "rename", "confirm", "confirm"])
        self.assertIn("merged", self.run_in("undo").text)
        self.assertEqual(sorted(self.persons()), ["Barack Obama", "Joseph Biden"])
        self.assertEqual(self.persons()["Joseph Biden"]["aliases"], ["Joe Biden"])
        self.run_in("undo", "2")
        self.assertEqual(list(self.persons()), ["Barack Obama"])
        self.run_in("redo", "2")
        self.assertEqual(sorted(self.persons()), ["Barack Obama", "Joseph Biden"])
        self.assertIn("(undone)", self.run_in("history").text)
        self.run_in("undo", "99")
        self.assertEqual(self.persons(), {})
        self.assertEqual(self.names_on(self.at(OBAMA2)), [None])
        self.assertIn("nothing left", self.run_in("undo").text)

    def test_forgetting_leaves_no_byte(self):
        """No vector and no crop of the person in any file of the library; and no scan brings them back."""
        self.name_obama()
        self.run_in("people", "birth", "Barack Obama", "1961-08-04")
        copy = database_copy(self.library, self.folder / "copy")
        query = """SELECT half, jpeg FROM vector JOIN crop USING (face) WHERE face IN
                   (SELECT face FROM confirmed UNION SELECT face FROM guess WHERE person IS NOT NULL)"""
        traces = [part for half, jpeg in rows(copy, query) for part in (half[64:96], half[512:544], jpeg[-400:-360])]
        self.assertEqual(len(traces), 15)
        self.assertTrue(holders_of(traces, self.library), "the search finds what is there")
        receipt = self.run_in("people", "forget", "Barack Obama", "--json").object
        self.assertEqual(list(receipt), ["faces", "vectors", "crops", "guesses", "decisions", "journal_entries", "claims", "files", "files_left", "models"])
        self.assertEqual((receipt["faces"], receipt["vectors"], receipt["crops"], receipt["decisions"]), (5, 5, 5, 1))
        self.assertEqual(holders_of([*traces, b"Barack Obama", b"1961-08-04"], self.library), [])
        self.assertEqual(self.persons(), {})
        self.scan()
        self.assertEqual(self.explain(self.at(OBAMA2)), [])
        self.assertEqual(holders_of(traces, self.library), [])
        self.assertEqual(self.run_in("check").text, "The library is sound.\n")
        self.assertEqual([entry["can_undo"] for entry in self.run_in("history", "--json").objects], [False, False])
        self.assertIn("nothing left", self.run_in("undo").text)

    def test_backup_and_restore(self):
        self.name_obama()
        backup = self.folder / "back up é.kith"
        self.run_in("backup", backup)
        self.assert_no_leftovers(backup.parent, [backup.relative_to(self.folder),
                                                 *[path.relative_to(self.folder) for path in self.library.iterdir()]])
        other = self.folder / "other place"
        self.run_in("restore", backup, library=other)
        self.assertEqual(self.persons(library=other), self.persons())
        self.assertEqual(self.run_in("check", library=other).text, "The library is sound.\n")
        summary = self.scan(self.album, library=other)
        self.assertEqual(summary["unchanged"], 13)
        self.assert_said(self.run_in("backup", backup, code=WRONG_USAGE), "back up é.kith", "there already")
        self.assert_said(self.run_in("restore", backup, code=WRONG_USAGE), "there is a library already")
        self.assert_said(self.run_in("restore", self.folder / "none", library=self.folder / "x", code=COULD_NOT_RUN), "none")
        (self.folder / "half").write_bytes(backup.read_bytes()[:100_000])
        self.assert_said(self.run_in("restore", self.folder / "half", library=self.folder / "x", code=COULD_NOT_RUN), "half",
                         "not a sound backup")

    def test_an_old_log_does_not_spoil_what_is_restored(self):
        """A damaged library moved away by its main file alone, after a crash: its log must not come over the new one."""
        backup = self.folder / "backup"
        self.run_in("backup", backup)
        old = sqlite3.connect(self.library / "library.sqlite")
        old.execute("PRAGMA wal_autocheckpoint = 0")
        old.execute("DELETE FROM guess")
        old.execute("DELETE FROM face")
        old.execute("UPDATE photo SET camera = 'old'")
        old.commit()
        shutil.copy(self.library / "library.sqlite-wal", self.folder / "log")
        old.close()
        for path in self.library.iterdir():
            path.unlink()
        shutil.copy(self.folder / "log", self.library / "library.sqlite-wal")
        self.run_in("restore", backup)
        self.assertEqual(len(self.explain(self.at(STRANGERS[0]))), 3)
        self.assertEqual(self.run_in("check").text, "The library is sound.\n")


class Review(ScannedTest):
    def setUp(self):
        super().setUp()
        self.name_obama()
        self.run_in("people", "add", "Joe Biden", self.at(BIDEN))

    def state(self):
        return {name: (person["confirmed"], person["suggested"]) for name, person in self.persons().items()}

    def test_json(self):
        suggestions = self.run_in("review", "--json").objects
        self.assertEqual([(one["name"], len(one["faces"])) for one in suggestions], [("Joe Biden", 1), ("Barack Obama", 4)])
        self.assertEqual([list(one) for one in suggestions], [["name", "faces"]] * 2)
        self.assertEqual({tuple(face) for one in suggestions for face in one["faces"]}, {tuple(FACE_KEYS)})

    def test_yes(self):
        said = self.review("y\ny\n")
        self.assertIn("Is this Joe Biden? 1 face", said.err)
        self.assertIn("Decided about 5 faces", said.text)
        self.assertEqual(self.state(), {"Barack Obama": (5, 0), "Joe Biden": (2, 0)})
        self.assertIn("nothing to review", self.review("").text)

    def test_no(self):
        self.review("nn")
        self.scan()
        self.assertEqual(self.state(), {"Barack Obama": (1, 0), "Joe Biden": (1, 0)})

    def test_ignore(self):
        self.review("i")
        self.assertEqual(self.state(), {"Barack Obama": (1, 4), "Joe Biden": (1, 0)})

    def test_undo(self):
        said = self.review("yuq")
        self.assertIn("undone", said.err)
        self.assertIn("Decided about 0 faces", said.text)
        self.assertEqual(self.state(), {"Barack Obama": (1, 4), "Joe Biden": (1, 1)})

    def test_undo_leads_back_to_the_question(self):
        said = self.review("yuyq")
        self.assertEqual(said.err.count("Is this Joe Biden?"), 2)
        self.assertEqual(self.state(), {"Barack Obama": (1, 4), "Joe Biden": (2, 0)})
        # One by one, what was decided before is not asked again.
        said = self.review("snyu" + "yq")
        self.assertEqual(said.err.count("Is this Barack Obama? 3 faces"), 1)
        self.assertEqual(self.state(), {"Barack Obama": (4, 0), "Joe Biden": (2, 0)})

    def test_in_a_terminal(self):
        """It waits for keys as long as it takes, takes them without Enter, fits a narrow window, and ends on Ctrl-C."""
        with TerminalReview(self.env, self.library, columns=60) as terminal:
            asked = terminal.until("quit > ")
            self.assertIn("Is this Joe Biden?", asked)
            for line in asked.splitlines():
                if "yes, all" in line or "quit" in line:
                    self.assertLessEqual(len(line), 60)
            time.sleep(0.5)  # longer than it looks away from the keyboard
            terminal.press("y")
            self.assertIn("Is this Barack Obama?", terminal.until("quit > "))
            terminal.press("s")
            terminal.until("quit > ")
            terminal.press("a")
            terminal.until("name (empty: none) > ")
            terminal.press("Sombody\x7f\x7f\x7f\x7f\x7fmebody\n")
            terminal.until("quit > ")
            terminal.press("\x03")
            self.assertEqual(terminal.end(), INTERRUPTED)
        self.assertEqual(self.state(), {"Barack Obama": (1, 3), "Joe Biden": (2, 0), "Somebody": (1, 0)})

    def test_later_and_quit(self):
        self.review(" q")
        self.review("")
        self.assertEqual(self.state(), {"Barack Obama": (1, 4), "Joe Biden": (1, 1)})

    def test_one_by_one(self):
        self.review(" synia" + "Somebody Else\n" + "q")
        # The face that is not Barack Obama's resembles the one that is somebody else's.
        self.assertEqual(self.state(), {"Barack Obama": (2, 0), "Joe Biden": (1, 1), "Somebody Else": (1, 1)})

    def test_a_name_that_is_none_is_refused_and_asked_again(self):
        said = self.review(" sa" + "two\ttabs\n" + "\n" + "y" + "q")
        self.assertIn("a name has", said.err)
        self.assertNotIn("two\ttabs", self.persons())

    def test_fewer_questions(self):
        self.review("y", "--count", "1")
        self.assertEqual(self.state(), {"Barack Obama": (1, 4), "Joe Biden": (2, 0)})


class WhichLibrary(LibraryTest):
    def test_what_is_said_beats_the_environment(self):
        there, elsewhere = self.folder / "there", self.folder / "elsewhere"
        self.album.mkdir()
        from_environment = {"KITH_LIBRARY": str(there)}
        self.kith("scan", self.album, env=from_environment)
        self.assertTrue((there / "library.sqlite").exists())
        self.kith("scan", self.album, "--library", elsewhere, env=from_environment)
        self.assertTrue((elsewhere / "library.sqlite").exists())
        self.assert_said(self.kith("people", "list", "--library", self.folder / "nowhere", env=from_environment, code=COULD_NOT_RUN),
                         "nowhere")
        self.kith("scan", self.album, env={"KITH_LIBRARY": ""})
        self.assertTrue((self.base / "data" / "kith" / "library.sqlite").exists(), "an empty one says nothing")


class WrongUse(LibraryTest):
    def test_wrong_arguments(self):
        for arguments in (["scan"], ["people"], ["people", "add"], ["people", "reject", "Anna"], ["people", "merge", "Anna"],
                          ["people", "split", "Anna", "Ben"], ["people", "birth", "Anna"], ["people", "dance"], ["undo", "0"],
                          ["undo", "x"], ["review", "--count", "x"], ["explain"], ["backup"], ["restore"], ["forget-photos"],
                          ["scan", "--far", "2", "."], ["check", "--mend"]):
            with self.subTest(arguments=arguments):
                self.assertTrue(self.kith(*arguments, code=WRONG_USAGE).err)
        self.assertFalse((self.base / "data" / "kith").exists(), "nothing was made")

    def test_no_library(self):
        for arguments in (["people", "list"], ["people", "rename", "a", "b"], ["people", "forget", "a"], ["review"],
                          ["explain", OBAMA], ["history"], ["undo"], ["redo"], ["check"], ["backup", "file"],
                          ["forget-missing"], ["forget-photos", OBAMA]):
            with self.subTest(arguments=arguments):
                self.assert_said(self.run_in(*arguments, code=COULD_NOT_RUN), "no library", "kith scan", "--library")
        self.assertFalse(self.library.exists(), "nothing was made")

    def test_unknown_people_and_faces(self):
        self.album.mkdir()
        vips("thumbnail", OBAMA, self.album / "a.jpg", 300)
        vips("thumbnail", STRANGERS[0], self.album / "three.jpg", 600)
        self.scan()
        self.run_in("people", "add", "Anna", self.album / "a.jpg")
        self.assert_said(self.run_in("people", "rename", "Bnna", "x", code=WRONG_USAGE), "Bnna", "Anna")
        self.assert_said(self.run_in("people", "ignore", "--face", "999", code=WRONG_USAGE), "999")
        self.assert_said(self.run_in("explain", self.album / "a.jpg", "999", code=WRONG_USAGE), "a.jpg", "999")
        self.assert_said(self.run_in("people", "add", "Ben", self.folder / "none.jpg", code=COULD_NOT_RUN), "none.jpg")
        self.assert_said(self.run_in("people", "add", "Ben", self.album / "three.jpg"), "warning", "three.jpg", "largest")
        self.assert_said(self.run_in("scan", self.folder / "nowhere", code=COULD_NOT_RUN), "nowhere")
        self.assert_said(self.run_in("people", "add", "Ben", code=WRONG_USAGE), "--face")

    def test_a_folder_without_photos(self):
        self.album.mkdir()
        self.assertEqual(self.scan()["photos"], 0)

    def test_photos_that_fail(self):
        self.album.mkdir()
        vips("thumbnail", OBAMA, self.album / "a.jpg", 300)
        (self.album / "bad.jpg").write_bytes(b"Dear diary")
        for _ in range(2):
            found = self.run_in("scan", self.album, "--json", code=SOME_FAILED)
            self.assertEqual((found.object["failed"], found.object["photos"]), (1, 2))
            self.assert_said(found, "error", "bad.jpg")


class Faults(ScannedTest):
    def database(self):
        return self.library / "library.sqlite"

    def test_a_newer_library(self):
        connection = sqlite3.connect(self.database())
        connection.execute("PRAGMA user_version = 99")
        connection.close()
        for arguments in (["scan", self.album], ["people", "list"], ["check"], ["undo"]):
            with self.subTest(arguments=arguments):
                self.assert_said(self.run_in(*arguments, code=COULD_NOT_RUN), "newer kith", "update kith")

    def test_another_programs_database(self):
        self.database().unlink()
        connection = sqlite3.connect(self.database())
        connection.execute("CREATE TABLE recipe(title)")
        connection.close()
        before = self.database().read_bytes()
        self.assert_said(self.run_in("scan", self.album, code=COULD_NOT_RUN), "not one of kith's", "--library")
        self.assertEqual(self.database().read_bytes(), before)

    def test_a_file_that_is_no_database(self):
        self.database().write_bytes(b"Dear diary,\n" * 5000)
        for arguments in (["scan", self.album], ["people", "list"], ["check"]):
            with self.subTest(arguments=arguments):
                self.assert_said(self.run_in(*arguments, code=COULD_NOT_RUN), "damaged", "kith restore")
        self.assertEqual(self.database().read_bytes()[:5], b"Dear ")

    def test_pages_that_were_overwritten(self):
        content = bytearray(self.database().read_bytes())
        for page in range(4, len(content) // 16384):
            content[page * 16384:page * 16384 + 200] = os.urandom(200)
        self.database().write_bytes(content)
        found = self.run_in("check", code=None)
        self.assertIn(found.code, (SOME_FAILED, COULD_NOT_RUN))
        self.assertTrue(found.out or "damaged" in found.err, found.err)
        self.assert_said(self.run_in("scan", self.album, code=COULD_NOT_RUN), "damaged", "kith restore")

    def test_check_repairs_what_can_be_made_again(self):
        self.name_obama()
        before = self.persons()
        connection = sqlite3.connect(self.database())
        connection.execute("UPDATE vector SET half = x'00' WHERE face IN (SELECT face FROM guess WHERE person IS NOT NULL)")
        connection.commit()
        connection.close()
        self.assertIn("wrong length", self.run_in("check", code=SOME_FAILED).text)
        self.run_in("check", "--repair")
        self.scan()
        self.assertEqual(self.run_in("check").text, "The library is sound.\n")
        self.assertEqual(self.persons(), before)

    def as_nobody(self):
        if os.geteuid() != 0:
            return []
        if not can(*AS_NOBODY, "true"):
            self.skipTest("setpriv cannot change the user here")
        for folder, _, _ in os.walk(self.base):
            os.chmod(folder, 0o755)
        if not can(*AS_NOBODY, str(BINARY), "--version"):
            self.skipTest("the program lies where other users cannot run it")
        return AS_NOBODY

    def test_a_library_that_may_not_be_written_to(self):
        self.name_obama()
        prefix = self.as_nobody()
        for path in self.library.iterdir():
            path.chmod(0o444)
        self.library.chmod(0o555)
        env = {"XDG_CACHE_HOME": str(self.folder / "no-cache")}
        for arguments in (["scan", self.album], ["undo"], ["people", "rename", "Barack Obama", "x"]):
            with self.subTest(arguments=arguments):
                failed = self.run_in(*arguments, code=COULD_NOT_RUN, prefix=prefix, env=env)
                self.assert_said(failed, "library", "right")
        # Reading is another matter.
        self.assertEqual(self.persons(prefix=prefix, env=env)["Barack Obama"]["faces"], 5)
        self.assertEqual(self.run_in("check", prefix=prefix, env=env).text, "The library is sound.\n")
        self.run_in("people", "tune", prefix=prefix, env=env)
        self.library.chmod(0o755)

    def test_a_place_where_no_library_can_be_made(self):
        locked = self.folder / "locked"
        locked.mkdir(mode=0o555)
        failed = self.run_in("scan", self.album, library=locked / "library", code=COULD_NOT_RUN, prefix=self.as_nobody(),
                             env={"XDG_CACHE_HOME": str(self.folder / "no-cache")})
        self.assert_said(failed, "locked", "--library")
        (self.folder / "file").write_bytes(b"")
        self.assert_said(self.run_in("scan", self.album, library=self.folder / "file", code=COULD_NOT_RUN), "file", "--library")

    def on_small_disk(self, script, size):
        """Runs a script of sh with a disk of that size at ./disk, and kith as $1."""
        if not can("unshare", "-m", "true"):
            self.skipTest("no right to mount")
        (self.folder / "disk").mkdir()
        program = f"mount -t tmpfs -o size={size} none disk || exit 77\n" + script
        done = subprocess.run(["unshare", "-m", "sh", "-c", program, "sh", BINARY, self.album], capture_output=True, env=self.env,
                              cwd=self.folder, check=False)
        if done.returncode == 77:
            self.skipTest("a tmpfs cannot be mounted here")
        return support.Outcome(done.returncode, done.stdout, done.stderr)

    def test_a_full_disk_during_a_scan(self):
        done = self.on_small_disk("""
            "$1" scan "$2" --library disk/library; echo "code $?"
            mount -o remount,size=64m disk
            "$1" check --library disk/library; echo "code $?"
            "$1" scan "$2" --library disk/library; echo "code $?"
            "$1" check --library disk/library; echo "code $?" """, "800k")  # as much as the empty library and a part of the photos take
        self.assertEqual([line for line in done.text.splitlines() if line.startswith("code")], ["code 3", "code 0", "code 0", "code 0"],
                         done.text + done.err)
        self.assert_said(done, "error", "library", "no space", "nothing is lost")
        self.assertIn("13 photos", done.text)

    def test_a_full_disk_from_the_start(self):
        done = self.on_small_disk('"$1" scan "$2" --library disk/library; echo "code $?"', "32k")
        self.assertIn("code 3", done.text)
        self.assert_said(done, "error", "library", "no space")

    def test_a_full_disk_during_a_backup(self):
        done = self.on_small_disk(f"""
            "$1" backup disk/backup --library '{self.library}'; echo "code $?"
            find disk -type f""", "200k")
        self.assertEqual(done.text, "code 3\n", done.err)
        self.assert_said(done, "error", "disk/backup", "no space")
        self.assertEqual(faults(self.database()), [])

    def test_a_full_disk_during_a_restore(self):
        self.run_in("backup", self.folder / "backup")
        done = self.on_small_disk("""
            "$1" restore backup --library disk/library; echo "code $?"
            find disk -type f""", "200k")
        self.assertEqual(done.text, "code 3\n", done.err)
        self.assert_said(done, "error", "no space")


class AtOnce(LibraryTest):
    """Long scans, and what comes in their way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.many = cls.base / "many photos"
        cls.count = len(small_photos(cls.many, copies=8))

    def setUp(self):
        super().setUp()
        self.album = self.many

    def start_scan(self, *more):
        process = self.start("scan", self.album, "--library", self.library, "--json", "--threads", "1", *more,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def photos_written(self):
        try:
            return rows(f"{self.library / 'library.sqlite'}", "SELECT count(*) FROM photo")[0][0]
        except sqlite3.OperationalError:
            return 0

    def test_the_second_scan_says_who_holds_the_library(self):
        first = self.start_scan()
        wait_until(lambda: is_locked(self.library), "the first scan takes the lock")
        first.send_signal(signal.SIGSTOP)
        second = self.run_in("scan", self.album, code=COULD_NOT_RUN)
        self.assert_said(second, f"process {first.pid}", "--wait")
        waiting = self.start_scan("--wait")
        stopped = self.start_scan("--wait")
        time.sleep(1.5)
        self.assertEqual((waiting.poll(), stopped.poll()), (None, None))
        stopped.send_signal(signal.SIGINT)
        self.assertEqual(stopped.wait(timeout=60), INTERRUPTED)
        first.send_signal(signal.SIGCONT)
        out, err = waiting.communicate(timeout=200)
        self.assertEqual(waiting.returncode, OK, err)
        self.assertEqual(json.loads(out)["unchanged"], self.count)
        self.assertEqual(first.wait(timeout=60), OK)

    def test_the_owner_decides_while_a_scan_runs(self):
        self.scan(self.album / "obama 0.jpg")
        scan = self.start_scan()
        wait_until(lambda: is_locked(self.library), "the scan takes the lock")
        self.run_in("people", "add", "Barack Obama", self.album / "obama 0.jpg")
        self.assertEqual(scan.wait(timeout=200), OK)
        self.assertEqual(self.names_on(self.album / "obama2 3.jpg"), ["Barack Obama"])

    def test_interrupted(self):
        scan = self.start_scan()
        wait_until(self.photos_written, "some photos are written down")
        scan.send_signal(signal.SIGINT)
        out, err = scan.communicate(timeout=60)
        self.assertEqual(scan.returncode, INTERRUPTED, err)
        self.assertEqual(list(json.loads(out)), SUMMARY_KEYS)
        done = self.photos_written()
        self.assertLess(done, self.count)
        rest = self.scan()
        self.assertEqual((rest["unchanged"], rest["new"]), (done, self.count - done))
        self.assertEqual(self.run_in("check").text, "The library is sound.\n")


class Watch(LibraryTest):
    def setUp(self):
        super().setUp()
        self.album.mkdir()
        vips("thumbnail", OBAMA, self.album / "a.jpg", 300)

    def start_watch(self, *more, prefix=()):
        process = self.start("scan", self.album, "--watch", "--json", "--library", self.library, *more, prefix=prefix,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def next_round(self, process, **expected):
        """The next summary; it has these numbers."""
        summary = json.loads(process.stdout.readline())
        self.assertEqual(list(summary), SUMMARY_KEYS)
        self.assertEqual({name: summary[name] for name in expected}, expected)
        return summary

    def test_what_comes_changes_moves_and_goes(self):
        watch = self.start_watch()
        self.next_round(watch, photos=1, new=1)
        self.assertFalse(is_locked(self.library))
        self.run_in("people", "add", "Barack Obama", self.album / "a.jpg")
        (self.album / "new" / "deep").mkdir(parents=True)
        vips("thumbnail", OBAMA2, self.album / "new" / "deep" / "b.jpg", 300)
        self.next_round(watch, photos=2, new=1, named=1)
        (self.album / "new").rename(self.album / "newer")
        self.next_round(watch, photos=2, new=0, moved=1)
        # Another scan meanwhile finds nothing left to do, and the door open.
        self.assertEqual(self.scan()["unchanged"], 2)
        # Copied slowly: read once, and whole.
        whole = self.folder / "whole.jpg"
        vips("thumbnail", OBAMA3, whole, 300)
        content = whole.read_bytes()
        with open(self.album / "newer" / "deep" / "c.jpg", "wb", buffering=0) as copy:
            copy.write(content[:3000])
            time.sleep(4)
            copy.write(content[3000:])
        self.next_round(watch, photos=3, new=1, failed=0, named=1)
        (self.album / "a.jpg").unlink()
        self.next_round(watch, photos=2, missing=1)
        watch.send_signal(signal.SIGINT)
        out, err = watch.communicate(timeout=60)
        self.assertEqual((watch.returncode, out, err), (INTERRUPTED, b"", b""))
        self.assertEqual(self.run_in("check").text, "The library is sound.\n")

    def test_more_folders_than_the_system_watches(self):
        """The limit of a user namespace of our own; nobody else's is touched."""
        namespace = ["unshare", "--user", "--map-root-user", "sh", "-c", 'echo 2 > /proc/sys/user/max_inotify_watches && exec "$@"', "sh"]
        if not can(*namespace, "true"):
            self.skipTest("no user namespaces here")
        for number in range(5):
            (self.album / str(number)).mkdir()
        watch = self.start_watch(prefix=namespace)
        self.next_round(watch, photos=1)
        watch.send_signal(signal.SIGTERM)
        _, err = watch.communicate(timeout=60)
        self.assertEqual(watch.returncode, INTERRUPTED)
        self.assertIn("fs.inotify.max_user_watches", err.decode())
        self.assertIn("every 60 seconds", err.decode())

    def test_the_folder_goes(self):
        watch = self.start_watch()
        self.next_round(watch, photos=1)
        self.album.rename(self.folder / "away")
        line = next(filter(None, (support.without_progress(raw.decode()) for raw in watch.stderr)), "")
        self.assertIn("removed, renamed or unmounted", line)
        self.assertIn(self.album.name, line)
        self.assertEqual(self.persons(), {})
        self.assertEqual(rows(self.library / "library.sqlite", "SELECT count(*) FROM photo WHERE missing"), [(0,)])

    def test_only_folders(self):
        self.assert_said(self.run_in("scan", self.album / "a.jpg", "--watch", code=WRONG_USAGE), "a.jpg", "not a folder")


if __name__ == "__main__":
    support.main()

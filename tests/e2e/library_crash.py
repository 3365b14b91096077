# SPDX-License-Identifier: Apache-2.0
"""Kills scans and decisions at random moments, KITH_CRASH_RUNS times (12), and goes on each time. In the end the
library must equal one that nobody disturbed, and every decision that was acknowledged must be there.

KITH_CRASH_SEED makes a run's choices again (not its timing)."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time

import support
from library_support import LibraryTest, content_of, database_copy, faults, rows, small_photos
from support import OK, note

RUNS = int(os.environ.get("KITH_CRASH_RUNS", "12"))
SEED = int(os.environ.get("KITH_CRASH_SEED", time.time_ns() % 1_000_000))


class Crash(LibraryTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        note(f"seed {SEED}, {RUNS} kills")
        self.small = self.folder / "small"
        self.photos = small_photos(self.album, copies=5, size=320)
        self.kills = self.finished = 0

    def killed(self, *arguments, within, stdin=None):
        """Starts kith and kills it at a random moment; whether it came to its end before, and its output."""
        process = self.start(*arguments, "--library", self.library, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        if stdin:
            process.stdin.write(stdin)
        process.stdin.close()
        process.stdin = None
        try:
            out, _ = process.communicate(timeout=self.random.uniform(0, within))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, _ = process.communicate()
        self.assertIn(process.returncode, (OK, -signal.SIGKILL))
        self.kills += process.returncode != OK
        self.finished += process.returncode == OK
        self.assert_sound()
        return process.returncode == OK, out

    def assert_sound(self):
        """The file as the kill left it: sound once SQLite has read its log, and no photo in it twice."""
        if not (self.library / "library.sqlite").exists():
            return
        copy = database_copy(self.library, self.folder / "copy")
        self.assertEqual(faults(copy), [])
        if rows(copy, "SELECT count(*) FROM sqlite_schema WHERE name = 'photo'") == [(1,)]:
            self.assertEqual(rows(copy, "SELECT path FROM photo GROUP BY path HAVING count(*) > 1"), [])
            self.assertEqual(rows(copy, "SELECT content FROM photo WHERE content <> '' GROUP BY content HAVING count(*) > 1"), [])

    def journal(self):
        return rows(database_copy(self.library, self.folder / "copy"), "SELECT action, summary FROM journal WHERE state = 0 ORDER BY id")

    def decide(self):
        """A decision, killed or not. It is there as a whole or not at all, and where it was told, it is there."""
        photo = self.random.choice(self.photos)
        person = self.random.choice(["Barack Obama", "Anna", "Ben"])
        before = self.journal()
        within = self.seconds_of_a_decision * 1.5
        if self.random.random() < 0.7:
            done, out = self.killed("people", "add", person, photo, within=within)
            if done or b"confirmed" in out:
                self.assertIn((person,), rows(self.folder / "copy" / "library.sqlite", """
                    SELECT name FROM confirmed JOIN person ON person.id = person JOIN face ON face.id = confirmed.face
                    JOIN photo ON photo.id = photo WHERE path = ?""", str(photo)))
        else:
            # The keys of a few answers: several decisions of one process.
            self.killed("review", within=within, stdin=b"yniyy")
        self.assertEqual(self.journal()[:len(before)], before, "an earlier decision is lost")

    def test_an_end_as_if_nothing_had_happened(self):
        calm = self.folder / "calm"
        started = time.monotonic()
        self.scan(self.album, library=calm)
        seconds_of_a_scan = time.monotonic() - started
        started = time.monotonic()
        self.run_in("people", "add", "Barack Obama", self.album / "obama 0.jpg", library=calm)
        self.seconds_of_a_decision = time.monotonic() - started
        self.run_in("undo", library=calm)
        note(f"undisturbed: a scan in {seconds_of_a_scan:.1f} s, a decision in {self.seconds_of_a_decision:.2f} s")

        laps = 0
        while self.kills < RUNS:
            laps += 1
            shutil.rmtree(self.library, ignore_errors=True)
            ended = False
            while not ended and self.kills < RUNS:
                ended, _ = self.killed("scan", self.album, within=seconds_of_a_scan * 1.2)
                if self.random.random() < 0.4:
                    self.scan_part()
                    self.decide()
            self.compare(calm)
            if laps % 10 == 0:
                note(f"{self.kills} kills so far")
        note(f"{self.kills} kills and {self.finished} runs that were quicker, in {laps} libraries")

    def scan_part(self):
        """Makes sure that there is a library to decide about."""
        self.scan(self.album / "obama 0.jpg", self.album / "obama2 0.jpg")

    def compare(self, calm):
        """After one whole scan the library holds what an undisturbed one with the same decisions holds."""
        summary = self.scan()
        self.assertEqual((summary["photos"], summary["failed"], summary["missing"], summary["moved"]), (len(self.photos), 0, 0, 0))
        self.assertEqual(self.run_in("check").text, "The library is sound.\n")
        again = self.scan()
        self.assertEqual((again["unchanged"], again["new"]), (len(self.photos), 0))
        mine = content_of(self.library / "library.sqlite")
        reference = self.folder / "reference"
        shutil.rmtree(reference, ignore_errors=True)
        shutil.copytree(calm, reference)
        self.copy_decisions(self.library / "library.sqlite", reference / "library.sqlite")
        self.scan(library=reference)
        expected = content_of(reference / "library.sqlite")
        self.assertEqual(sorted(mine), sorted(expected))
        for path, photo in expected.items():
            self.assertEqual(mine[path], photo, path)

    def copy_decisions(self, source, target):
        """Gives the undisturbed library the other's decisions, face by face, past kith: faces are known by their places."""
        place = "path || ' ' || round(x) || ' ' || round(y)"
        number = dict(rows(target, f"SELECT {place}, face.id FROM face JOIN photo ON photo.id = face.photo"))
        connection = sqlite3.connect(target)
        connection.executemany("INSERT INTO person(id, name, birth) VALUES (?, ?, '')", rows(source, "SELECT id, name FROM person"))
        for table, columns in (("confirmed", "person"), ("rejected", "person"), ("ignored", "NULL")):
            for where, person in rows(source, f"""SELECT {place}, {columns} FROM {table} AS d JOIN face ON face.id = d.face
                                                  JOIN photo ON photo.id = face.photo"""):
                values = (number[where],) if person is None else (number[where], person)
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
        connection.execute("DELETE FROM state")  # names are to be made anew: the journal knows nothing of this
        connection.commit()
        connection.close()


if __name__ == "__main__":
    support.main()

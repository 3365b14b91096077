# SPDX-License-Identifier: Apache-2.0
"""search, export and import, on a library of the sample photos."""

import csv
import io
import json
import os
import shutil
import signal
import struct
import subprocess
import time
import unittest
from fcntl import ioctl
from termios import FIONREAD

from support import (BIDEN, COULD_NOT_RUN, INTERRUPTED, OBAMA, OBAMA2, SAMPLES, SOME_FAILED, WRONG_USAGE, KithTest, wait_until)


def unread(pipe):
    """How many bytes are waiting in it."""
    return struct.unpack("i", ioctl(pipe, FIONREAD, b"\0" * 4))[0]


class Search(KithTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.photos = cls.base / "Fotos für Émile"
        shutil.copytree(SAMPLES, cls.photos)
        cls.library = cls.base / "library"
        cls.obama = cls.photos / OBAMA.relative_to(SAMPLES)
        cls.biden = cls.photos / BIDEN.relative_to(SAMPLES)
        cls.obama2 = cls.photos / OBAMA2.relative_to(SAMPLES)
        test = cls("run")
        test.folder = cls.base
        test.kith("scan", cls.photos, "--library", cls.library)
        test.kith("people", "add", "Émile Obama", cls.obama, "--library", cls.library)
        test.kith("people", "add", "Biden", cls.biden, "--library", cls.library)

    def run_search(self, *arguments, **keywords):
        return self.kith("search", *arguments, "--library", self.library, **keywords)

    def found(self, query):
        return {photo["photo"]: photo["people"] for photo in self.run_search(query, "--json").objects}

    def test_names_confirmed_and_suggested(self):
        found = self.found('"émile OBAMA"')
        self.assertIn(str(self.obama), found)
        self.assertIn(str(self.obama2), found)
        self.assertTrue(all("Émile Obama" in people for people in found.values()))
        self.assertEqual(self.found('"Émile Obama" confirmed:yes'), {str(self.obama): ["Émile Obama"]})
        self.assertEqual(len(self.found("faces:>=0")), 12)
        self.assertFalse(set(self.found("NOT biden")) & set(self.found("Biden")))

    def test_output_for_people_and_for_programs(self):
        self.assertEqual(self.run_search("Biden confirmed:yes").text, f"{self.biden}  Biden\n")
        paths = self.run_search("faces:>0", "--print0").out.split(b"\0")
        self.assertEqual(paths.pop(), b"")
        self.assertEqual(sorted(map(os.fsdecode, paths)), sorted(self.found("faces:>0")))

    def test_errors_point_at_the_place(self):
        self.assert_said(self.run_search("Bidn", code=WRONG_USAGE), 'no person named "Bidn"', '"Biden"')
        outcome = self.run_search("Biden after:soon", code=WRONG_USAGE)
        self.assertIn("\n  Biden after:soon\n        ^^^^^^^^^^\n", outcome.err)
        self.run_search(code=WRONG_USAGE)
        self.run_search("Biden", "--json", "--print0", code=WRONG_USAGE)
        self.kith("search", "Biden", "--library", self.folder / "none", code=COULD_NOT_RUN)

    def test_an_export_that_nobody_reads_is_interrupted(self):
        whole = self.kith("export", "-", "--vectors", "--library", self.library).out
        process = self.start("export", "-", "--vectors", "--library", self.library, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        pipe = 65536
        self.assertGreater(len(whole), 1.5 * pipe)
        wait_until(lambda: unread(process.stdout) >= pipe - 4096, "the pipe is full")
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)  # the signal is taken by another thread than the one that waits for the pipe
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        self.assertIn(b"interrupted", err)
        self.assertTrue(whole.startswith(out))
        self.assertLess(len(out), len(whole))

    def test_links(self):
        links = self.folder / "links"
        self.run_search("faces:>0", "--links", links)
        targets = sorted(os.readlink(path) for path in links.iterdir() if path.is_symlink())
        self.assertEqual(targets, sorted(self.found("faces:>0")))
        self.run_search("Biden confirmed:yes", "--links", links)
        self.assertEqual([path.name for path in links.iterdir() if path.is_symlink()], [self.biden.name])

    def test_links_of_one_name_stay_apart(self):
        photos = self.folder / "photos"
        for sub in ("a", "b", "c"):
            (photos / sub).mkdir(parents=True)
            shutil.copy(BIDEN, photos / sub / ("Sea.jpg" if sub == "c" else "sea.jpg"))
        library = self.folder / "library"
        self.kith("scan", photos, "--library", library)
        self.kith("search", "faces:1", "--links", self.folder / "links", "--library", library)
        names = sorted(path.name for path in (self.folder / "links").iterdir() if path.is_symlink())
        self.assertEqual(names, ["Sea-3.jpg", "sea-2.jpg", "sea.jpg"])

    def test_a_folder_of_other_things_is_left_alone(self):
        links = self.folder / "links"
        self.run_search("Biden", "--links", links)
        (links / "mine").symlink_to("/anywhere")
        before = sorted(path.name for path in links.iterdir())
        self.assert_said(self.run_search("faces:0", "--links", links, code=WRONG_USAGE), "mine")
        self.assertEqual(sorted(path.name for path in links.iterdir()), before)

    def test_export_and_import(self):
        for name in ("out.jsonl", "out.csv"):
            self.kith("export", self.folder / name, "--library", self.library)
            # The same photos elsewhere, under other names.
            photos = self.folder / (name + " photos")
            photos.mkdir()
            for number, path in enumerate(sorted(path for path in self.photos.rglob("*") if path.suffix in (".jpg", ".png"))):
                shutil.copy(path, photos / f"{number}{path.suffix}")
            library = self.folder / (name + " library")
            self.kith("scan", photos, "--library", library)
            summary = self.kith("import", self.folder / name, "--library", library, "--json").object
            self.assertEqual((summary["confirmed"], summary["people"], summary["not_placed"]), (2, 2, 0))
            again = self.kith("import", self.folder / name, "--library", library, "--json").object
            self.assertEqual((again["confirmed"], again["people"], again["kept"]), (0, 0, 0))
            there = self.kith("search", "Biden confirmed:yes", "--json", "--library", library).object
            self.assertEqual(there["people"], ["Biden"])
            self.assertEqual(len(self.kith("search", "Biden", "--json", "--library", library).objects), len(self.found("Biden")))

    def test_export_to_standard_output(self):
        lines = [json.loads(line) for line in self.kith("export", "-", "--library", self.library).text.splitlines()]
        self.assertEqual(lines[0], {"kith_export": 1})
        self.assertEqual([line["person"] for line in lines if "person" in line], ["Émile Obama", "Biden"])
        self.assertEqual(sum("photo" in line for line in lines), 12)
        self.assertFalse(any("vectors" in face for line in lines for face in line.get("faces", [])))
        text = self.kith("export", "-", "--format", "csv", "--vectors", "--library", self.library).text
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual(sum(row["record"] == "photo" for row in rows), 12)
        self.assertTrue(all(len(row["vector"].split()) == 512 for row in rows if row["record"] == "vector"))

    def test_an_import_that_fails_changes_nothing(self):
        file = self.folder / "out.jsonl"
        file.write_text('{"kith_export": 1}\n{"person": "Nobody"}\n{"person": 7}\n')
        self.assert_said(self.kith("import", file, "--library", self.library, code=COULD_NOT_RUN), "line 3", "nothing was imported")
        self.run_search("Nobody", code=WRONG_USAGE)
        file.write_text('{"kith_export": 1}\n{"photo": "/x", "sha256": "%s", "faces": [{"face": 1, "box": [1, 2, 3, 4], '
                        '"name": "Biden", "decided": "confirmed"}]}\n' % ("0" * 64))
        self.assert_said(self.kith("import", file, "--library", self.library, code=SOME_FAILED), "line 2", "/x")
        self.kith("export", file, "--library", self.library, code=WRONG_USAGE)


if __name__ == "__main__":
    unittest.main()

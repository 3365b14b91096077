# SPDX-License-Identifier: Apache-2.0
"""`kith dataset`: data sets from people's folders, mixed photos, strangers and a video; triplets. The video is made
here, of the sample photos."""

import json
import shutil
import signal
import struct
import subprocess
from pathlib import Path

import support
from support import (BIDEN, BINARY, COULD_NOT_RUN, INTERRUPTED, OBAMA, OBAMA2, OBAMA3, SOME_FAILED, STRANGERS, WRONG_USAGE,
                     KithTest, picture_size, vips, wait_until)


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def avi(jpegs, width, height, rate):
    """A film of these JPEGs: AVI with Motion JPEG (Microsoft's "AVI RIFF File Reference")."""
    longest = max(map(len, jpegs))
    main = struct.pack("<14I", 1_000_000 // rate, longest * rate, 0, 0x10, len(jpegs), 0, 1, longest, width, height, 0, 0, 0, 0)
    stream = b"vids" + b"MJPG" + struct.pack("<IHHIIIIIIiI4H", 0, 0, 0, 0, 1, rate, 0, len(jpegs), longest, -1, 0, 0, 0, width, height)
    picture = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", width * height * 3, 0, 0, 0, 0)
    headers = b"hdrl" + chunk(b"avih", main) + chunk(b"LIST", b"strl" + chunk(b"strh", stream) + chunk(b"strf", picture))
    film, index = b"movi", b""
    for jpeg in jpegs:
        index += b"00dc" + struct.pack("<III", 0x10, len(film), len(jpeg))
        film += chunk(b"00dc", jpeg)
    return chunk(b"RIFF", b"AVI " + chunk(b"LIST", headers) + chunk(b"LIST", film) + chunk(b"idx1", index))


class DatasetTest(KithTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out"

    def build(self, *arguments, code=support.OK, **keywords):
        return self.kith("dataset", "build", self.out, *arguments, "--json", code=code, **keywords)

    def manifest(self):
        return json.loads((self.out / "dataset.json").read_text(encoding="utf-8"))

    def pictures(self):
        """How many pictures each person's folder holds; each is one that the manifest names."""
        found = [str(path.relative_to(self.out)) for path in self.out.rglob("*") if path.is_file()]
        self.assertEqual(sorted(found), sorted([picture["file"] for picture in self.manifest()["pictures"]] + ["dataset.json"]))
        counts = {}
        for file in found:
            if "/" in file:
                counts[file.split("/")[0]] = counts.get(file.split("/")[0], 0) + 1
        return counts

    @staticmethod
    def drops(outcome):
        return sorted(one["dropped"] for one in outcome.objects if "dropped" in one and "source" in one)

    def album(self, **people):
        folder = self.folder / "people"
        for person, photos in people.items():
            (folder / person).mkdir(parents=True)
            for photo in photos:
                shutil.copy(photo, folder / person)
        return folder

    def film(self, photo, frames=12, rate=4, name="film.avi"):
        """The camera pans over a photo and comes nearer."""
        width, height = picture_size(photo)
        wide, high = 640, 480
        jpegs = []
        for i in range(frames):
            factor = min(width / wide, height / high) * (1 - 0.02 * i)
            crop = [int((width - wide * factor) * i / frames), int((height - high * factor) * i / frames / 2), int(wide * factor), int(high * factor)]
            cut, frame = self.folder / "cut.v", self.folder / "frame.jpg"
            vips("crop", photo, cut, *crop)
            vips("thumbnail", cut, f"{frame}[Q=90,strip]", wide, "--height", high, "--size", "force")
            jpegs.append(frame.read_bytes())
        path = self.folder / name
        path.write_bytes(avi(jpegs, wide, high, rate))
        return path


class FromPhotos(DatasetTest):
    def test_peoples_folders(self):
        people = self.album(Obama=[OBAMA, OBAMA2, OBAMA3], Biden=[BIDEN])
        done = self.build("--people", people)
        self.assertEqual(self.pictures(), {"Obama": 3, "Biden": 1})
        summary = done.objects[-1]
        self.assertEqual((summary["photos"], summary["added"], summary["people"], summary["failed"]), (4, 4, 2, 0))
        for picture in self.manifest()["pictures"]:
            self.assertEqual(picture_size(self.out / picture["file"]), (112, 112))
            self.assertEqual(Path(picture["source"]).parent.name, picture["person"])
            self.assertTrue(all(0 < x < 112 and 0 < y < 112 for x, y in picture["picture_landmarks"]))

        # Again: nothing is added, nothing is looked at, not a byte differs.
        before = {path: path.read_bytes() for path in self.out.rglob("*") if path.is_file()}
        again = self.build("--people", people).object
        self.assertEqual((again["photos"], again["known"], again["added"], again["present"]), (0, 4, 0, 4))
        self.assertEqual({path: path.read_bytes() for path in self.out.rglob("*") if path.is_file()}, before)
        again = self.build("--people", people, "--again").objects[-1]
        self.assertEqual((again["photos"], again["added"], again["present"]), (4, 0, 4))
        self.assertEqual(self.pictures(), {"Obama": 3, "Biden": 1})

    def test_what_is_not_worth_learning_from_goes_with_its_reason(self):
        people = self.album(Obama=[OBAMA, OBAMA2, OBAMA3])
        folder = people / "Obama"
        vips("gaussblur", OBAMA2, folder / "blurred.jpg", 12)
        vips("resize", OBAMA2, folder / "small.jpg", 0.06)
        vips("copy", OBAMA2, folder / "copy.jpg[Q=40]")
        vips("resize", OBAMA2, folder / "smaller.jpg", 0.6)
        (folder / "wall.png").write_bytes(support.png(300, 300, None))
        (folder / "text.jpg").write_text("no photo")
        shutil.copy(BIDEN, folder / "mislabelled.jpg")
        done = self.build("--people", people, code=SOME_FAILED)
        reasons = {Path(one["source"]).name: one["dropped"] for one in done.objects if "source" in one and "dropped" in one}
        kept = [Path(one["source"]).name for one in done.objects if "source" in one and one.get("added")]
        self.assertEqual(reasons.pop("blurred.jpg"), "blurred")
        self.assertEqual(reasons.pop("small.jpg"), "small")
        self.assertEqual(reasons.pop("wall.png"), "no-face")
        self.assertEqual(reasons.pop("mislabelled.jpg"), "unlike")
        # Of the three that show the same, one stays.
        self.assertEqual(list(reasons.values()), ["near-duplicate"] * 2, reasons)
        self.assertLess(set(reasons), {"obama2.jpg", "copy.jpg", "smaller.jpg"})
        self.assertEqual(len(kept), 3)
        for one in done.objects:
            if one.get("dropped") in ("blurred", "small"):
                self.assertLess(one["measured"], one["limit"])
            if one.get("dropped") == "near-duplicate":
                self.assertTrue((self.out / one["of"]).exists())
        self.assert_said(done, "mislabelled.jpg", "somebody else")
        self.assertEqual([note["note"] for note in done.objects if "note" in note], ["unlike"])
        self.assertIn("unsupported-format", [one["error"]["code"] for one in done.objects if "error" in one])
        self.assertEqual(self.manifest()["dropped"][0]["person"], "Obama")

    def test_two_folders_of_one_person_are_said(self):
        people = self.album(Barack=[OBAMA], Obama=[OBAMA2], Biden=[BIDEN])
        done = self.build("--people", people)
        self.assert_said(done, "Barack", "Obama", "one person")

    def test_mixed_photos_by_references(self):
        photos = self.folder / "photos"
        photos.mkdir()
        for photo in (OBAMA2, OBAMA3, STRANGERS[0]):
            shutil.copy(photo, photos)
        done = self.build(photos, "--people", self.people, "--crop", "box", "--size", "160")
        self.assertEqual(self.pictures(), {"Barack Obama": 2})
        self.assertIn("unknown", self.drops(done))
        for picture in self.manifest()["pictures"]:
            self.assertEqual(picture_size(self.out / picture["file"]), (160, 160))
            self.assertEqual(len(self.kith("detect", self.out / picture["file"], "--json").object["faces"]), 1)

    def test_strangers_in_groups(self):
        photos = [OBAMA, OBAMA2, OBAMA3, BIDEN]
        done = self.build(*photos, "--cluster")
        self.assertEqual(self.pictures(), {"person-001": 3})
        self.assertEqual(self.drops(done), ["seen-once"])
        # Another photo of the one who was seen once.
        vips("flip", BIDEN, self.folder / "biden2.jpg", "horizontal")
        self.build(self.folder / "biden2.jpg", BIDEN, "--cluster", "--again")
        self.assertEqual(self.pictures()["person-001"], 3)
        self.assertIn("person-002", self.pictures())

    def test_whole_photos_and_a_name_that_is_no_folders(self):
        self.build(OBAMA2, "--person", "../Barack/Obama", "--crop", "none")
        (picture,) = self.manifest()["pictures"]
        self.assertEqual(picture["file"].split("/")[0], "_Barack_Obama")
        self.assertEqual((self.out / picture["file"]).read_bytes(), OBAMA2.read_bytes())
        self.assertEqual(picture["sha256"], picture["source_sha256"])

    def test_no_more_than_wanted(self):
        self.build(OBAMA, OBAMA2, OBAMA3, "--person", "Obama", "--max-per-person", "2")
        self.assertEqual(self.pictures(), {"Obama": 2})

    def test_for_people(self):
        done = self.kith("dataset", "build", self.out, OBAMA, STRANGERS[0], "--people", self.people)
        self.assertIn("Barack Obama: 1 picture added", done.text)
        self.assertIn("dropped: unknown", done.text)
        self.assertIn("Dropped:", done.text)
        self.assertIn("1 picture of 1 person, 1 of them new", done.text)

    def test_wrong_usage(self):
        for arguments in ([OBAMA], [OBAMA, "--people", self.people, "--cluster"], ["--cluster"], ["--person", "Anna"],
                          [OBAMA, "--cluster", "--crop", "round"], [OBAMA, "--cluster", "--size", "5"], [OBAMA, "--person", "a\nb"],
                          [OBAMA, "--cluster", "--min-quality", "2"]):
            failed = self.build(*arguments, code=WRONG_USAGE)
            self.assertIn("kith: error:", failed.err)
            self.assertEqual(failed.out, b"")
        self.assertFalse(self.out.exists())

    def test_folders_that_are_not_for_it(self):
        self.out.mkdir()
        (self.out / "notes.txt").write_text("mine")
        self.assert_said(self.build(OBAMA, "--cluster", code=WRONG_USAGE), "out", "not empty")
        self.assertEqual((self.out / "notes.txt").read_text(), "mine")
        people = self.album(Obama=[OBAMA])
        self.out = people / "set"
        self.assert_said(self.build("--people", people, code=WRONG_USAGE), "apart from the photos")
        self.assertEqual([path.name for path in people.iterdir()], ["Obama"])

    def test_ctrl_c_keeps_what_was_looked_at(self):
        photos = self.folder / "photos"
        photos.mkdir()
        for i in range(60):  # different bytes, so that none is known
            (photos / f"{i:03}.jpg").write_bytes(OBAMA2.read_bytes() + bytes([i]))
        process = self.start("dataset", "build", self.out, photos, "--person", "Obama", "--json", "--near-duplicates", "1", "--threads", "1",
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until((self.out / "dataset.json").exists, "the manifest is there")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=240)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        summary = json.loads(out.decode().splitlines()[-1])
        self.assertLess(summary["photos"], 60)
        self.assertEqual(len(self.manifest()["sources"]), summary["photos"])
        self.assertEqual(sum(self.pictures().values()), summary["added"])

    def test_a_full_disk(self):
        people = self.album(Obama=[OBAMA, OBAMA2, OBAMA3])
        program = 'mount -t tmpfs -o size=64k none disk || exit 77; "$@"; code=$?; find disk -name "*.tmp*" > left; exit $code'
        (self.folder / "disk").mkdir()
        prefix = ["unshare", "-m", "sh", "-c", program, "sh"]
        if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no mount of one's own here")
        failed = self.kith("dataset", "build", "disk/out", "--people", people, "--size", "1000", code=None, prefix=prefix)
        if failed.code == 77:
            self.skipTest("a tmpfs cannot be mounted here")
        self.assertEqual(failed.code, COULD_NOT_RUN, failed.err)
        self.assert_said(failed, "error", "no space")
        self.assertEqual((self.folder / "left").read_text(), "")


class FromVideo(DatasetTest):
    def test_of_one_person(self):
        film = self.film(OBAMA2)
        done = self.build("--video", film, "--person", "Obama")
        pictures = self.manifest()["pictures"]
        self.assertEqual(self.pictures(), {"Obama": len(pictures)})
        self.assertGreaterEqual(len(pictures), 1)
        self.assertEqual(done.objects[-1]["photos"], 12)
        self.assertEqual(done.objects[-1]["dropped"] + len(pictures), 12)
        seconds = sorted(picture["seconds"] for picture in pictures)
        self.assertTrue(all(later - earlier >= 1 for earlier, later in zip(seconds, seconds[1:])), seconds)
        self.assertEqual({picture["source"] for picture in pictures}, {str(film)})
        again = self.build("--video", film, "--person", "Obama").object
        self.assertEqual((again["known"], again["photos"], again["added"]), (1, 0, 0))

    def test_of_whom_references_tell(self):
        film = self.film(OBAMA3, frames=4, rate=1)
        self.build("--video", film, "--people", self.people, "--near-duplicates", "1")
        self.assertEqual(list(self.pictures()), ["Barack Obama"])

    def test_cut_off(self):
        film = self.film(OBAMA2, frames=24)
        film.write_bytes(film.read_bytes()[:film.stat().st_size // 2])
        done = self.build("--video", film, "--person", "Obama", code=SOME_FAILED)
        self.assert_said(done, "error", "film.avi", "seconds")
        self.assertGreaterEqual(self.pictures()["Obama"], 1)
        # A run without errors needs the rest: the video is looked at again, and nothing is added twice.
        self.assertEqual(self.build("--video", film, "--person", "Obama", code=SOME_FAILED).objects[-1]["added"], 0)

    def test_what_is_no_video(self):
        for name, content in (("empty.mp4", b""), ("text.mp4", b"no film"), ("list.mp4", b"#EXTM3U\nfile:///etc/passwd\n"),
                              ("head.avi", avi([OBAMA2.read_bytes()], 640, 480, 4)[:300])):
            (self.folder / name).write_bytes(content)
            failed = self.build("--video", self.folder / name, "--person", "Anna", code=None)
            self.assertIn(failed.code, (SOME_FAILED, COULD_NOT_RUN))
            self.assert_said(failed, "error", name)
            self.assertEqual(len(failed.err.splitlines()), 1, failed.err)  # the libraries keep quiet
        failed = self.build("--video", self.folder / "nowhere.mp4", "--person", "Anna", code=COULD_NOT_RUN)
        self.assert_said(failed, "nowhere.mp4", "no such file")

    def test_a_camera_that_is_not_there(self):
        failed = self.build("--camera", "251", "--person", "Anna", code=COULD_NOT_RUN)
        self.assert_said(failed, "/dev/video251", "connect a camera")

    def test_whole_frames_are_refused(self):
        failed = self.build("--video", self.film(OBAMA2, frames=2), "--person", "Anna", "--crop", "none", code=WRONG_USAGE)
        self.assert_said(failed, "aligned or box")

    def test_ffmpeg_is_loaded_by_nothing_else(self):
        needed = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
        self.assertIn("libkith", needed)
        self.assertNotIn("libav", needed)
        self.assertNotIn("videoio", needed)


class Triplets(DatasetTest):
    def numbers(self, file):
        """The rows of a NumPy file of int64, N x 3."""
        data = file.read_bytes()
        self.assertEqual(data[:8], b"\x93NUMPY\x01\x00")
        (length,) = struct.unpack("<H", data[8:10])
        header = data[10:10 + length].decode()
        self.assertIn("'descr': '<i8'", header)
        values = struct.unpack(f"<{(len(data) - 10 - length) // 8}q", data[10 + length:])
        return [values[i:i + 3] for i in range(0, len(values), 3)]

    def test_are_drawn_listed_and_checked(self):
        people = self.album(Obama=[OBAMA, OBAMA2, OBAMA3], Biden=[BIDEN])
        file = self.folder / "triplets.npy"
        done = self.kith("dataset", "triplets", people, file, "--count", "6", "--json").object
        self.assertEqual(done, {"triplets": 6, "pictures": 4, "people": 2})
        listed = (self.folder / "triplets.txt").read_text().splitlines()
        self.assertEqual(listed, ["Biden/biden.jpg", "Obama/obama.jpg", "Obama/obama2.jpg", "Obama/obama3.jpg"])
        rows = self.numbers(file)
        self.assertEqual(len(set(rows)), 6)
        for anchor, positive, negative in rows:
            self.assertNotEqual(anchor, positive)
            self.assertTrue(listed[anchor].startswith("Obama/") and listed[positive].startswith("Obama/"))
            self.assertTrue(listed[negative].startswith("Biden/"))
        before = file.read_bytes()
        self.kith("dataset", "triplets", people, file, "--count", "6")
        self.assertEqual(file.read_bytes(), before)
        self.kith("dataset", "triplets", people, file, "--check")

        # Whoever wrote them: a wrong one is named.
        file.write_bytes(before[:-8] + struct.pack("<q", 3))
        failed = self.kith("dataset", "triplets", people, file, "--check", code=WRONG_USAGE)
        self.assert_said(failed, "triplets.npy", "triplet 5", "one person")
        (people / "Biden" / "biden.jpg").unlink()
        failed = self.kith("dataset", "triplets", people, file, "--check", code=COULD_NOT_RUN)
        self.assert_said(failed, "biden.jpg", "is listed")

    def test_that_cannot_be_drawn(self):
        people = self.album(Obama=[OBAMA, OBAMA2])
        failed = self.kith("dataset", "triplets", people, self.folder / "t.npy", code=WRONG_USAGE)
        self.assert_said(failed, "2 pictures of 1 people make 0 triplets")
        self.assertFalse((self.folder / "t.npy").exists())
        failed = self.kith("dataset", "triplets", self.folder / "nowhere", self.folder / "t.npy", code=COULD_NOT_RUN)
        self.assert_said(failed, "nowhere")


if __name__ == "__main__":
    support.main()

# SPDX-License-Identifier: Apache-2.0
"""Photos and folders that are not what they should be: each gets its own error in JSON and on standard
error, the rest goes on, and nothing is left half written."""

import json
import os
import random
import shutil
import subprocess
import time
import zlib
from pathlib import Path

import support
from support import (BINARY, COULD_NOT_RUN, OBAMA2, OK, SOME_FAILED, STRANGERS, KithTest, names, png, vips)

AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def can(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class AlbumTest(KithTest):
    def setUp(self):
        super().setUp()
        self.album = self.folder / "album"
        self.album.mkdir()
        # A good photo before and after whatever is bad: both must come out.
        shutil.copy(OBAMA2, self.album / "0-good.jpg")
        shutil.copy(OBAMA2, self.album / "z-good.jpg")
        self.out = self.folder / "out"

    def put(self, name, content):
        path = self.album / name
        path.write_bytes(content)
        return path

    def run_album(self, *more, code=SOME_FAILED, prefix=(), env=None):
        """Identifies the album with annotated copies; the objects of what failed. The rest went on."""
        found = self.kith("identify", self.album, "--people", self.people, "--annotate", self.out, "--json", *more, code=code,
                          prefix=prefix, env=env)
        photos = found.objects
        good = [photo for photo in photos if photo["photo"].endswith("-good.jpg")]
        self.assertEqual([names(photo) for photo in good], [["Barack Obama"]] * 2)
        failed = [photo for photo in photos if "error" in photo]
        for photo in failed:
            self.assertEqual(list(photo), ["photo", "error"])
            self.assertEqual(list(photo["error"]), ["code", "message"])
        copies = [Path(photo["photo"]).name for photo in photos if "error" not in photo]
        self.assert_no_leftovers(self.out, copies)
        return failed, found

    def assert_fails(self, name, code, *words, options=()):
        failed, found = self.run_album(*options)
        (only,) = failed
        self.assertEqual(Path(only["photo"]).name, name)
        self.assertEqual(only["error"]["code"], code, only["error"]["message"])
        self.assert_said(found, "error", name, *words)
        self.assertEqual(len([line for line in found.err.splitlines() if "error" in line]), 1, found.err)


class BadInput(AlbumTest):
    def test_truncated_in_every_format(self):
        for extension in ("jpg", "png", "webp", "tif", "gif", "heic", "avif"):
            whole = self.folder / f"whole.{extension}"
            vips("copy", OBAMA2, whole)
            content = whole.read_bytes()
            with self.subTest(extension=extension):
                path = self.put(f"bad.{extension}", content[:len(content) // 2])
                failed, found = self.run_album()
                (only,) = failed
                # Not every format says where its picture ends.
                self.assertIn(only["error"]["code"], ("truncated", "damaged"))
                if extension in ("jpg", "png"):
                    self.assertEqual(only["error"]["code"], "truncated")
                self.assert_said(found, "error", f"bad.{extension}")
                path.unlink()
                shutil.rmtree(self.out)

    def test_a_few_bytes_of_a_jpeg(self):
        for length in (1, 2, 3, 20, 200):
            with self.subTest(length=length):
                self.put("bad.jpg", OBAMA2.read_bytes()[:length])
                (only,), _ = self.run_album()
                self.assertIn(only["error"]["code"], ("truncated", "damaged", "unsupported-format"))

    def test_zero_bytes(self):
        self.put("bad.jpg", b"")
        self.assert_fails("bad.jpg", "empty-file")

    def test_one_pixel(self):
        self.put("bad.png", png(1, 1, None))
        failed, found = self.run_album(code=None)
        if failed:
            self.assertEqual((found.code, failed[0]["error"]["code"]), (SOME_FAILED, "too-small"))
            self.assert_said(found, "error", "bad.png")
        else:  # a picture without a face is no failure
            self.assertEqual((found.code, found.objects[1]["faces"]), (OK, []))

    def test_thirty_thousand_pixels_square(self):
        """A decompression bomb: 900 megapixels in a megabyte. Refused at once, and by little memory."""
        self.put("bad.png", png(30_000, 30_000, None))
        started = time.monotonic()
        self.assert_fails("bad.png", "too-large", "30000")
        self.assertLess(time.monotonic() - started, 60)

    def test_thirty_thousand_pixels_square_of_which_nothing_is_there(self):
        self.put("bad.png", png(30_000, 30_000, zlib.compress(b"")))
        self.assert_fails("bad.png", "too-large", "30000")

    def test_the_limit_can_be_set(self):
        self.put("bad.png", png(2000, 1500, None))
        failed, _ = self.run_album("--max-megapixels", "4", code=OK)
        self.assertEqual(failed, [])
        shutil.rmtree(self.out)
        self.assert_fails("bad.png", "too-large", "2000", options=("--max-megapixels", "2"))

    def test_text_named_jpg(self):
        self.put("bad.jpg", b"Dear diary,\n" * 50)
        self.assert_fails("bad.jpg", "unsupported-format")

    def test_random_bytes_in_place_of_pixels(self):
        content = bytearray(OBAMA2.read_bytes())
        # Always the same ones: now and then they happen to be the header of a kind of JPEG that nobody reads.
        content[300:] = random.Random(1).randbytes(len(content) - 300)
        self.put("bad.jpg", bytes(content))
        failed, _ = self.run_album()
        self.assertIn(failed[0]["error"]["code"], ("damaged", "truncated"))

    def test_a_png_whose_checksum_is_wrong(self):
        content = bytearray(png(400, 400, None))
        content[20] ^= 0x40
        self.put("bad.png", bytes(content))
        failed, _ = self.run_album()
        self.assertIn(failed[0]["error"]["code"], ("damaged", "too-large", "truncated"))

    def test_a_device_and_a_pipe_do_not_hang(self):
        os.mkfifo(self.album / "pipe.jpg")
        failed, found = self.run_album()
        self.assertEqual(Path(failed[0]["photo"]).name, "pipe.jpg")
        self.assert_said(found, "error", "pipe.jpg")

    def test_links_in_a_loop(self):
        (self.album / "loop.jpg").symlink_to(self.album / "loop.jpg")
        self.assert_fails("loop.jpg", "unreadable", "symbolic link")

    def test_a_folder_that_contains_itself_is_walked_once(self):
        (self.album / "again").symlink_to(self.album)
        (self.album / "deeper").mkdir()
        (self.album / "deeper" / "up").symlink_to(self.album)
        failed, found = self.run_album(code=OK)
        self.assertEqual(failed, [])
        self.assertEqual(len(found.objects), 2)

    def test_a_link_to_nothing(self):
        (self.album / "link.jpg").symlink_to(self.folder / "nowhere.jpg")
        self.assert_fails("link.jpg", "not-found")

    def test_what_is_not_there(self):
        found = self.kith("detect", "nowhere.jpg", OBAMA2, "nowhere", "--json", code=SOME_FAILED)
        codes = [photo.get("error", {}).get("code") for photo in found.objects]
        self.assertEqual(codes, ["not-found", None, "not-found"])
        self.assert_said(found, "error", "nowhere.jpg")

    def test_a_folder_without_photos(self):
        empty = self.folder / "empty"
        empty.mkdir()
        self.assertEqual(self.kith("detect", empty, "--json").out, b"")

    def test_every_failure_at_once(self):
        self.put("a.jpg", b"")
        self.put("b.jpg", b"text")
        self.put("c.jpg", OBAMA2.read_bytes()[:20_000])
        self.put("d.png", png(30_000, 30_000, zlib.compress(b"")))
        failed, found = self.run_album()
        self.assertEqual([photo["error"]["code"] for photo in failed], ["empty-file", "unsupported-format", "truncated", "too-large"])
        self.assertEqual(len(found.err.splitlines()), 4)


class Permissions(AlbumTest):
    """What the user may not read. Root may read all, so the tests become somebody else where they can."""

    def setUp(self):
        super().setUp()
        self.prefix = []
        if os.geteuid() == 0:
            if not can(*AS_NOBODY, "true"):
                self.skipTest("setpriv cannot change the user here")
            # Only what is needed is opened: the test's own folders, for reading by all.
            for folder, _, _ in os.walk(self.base):
                os.chmod(folder, 0o755)
            self.out.mkdir()
            os.chmod(self.out, 0o777)
            if not can(*AS_NOBODY, str(BINARY), "--version"):
                self.skipTest("the program lies where other users cannot run it")
            self.prefix = AS_NOBODY
        self.cache = {"XDG_CACHE_HOME": str(self.folder / "no-cache")}

    def test_an_unreadable_folder(self):
        secret = self.album / "secret"
        secret.mkdir()
        shutil.copy(OBAMA2, secret)
        os.chmod(secret, 0o000)
        failed, found = self.run_album(prefix=self.prefix, env=self.cache)
        self.assertEqual([(photo["photo"], photo["error"]["code"]) for photo in failed], [(str(secret), "unreadable")])
        self.assert_said(found, "error", "secret", "ermission")

    def test_an_unreadable_photo(self):
        path = self.put("bad.jpg", OBAMA2.read_bytes())
        os.chmod(path, 0o000)
        failed, found = self.run_album(prefix=self.prefix, env=self.cache)
        self.assertEqual([photo["error"]["code"] for photo in failed], ["unreadable"])
        self.assert_said(found, "error", "bad.jpg")

    def test_a_folder_that_may_be_listed_but_not_entered_or_the_reverse(self):
        secret = self.album / "secret"
        (secret / "below").mkdir(parents=True)
        shutil.copy(OBAMA2, secret / "hidden.jpg")
        shutil.copy(OBAMA2, secret / "below" / "hidden.jpg")
        for rights in (0o444, 0o111):
            os.chmod(secret, rights)
            failed, found = self.run_album(prefix=self.prefix, env=self.cache)
            self.assertEqual([(photo["photo"], photo["error"]["code"]) for photo in failed], [(str(secret), "unreadable")])
            self.assert_said(found, "error", "secret", "ermission")

    def test_an_unreadable_people_folder(self):
        people = self.folder / "people"
        people.mkdir()
        os.chmod(people, 0o000)
        failed = self.identify(OBAMA2, people=people, code=COULD_NOT_RUN, prefix=self.prefix, env=self.cache)
        self.assert_said(failed, "error", "people", "cannot be read")

    def test_copies_may_not_be_written(self):
        out = self.folder / "locked"
        out.mkdir(mode=0o555)
        failed = self.kith("identify", OBAMA2, "--people", self.people, "--annotate", out, "--json", code=SOME_FAILED,
                           prefix=self.prefix, env=self.cache)
        self.assertEqual(failed.object["error"]["code"], "write-failed")
        self.assertEqual(list(out.iterdir()), [])


class Names(AlbumTest):
    def run_album_whole(self):
        found = self.kith("identify", self.album, "--people", self.people, "--annotate", self.out, "--json")
        return found.objects, found

    def test_newlines_quotes_and_emoji(self):
        odd = ["two\nlines.jpg", "say \"hi\".jpg", "it's.jpg", "back\\slash.jpg", "🎂 party 小明.jpg", "-dash.jpg", " blank .jpg",
               "$(touch x).jpg", "tab\t.jpg", "%s%n.jpg", "\x1b[31mred.jpg", "a" * 250 + ".jpg"]
        for name in odd:
            shutil.copy(OBAMA2, self.album / name)
        photos, found = self.run_album_whole()
        self.assertEqual({Path(photo["photo"]).name for photo in photos}, {*odd, "0-good.jpg", "z-good.jpg"})
        self.assertEqual([names(photo) for photo in photos], [["Barack Obama"]] * len(photos))
        self.assertEqual(found.out.count(b"\n"), len(photos))
        self.assert_no_leftovers(self.out, [*odd, "0-good.jpg", "z-good.jpg"])

    def test_the_table_and_the_messages_hold_no_control_characters(self):
        shutil.copy(OBAMA2, self.album / "\x1b[31mred\r.jpg")
        (self.album / "\x1b[2Jbad\nname.jpg").write_bytes(b"")
        found = self.kith("detect", self.album, code=SOME_FAILED)
        for text in (found.text, found.err):
            self.assertNotIn("\x1b", text)
            self.assertNotIn("\r", text)
        # One line a photo, whatever its name.
        self.assertEqual(len(found.text.splitlines()), 4, found.text)

    def test_bytes_that_are_not_utf8(self):
        raw = b"caf\xe9.jpg"
        shutil.copy(OBAMA2, os.path.join(os.fsencode(self.album), raw))
        photos, _ = self.run_album_whole()
        self.assertEqual(len(photos), 3)
        self.assertIn("caf\ufffd.jpg", [Path(photo["photo"]).name for photo in photos])
        self.assertIn(raw, os.listdir(os.fsencode(self.out)))

    def test_a_person_whose_name_is_not_utf8(self):
        people = self.folder / "people"
        people.mkdir()
        shutil.copy(support.OBAMA, os.path.join(os.fsencode(people), b"Andr\xe9.jpg"))
        found = self.kith("identify", OBAMA2, "--people", people, "--annotate", self.out, "--json")
        self.assertEqual(names(found.object), ["Andr\ufffd"])
        self.assert_no_leftovers(self.out, ["obama2.jpg"])


class Vanishing(AlbumTest):
    def test_photos_that_vanish_while_the_scan_runs(self):
        """Named as files, all of them, and removed while the first are looked at."""
        photos = []
        for number in range(60):
            path = self.album / f"{number:02}.jpg"
            shutil.copy(STRANGERS[5], path)
            photos.append(path)
        with self.start("detect", *photos, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            first = process.stdout.readline()
            for path in photos[30:]:
                path.unlink()
            out, error = process.communicate(timeout=200)
        found = [json.loads(line) for line in (first + out).splitlines()]
        self.assertEqual([photo["photo"] for photo in found], [str(path) for path in photos])
        self.assertEqual(process.returncode, SOME_FAILED, error.decode())
        self.assertTrue(all("faces" in photo for photo in found[:30]))
        codes = {photo["error"]["code"] for photo in found[30:] if "error" in photo}
        self.assertEqual(codes, {"not-found"})

    def test_a_folder_whose_files_vanish(self):
        for number in range(60):
            shutil.copy(STRANGERS[5], self.album / f"{number:02}.jpg")
        with self.start("detect", self.album, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            first = process.stdout.readline()
            for number in range(30, 60):
                (self.album / f"{number:02}.jpg").unlink()
            out, error = process.communicate(timeout=200)
        self.assertEqual(process.returncode, SOME_FAILED, error.decode())
        found = [json.loads(line) for line in (first + out).splitlines()]
        self.assertEqual({photo["error"]["code"] for photo in found if "error" in photo}, {"not-found"})
        self.assertTrue(any("vanished" in line or "no such" in line for line in error.decode().splitlines()), error.decode())


class FullDisk(AlbumTest):
    """Outputs on a file system of a few kilobytes, mounted where only this test sees it."""

    def in_small_disk(self, script, size="256k"):
        if not can("unshare", "-m", "true"):
            print("partly skipped: no right to mount a small disk")
            self.skipTest("no right to mount")
        disk = self.folder / "disk"
        disk.mkdir()
        program = f'mount -t tmpfs -o size={size} none disk || exit 77; "$@"; code=$?; find disk -type f > left; exit $code'
        process = subprocess.run(["unshare", "-m", "sh", "-c", program, "sh", BINARY, *map(str, script)], capture_output=True,
                                 env=self.env, cwd=self.folder, check=False)
        if process.returncode == 77:
            self.skipTest("a tmpfs cannot be mounted here")
        left = [Path(line).name for line in (self.folder / "left").read_text().splitlines()]
        return support.Outcome(process.returncode, process.stdout, process.stderr), left

    def test_annotated_copies_onto_a_full_disk(self):
        small = self.folder / "small.jpg"
        vips("thumbnail", OBAMA2, small, "300")
        found, left = self.in_small_disk(["identify", small, OBAMA2, support.OBAMA3, small, "--people", self.people, "--annotate",
                                          self.folder / "disk", "--json"])
        self.assertEqual(found.code, COULD_NOT_RUN, found.err)
        codes = [photo.get("error", {}).get("code") for photo in found.objects]
        self.assertEqual(codes[0], None)
        self.assertIn("no-space", codes)
        self.assertEqual(set(codes) - {None}, {"no-space"})
        self.assertEqual(len(left), codes.count(None))
        self.assertFalse([name for name in left if not name.startswith(("small", "obama"))], left)
        self.assert_said(found, "error", "obama3.jpg", "no space left")

    def test_vectors_onto_a_full_disk(self):
        found, left = self.in_small_disk(["embed", OBAMA2, *STRANGERS, "--npy", self.folder / "disk" / "faces.npy"], size="16k")
        self.assertEqual(found.code, COULD_NOT_RUN, found.err)
        self.assert_said(found, "error", "faces.npy", "no space")
        self.assertEqual(left, [])

    def test_a_model_onto_a_full_disk(self):
        (self.folder / "d.json").write_text(json.dumps({
            "name": "again", "licence": "MIT", "output": {"dimension": 512},
            "input": {"width": 112, "height": 112, "color": "bgr", "mean": 127, "scale": 0.0078125}}))
        self.env = {**self.env, "XDG_DATA_HOME": str(self.folder / "disk")}
        found, left = self.in_small_disk(["models", "add", support.DEPS / "models" / "fr_feature.onnx", "--description", "d.json"])
        self.assertEqual(found.code, COULD_NOT_RUN, found.err)
        self.assert_said(found, "error", "no space")
        self.assertEqual(left, [])

    def test_a_full_cache_disk_costs_time_only(self):
        self.env = {**self.env, "XDG_CACHE_HOME": str(self.folder / "disk")}
        found, _ = self.in_small_disk(["identify", OBAMA2, "--people", self.people, "--json"])
        self.assertEqual((found.code, found.err), (OK, ""))
        self.assertEqual(names(found.object), ["Barack Obama"])


if __name__ == "__main__":
    support.main()

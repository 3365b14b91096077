# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the program under test in an environment of its own, the sample
photos, and pictures made from them."""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("KITH_BINARY", ROOT / "build" / "kith"))
DEPS = ROOT / ".deps"
SAMPLES = DEPS / "samples"
KNOWN = SAMPLES / "face_recognition"
STRANGERS = sorted((SAMPLES / "face-api").glob("sample?.jpg"))
# Data that is not part of the project; tests that need it skip where it is absent.
SHARED = Path(os.environ.get("KITH_SHARED", ROOT.parent / "shared"))

OBAMA, BIDEN, OBAMA2, OBAMA3 = (KNOWN / f"{name}.jpg" for name in ("obama", "biden", "obama2", "obama3"))
PARTIAL = [KNOWN / "obama_partial_face.jpg", KNOWN / "obama_partial_face2.jpg"]

OK, SOME_FAILED, WRONG_USAGE, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 3, 130

FACE_KEYS = ["box", "score", "landmarks", "quality"]
NAME_KEYS = ["name", "probability", "similarity", "reference", "runner_up"]
PHOTO_KEYS = ["photo", "width", "height", "orientation", "faces"]


class FloatText(float):
    """A float that remembers how it was written."""

    text = ""

    def __new__(cls, text):
        value = super().__new__(cls, text)
        value.text = text
        return value

    def digits(self):
        return len(self.text.lower().split("e")[0].replace("-", "").replace(".", "").strip("0"))


# Progress comes on standard error where something takes longer than two seconds: on a slow machine anything may.
PROGRESS = re.compile(r"^[A-Z][a-z ]* (\[[#.]*\] +)?\d+/\d+  [\d.]+/s  .* left\n", re.MULTILINE)


def without_progress(text):
    return PROGRESS.sub("", text)


class Outcome:
    """What a run of kith left behind."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = without_progress(err.decode("utf-8", "replace"))

    @property
    def text(self):
        return self.out.decode("utf-8")

    @property
    def objects(self):
        """The JSON Lines of standard output: strict UTF-8, one object a line."""
        return [json.loads(line, parse_float=FloatText) for line in self.text.split("\n") if line]

    @property
    def object(self):
        (only,) = self.objects
        return only


def wait_until(holds, what, seconds=120):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class KithTest(unittest.TestCase):
    """Runs kith with a home, a data folder and a model cache that are this test file's own."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        for needed in (BINARY, SAMPLES):
            if not needed.exists():
                raise AssertionError(f"{needed} is not there: run `make`")
        cls.base = Path(tempfile.mkdtemp(prefix="kith-e2e-"))
        cls.env = {name: value for name, value in os.environ.items()
                   if not name.startswith(("XDG_", "KITH_", "LD_")) and name != "OpenVINO_DIR"}
        cls.env.update(HOME=str(cls.base / "home"), XDG_CACHE_HOME=str(cls.base / "cache"),
                       XDG_DATA_HOME=str(cls.base / "data"), LC_ALL="C.UTF-8")
        (cls.base / "home").mkdir()
        cls.people = cls.base / "people"
        cls.people.mkdir()
        shutil.copy(OBAMA, cls.people / "Barack Obama.jpg")
        shutil.copy(BIDEN, cls.people / "Joe Biden.jpg")

    @classmethod
    def tearDownClass(cls):
        for folder, _, _ in os.walk(cls.base):
            os.chmod(folder, 0o755)
        shutil.rmtree(cls.base)

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir=self.base))

    def start(self, *arguments, env=None, prefix=(), **keywords):
        command = [*prefix, BINARY, *arguments]
        # Unbuffered: communicate() after readline() would lose the lines that a buffer holds.
        return subprocess.Popen([os.fspath(part) for part in command], bufsize=0, env={**self.env, **(env or {})},
                                cwd=keywords.pop("cwd", self.folder), **keywords)

    def kith(self, *arguments, code=OK, stdin=None, env=None, prefix=(), stdout=subprocess.PIPE, cwd=None):
        """Runs kith to its end and checks how it left (any way if code is None)."""
        process = self.start(*arguments, env=env, prefix=prefix, cwd=cwd or self.folder,
                             stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL, stdout=stdout,
                             stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(stdin, timeout=240)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        outcome = Outcome(process.returncode, out or b"", err)
        if code is not None:
            self.assertEqual(outcome.code, code, f"kith {' '.join(map(str, arguments))}\n{outcome.err}{outcome.out[-2000:]}")
        return outcome

    def identify(self, *photos, people=None, code=OK, **keywords):
        return self.kith("identify", *photos, "--people", people or self.people, "--json", code=code, **keywords)

    def only_name(self, photo, people=None):
        """The name of the one face on a photo."""
        faces = self.identify(photo, people=people).object["faces"]
        self.assertEqual(len(faces), 1)
        return faces[0]["name"]

    def assert_box_near(self, box, expected, pixels, message=None):
        for value, wanted in zip(box, expected):
            self.assertAlmostEqual(value, wanted, delta=pixels, msg=message or f"{box} is not {expected}")

    def assert_no_leftovers(self, folder, expected):
        """Nothing but the expected files: no temporary ones."""
        found = sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if not path.is_dir())
        self.assertEqual(found, sorted(map(str, expected)))

    def assert_said(self, outcome, *words):
        """One line of standard error has all of these words."""
        lines = outcome.err.splitlines()
        self.assertTrue(any(all(str(word) in line for word in words) for line in lines), f"{words} in no line of:\n{outcome.err}")


def names(photo):
    """The names on a photo, left to right."""
    return [face["name"] for face in photo["faces"]]


def overlap(a, b):
    """Intersection over union of two boxes [x, y, width, height]."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a[2] * a[3] + b[2] * b[3] - width * height)


def vips(operation, *arguments):
    """The command-line tool of libvips: pictures made by code that is not kith's."""
    done = subprocess.run(["vips", operation, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"vips {operation}: {done.stderr}")


def picture_size(path):
    done = subprocess.run(["vipsheader", "-f", "width", str(path)], capture_output=True, text=True, check=True)
    width = int(done.stdout)
    done = subprocess.run(["vipsheader", "-f", "height", str(path)], capture_output=True, text=True, check=True)
    return width, int(done.stdout)


def exiftool(*arguments):
    done = subprocess.run(["exiftool", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"exiftool: {done.stderr}")
    return done.stdout


def exif(path):
    """All tags of a file as exiftool reads them, numbers as numbers."""
    return json.loads(exiftool("-json", "-n", "-G1", path))[0]


def png(width, height, rows):
    """A grey PNG with these compressed rows (None: as many black ones as it should have)."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    if rows is None:
        packer = zlib.compressobj()
        row = bytes(width + 1)
        rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def note(text):
    """A remark that is shown even where the test passes."""
    print(f"note: {text}", file=sys.stderr)


def skip_file(reason):
    """Tells ctest that nothing in this file could be tested here."""
    print(f"SKIPPED: {reason}")
    sys.exit(0)


def main():
    unittest.main(verbosity=2)

# SPDX-License-Identifier: Apache-2.0
"""A library that no scan made: rows as a scan would have left them, of photos with one face each."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time

import numpy

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KITH = os.path.join(ROOT, "build", "kith")
DIMENSION = 512
FACES_A_PERSON = 10
# A face is its person's direction and noise of this length: the mean similarity within a person is
# 1 / (1 + noise^2) = 0.7.
NOISE = (1 / 0.7 - 1) ** 0.5


def run(*arguments, library):
    """Seconds that kith took, and its standard output."""
    start = time.perf_counter()
    done = subprocess.run([KITH, *arguments, "--library", library], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"kith {' '.join(arguments)} failed: {done.stderr}")
    return seconds, done.stdout


def vectors(count, seed):
    """`count` unit vectors in blocks, as float16: people of FACES_A_PERSON faces, one after the other."""
    choice = numpy.random.default_rng(seed)
    for begin in range(0, count, 10000):
        here = min(10000, count - begin)
        people = choice.standard_normal((-(-here // FACES_A_PERSON), DIMENSION)).astype(numpy.float32)
        people /= numpy.linalg.norm(people, axis=1, keepdims=True)
        noise = choice.standard_normal((here, DIMENSION)).astype(numpy.float32) * (NOISE / DIMENSION**0.5)
        faces = numpy.repeat(people, FACES_A_PERSON, axis=0)[:here] + noise
        yield from (faces / numpy.linalg.norm(faces, axis=1, keepdims=True)).astype("<f2")


@contextlib.contextmanager
def opened(library):
    """The database of a library, made where there is none. Of one that is made up nothing is lost with the power."""
    empty = os.path.join(os.path.dirname(library), "empty")
    os.makedirs(empty, exist_ok=True)
    run("scan", empty, library=library)
    with contextlib.closing(sqlite3.connect(os.path.join(library, "library.sqlite"))) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        yield database
        database.commit()
        database.execute("PRAGMA journal_mode = WAL")


def add_photos(database, files, count, size, box):
    """`files`: (path, bytes, mtime_ns, sha256) of each of `count` photos; `size` and the face's `box`: pixels."""
    model = database.execute("SELECT id FROM model").fetchone()[0]
    landmarks = bytes(40)
    rows = zip(files, vectors(count, seed=count))
    for number, ((path, length, mtime, content), vector) in enumerate(rows, start=1):
        taken = f"{2000 + number % 25}-{1 + number % 12:02}-{1 + number % 28:02}T12:00:00"
        database.execute("INSERT INTO photo (id, path, size, mtime_ns, content, width, height, orientation, taken, camera,"
                         " missing, error_code, error_message) VALUES (?,?,?,?,?,?,?,1,?,'Made Up 1',0,'','')",
                         (number, path, length, mtime, content, *size, taken))
        database.execute("INSERT INTO face VALUES (?,?,?,?,?,?,?,0.9,0.8)", (number, number, *box, landmarks))
        database.execute("INSERT INTO vector VALUES (?,?,?)", (number, model, vector.tobytes()))

# SPDX-License-Identifier: Apache-2.0
"""A library that no scan made: rows as a scan would have left them, of photos with one face each."""

import contextlib
import itertools
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import numpy

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KITH = os.path.join(ROOT, "build", "kith")
DIMENSION = 512
FACES_A_PERSON = 10
ROWS_AT_ONCE = 10_000
# A face is its person's direction and noise of this length: the mean similarity within a person is
# 1 / (1 + noise^2) = 0.7.
NOISE = (1 / 0.7 - 1) ** 0.5


class Done(NamedTuple):
    seconds: float
    output: str  # what stood on standard output
    processor_seconds: float
    peak_mb: float


def run(*arguments, library):
    """One run of kith, which has to succeed."""
    # Into files: a pipe that is read by this process would be part of the time.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        with subprocess.Popen([KITH, *arguments, "--library", library], stdout=output, stderr=errors) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        for file in (output, errors):
            file.seek(0)
        if process.returncode != 0:
            sys.exit(f"kith {' '.join(arguments)} failed: {errors.read().decode()}")
        return Done(seconds, output.read().decode(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


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
    rows = enumerate(zip(files, vectors(count, seed=count)), start=1)
    while chunk := list(itertools.islice(rows, ROWS_AT_ONCE)):
        database.executemany(
            "INSERT INTO photo (id, path, size, mtime_ns, content, width, height, orientation, taken, camera,"
            " missing, error_code, error_message) VALUES (?,?,?,?,?,?,?,1,?,'Made Up 1',0,'','')",
            ((number, path, length, mtime, content, *size,
              f"{2000 + number % 25}-{1 + number % 12:02}-{1 + number % 28:02}T12:00:00")
             for number, ((path, length, mtime, content), _) in chunk))
        database.executemany("INSERT INTO face VALUES (?,?,?,?,?,?,?,0.9,0.8)",
                             ((number, number, *box, landmarks) for number, _ in chunk))
        database.executemany("INSERT INTO vector VALUES (?,?,?)",
                             ((number, model, vector.tobytes()) for number, (_, vector) in chunk))

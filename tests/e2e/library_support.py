# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests of the photo library share: small photos, and a look into the database that is
not kith's own."""

import fcntl
import os
import pty
import select
import shutil
import sqlite3
import struct
import termios
import time
from pathlib import Path

from support import BINARY, KNOWN, OK, STRANGERS, KithTest, vips


class LibraryTest(KithTest):
    """A library and an album whose paths hold spaces and more than ASCII."""

    def setUp(self):
        super().setUp()
        self.library = self.folder / "the library, bibliothèque 小明"
        self.album = self.folder / "photos & 写真"

    def run_in(self, *arguments, code=OK, library=None, **keywords):
        return self.kith(*arguments, "--library", library or self.library, code=code, **keywords)

    def scan(self, *arguments, code=OK, **keywords):
        """A scan's summary."""
        return self.run_in("scan", *(arguments or [self.album]), "--json", code=code, **keywords).object

    def explain(self, photo, **keywords):
        return self.run_in("explain", photo, "--json", **keywords).objects

    def names_on(self, photo, **keywords):
        return [face["name"] for face in self.explain(photo, **keywords)]

    def persons(self, **keywords):
        return {person["name"]: person for person in self.run_in("people", "list", "--json", **keywords).objects}


def small_photos(folder, copies, size=480):
    """The sample photos, small, each `copies` times with a content of its own. Their paths, sorted."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for sample in [*sorted(KNOWN.glob("*.jpg")), *STRANGERS]:
        first = folder / f"{sample.stem} 0.jpg"
        vips("thumbnail", sample, first, size)
        content = first.read_bytes()
        paths.append(first)
        for copy in range(1, copies):
            path = folder / f"{sample.stem} {copy}.jpg"
            path.write_bytes(content + b"copy %d" % copy)  # what follows the picture is no part of it
            paths.append(path)
    return sorted(paths)


def database_copy(library, folder):
    """The database as it is on the disk right now, to be looked at without disturbing it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("library.sqlite", "library.sqlite-wal"):
        if (library / name).exists():
            shutil.copy(library / name, folder)
    return folder / "library.sqlite"


def rows(database, query, *values):
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def content_of(database):
    """What a library holds, whatever numbers its rows have: per photo its state, and per face (by its place)
    whom the owner and whom kith take it for."""
    photos = {path: {"state": state, "faces": []} for path, *state in rows(
        database, "SELECT path, size, content, width, height, orientation, missing, error_code FROM photo")}
    query = """SELECT photo.path, round(face.x), round(face.y), round(face.width), round(face.height),
               owner.name, taken.name, ignored.face IS NOT NULL,
               (SELECT group_concat(name) FROM (SELECT name FROM rejected JOIN person ON person.id = rejected.person
                                                WHERE rejected.face = face.id ORDER BY name)),
               (SELECT count(*) FROM vector WHERE vector.face = face.id),
               (SELECT count(*) FROM crop WHERE crop.face = face.id)
               FROM face JOIN photo ON photo.id = face.photo
               LEFT JOIN confirmed ON confirmed.face = face.id LEFT JOIN person AS owner ON owner.id = confirmed.person
               LEFT JOIN guess ON guess.face = face.id LEFT JOIN person AS taken ON taken.id = guess.person
               LEFT JOIN ignored ON ignored.face = face.id ORDER BY 1, 2, 3"""
    for path, *face in rows(database, query):
        photos[path]["faces"].append(face)
    return photos


def faults(database):
    """What SQLite finds wrong with a database."""
    found = [line for (line,) in rows(database, "PRAGMA integrity_check") if line != "ok"]
    return found + [str(row) for row in rows(database, "PRAGMA foreign_key_check")]


def holders_of(traces, folder):
    """The files below a folder that hold any of these bytes."""
    return [path for path in Path(folder).rglob("*") if path.is_file()
            and any(trace in content for content in [path.read_bytes()] for trace in traces)]


class TerminalReview:
    """`kith review` in a terminal of its own."""

    def __init__(self, env, library, columns):
        self.shown = ""
        self.status = None
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            os.execve(BINARY, ["kith", "review", "--library", os.fspath(library)], env)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.process, 9)
            os.waitpid(self.process, 0)
        os.close(self.terminal)

    def until(self, ending):
        """What was shown since the last call, up to this text."""
        deadline = time.monotonic() + 60
        while ending not in self.shown:
            ready, _, _ = select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))
            piece = self._read() if ready else b""
            if not piece:
                raise AssertionError(f"{ending!r} was not shown, but {self.shown!r}")
            self.shown += piece.decode()
        shown, self.shown = self.shown.split(ending, 1)
        return shown + ending

    def press(self, keys):
        os.write(self.terminal, keys.encode())

    def end(self):
        """The exit code, once it ended by itself."""
        while self._read():
            pass
        _, status = os.waitpid(self.process, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def _read(self):
        try:
            return os.read(self.terminal, 65536)
        except OSError:  # the program has ended and closed it
            return b""

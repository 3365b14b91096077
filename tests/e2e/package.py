# SPDX-License-Identifier: Apache-2.0
"""What `cmake --install` leaves works by itself: the program, and the library for a program of one's own."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import support
from support import BIDEN, OBAMA2, ROOT, STRANGERS, KithTest, names

BUILD = Path(os.environ.get("KITH_BUILD", ROOT / "build"))
HIDDEN = [ROOT / ".deps", BUILD]


def command(*parts, **keywords):
    done = subprocess.run([os.fspath(part) for part in parts], capture_output=True, text=True, check=False, **keywords)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, parts))}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def library_paths(binary):
    """Where the loader is told to look."""
    dynamic = command("readelf", "-d", binary)
    return [path for found in re.findall(r"R(?:UN)?PATH.*\[(.*)\]", dynamic) for path in found.split(":")]


class Package(KithTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prefix = cls.base / "prefix"
        command("cmake", "--install", BUILD, "--prefix", cls.prefix)
        cls.photos = cls.base / "photos"
        cls.photos.mkdir()
        for photo in (OBAMA2, BIDEN, STRANGERS[0]):
            shutil.copy(photo, cls.photos)

    def alone(self, *parts):
        """Runs a program where neither the build nor the downloads can be seen, and nothing tells where they are."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        hide = []
        if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0:
            mounts = " && ".join(f'mount -t tmpfs none "{folder}"' for folder in HIDDEN)
            hide = ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$@"', "sh"]
        return command(*hide, *parts, env=environment, cwd=self.folder)

    def test_nothing_installed_looks_into_the_source_tree(self):
        binaries = [self.prefix / "bin" / "kith", *self.prefix.rglob("*.so*")]
        self.assertGreater(len(binaries), 3)
        for binary in binaries:
            for path in library_paths(binary):
                self.assertTrue(path.startswith("$ORIGIN"), f"{binary.name} looks for libraries in {path}")
        for text in (self.prefix / "lib").rglob("*.cmake"):
            content = text.read_text(encoding="utf-8")
            for folder in (ROOT, BUILD):
                self.assertNotIn(str(folder) + "/", content, text.name)

    def test_licences_and_models_come_along(self):
        installed = {path.name for path in self.prefix.rglob("*") if path.is_file()}
        self.assertLessEqual({"LICENSE", "NOTICE", "catalog.json", "centerface.onnx", "fr_feature.onnx", "kith.h"}, installed)

    def test_the_installed_program(self):
        program = self.prefix / "bin" / "kith"
        self.assertRegex(self.alone(program, "--version"), r"\Akith \d")
        out = self.alone(program, "identify", self.photos, "--people", self.people, "--json")
        photos = {Path(photo["photo"]).name: names(photo) for photo in support.Outcome(0, out.encode(), b"").objects}
        self.assertEqual(photos, {"obama2.jpg": ["Barack Obama"], "biden.jpg": ["Joe Biden"], "sample1.jpg": [None] * 3})
        self.assertEqual(len(self.alone(program, "models", "check", "--json").splitlines()), 3)

    def test_the_prefix_may_be_moved(self):
        moved = self.folder / "moved"
        shutil.copytree(self.prefix, moved, symlinks=True)
        self.assertIn("1 face", self.alone(moved / "bin" / "kith", "detect", self.photos / "obama2.jpg"))

    def test_the_example_builds_and_runs_with_the_installed_library(self):
        source, build = ROOT / "examples" / "identify", self.folder / "build"
        command("cmake", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DCMAKE_BUILD_TYPE=Debug")
        command("cmake", "--build", build)
        lines = [line for line in (source / "main.cpp").read_text().splitlines() if line and not line.startswith(("//", "#"))]
        self.assertLessEqual(len(lines), 30, "the example should be readable at a glance")
        models = self.prefix / "share" / "kith" / "models"
        out = self.alone(build / "identify", models, self.people, self.photos)
        self.assertEqual([line.split("/")[-1] for line in out.splitlines()],
                         ["biden.jpg: Joe Biden", "obama2.jpg: Barack Obama", "sample1.jpg: unknown unknown unknown"])


if __name__ == "__main__":
    support.main()

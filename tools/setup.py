# SPDX-License-Identifier: Apache-2.0
"""Fetches what pins.toml names, checks it, and lays it out in .deps/. Called by tools/setup.

Every step writes into .deps/partial and renames at its end, so an interrupt leaves nothing half done
under a final name, and a step whose result is in place and whole is skipped. Nothing that fails its
sha256 is ever kept.
"""
import fcntl
import fnmatch
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

TOOLS = Path(__file__).resolve().parent
DEPS = TOOLS.parent / ".deps"
PINS = TOOLS / "pins.toml"
# Inside an unpacked tree: what it was unpacked from, by which rules. Written last, renamed with the tree.
TREE_STAMP = ".unpacked-from"


class SetupError(Exception):
    """Says what happened, to which file, and what to do."""


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_whole(path: Path, expected: str) -> bool:
    return path.is_file() and sha256(path) == expected


def require_hash(path: Path, expected: str, what: str) -> None:
    """Removes the file and raises where its hash is not the pinned one."""
    actual = sha256(path)
    if actual == expected:
        return
    path.unlink()
    raise SetupError(
        f"{what} is not what tools/pins.toml names; it was removed\n"
        f"  sha256 expected: {expected}\n"
        f"  sha256 found:    {actual}\n"
        "  Run this again in case the transfer was damaged. If it repeats, something else is being served\n"
        "  under that version: do not use it, and report it.")


# --- the registries' own clients: each puts one archive into `folder` ---------------------------------

def run_client(command: list, what: str, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, text=True, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        said = "\n".join("  | " + line for line in done.stdout.strip().splitlines()[-15:])
        raise SetupError(f"{what} could not be fetched: {Path(command[0]).name} ended with exit code "
                         f"{done.returncode} and said\n{said}\n"
                         "  Run this again once that is mended (often it is the network); what is fetched already is kept.")


def pip_download(archive: dict, folder: Path, *options: str) -> None:
    # pip itself refuses a wrong hash before it runs anything: asking an sdist for its metadata runs
    # the setup.py in it.
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{archive['package']}=={archive['version']} --hash=sha256:{archive['sha256']}\n")
    run_client([sys.executable, "-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                "--no-deps", "--require-hashes", "--dest", str(folder), *options,
                "--requirement", str(requirements)], describe(archive), folder)
    requirements.unlink()


def pip_wheel(archive: dict, folder: Path) -> None:
    options = ["--only-binary=:all:"]
    if "tag" in archive:
        options += ["--platform", archive["tag"], "--python-version", archive["python"]]
    pip_download(archive, folder, *options)


def pip_sdist(archive: dict, folder: Path) -> None:
    # Without isolation pip takes Debian's setuptools instead of fetching an unpinned one.
    pip_download(archive, folder, "--no-binary=:all:", "--no-build-isolation")


def npm_pack(archive: dict, folder: Path) -> None:
    run_client(["npm", "pack", "--loglevel=error", "--ignore-scripts", "--pack-destination", str(folder),
                f"{archive['package']}@{archive['version']}"], describe(archive), folder)


CLIENTS = {"pip-wheel": pip_wheel, "pip-sdist": pip_sdist, "npm": npm_pack}


# --- archives ------------------------------------------------------------------------------------------

def describe(archive: dict) -> str:
    return f"{archive['package']} {archive['version']}"


def archive_name(archive: dict) -> str:
    suffix = "whl" if archive["client"] == "pip-wheel" else "tar.gz"
    return f"{archive['package'].lstrip('@').replace('/', '-')}-{archive['version']}.{suffix}"


def for_this_machine(archive: dict, machine: str) -> dict:
    """An archive that differs by platform, with this machine's tag and hash in their places."""
    if "platform" not in archive:
        return archive
    if machine not in archive["platform"]:
        raise SetupError(f"there is no {describe(archive)} for {machine}: kith runs on "
                         f"{' and '.join(archive['platform'])}")
    return {**archive, **archive["platform"][machine]}


def read_members(path: Path, wanted):
    """Yields (name, bytes) of the regular files for which wanted(name) holds."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            for info in wheel.infolist():
                if not info.is_dir() and wanted(info.filename):
                    yield info.filename, wheel.read(info)
    else:
        with tarfile.open(path) as tar:
            for info in tar:
                if info.isfile() and wanted(info.name):
                    yield info.name, tar.extractfile(info).read()


def safe_join(folder: Path, relative: PurePosixPath) -> Path:
    if relative.is_absolute() or ".." in relative.parts:
        raise SetupError(f"an archive holds a file named {relative}, which would land outside of {folder}")
    return folder / relative


class Setup:
    """One run. `clients` maps a pin's client to the function that fetches, so that tests can stand in."""

    def __init__(self, deps: Path, pins: dict, clients: dict = CLIENTS, machine: str = platform.machine()):
        self.deps = deps
        self.pins = pins
        self.clients = clients
        self.machine = machine
        self.steps_taken = 0

    def run(self) -> None:
        self.deps.mkdir(parents=True, exist_ok=True)
        with self._lock():
            try:
                self._steps()
            finally:
                shutil.rmtree(self._partial, ignore_errors=True)

    def _steps(self) -> None:
        for pin in self.pins.get("archive", []):
            archive = for_this_machine(pin, self.machine)
            self.extract_files(archive)
            self.unpack_tree(archive)
        for conversion in self.pins.get("conversion", []):
            self.convert(conversion)

    # Two runs of make at once must not fetch the same thing twice, or into each other's way.
    def _lock(self):
        lock = (self.deps / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("set-up: waiting for another set-up of this folder to finish", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        return lock

    @property
    def _partial(self) -> Path:
        return self.deps / "partial"

    def _fresh_partial(self) -> Path:
        shutil.rmtree(self._partial, ignore_errors=True)
        self._partial.mkdir()
        return self._partial

    def _say(self, line: str) -> None:
        self.steps_taken += 1
        print(f"set-up: {line}", flush=True)

    def fetch(self, archive: dict) -> Path:
        """The archive's path in downloads/, fetched if it is not there or not whole."""
        path = self.deps / "downloads" / archive_name(archive)
        if is_whole(path, archive["sha256"]):
            return path
        self._say(f"fetching {describe(archive)}")
        partial = self._fresh_partial()
        self.clients[archive["client"]](archive, partial)
        fetched = list(partial.iterdir())
        if len(fetched) != 1:
            raise SetupError(f"fetching {describe(archive)} gave {len(fetched)} files where one was expected: "
                             f"{', '.join(sorted(file.name for file in fetched)) or 'none'}")
        require_hash(fetched[0], archive["sha256"], f"the archive of {describe(archive)}")
        path.parent.mkdir(exist_ok=True)
        os.replace(fetched[0], path)
        return path

    def extract_files(self, archive: dict) -> None:
        missing = {file["from"]: file for file in archive.get("files", [])
                   if not is_whole(self.deps / file["to"], file["sha256"])}
        if not missing:
            return
        path = self.fetch(archive)
        for name, data in read_members(path, missing.__contains__):
            file = missing.pop(name)
            partial = self._fresh_partial() / Path(file["to"]).name
            partial.write_bytes(data)
            require_hash(partial, file["sha256"], f"{name} in {describe(archive)}")
            self._place(partial, self.deps / file["to"])
        if missing:
            raise SetupError(f"{describe(archive)} does not hold {', '.join(missing)}: "
                             "correct the names in tools/pins.toml")

    def unpack_tree(self, archive: dict) -> None:
        if "tree" not in archive:
            return
        tree = archive["tree"]
        target = self.deps / tree["to"]
        # Hashing every file of the tree on each run would take a second; the stamp, which is renamed
        # into place with the tree, says what was unpacked and by which rules.
        stamp = json.dumps({"sha256": archive["sha256"], **tree}, indent=1) + "\n"
        stamp_file = target / TREE_STAMP
        if stamp_file.is_file() and stamp_file.read_text() == stamp:
            return
        path = self.fetch(archive)
        self._say(f"unpacking {describe(archive)}")
        partial = self._fresh_partial() / "tree"
        for name, data in read_members(path, lambda name: in_tree(name, tree)):
            file = safe_join(partial, PurePosixPath(name).relative_to(tree["from"]))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        (partial / TREE_STAMP).write_text(stamp)
        shutil.rmtree(target, ignore_errors=True)
        self._place(partial, target)

    def convert(self, conversion: dict) -> None:
        if all(is_whole(self.deps / file["to"], file["sha256"]) for file in conversion["files"]):
            return
        self._say(f"running {conversion['tool']}")
        partial = self._fresh_partial()
        done = subprocess.run([sys.executable, str(TOOLS / conversion["tool"]),
                               str(self.deps / conversion["from"]), str(partial)], check=False)
        if done.returncode != 0:
            raise SetupError(f"tools/{conversion['tool']} failed with exit code {done.returncode}; see above")
        for file in conversion["files"]:
            made = partial / Path(file["to"]).name
            require_hash(made, file["sha256"], f"{made.name}, as tools/{conversion['tool']} made it,")
            self._place(made, self.deps / file["to"])

    def _place(self, partial: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial, target)


def in_tree(name: str, tree: dict) -> bool:
    prefix = tree["from"] + "/"
    if not name.startswith(prefix):
        return False
    inside = name.removeprefix(prefix)
    return (any(fnmatch.fnmatchcase(inside, pattern) for pattern in tree["keep"])
            and not any(fnmatch.fnmatchcase(inside, pattern) for pattern in tree.get("leave_out", [])))


def main() -> int:
    try:
        setup = Setup(DEPS, tomllib.loads(PINS.read_text()))
        setup.run()
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: set-up stopped at {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up: interrupted; run it again to go on from here", file=sys.stderr)
        return 130
    print("set-up: done" if setup.steps_taken else "set-up: everything is in place")
    return 0


if __name__ == "__main__":
    sys.exit(main())

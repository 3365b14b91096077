# SPDX-License-Identifier: Apache-2.0
"""Every command but identify, and what all have in common: usage, exit codes, streams, folders."""

import ast
import json
import math
import os
import re
import shlex
import shutil
import signal
import struct
import subprocess
import time

import support
from support import (BIDEN, COULD_NOT_RUN, DEPS, FACE_KEYS, INTERRUPTED, OBAMA, OBAMA2, OBAMA3,
                     PHOTO_KEYS, SAMPLES, SOME_FAILED, STRANGERS, WRONG_USAGE, KithTest, names, note, overlap, png)

COMMANDS = [[], ["identify"], ["detect"], ["embed"], ["verify"], ["models"], ["models", "list"], ["models", "add"],
            ["models", "use"], ["models", "remove"], ["models", "check"], ["scan"], ["people"], ["people", "add"], ["people", "list"], ["review"],
            ["explain"], ["cluster"], ["history"], ["undo"], ["redo"], ["check"], ["backup"], ["restore"], ["forget-missing"],
            ["forget-photos"], ["search"], ["export"], ["import"], ["eval"], ["eval", "lfw"], ["eval", "openset"],
            ["eval", "detection"], ["eval", "cluster"], ["eval", "library"]]

BINARY_MODELS = support.BINARY.parent / "models"

# How the embedder of the default bundle is fed, as an owner would describe it.
DESCRIPTION = {
    "name": "again", "licence": "MIT",
    "input": {"width": 112, "height": 112, "color": "bgr", "mean": 127, "scale": 0.0078125},
    "output": {"dimension": 512},
    "calibration": {"slope": 32, "intercept": -10.5, "tail": [-0.35, -5.0, -7.0], "min_similarity": 0.42},
}


class Detect(KithTest):
    def test_fields_without_names(self):
        for photo in self.kith("detect", OBAMA2, STRANGERS[0], "--json").objects:
            self.assertEqual(list(photo), PHOTO_KEYS)
            for face in photo["faces"]:
                self.assertEqual(list(face), FACE_KEYS)

    def test_all_faces_of_the_samples(self):
        photos = self.kith("detect", SAMPLES, "--json").objects
        self.assertEqual(len(photos), 12)
        self.assertEqual(sum(len(photo["faces"]) for photo in photos), 28)

    def test_mtcnn_finds_the_same_faces(self):
        default = self.kith("detect", SAMPLES, "--json").objects
        mtcnn = self.kith("detect", SAMPLES, "--json", "--detector", "mtcnn").objects
        found = missed = 0
        for one, other in zip(default, mtcnn):
            for face in one["faces"]:
                if any(overlap(face["box"], box["box"]) > 0.4 for box in other["faces"]):
                    found += 1
                else:
                    missed += 1
                    note(f"mtcnn misses a face at {face['box']} of {os.path.basename(one['photo'])}")
        extra = sum(len(photo["faces"]) for photo in mtcnn) - found
        note(f"mtcnn finds {found} of {found + missed} faces, and {extra} more")
        self.assertGreaterEqual(found, 27)
        self.assertLessEqual(extra, 2)

    def test_table(self):
        table = self.kith("detect", OBAMA2, STRANGERS[0]).text.splitlines()
        self.assertTrue(table[0].endswith("  1 face"))
        self.assertTrue(table[1].endswith("  3 faces"))


class Embed(KithTest):
    def test_json(self):
        photo = self.kith("embed", STRANGERS[0], "--json").object
        self.assertEqual(list(photo), ["photo", "faces"])
        self.assertEqual(len(photo["faces"]), 3)
        for face in photo["faces"]:
            self.assertEqual(list(face), ["box", "embedding"])
            self.assertEqual(len(face["embedding"]), 512)
            self.assertAlmostEqual(math.hypot(*face["embedding"]), 1, delta=1e-4)

    def read_npy(self, path):
        content = path.read_bytes()
        self.assertEqual(content[:8], b"\x93NUMPY\x01\x00")
        (length,) = struct.unpack("<H", content[8:10])
        self.assertEqual((10 + length) % 64, 0)
        header = ast.literal_eval(content[10:10 + length].decode("ascii"))
        self.assertEqual((header["descr"], header["fortran_order"]), ("<f4", False))
        rows, columns = header["shape"]
        values = struct.unpack(f"<{rows * columns}f", content[10 + length:])
        return [values[row * columns:(row + 1) * columns] for row in range(rows)]

    def test_npy_holds_the_rows_of_the_json(self):
        target = self.folder / "faces.npy"
        photos = self.kith("embed", OBAMA2, STRANGERS[0], BIDEN, "--json", "--npy", target).objects
        vectors = [face["embedding"] for photo in photos for face in photo["faces"]]
        rows = self.read_npy(target)
        self.assertEqual((len(rows), len(rows[0])), (5, 512))
        for row, vector in zip(rows, vectors):
            self.assertAlmostEqual(math.hypot(*row), 1, delta=1e-5)
            self.assertAlmostEqual(max(abs(a - b) for a, b in zip(row, vector)), 0, delta=1e-5)
        self.assert_no_leftovers(self.folder, ["faces.npy"])

    def test_no_faces_give_an_array_of_no_rows(self):
        (self.folder / "wall.png").write_bytes(png(300, 300, None))
        self.kith("embed", "wall.png", "--npy", "faces.npy")
        self.assertEqual(self.read_npy(self.folder / "faces.npy"), [])

    def test_npy_that_cannot_be_written(self):
        failed = self.kith("embed", OBAMA2, "--npy", self.folder / "nowhere" / "faces.npy", code=COULD_NOT_RUN)
        self.assert_said(failed, "nowhere/faces.npy", "cannot be written")

    def test_neither_json_nor_npy(self):
        self.kith("embed", OBAMA2, code=WRONG_USAGE)


class EvalClusterOfStoredVectors(KithTest):
    """Needs neither a data set nor a model."""

    def npy(self, rows, columns, values, descr="'<f4'", order="False", version=1):
        header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': ({rows}, {columns}), }}\n".encode("ascii")
        target = self.folder / "vectors.npy"
        target.write_bytes(b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) +
                           header + struct.pack(f"<{len(values)}f", *values))
        return target

    def cluster(self, npy, people, code=support.OK):
        labels = self.folder / "labels.txt"
        labels.write_text("".join(f"{person}\n" for person in people))
        return self.kith("eval", "cluster", "--npy", npy, "--labels", labels, "--json", code=code)

    def test_figures_by_hand(self):
        # Two alike, one apart; the truth pairs the second with the third.
        values = [1, 0, 0, 0.8, 0.6, 0, 0, 0, 1]
        for version in (1, 2):
            found = self.cluster(self.npy(3, 3, values, version=version), ["a", "b\tphoto", "b"]).object
            self.assertEqual((found["faces"], found["clusters"], found["strangers"]), (3, 2, 1))
            self.assertEqual([found["pairwise"][key] for key in ("precision", "recall", "f")], [0, 0, 0])
            self.assertAlmostEqual(found["bcubed"]["precision"], 2 / 3, places=5)
            self.assertAlmostEqual(found["bcubed"]["recall"], 2 / 3, places=5)

    def test_files_that_are_none_are_refused(self):
        for content in (b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff", b"GIF89a" + bytes(100)):
            target = self.folder / "wrong.npy"
            target.write_bytes(content)
            self.assert_said(self.cluster(target, [], COULD_NOT_RUN), "wrong.npy", "no NumPy array")
        self.assert_said(self.cluster(self.npy(1, 2, [1, 0], descr="'<f8'"), ["a"], COULD_NOT_RUN), "float32")
        self.assert_said(self.cluster(self.npy(1, 2, [1, 0], order="True"), ["a"], COULD_NOT_RUN), "row by row")
        self.assert_said(self.cluster(self.npy(3, "", [1, 0, 0]), ["a"], COULD_NOT_RUN), "2 dimensions")
        self.assert_said(self.cluster(self.npy(2, 2, [1, 0]), ["a", "b"], COULD_NOT_RUN), "ends before")
        self.assert_said(self.cluster(self.npy(2 ** 62, 2 ** 62, [1, 0]), ["a"], COULD_NOT_RUN), "ends before")
        self.assert_said(self.cluster(self.npy(1, 2, [float("nan"), 0]), ["a"], WRONG_USAGE), "unit length")
        self.assert_said(self.cluster(self.npy(1, 2, [1, 0]), ["a", "b"], WRONG_USAGE), "2 lines for 1 vectors")
        self.assert_said(self.cluster(self.folder / "nowhere.npy", ["a"], COULD_NOT_RUN), "nowhere.npy")

    def test_a_folder_or_vectors(self):
        self.kith("eval", "cluster", code=WRONG_USAGE)
        self.kith("eval", "cluster", "--npy", "vectors.npy", code=WRONG_USAGE)
        self.kith("eval", "cluster", self.folder, "--npy", "a.npy", "--labels", "a.txt", code=WRONG_USAGE)
        self.assert_said(self.kith("eval", "cluster", self.folder, code=COULD_NOT_RUN), "Name/photo")

    def test_there_are_no_timings_without_photos(self):
        labels = self.folder / "labels.txt"
        labels.write_text("a\n")
        failed = self.kith("eval", "cluster", "--npy", self.npy(1, 2, [1, 0]), "--labels", labels, "--timings", "times.json",
                           code=WRONG_USAGE)
        self.assert_said(failed, "--timings", "--npy")


class EvalOfFewPhotos(KithTest):
    """Protocols over a handful of sample photos: needs no data set."""

    def failed(self, code, *words, protocol, text, command):
        (self.folder / protocol).write_text(text)
        self.assert_said(self.kith("eval", *command, "--json", code=code), "error", *words)

    def test_detection_without_photos(self):
        box = "image,x,y,w,h,invalid\na.jpg,1,2,30,40,0\n"
        self.failed(COULD_NOT_RUN, "none of the data set's photos", protocol="boxes.csv", text=box, command=["detection", "."])

    def test_detection_without_boxes(self):
        header = "image,x,y,w,h,invalid\n"
        self.failed(WRONG_USAGE, "nothing to judge", protocol="boxes.csv", text=header, command=["detection", "."])
        (self.folder / "images").mkdir()
        shutil.copy(OBAMA2, self.folder / "images" / "a.jpg")
        self.failed(WRONG_USAGE, "nothing to judge", protocol="boxes.csv", text=header + "a.jpg,1,2,30,40,1\n",
                    command=["detection", "."])

    def test_detection_tells_of_photos_that_failed(self):
        (self.folder / "images").mkdir()
        shutil.copy(OBAMA2, self.folder / "images" / "a.jpg")
        face = self.kith("detect", OBAMA2, "--json").object["faces"][0]["box"]
        rows = "".join(f"{name}.jpg,{','.join(map(str, face))},0\n" for name in "ab")
        (self.folder / "boxes.csv").write_text("image,x,y,w,h,invalid\n" + rows)
        found = self.kith("eval", "detection", ".", "--json", "--timings", "times.json", code=SOME_FAILED)
        self.assert_said(found, "b.jpg")
        self.assertEqual(found.object["ap"]["50"], 0.5)
        self.assertEqual(json.loads((self.folder / "times.json").read_text())["photos"], 2)

    def test_open_set_without_probes(self):
        for rows in ("", "gallery,a,a.jpg\n", "gallery,a,a.jpg\nprobe_known,a,b.jpg\n"):
            self.failed(WRONG_USAGE, "set.csv", "nothing to judge", protocol="set.csv", text="role,identity,file\n" + rows,
                        command=["openset", "set.csv", "."])

    def test_cluster_without_faces(self):
        (self.folder / "photos" / "wall").mkdir(parents=True)
        (self.folder / "photos" / "wall" / "1.png").write_bytes(png(300, 300, None))
        self.assert_said(self.kith("eval", "cluster", "photos", "--json", code=WRONG_USAGE), "nothing to judge")

    def test_pairs_that_are_not_all_there(self):
        self.failed(COULD_NOT_RUN, "pairs.txt:3", "3 more", protocol="pairs.txt", text="2\t1\nA\t1\t2\n", command=["lfw", "."])


class Verify(KithTest):
    def test_one_person(self):
        found = self.kith("verify", OBAMA, OBAMA2, "--json").object
        self.assertEqual(list(found), ["a", "b", "similarity", "probability", "same"])
        self.assertEqual((found["a"], found["b"]), (str(OBAMA), str(OBAMA2)))
        self.assertIs(found["same"], True)
        self.assertGreater(found["similarity"], 0.5)
        self.assertGreater(found["probability"], 0.9)

    def test_two_people(self):
        found = self.kith("verify", OBAMA, BIDEN, "--json").object
        self.assertIs(found["same"], False)
        self.assertLess(found["similarity"], 0.3)
        self.assertLess(found["probability"], 0.1)

    def test_no_face(self):
        (self.folder / "wall.png").write_bytes(png(300, 300, None))
        failed = self.kith("verify", OBAMA, "wall.png", "--json", code=SOME_FAILED)
        self.assert_said(failed, "wall.png", "no face")
        self.assertEqual(failed.object["error"]["code"], "no-face")

    def test_one_photo_twice(self):
        self.assertAlmostEqual(self.kith("verify", OBAMA, OBAMA, "--json").object["similarity"], 1, delta=1e-4)

    def test_not_a_file(self):
        self.assertEqual(self.kith("verify", OBAMA, "nowhere.jpg", "--json", code=SOME_FAILED).object["error"]["code"], "not-found")

    def test_a_folder_is_refused(self):
        # With one photo in it, too: it is no typing error that should be guessed at.
        shutil.copy(BIDEN, self.folder)
        self.assert_said(self.kith("verify", OBAMA, self.folder, code=WRONG_USAGE), self.folder, "is a folder")
        self.assert_said(self.kith("verify", SAMPLES, OBAMA, "--json", code=WRONG_USAGE), SAMPLES, "is a folder")


class Models(KithTest):
    def setUp(self):
        super().setUp()
        self.data = {"XDG_DATA_HOME": str(self.folder / "data")}
        self.model = self.folder / "model.onnx"
        shutil.copy(DEPS / "models" / "fr_feature.onnx", self.model)

    def models(self, *arguments, code=support.OK):
        return self.kith("models", *arguments, env=self.data, code=code)

    def add(self, code=support.OK, model=None, **changed):
        description = self.folder / "description.json"
        description.write_text(json.dumps({**DESCRIPTION, **changed}))
        return self.models("add", model or self.model, "--description", description, code=code)

    def listed(self):
        return {model["name"]: model for model in self.models("list", "--json").objects}

    def assert_nothing_recorded(self):
        self.assertEqual(sorted(self.listed()), ["centerface", "mobilefacenet", "mtcnn"])
        kept = self.folder / "data" / "kith" / "models"
        self.assertEqual([path.name for path in kept.glob("*.onnx")], [])

    def test_list_and_check(self):
        models = self.listed()
        self.assertEqual(sorted(models), ["centerface", "mobilefacenet", "mtcnn"])
        for model in models.values():
            self.assertTrue(model["built_in"])
            self.assertEqual(model["licence"], "MIT")
            self.assertTrue(all(re.fullmatch("[0-9a-f]{64}", file["sha256"]) for file in model["files"]))
        self.assertEqual({name for name, model in models.items() if model["active"]}, {"centerface", "mobilefacenet"})
        for model in self.models("check", "--json").objects:
            self.assertIs(model["ok"], True)
        self.assertIn("licence: MIT", self.models("check", "mtcnn").text)

    def test_add_use_and_identify_with_it(self):
        self.add()
        self.model.unlink()  # kith keeps a copy of its own
        self.assertFalse(self.listed()["again"]["active"])
        found = self.identify(OBAMA2, STRANGERS[0], "--model", "again", env=self.data).objects
        self.assertEqual([names(photo) for photo in found], [["Barack Obama"], [None] * 3])
        self.models("use", "again")
        self.assertTrue(self.listed()["again"]["active"])
        self.assertFalse(self.listed()["mobilefacenet"]["active"])
        self.assertEqual(len(self.kith("embed", OBAMA2, "--json", env=self.data).object["faces"][0]["embedding"]), 512)
        self.models("use", "mobilefacenet")
        self.assertTrue(self.listed()["mobilefacenet"]["active"])

    def test_remove(self):
        self.add()
        self.models("use", "again")
        self.assert_said(self.models("remove", "again", code=WRONG_USAGE), "in use", "--force")
        self.assertIn("again", self.listed())
        self.assertIn("now using mobilefacenet", self.models("remove", "again", "--force").text)
        self.assert_nothing_recorded()
        self.assertTrue(self.listed()["mobilefacenet"]["active"])
        self.assertTrue(self.model.exists())
        for name in ("again", "mobilefacenet", "centerface"):
            self.assert_said(self.models("remove", name, "--force", code=WRONG_USAGE), "error", name)
        self.assertEqual(self.models("remove", code=WRONG_USAGE).out, b"")

    def test_a_model_without_calibration_says_so(self):
        without = {key: value for key, value in DESCRIPTION.items() if key != "calibration"}
        (self.folder / "model.json").write_text(json.dumps(without))
        self.assert_said(self.models("add", self.model), "warning", "calibration")
        self.assert_said(self.identify(OBAMA2, "--model", "again", env=self.data), "warning", "calibration")

    def test_garbage_is_refused(self):
        for content in (b"", b"not a model\n" * 1000, self.model.read_bytes()[:100_000], b"\x08" + os.urandom(5000)):
            self.model.write_bytes(content)
            self.assert_said(self.add(code=COULD_NOT_RUN), "error", "model.onnx")
            self.assert_nothing_recorded()

    def test_dimensions_that_are_not_the_models_are_refused(self):
        self.assert_said(self.add(code=COULD_NOT_RUN, output={"dimension": 128}), "error", "shape")
        self.assert_nothing_recorded()
        wrong = {**DESCRIPTION["input"], "width": 160, "height": 160}
        self.add(code=COULD_NOT_RUN, input=wrong)
        self.assert_nothing_recorded()

    def test_a_file_that_is_not_the_one_described_is_refused(self):
        self.assert_said(self.add(code=COULD_NOT_RUN, sha256="0" * 64), "error", "sha256")
        self.assert_nothing_recorded()
        self.add(sha256=self.listed()["mobilefacenet"]["files"][0]["sha256"])
        self.assertIn("again", self.listed())

    def test_bad_descriptions_are_refused(self):
        for changed in ({"name": "../evil"}, {"name": ""}, {"input": {}}, {"output": {"dimension": "many"}}, {"kind": "detector"},
                        {"input": {**DESCRIPTION["input"], "color": "blue"}}, {"template": [[1, 2]]}, {"licence": None}):
            with self.subTest(**changed):
                refused = self.add(code=None, **changed)
                self.assertIn(refused.code, (WRONG_USAGE, COULD_NOT_RUN))
                self.assert_said(refused, "error")
                self.assert_nothing_recorded()

    def test_missing_files_are_said(self):
        self.assert_said(self.models("add", "nowhere.onnx", code=COULD_NOT_RUN), "nowhere.json", "no such file")
        (self.folder / "nowhere.json").write_text(json.dumps(DESCRIPTION))
        self.assert_said(self.models("add", "nowhere.onnx", code=COULD_NOT_RUN), "nowhere.onnx", "no such")

    def test_a_taken_name_is_refused(self):
        self.assert_said(self.add(code=WRONG_USAGE, name="mobilefacenet"), "there already")
        self.add()
        self.assert_said(self.add(code=WRONG_USAGE), "there already")

    def test_a_copy_that_was_changed_later_is_refused(self):
        self.add()
        (copy,) = (self.folder / "data").rglob("again.onnx")
        content = bytearray(copy.read_bytes())
        content[len(content) // 2] ^= 1
        copy.write_bytes(content)
        failed = self.identify(OBAMA2, "--model", "again", env=self.data, code=COULD_NOT_RUN)
        self.assert_said(failed, "again.onnx", "sha256")
        checked = self.models("check", "again", "--json", code=COULD_NOT_RUN).object
        self.assertEqual((checked["ok"], checked["error"]["code"]), (False, "model-damaged"))

    def test_use_and_check_of_an_unknown_model(self):
        for command in ("use", "check"):
            self.assert_said(self.models(command, "nonesuch", code=WRONG_USAGE), "nonesuch", "models list")

    def test_a_damaged_record_is_said(self):
        record = self.folder / "data" / "kith" / "models" / "models.json"
        record.parent.mkdir(parents=True)
        for content in ("", "{", "[]", '{"models": [1]}', '{"models": 7}', '{"active": []}', '{"active": {"embedder": 5}}'):
            with self.subTest(content=content):
                record.write_text(content)
                self.assert_said(self.models("list", code=COULD_NOT_RUN), "error", "models.json")


class Usage(KithTest):
    def test_version(self):
        self.assertRegex(self.kith("--version").text, r"\Akith \d+\.\d+\.\d+\n\Z")

    def test_help(self):
        for command in COMMANDS:
            shown = self.kith(*command, "--help")
            self.assertIn("Usage: kith", shown.text)
            self.assertEqual(shown.err, "")

    def test_help_fits_a_terminal(self):
        for columns in (120, 80, 50):
            command = f"stty cols {columns} rows 40; {shlex.quote(str(support.BINARY))} identify --help"
            done = subprocess.run(["script", "-qec", command, "/dev/null"], stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, env=self.env, check=True)
            lines = done.stdout.splitlines()
            self.assertGreater(len(lines), 20)
            self.assertLessEqual(max(map(len, lines)), columns)

    def test_help_says_what_an_option_takes(self):
        shown = " ".join(self.kith("identify", "--help").text.split())
        for words in ("Usage: kith identify [OPTIONS] PHOTO|DIR...", "--people DIR", "--trained FILE", "--precision auto|f32",
                      "(default: 0.001)", "--threads N", "--quiet"):
            self.assertIn(words, shown)

    def test_wrong_usage_says_what_and_where_to_read_on(self):
        for arguments, words, where in ((["nonesuch"], "no command \"nonesuch\"", "kith"),
                                        (["--nonesuch"], "no option \"--nonesuch\"", "kith"),
                                        (["identify", OBAMA2], "--people DIR, or --trained FILE, is required", "kith identify"),
                                        (["detect"], "PHOTO|DIR is required", "kith detect"),
                                        (["models", "use"], "NAME is required", "kith models use")):
            failed = self.kith(*arguments, code=WRONG_USAGE)
            self.assert_said(failed, "kith: error:", words)
            self.assertIn(f"See `{where} --help`.", failed.err)
        # Nothing at all: the help itself.
        self.assertIn("identify", self.kith(code=WRONG_USAGE).err)

    def test_wrong_arguments(self):
        people = ["--people", self.people]
        for wrong in ([], ["nonesuch"], ["identify"], ["identify", OBAMA2], ["identify", *people], ["identify", OBAMA2, "--nonesuch", *people],
                      ["detect"], ["detect", OBAMA2, "--threads", "0"], ["detect", OBAMA2, "--threads", "many"], ["verify", OBAMA],
                      ["detect", OBAMA2, "--max-megapixels", "0"], ["detect", OBAMA2, "--max-megapixels", "-5"],
                      ["detect", OBAMA2, "--precision", "f16"], ["verify", OBAMA, OBAMA2, BIDEN], ["models"], ["models", "use"], ["eval"]):
            failed = self.kith(*wrong, code=WRONG_USAGE)
            self.assertEqual(failed.out, b"", wrong)
            self.assertNotEqual(failed.err, "", wrong)

    def test_no_models(self):
        failed = self.kith("detect", OBAMA2, "--models-folder", self.folder, code=COULD_NOT_RUN)
        self.assert_said(failed, "error", "run `make`")
        shutil.copy(BINARY_MODELS / "catalog.json", self.folder)
        failed = self.kith("detect", OBAMA2, "--models-folder", self.folder, code=COULD_NOT_RUN)
        self.assert_said(failed, "error", "centerface.onnx", "make")

    def test_a_damaged_model_is_refused(self):
        shutil.copytree(BINARY_MODELS, self.folder / "models")
        with open(self.folder / "models" / "centerface.onnx", "r+b") as file:
            file.seek(100_000)
            file.write(b"damaged")
        failed = self.kith("detect", OBAMA2, "--models-folder", self.folder / "models", code=COULD_NOT_RUN)
        self.assert_said(failed, "error", "centerface.onnx", "sha256")


class Streams(KithTest):
    def test_lists_on_standard_input(self):
        for separator in ("\n", "\0"):
            for end in ("", separator):
                listed = separator.join(map(str, (OBAMA2, STRANGERS[0]))) + end
                found = self.kith("detect", "-", "--json", stdin=listed.encode())
                self.assertEqual([photo["photo"] for photo in found.objects], [str(OBAMA2), str(STRANGERS[0])])

    def test_a_nul_separated_list_may_hold_newlines(self):
        photo = self.folder / "two\nlines.jpg"
        shutil.copy(OBAMA2, photo)
        found = self.kith("detect", "-", "--json", stdin=f"{photo}\0".encode())
        self.assertEqual(found.object["photo"], str(photo))

    def test_an_empty_list_is_no_photos(self):
        self.assertEqual(self.kith("detect", "-", "--json", stdin=b"").out, b"")

    def test_a_list_among_other_inputs(self):
        found = self.identify(BIDEN, "-", OBAMA3, stdin=str(OBAMA2).encode())
        self.assertEqual([photo["photo"] for photo in found.objects], [str(BIDEN), str(OBAMA2), str(OBAMA3)])

    def test_quiet_says_nothing_when_all_is_well(self):
        shutil.copy(OBAMA, self.folder / "Anna.jpg")
        shutil.copy(STRANGERS[0], self.folder / "Group.jpg")
        self.assertEqual(self.identify(OBAMA2, "--quiet", people=self.folder).err, "")

    def test_quiet_still_names_what_failed(self):
        failed = self.kith("detect", "nowhere.jpg", "--quiet", code=SOME_FAILED)
        self.assert_said(failed, "nowhere.jpg")

    def test_verbose(self):
        self.assert_said(self.kith("detect", OBAMA2, "--verbose"), "info", "1 photo")

    def test_a_full_disk_under_standard_output(self):
        for command in (["detect", OBAMA2, "--json"], ["detect", OBAMA2], ["embed", OBAMA2, "--json"], ["verify", OBAMA, OBAMA2],
                        ["models", "list"]):
            with open("/dev/full", "wb") as full:
                failed = self.kith(*command, stdout=full, code=COULD_NOT_RUN)
            self.assert_said(failed, "standard output", "no space")

    def test_a_closed_pipe_ends_the_run(self):
        photos = [self.folder / f"{number:03}.jpg" for number in range(100)]
        for photo in photos:
            photo.symlink_to(OBAMA2)
        with self.start("detect", self.folder, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            json.loads(process.stdout.readline())
            process.stdout.close()
            started = time.monotonic()
            error = process.stderr.read().decode()
            code = process.wait(timeout=120)
        self.assertIn(code, (COULD_NOT_RUN, -signal.SIGPIPE), error)
        self.assertLess(time.monotonic() - started, 30)
        self.assertNotIn("terminate", error)

    def interrupt(self, kind):
        out = self.folder / "out"
        album = self.folder / "album"
        album.mkdir()
        for number in range(400):
            (album / f"{number:03}.jpg").symlink_to(STRANGERS[5])
        with self.start("identify", album, "--people", self.people, "--json", "--annotate", out, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as process:
            first = process.stdout.readline()
            process.send_signal(kind)
            rest, error = process.communicate(timeout=120)
        self.assertEqual(process.returncode, INTERRUPTED, error.decode())
        outcome = support.Outcome(process.returncode, first + rest, error)
        photos = outcome.objects  # each line is whole
        self.assertTrue(outcome.text.endswith("\n"))
        self.assertTrue(1 <= len(photos) < 400)
        self.assertEqual([photo["photo"] for photo in photos], [str(album / f"{number:03}.jpg") for number in range(len(photos))])
        for photo in photos:
            self.assertEqual(len(photo["faces"]), 4)
        # What was printed was also written; nothing is half written.
        self.assert_no_leftovers(out, [f"{number:03}.jpg" for number in range(len(photos))])

    def test_ctrl_c_keeps_what_is_finished(self):
        self.interrupt(signal.SIGINT)

    def test_sigterm_does_the_same(self):
        self.interrupt(signal.SIGTERM)

    def test_a_second_ctrl_c_ends_at_once_and_leaves_nothing_half_written(self):
        album = self.folder / "album"
        album.mkdir()
        for number in range(400):
            (album / f"{number:03}.jpg").symlink_to(STRANGERS[5])
        for pause in (0.02, 0.05, 0.1, 0.15):
            out = self.folder / f"out-{pause}"
            with self.start("identify", album, "--people", self.people, "--json", "--annotate", out, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE) as process:
                process.stdout.readline()
                process.send_signal(signal.SIGINT)
                time.sleep(pause)
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=120)
            self.assertEqual(process.returncode, INTERRUPTED)
            copies = [path.name for path in out.iterdir()]
            self.assertTrue(copies)
            self.assertLessEqual(set(copies), {f"{number:03}.jpg" for number in range(400)})
            for copy in copies:
                self.assertEqual(support.picture_size(out / copy), support.picture_size(STRANGERS[5]))

    def test_ctrl_c_while_learning_the_people(self):
        people = self.folder / "people" / "Anna"
        people.mkdir(parents=True)
        for number in range(300):
            (people / f"{number:03}.jpg").symlink_to(OBAMA3)
        with self.start("identify", OBAMA2, "--people", people.parent, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=120)
        self.assertEqual(process.returncode, INTERRUPTED, error.decode())
        self.assertEqual(out, b"")

    def test_timings(self):
        people = ["--people", self.people]
        for photos, command in ((1, ["detect", OBAMA2]), (2, ["verify", OBAMA, OBAMA2]), (1, ["embed", OBAMA2, "--json"]),
                                (1, ["identify", OBAMA2, *people])):
            self.kith(*command, "--timings", "times.json")
            times = json.loads((self.folder / "times.json").read_text())
            self.assertEqual(times["photos"], photos)
            self.assertGreater(times["detect_s"], 0)
            failed = self.kith(*command, "--timings", "nowhere/times.json", code=COULD_NOT_RUN)
            self.assert_said(failed, "nowhere/times.json", "cannot be written")
        # Not offered where it would do nothing.
        self.kith("scan", self.folder, "--timings", "times.json", code=WRONG_USAGE)


class Folders(KithTest):
    """The places that kith keeps things in may be missing, damaged or read-only."""

    def cached(self, cache):
        return [path for path in cache.rglob("*") if path.is_file()]

    def test_a_damaged_model_cache_costs_time_only(self):
        cache = self.folder / "cache"
        environment = {"XDG_CACHE_HOME": str(cache)}
        expected = self.identify(OBAMA2, env=environment).out
        files = self.cached(cache)
        self.assertTrue(files, "nothing was cached")

        def cut(content):
            return content[:len(content) // 2]

        def garble(content):
            return content[:64] + os.urandom(len(content) - 64)

        def flip_one_byte(content):
            middle = len(content) // 2
            return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:]

        for damage in (lambda content: b"", lambda content: b"garbage" * 100, cut, garble, flip_one_byte):
            for path in self.cached(cache):
                path.write_bytes(damage(path.read_bytes()))
            with self.subTest(damage=damage.__name__):
                found = self.identify(OBAMA2, env=environment, code=None)
                self.assertEqual(found.code, support.OK, found.err)
                self.assertEqual(found.out, expected)
                self.assertEqual(found.err, "")
            shutil.rmtree(cache)
            self.identify(OBAMA2, env=environment)

    def test_the_cache_makes_a_second_run_faster_to_start(self):
        cache = self.folder / "cache"
        self.kith("detect", OBAMA2, env={"XDG_CACHE_HOME": str(cache)})
        before = {path: path.stat().st_mtime_ns for path in self.cached(cache)}
        self.kith("detect", OBAMA2, env={"XDG_CACHE_HOME": str(cache)})
        self.assertEqual({path: path.stat().st_mtime_ns for path in self.cached(cache)}, before)

    def without(self, *variables):
        return ["env", *(part for variable in variables for part in ("-u", variable))]

    def test_no_home(self):
        found = self.identify(OBAMA2, prefix=self.without("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"))
        self.assertEqual(names(found.object), ["Barack Obama"])
        self.assertEqual(found.err, "")
        self.kith("models", "list", prefix=self.without("HOME", "XDG_DATA_HOME"))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_no_home_and_a_model_to_add(self):
        (self.folder / "d.json").write_text(json.dumps(DESCRIPTION))
        failed = self.kith("models", "add", DEPS / "models" / "fr_feature.onnx", "--description", "d.json",
                           prefix=self.without("HOME", "XDG_DATA_HOME"), code=None)
        self.assertEqual(failed.code, COULD_NOT_RUN, failed.out)
        self.assert_said(failed, "error", "XDG_DATA_HOME")
        self.assert_no_leftovers(self.folder, ["d.json"])
        failed = self.kith("models", "use", "mtcnn", prefix=self.without("HOME", "XDG_DATA_HOME"), code=COULD_NOT_RUN)
        self.assert_said(failed, "error", "XDG_DATA_HOME")
        self.assert_no_leftovers(self.folder, ["d.json"])

    def test_a_cache_that_cannot_be_written(self):
        blocked = self.folder / "file"
        blocked.write_text("not a folder")
        # Root may write into a read-only folder; /proc refuses everybody.
        for cache in (blocked, "/proc"):
            found = self.identify(OBAMA2, env={"XDG_CACHE_HOME": str(cache)})
            self.assertEqual((names(found.object), found.err), (["Barack Obama"], ""))

    def test_a_relative_cache_folder_is_ignored(self):
        self.kith("detect", OBAMA2, env={"XDG_CACHE_HOME": "cache"})
        self.assertFalse((self.folder / "cache").exists())


if __name__ == "__main__":
    support.main()

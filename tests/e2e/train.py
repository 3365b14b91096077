# SPDX-License-Identifier: Apache-2.0
"""kith train embedding: from photos to a model that the other commands use, interrupted and gone on with, and what it refuses."""

import csv
import json
import os
import shutil
import signal
import subprocess
import unittest
import xml.etree.ElementTree
from pathlib import Path

from support import BIDEN, BINARY, COULD_NOT_RUN, DEPS, OBAMA, OBAMA2, OBAMA3, OK, STRANGERS, WRONG_USAGE, KithTest, main

WEIGHTS = DEPS / "models" / "fr_feature.onnx"
# As quick as it gets: small crops, one epoch, a thread.
QUICK = ["--side", "48", "--dimension", "16", "--epochs", "1", "--people-per-batch", "2", "--photos-per-person", "2",
         "--threads", "1", "--validation", "0"]


class Train(KithTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = cls.base / "faces"
        for person, photos in {"Barack Obama": [OBAMA, OBAMA2, OBAMA3], "Joe Biden": [BIDEN], "Somebody": STRANGERS[:2]}.items():
            (cls.data / person).mkdir(parents=True)
            for photo in photos:
                shutil.copy(photo, cls.data / person)
        # A second photo of one person: the same picture, smaller.
        subprocess.run(["vips", "resize", str(BIDEN), str(cls.data / "Joe Biden" / "smaller.jpg"), "0.7"], check=True)

    def train(self, *arguments, **keywords):
        return self.kith("train", "embedding", self.data, *arguments, **keywords)

    def test_a_model_that_every_command_takes(self):
        stem = self.folder / "mine"
        done = self.train("--out", stem, "--json", *QUICK)
        *epochs, last = done.objects
        self.assertEqual([epoch["epoch"] for epoch in epochs], [1])
        self.assertGreater(epochs[0]["loss"], 0)
        self.assertEqual(last["model"], str(stem) + ".onnx")
        self.assertLess(last["max_difference"], 1e-4)
        self.assertEqual(last["people"], 3)
        with open(str(stem) + ".csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["epoch"] for row in rows], ["1"])
        self.assertTrue(xml.etree.ElementTree.parse(str(stem) + ".svg").getroot().tag.endswith("svg"))
        self.assertIn("no calibration", self.kith("models", "add", str(stem) + ".onnx").err)
        vector = self.kith("embed", OBAMA, "--model", "mine", "--json").object["faces"][0]["embedding"]
        self.assertEqual(len(vector), 16)
        self.kith("identify", OBAMA2, "--people", self.people, "--model", "mine", "--json")
        # Trained anew under the name that the catalogue knows already: that model stays until it is replaced.
        self.train("--out", stem, *QUICK)
        self.assertIn("is there already", self.kith("models", "add", str(stem) + ".onnx", code=WRONG_USAGE).err)
        self.kith("models", "remove", "mine")

    def test_a_folder_whose_name_is_no_utf8(self):
        data = self.folder / "J\udcfcrgen"
        shutil.copytree(self.data, data)
        self.kith("train", "embedding", data, "--out", self.folder / "mine", *QUICK)
        description = json.loads((self.folder / "mine.json").read_text(encoding="utf-8"))
        self.assertIn("J\ufffdrgen", description["description"])

    def test_learns_from_given_triplets(self):
        triplets = self.folder / "triplets.npy"
        self.kith("dataset", "triplets", self.data, triplets, "--count", "6")
        done = self.train("--out", self.folder / "given", "--triplets", triplets, "--json", *QUICK)
        self.assertEqual(done.objects[-1]["people"], 3)
        self.assertNotIn("left out", done.err)
        # Of triplets with somebody who is put aside the others are learned from, and it is said how many were not.
        put_aside = self.folder / "except.txt"
        put_aside.write_text("Somebody\n", encoding="utf-8")
        one_less = self.train("--out", self.folder / "less", "--triplets", triplets, "--except", put_aside, *QUICK)
        self.assertRegex(one_less.err, r"[1-6] of 6 triplets are left out")
        self.train("--out", self.folder / "x", "--triplets", triplets, "--mining", "all", *QUICK, code=WRONG_USAGE)
        self.train("--out", self.folder / "x", "--triplets", triplets, "--loss", "arcface", *QUICK, code=WRONG_USAGE)
        (self.folder / "triplets.txt").write_text("Nobody/1.jpg\nNobody/2.jpg\nElse/1.jpg\n", encoding="utf-8")
        refused = self.train("--out", self.folder / "x", "--triplets", triplets, *QUICK, code=WRONG_USAGE)
        self.assertIn("triplet", refused.err)
        self.train("--out", self.folder / "x", "--triplets", self.folder / "absent.npy", *QUICK, code=COULD_NOT_RUN)

    @unittest.skipIf("TBB_ENABLE_SANITIZERS" in os.environ, "the address sanitizer reserves terabytes of addresses")
    def test_proposes_a_smaller_batch_where_memory_is_short(self):
        # 8,000 MB of addresses are enough for the program, not for the maps of 3 x 1300 crops of 112 pixels.
        done = self.train("--out", self.folder / "large", "--side", "112", "--dimension", "16", "--epochs", "1", "--people-per-batch",
                          "3", "--photos-per-person", "1300", "--threads", "1", "--validation", "0", code=COULD_NOT_RUN,
                          prefix=("prlimit", f"--as={8_000_000_000}"))
        self.assertIn("not enough memory for a batch of 3900 photos; try --photos-per-person 650", done.err)
        self.assertFalse((self.folder / "large.onnx").exists())

    def test_crops_are_prepared_once(self):
        crops = self.folder / "crops"
        self.train("--out", self.folder / "one", "--crops", crops, *QUICK)
        made = Path(str(crops) + ".npy").stat().st_mtime_ns
        self.train("--out", self.folder / "two", "--crops", crops, *QUICK)
        self.assertEqual(Path(str(crops) + ".npy").stat().st_mtime_ns, made)
        # The same training twice, one thread: the same network, to the byte.
        self.assertEqual((self.folder / "one.onnx").read_bytes(), (self.folder / "two.onnx").read_bytes())

    def test_the_built_in_embedder_is_taken_as_it_is(self):
        # Steps too small to change a float: what comes out is what went in, through import and export.
        same = ["--start", "mobilefacenet", "--side", "112", "--dimension", "512", "--learning-rate", "1e-12",
                "--keep-statistics", *QUICK[4:]]
        self.train("--out", self.folder / "same", *same)
        description = json.loads((self.folder / "same.json").read_text(encoding="utf-8"))
        self.kith("models", "add", self.folder / "same.onnx", "--quiet")
        description["name"] = "original"
        (self.folder / "original.json").write_text(json.dumps(description), encoding="utf-8")
        self.kith("models", "add", WEIGHTS, "--description", self.folder / "original.json", "--quiet")
        vectors = []
        for model in ("same", "original"):
            photos = self.kith("embed", OBAMA, BIDEN, "--model", model, "--precision", "f32", "--json").objects
            vectors.append([value for photo in photos for face in photo["faces"] for value in face["embedding"]])
        self.assertEqual(len(vectors[0]), len(vectors[1]))
        self.assertLess(max(abs(a - b) for a, b in zip(*vectors)), 1e-4)

    def test_killed_and_gone_on_with_it_ends_the_same(self):
        longer = [*QUICK, "--epochs", "12", "--crops", self.folder / "crops"]
        longer.remove("1")  # --epochs stands once
        longer.remove("--epochs")
        self.train("--out", self.folder / "whole", *longer)
        process = subprocess.Popen([BINARY, "train", "embedding", self.data, "--out", self.folder / "parts", *longer],
                                   env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(3):  # after its third epoch
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        self.assertFalse((self.folder / "parts.onnx").exists())
        self.train("--out", self.folder / "parts", "--resume", *longer)
        self.assertEqual((self.folder / "parts.onnx").read_bytes(), (self.folder / "whole.onnx").read_bytes())

    def test_a_photo_without_a_face_is_told(self):
        wall = self.data / "Somebody" / "wall.png"
        subprocess.run(["vips", "black", str(wall), "200", "200"], check=True)
        try:
            done = self.train("--out", self.folder / "m", *QUICK, "--verbose")
        finally:
            wall.unlink()
        self.assertIn("1 of 8 photos gave no face", done.err)
        self.assertIn("wall.png: no face found", done.err)

    def test_lists_say_who_is_learned_from(self):
        listed = self.folder / "people.txt"
        listed.write_text("2\nBarack Obama\t3\nJoe Biden\t2\n", encoding="utf-8")
        only = self.train("--out", self.folder / "m", "--only", listed, "--json", *QUICK).objects[-1]
        self.assertEqual(only["people"], 2)
        listed.write_text("1\t1\nSomebody\t1\t2\nJoe Biden\t1\tNobody\t2\n", encoding="utf-8")
        refused = self.train("--out", self.folder / "m", "--except", listed, *QUICK, code=WRONG_USAGE)
        self.assertIn("two people with two photos each", refused.err)
        listed.write_text("1\t2\t3\nJoe\tBiden\n", encoding="utf-8")
        self.assertIn("people.txt:2", self.train("--out", self.folder / "m", "--only", listed, *QUICK, code=COULD_NOT_RUN).err)

    def test_what_cannot_be_is_refused(self):
        out = ["--out", self.folder / "m"]
        self.assertIn("no such folder", self.kith("train", "embedding", self.folder / "none", *out, code=COULD_NOT_RUN).err)
        self.assertIn("there are:", self.train(*out, *QUICK, "--backbone", "alexnet", code=WRONG_USAGE).err)
        self.assertIn("too small", self.train(*out, *QUICK[2:], "--side", "32", "--backbone", "inception-resnet-v2", code=WRONG_USAGE).err)
        self.assertIn("cannot be a model's name", self.train("--out", self.folder / "my net", *QUICK, code=WRONG_USAGE).err)
        self.assertIn("neither a file nor a model", self.train(*out, *QUICK, "--start", "nothing", code=WRONG_USAGE).err)
        self.assertIn("holds no weights", self.train(*out, *QUICK, "--start", WEIGHTS, code=COULD_NOT_RUN).err)
        self.assertIn("begins with", self.train(*out, *QUICK, "--freeze", "hat", code=WRONG_USAGE).err)
        self.train(*out, *QUICK)
        self.assertIn("another", self.train(*out, *QUICK, "--resume", "--seed", "2", code=WRONG_USAGE).err)
        (self.folder / "m.checkpoint").write_bytes(b"something else")
        self.assertIn("no whole checkpoint", self.train(*out, *QUICK, "--resume", code=COULD_NOT_RUN).err)
        self.assertIn("cannot be", self.train("--out", self.folder / "nowhere" / "m", "--crops", self.folder / "c", *QUICK, code=COULD_NOT_RUN).err)

    def test_faces_nowhere(self):
        empty = self.folder / "walls"
        for person in ("A", "B"):
            (empty / person).mkdir(parents=True)
            subprocess.run(["vips", "black", str(empty / person / "wall.png"), "200", "200"], check=True)
        self.assertIn("no face was found in any of 2 photos",
                      self.kith("train", "embedding", empty, "--out", self.folder / "m", *QUICK, code=COULD_NOT_RUN).err)

    def test_backbones_are_listed(self):
        names = [backbone["name"] for backbone in self.kith("train", "backbones", "--json").objects]
        self.assertEqual(names, ["mobile-face-net", "mobilenet-v2", "inception-resnet-v1", "inception-resnet-v2", "vgg-19"])
        self.assertIn("\n  stage1.1.depthwise\n", self.kith("train", "backbones", "--layers").text)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""`kith eval` on the sample photos: a list of pairs of our own, LFW's two views from lists of our own, two models side
by side, and the report as a page that any XML parser reads."""

import csv
import json
import shutil
from xml.etree import ElementTree

import support
from support import BIDEN, DEPS, OBAMA, OBAMA2, OBAMA3, STRANGERS, KithTest

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("1")</script>&\'\u202e.jpg'.replace("/", "\u2044")

# How to feed a copy of the built-in model under another name: an RGB picture for one that wants BGR, so that it is
# another model, and a worse one.
FEEDING = {"name": "other", "licence": "MIT", "input": {"width": 112, "height": 112, "color": "rgb", "mean": 127.5, "scale": 0.0078125},
           "output": {"dimension": 512}}


class EvalReport(KithTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.photos = cls.base / "photos"
        cls.photos.mkdir()
        for name, photo in {"o1.jpg": OBAMA, "o2.jpg": OBAMA2, "o3.jpg": OBAMA3, "b1.jpg": BIDEN}.items():
            shutil.copy(photo, cls.photos / name)
        shutil.copy(STRANGERS[0], cls.photos / HOSTILE)
        description = cls.base / "other.json"
        description.write_text(json.dumps(FEEDING))
        cls.model = cls.base / "other.onnx"
        shutil.copy(DEPS / "models" / "fr_feature.onnx", cls.model)

    def setUp(self):
        super().setUp()
        if not hasattr(type(self), "added"):
            self.kith("models", "add", self.model)
            type(self).added = True

    def pairs(self, rows):
        path = self.folder / "pairs.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("a", "b", "same", "fold"), *rows])
        return path

    def six_pairs(self):
        return self.pairs([("o1.jpg", "o2.jpg", 1, 1), ("o1.jpg", "b1.jpg", 0, 1), ("o2.jpg", HOSTILE, 0, 1),
                           ("o1.jpg", "o3.jpg", 1, 2), ("o3.jpg", "b1.jpg", 0, 2), ("b1.jpg", HOSTILE, 0, 2)])

    def parsed(self, path):
        """The page, and what no page may have."""
        page = ElementTree.parse(path).getroot()
        names = {element.tag for element in page.iter()}
        for forbidden in ("script", "link", "iframe", "object", "a"):
            self.assertNotIn(HTML + forbidden, names)
        for element in page.iter():
            for name, value in element.attrib.items():
                self.assertFalse(name.startswith("on"), name)
                if name == "src":
                    self.assertTrue(value.startswith("data:image/jpeg;base64,"))
        return page

    def test_pairs(self):
        found = self.kith("eval", "pairs", self.six_pairs(), self.photos, "--json").object
        self.assertEqual(found["protocol"], "pairs")
        self.assertEqual(found["pairs"], 6)
        self.assertEqual(found["accuracy"], 1)
        self.assertEqual(found["photos_without_face"], 0)
        self.assertEqual(found["auc"], 1)
        self.assertEqual(found["eer"], 0)
        for name in ("ci95", "auc_ci95", "eer_ci95"):
            low, high = found[name]
            self.assertTrue(0 <= low <= high <= 1, name)
        table = self.kith("eval", "pairs", self.six_pairs(), self.photos).text
        self.assertIn("accuracy, 2 folds         100.00 %", table)

    def test_a_photo_without_a_face_counts_as_wrong(self):
        (self.photos / "grey.png").write_bytes(support.png(200, 200, None))
        rows = [("o1.jpg", "grey.png", 1, 1), ("o1.jpg", "o2.jpg", 1, 1), ("o1.jpg", "b1.jpg", 0, 1),
                ("o1.jpg", "o3.jpg", 1, 2), ("o2.jpg", "b1.jpg", 0, 2), ("grey.png", "b1.jpg", 0, 2)]
        report = self.folder / "r.html"
        found = self.kith("eval", "pairs", self.pairs(rows), self.photos, "--json", "--report", report).object
        self.assertAlmostEqual(found["accuracy"], 4 / 6, delta=1e-5)
        self.assertEqual(found["photos_without_face"], 1)
        self.assertIn("no face found", "".join(self.parsed(report).itertext()))

    def test_both_views_of_lfw(self):
        folder = self.folder / "lfw"
        for name, photos in {"O": (OBAMA, OBAMA2, OBAMA3), "B": (BIDEN,)}.items():
            (folder / name).mkdir(parents=True)
            for number, photo in enumerate(photos, 1):
                shutil.copy(photo, folder / name / f"{name}_{number:04}.jpg")
        (folder / "pairs.txt").write_text("2\t1\nO\t1\t2\nO\t1\tB\t1\nO\t1\t3\nO\t2\tB\t1\n")
        (folder / "pairsDevTrain.txt").write_text("1\nO\t1\t2\nO\t1\tB\t1\n")
        (folder / "pairsDevTest.txt").write_text("1\nO\t2\t3\nO\t3\tB\t1\n")
        both = self.kith("eval", "lfw", folder, "--json").object
        self.assertEqual((both["protocol"], both["pairs"], both["accuracy"]), ("lfw-view2", 4, 1))
        one = self.kith("eval", "lfw", folder, "--view", "1", "--json").object
        self.assertEqual((one["protocol"], one["pairs"], one["pairs_train"], one["accuracy"]), ("lfw-view1", 2, 2, 1))
        self.assertTrue(0 < one["threshold"] < 1)
        self.kith("eval", "lfw", folder, "--view", "3", code=support.WRONG_USAGE)

    def test_two_models_side_by_side(self):
        report = self.folder / "compare.html"
        lines = self.kith("eval", "pairs", self.six_pairs(), self.photos, "--model", "mobilefacenet", "--model", "other",
                          "--json", "--report", report).objects
        self.assertEqual([line.get("model") for line in lines], ["mobilefacenet", "other", None])
        alone = self.kith("eval", "pairs", self.six_pairs(), self.photos, "--model", "other", "--json").object
        self.assertEqual(alone, lines[1], "the same figures as by itself")
        compared = lines[2]
        self.assertEqual(compared["comparison"], ["mobilefacenet", "other"])
        self.assertEqual(compared["trials"], 6)
        self.assertEqual(compared["both"] + compared["only_first"] + compared["only_second"] + compared["neither"], 6)
        self.assertAlmostEqual(compared["difference"], lines[0]["accuracy"] - lines[1]["accuracy"], delta=1e-5)
        self.assertEqual(compared["mcnemar"]["test"], "exact")
        self.assertTrue(0 < compared["mcnemar"]["p"] <= 1)

        text = "".join(self.parsed(report).itertext())
        for said in ("mobilefacenet", "other", "McNemar", "false-accept rate", "similarity (cosine)"):
            self.assertIn(said, text)
        table = self.kith("eval", "pairs", self.six_pairs(), self.photos, "--model", "mobilefacenet", "--model", "other").text
        self.assertIn("McNemar's test", table)

    def test_hostile_names_are_text(self):
        rows = [("o1.jpg", HOSTILE, 1, 1), ("o1.jpg", "b1.jpg", 0, 1), ("o1.jpg", "o2.jpg", 1, 2), ("o2.jpg", "b1.jpg", 0, 2)]
        report = self.folder / "hostile.html"
        found = self.kith("eval", "pairs", self.pairs(rows), self.photos, "--json", "--report", report).object
        wrong = round((1 - found["accuracy"]) * len(rows))
        self.assertGreaterEqual(wrong, 1, "the stranger is not the same person")
        page = self.parsed(report)
        captions = ["".join(caption.itertext()) for caption in page.iter(HTML + "figcaption")]
        self.assertIn(HOSTILE.replace("\u202e", "\ufffd"), captions)
        self.assertEqual(len(list(page.iter(HTML + "img"))), 2 * wrong)
        self.assertGreaterEqual(len(list(page.iter(SVG + "svg"))), 3)
        source = report.read_text()
        self.assertNotIn("<script", source)
        self.assertNotIn("\u202e", source)

    def test_groups_and_open_set(self):
        for name, photos in {"Obama": ("o1.jpg", "o2.jpg", "o3.jpg"), "Biden": ("b1.jpg",)}.items():
            (self.folder / "set" / name).mkdir(parents=True)
            for photo in photos:
                shutil.copy(self.photos / photo, self.folder / "set" / name)
        report = self.folder / "cluster.html"
        two = ("--model", "mobilefacenet", "--model", "other")
        lines = self.kith("eval", "cluster", self.folder / "set", *two, "--json", "--report", report).objects
        self.assertEqual(lines[0]["pairwise"]["f"], 1)
        self.assertEqual(len(lines[0]["bcubed"]["precision_ci95"]), 2)
        self.assertIn("bcubed_f_difference_ci95", lines[2])
        self.assertIn("People in several clusters", "".join(self.parsed(report).itertext()))

        protocol = self.folder / "protocol.csv"
        protocol.write_text("role,identity,file\ngallery,Obama,o1.jpg\ngallery,Biden,b1.jpg\nprobe_known,Obama,o2.jpg\n"
                            "probe_known,Obama,o3.jpg\nprobe_unknown_unknown,X,stranger.jpg\n")
        shutil.copy(STRANGERS[1], self.photos / "stranger.jpg")
        lines = self.kith("eval", "openset", protocol, self.photos, *two, "--json", "--report", report).objects
        self.assertEqual(lines[0]["rank1"], 1)
        self.assertEqual(len(lines[0]["rank1_ci95"]), 2)
        self.assertEqual((lines[2]["trials"], lines[2]["far"]), (2, 0.01))
        self.assertIn("Strangers most like somebody", "".join(self.parsed(report).itertext()))

    def test_two_detectors(self):
        data = self.folder / "set"
        (data / "images").mkdir(parents=True)
        shutil.copy(OBAMA, data / "images" / "o.jpg")
        (face,) = self.kith("detect", OBAMA, "--json").object["faces"]
        box = ",".join(str(round(value)) for value in face["box"])
        (data / "boxes.csv").write_text(f"image,x,y,w,h,invalid\no.jpg,{box},0\n")
        report = self.folder / "detection.html"
        lines = self.kith("eval", "detection", data, "--detector", "centerface", "--detector", "mtcnn", "--json",
                          "--report", report).objects
        self.assertEqual([line.get("detector") for line in lines], ["centerface", "mtcnn", None])
        self.assertEqual(lines[0]["ap"]["50"], 1)
        self.assertEqual(lines[0]["ap_ci95"]["50"], [1, 1])
        self.assertEqual(list(lines[2]["ap_difference"]), ["50", "30", "16", "8"])
        self.assertIn("precision", "".join(self.parsed(report).itertext()))

    def test_what_is_wrong_is_said(self):
        pairs = self.six_pairs()
        self.assert_said(self.kith("eval", "pairs", pairs, self.photos, "--model", "other", "--model", "other",
                                   code=support.WRONG_USAGE), "other", "twice")
        self.assert_said(self.kith("eval", "pairs", pairs, self.photos, "--model", "none", code=support.WRONG_USAGE), "none")
        broken = self.folder / "broken"
        broken.write_text("o1.jpg o2.jpg 1\no1.jpg b1.jpg maybe\n")
        self.assert_said(self.kith("eval", "pairs", broken, self.photos, code=support.COULD_NOT_RUN), f"{broken}:2:")
        self.assert_said(self.kith("eval", "pairs", self.folder / "none", self.photos, code=support.COULD_NOT_RUN), "none")
        of_a_folder = self.pairs([("o1.jpg", ".", 1, 1), ("o1.jpg", "b1.jpg", 0, 2)])
        self.assert_said(self.kith("eval", "pairs", of_a_folder, self.photos, code=support.WRONG_USAGE), "folder")
        self.assert_said(self.kith("eval", "pairs", pairs, self.photos, "--report", self.folder / "none" / "r.html",
                                   code=support.COULD_NOT_RUN), "r.html")


if __name__ == "__main__":
    support.main()

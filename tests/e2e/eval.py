# SPDX-License-Identifier: Apache-2.0
"""`kith eval` on samples of the public data sets: the fields of the contract, and accuracy that a broken
stage could not reach. The real bars are for whole data sets; docs/accuracy.md has those figures."""

import support
from support import SHARED, KithTest

LFW = SHARED / "data" / "lfw"
OPEN_SET = SHARED / "data" / "lfw_openset.csv"
DETECTION = SHARED / "data" / "wider_tune"


class Eval(KithTest):
    def test_lfw(self):
        found = self.kith("eval", "lfw", LFW, "--every", "20", "--json").object
        self.assertLessEqual({"protocol", "model", "accuracy", "ci95", "tar", "pairs", "photos_without_face"}, found.keys())
        self.assertEqual(found["protocol"], "lfw-view2")
        self.assertEqual(found["pairs"], 300)
        self.assertEqual(found["photos_without_face"], 0)
        self.assertGreaterEqual(found["accuracy"], 0.985)
        low, high = found["ci95"]
        self.assertTrue(0 < low < found["accuracy"] <= high <= 1)
        self.assertEqual(list(found["tar"]), ["1e-2", "1e-3"])

    def test_open_set(self):
        *lines, gaussian, svm = self.kith("eval", "openset", OPEN_SET, LFW, "--every", "20", "--json", "--classifier", "all").objects
        self.assertTrue(all("mcnemar" in " ".join(compared) for compared in (gaussian, svm)), "each is compared with the first")
        self.assertEqual([found["classifier"] for found in lines], ["nearest", "gaussian", "svm"])
        for found in lines:
            self.assertLessEqual({"protocol", "model", "classifier", "dir", "rank1", "probes"}, found.keys())
            self.assertEqual(list(found["dir"]), ["1e-1", "1e-2", "1e-3"])
            self.assertGreaterEqual(found["dir"]["1e-1"], 0.95)
            self.assertGreaterEqual(found["rank1"], 0.97)
            self.assertGreater(found["probes"], 100)

    def test_detection(self):
        found = self.kith("eval", "detection", DETECTION, "--every", "10", "--json").object
        self.assertLessEqual({"photos", "ap"}, found.keys())
        self.assertEqual(list(found["ap"]), ["50", "30", "16", "8"])
        self.assertEqual(found["photos"], 35)
        self.assertGreaterEqual(found["ap"]["50"], 0.85)
        self.assertTrue(all(0 <= value <= 1 for value in found["ap"].values()))

    def test_cluster(self):
        stem = self.folder / "kept"
        assignments = self.folder / "assignments"
        found = self.kith("eval", "cluster", LFW, "--every", "20", "--json", "--save", stem,
                          "--assignments", assignments).object
        self.assertLessEqual({"faces", "clusters", "pairwise", "bcubed", "seconds"}, found.keys())
        for figures in (found["pairwise"], found["bcubed"]):
            self.assertLessEqual({"precision", "recall", "f"}, figures.keys())
            self.assertGreaterEqual(figures["f"], 0.98)
            low, high = figures["f_ci95"]
            self.assertTrue(0 < low <= figures["f"] <= high <= 1)
        self.assertGreater(found["faces"], 300)
        # The same vectors, stored: the same groups.
        stored = ("eval", "cluster", "--npy", f"{stem}.npy", "--labels", f"{stem}.txt")
        again = self.kith(*stored, "--json").object
        self.assertEqual({**again, "seconds": 0, "model": "mobilefacenet", "detector": "centerface"},
                         {**found, "seconds": 0})
        lines = assignments.read_text().split()
        self.assertEqual(len(lines), found["faces"])
        self.assertEqual(len(set(lines)), found["clusters"])
        self.assertIn(f"{found['faces']} faces into {found['clusters']} clusters", self.kith(*stored).text)

    def test_tables_say_the_same(self):
        table = self.kith("eval", "lfw", LFW, "--every", "100").text
        self.assertIn("accuracy, 10 folds", table)
        self.assertIn("photos without a face    0 of", table)

    def test_the_wrong_folder_is_said(self):
        failed = self.kith("eval", "lfw", self.folder, code=support.COULD_NOT_RUN)
        self.assert_said(failed, "error", "pairs.txt")


if __name__ == "__main__":
    if not (LFW.is_dir() and OPEN_SET.is_file() and DETECTION.is_dir()):
        support.skip_file("the data sets are not here (../shared/data, or KITH_SHARED)")
    support.main()

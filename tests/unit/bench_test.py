# SPDX-License-Identifier: Apache-2.0
"""The benchmark's arithmetic and tables: a wrong ratio would be a wrong claim."""

import importlib.machinery
import importlib.util
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench"))

import grouping  # noqa: E402
import report  # noqa: E402
import sets  # noqa: E402
import tools  # noqa: E402


def run(wall, loop=None, **changed):
    values = {"photos": 100, "wall_s": wall, "loop_s": loop, "cpu_s": wall, "peak_mb": 50, "faces": 90,
              "named": 10, "right": 9, "wrong": 1, "failed": 0}
    return {**values, **changed}


class Summary(unittest.TestCase):
    def test_medians_and_rates(self):
        found = report.summary([run(9, 4), run(5, 2, peak_mb=80), run(50, 40)])
        self.assertEqual(found["wall_s"], 9)
        self.assertAlmostEqual(found["rate_whole"], 100 / 9)
        self.assertAlmostEqual(found["rate_net"], 25)
        self.assertEqual(found["peak_mb"], 80)
        self.assertEqual(found["runs"], 3)
        self.assertFalse(found["unsteady"])

    def test_without_a_loop_time_the_whole_process_counts(self):
        found = report.summary([run(10)])
        self.assertEqual(found["rate_net"], found["rate_whole"])

    def test_counts_that_differ_are_told(self):
        self.assertTrue(report.summary([run(1), run(1, faces=89)])["unsteady"])

    def test_refuses_nothing_and_unlike_runs(self):
        with self.assertRaises(ValueError):
            report.summary([])
        with self.assertRaises(ValueError):
            report.summary([run(1), run(1, photos=99)])


class Ratios(unittest.TestCase):
    def test_like_for_like_and_with_the_handicap(self):
        kith, other = report.summary([run(10, 8)]), report.summary([run(130, 100)])
        self.assertAlmostEqual(report.ratio_alone(kith, other), 12.5)
        self.assertAlmostEqual(report.ratio_whole(kith, other), 13)
        self.assertAlmostEqual(report.ratio_handicapped(kith, other), 10)
        # Start-up is no part of the ratio that is judged, whoever's it is.
        for wall in (9, 90):
            self.assertAlmostEqual(report.ratio_alone(report.summary([run(wall, 8)]), other), 12.5)
            self.assertAlmostEqual(report.ratio_alone(kith, report.summary([run(100 + wall, 100)])), 12.5)

    def test_overhead(self):
        timings = {"wall_s": 6, "threads": 2, "decode_s": 4, "detect_s": 5, "embed_s": 1}
        self.assertAlmostEqual(report.overhead(timings), 0.2)
        with self.assertRaises(ValueError):
            report.overhead({"wall_s": 1, "threads": 1, "decode_s": 0, "detect_s": 0, "embed_s": 0})

    def test_flat(self):
        self.assertTrue(report.is_flat([400, 420, 439]))
        self.assertFalse(report.is_flat([400, 420, 441]))

    def test_verdict(self):
        self.assertEqual(report.verdict(12, 10, True, "x"), "12.0x, bar 10.0x: met")
        self.assertEqual(report.verdict(0.5, 0.4, False, " s"), "0.5 s, bar 0.4 s: MISSED")


class Bars(unittest.TestCase):
    def test_are_judged_by_the_photos_alone(self):
        loader = importlib.machinery.SourceFileLoader("bench_run", os.path.join(tools.HERE, "run"))
        spec = importlib.util.spec_from_loader("bench_run", loader)
        bench = importlib.util.module_from_spec(spec)
        loader.exec_module(bench)
        # 10 times over the photos alone, but 5 over the whole process.
        results = [("kith", report.summary([run(20, 10)]), True), ("face_recognition", report.summary([run(100, 100)]), True)]
        (line,) = bench.bars(results)
        self.assertIn("photos alone", line)
        self.assertIn("10.0x, bar 10.0x: met", line)


class KithsRun(unittest.TestCase):
    def test_takes_the_photos_time_from_the_timings(self):
        with tempfile.TemporaryDirectory() as folder:
            kith = os.path.join(folder, "kith")
            with open(kith, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n"
                           "while [ $# -gt 0 ]; do [ \"$1\" = --timings ] && echo '{\"wall_s\": 0.25}' > \"$2\"; shift; done\n"
                           "echo '{\"photo\": \"a\", \"faces\": [{\"name\": \"Anna\"}]}'\n")
            os.chmod(kith, 0o755)
            used, names = tools.run_kith(kith, {"photos": ["a"], "people_dir": folder}, 1)
            self.assertEqual((used["loop_s"], used["photos"], names), (0.25, 1, {"a": ["Anna"]}))
            self.assertGreater(used["wall_s"], 0)
            with open(kith, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n")
            with self.assertRaisesRegex(tools.Failed, "timings"):
                tools.run_kith(kith, {"photos": [], "people_dir": folder}, 1)


class Tables(unittest.TestCase):
    def test_speed_table(self):
        rows = [("kith", report.summary([run(10, 8)]), True), ("other", report.summary([run(130, 100)]), False)]
        lines = report.speed_table(rows).splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual(len({line.count("|") for line in lines}), 1)
        cells = [[cell.strip() for cell in line.split("|")][1:7] for line in lines]
        self.assertEqual(cells[2], ["kith", "10.0", "12.5", "-", "-", "-"])
        self.assertEqual(cells[3], ["other", "0.769", "1.00", "12.5x", "13.0x", "10.0x"])
        self.assertIn("photos alone (the bar)", cells[0][3])
        self.assertIn(" - ", lines[3])  # no names from a tool whose names mean nothing

    def test_without_kith_there_is_no_ratio(self):
        lines = report.speed_table([("other", report.summary([run(2)]), True)]).splitlines()
        self.assertNotIn("x |", lines[2])

    def test_numbers(self):
        self.assertEqual([report.number(v) for v in (1234.5, 12.34, 1.234, 0.01234, 0, None)],
                         ["1234", "12.3", "1.23", "0.0123", "0", "-"])

    def test_replaces_only_between_the_markers(self):
        text = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        self.assertEqual(report.replace_between(text, "new"), f"before\n{report.BEGIN}\nnew\n{report.END}\nafter\n")
        self.assertEqual(report.replace_between("", "new"), f"{report.BEGIN}\nnew\n{report.END}\n")
        self.assertTrue(report.replace_between("text\n", "new").startswith("text\n\n" + report.BEGIN))
        with self.assertRaises(ValueError):
            report.replace_between(report.BEGIN, "new")


class Grouping(unittest.TestCase):
    def test_sums_by_hand(self):
        # As in tests/unit/eval/clusters_test.cpp: {1 2 4}, {3}, {5}; persons {1 2 3}, {4 5}.
        found = grouping.scores([1, 1, 2, 1, 3], ["a", "a", "a", "b", "b"])
        self.assertEqual(found["clusters"], 3)
        self.assertAlmostEqual(found["pairwise"][0], 1 / 3)
        self.assertAlmostEqual(found["pairwise"][1], 1 / 4)
        self.assertAlmostEqual(found["pairwise"][2], 2 / 7)
        self.assertAlmostEqual(found["bcubed"][0], 11 / 15)
        self.assertAlmostEqual(found["bcubed"][1], 8 / 15)

    def test_nothing_and_unlike_lengths(self):
        self.assertEqual(grouping.scores([1, 1, 2], [1, 2, 2])["pairwise"], (0, 0, 0))
        self.assertEqual(grouping.scores([], [])["pairwise"], (1, 1, 1))
        with self.assertRaises(ValueError):
            grouping.scores([1], [])


class Sets(unittest.TestCase):
    def test_names_are_checked_against_the_truth(self):
        photo_set = {"truth": {"a": "Anna", "b": None, "c": "Anna", "d": "Anna"}}
        names = {"a": ["Anna", None], "b": ["Anna"], "c": ["Bert"], "d": ["Anna", "Anna"]}
        self.assertEqual(sets.check(photo_set, names), {"faces": 6, "named": 5, "right": 2, "wrong": 3})

    def test_lfw_choice_is_fixed_and_keeps_references_apart(self):
        with tempfile.TemporaryDirectory() as folder:
            for person in range(60):
                name = f"Person_{person:02}"
                os.makedirs(os.path.join(folder, "lfw", name))
                for index in range(14 if person < 25 else 1):
                    with open(os.path.join(folder, "lfw", name, f"{name}_{index:04}.jpg"), "w") as file:
                        file.write("no picture")
            first = sets.lfw(os.path.join(folder, "lfw"), folder, photos=50)
            again = sets.lfw(os.path.join(folder, "lfw"), folder, photos=50)
            self.assertEqual(first, again)
            self.assertEqual((len(first["photos"]), len(first["people"])), (50, 20))
            references = {path for paths in first["people"].values() for path in paths}
            self.assertFalse(references & set(first["photos"]))
            self.assertEqual(sum(who is not None for who in first["truth"].values()), 20)

    def test_people_of_an_open_set_by_role(self):
        with tempfile.TemporaryDirectory() as folder:
            listed = os.path.join(folder, "list.csv")
            with open(listed, "w", encoding="utf-8") as file:
                file.write("role,identity,file\ngallery,Anna,a2.jpg\nprobe_known,Anna,a3.jpg\n"
                           "known_unknown_train,Bert,b.jpg\ngallery,Anna,a1.jpg\n")
            self.assertEqual(sets.open_set(listed, "gallery"), {"Anna": ["a2.jpg", "a1.jpg"]})
            self.assertEqual(sets.open_set(listed, *sets.TRAINING), {"Anna": ["a2.jpg", "a1.jpg"], "Bert": ["b.jpg"]})

    def test_a_missing_set_says_what_to_do(self):
        with self.assertRaisesRegex(sets.Missing, "--lfw"):
            sets.lfw("/nowhere", "/nowhere")


if __name__ == "__main__":
    unittest.main()

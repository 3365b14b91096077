# SPDX-License-Identifier: Apache-2.0
"""`kith train adapt`, on libraries that no scan made: rows as a scan would have left them, with vectors whose
people differ as the test wants it; and on the sample photos, which are too few."""

import random
import shutil
import sqlite3
import struct
from contextlib import closing

from library_support import LibraryTest, holders_of, rows
from support import BIDEN, COULD_NOT_RUN, KNOWN, OBAMA, WRONG_USAGE, main

DIMENSION = 512
PEOPLE = 40
FACES = 6


def unit(vector):
    length = sum(value * value for value in vector) ** 0.5
    return [value / length for value in vector]


def made_up_vectors(nuisance, seed=1, people=PEOPLE, faces=FACES):
    """A list of vectors a person. A face lies off its person by 0.5 in all directions taken together, and by
    `nuisance` in each of the first four."""
    choice = random.Random(seed)
    for _ in range(people):
        centre = unit([choice.gauss(0, 1) for _ in range(DIMENSION)])
        yield [unit([value + choice.gauss(0, 0.5 / DIMENSION**0.5) + (choice.gauss(0, nuisance) if i < 4 else 0)
                     for i, value in enumerate(centre)]) for _ in range(faces)]


def projection_in(file):
    """The rows of a NumPy file of float32, read without NumPy."""
    content = file.read_bytes()
    header = 10 + struct.unpack("<H", content[8:10])[0]
    values = struct.unpack(f"<{DIMENSION * DIMENSION}f", content[header:])
    return [values[i * DIMENSION:(i + 1) * DIMENSION] for i in range(DIMENSION)]


class Adapting(LibraryTest):
    def setUp(self):
        super().setUp()
        # Each test has models of its own.
        self.env = {**self.env, "XDG_DATA_HOME": str(self.folder / "data")}
        self.models = self.folder / "data/kith/models"
        self.empty = self.folder / "empty"
        self.empty.mkdir()

    def make_library(self, people, model="mobilefacenet"):
        """A library with a confirmed face a vector; the people are called Person 1, Person 2 ..."""
        self.scan(self.empty)
        with closing(sqlite3.connect(self.library / "library.sqlite")) as database:
            database.execute("UPDATE model SET name = ?", (model,))
            (model_id,) = database.execute("SELECT id FROM model").fetchone()
            face = 0
            for person, vectors in enumerate(people, start=1):
                database.execute("INSERT INTO person (id, name, birth) VALUES (?, ?, '')", (person, f"Person {person}"))
                for vector in vectors:
                    face += 1
                    database.execute("INSERT INTO photo (id, path, size, mtime_ns, content, width, height, orientation,"
                                     " taken, camera, missing, error_code, error_message)"
                                     " VALUES (?, ?, 1, 1, ?, 600, 400, 1, '', '', 0, '', '')",
                                     (face, f"/nowhere/{face}.jpg", f"{face:064x}"))
                    database.execute("INSERT INTO face VALUES (?, ?, 10, 10, 100, 100, ?, 0.9, 0.8)",
                                     (face, face, struct.pack("<10f", *range(20, 30))))
                    database.execute("INSERT INTO vector VALUES (?, ?, ?)",
                                     (face, model_id, struct.pack(f"<{DIMENSION}e", *vector)))
                    database.execute("INSERT INTO confirmed VALUES (?, ?)", (face, person))
            database.commit()

    def with_nuisance(self):
        self.make_library(made_up_vectors(nuisance=0.6))

    def adapt(self, *arguments, **keywords):
        return self.run_in("train", "adapt", *arguments, **keywords)

    def embedders(self):
        return {model["name"]: model for model in self.kith("models", "list", "--json").objects
                if model["kind"] == "embedder"}

    def test_what_helps_is_kept_and_works_everywhere(self):
        self.with_nuisance()
        told = self.adapt("--json").object
        self.assertTrue(told["helps"])
        self.assertEqual(told["kept"], "adapted")
        self.assertEqual(told["base"], "mobilefacenet")
        self.assertEqual((told["people"], told["faces"]), (PEOPLE, PEOPLE * FACES))
        self.assertGreater(told["difference_ci95"][0], 0)
        self.assertLess(told["tar"]["base"], told["tar"]["adapted"])
        self.assertTrue(told["few_pairs"])

        model = self.embedders()["adapted"]
        self.assertEqual(model["licence"], "MIT")
        self.assertFalse(model["active"], "keeping is not choosing")
        checked = self.kith("models", "check", "adapted", "--json").object
        self.assertTrue(checked["ok"], checked)

        # What the network says of a photo, times the matrix.
        (matrix_file,) = self.models.glob("*.npy")
        matrix = projection_in(matrix_file)
        # Anything but f32 would differ by the rounding of bf16.
        (base,) = self.kith("embed", OBAMA, "--json", "--precision", "f32").object["faces"]
        (adapted,) = self.kith("embed", OBAMA, "--json", "--precision", "f32", "--model", "adapted").object["faces"]
        expected = unit([sum(a * float(b) for a, b in zip(row, base["embedding"])) for row in matrix])
        for value, wanted in zip(adapted["embedding"], expected):
            self.assertAlmostEqual(float(value), wanted, places=4)
        self.kith("verify", OBAMA, BIDEN, "--model", "adapted")
        self.identify(OBAMA)

        # Chosen for the library: known vectors are projected, and nobody looks for the photos, which are nowhere.
        self.kith("models", "use", "adapted")
        self.scan(self.empty)
        per_model = dict(rows(self.library / "library.sqlite",
                              "SELECT model.name, count(*) FROM vector JOIN model ON model.id = model GROUP BY 1"))
        adapted_space = next(name for name in per_model if name.startswith("adapted@"))
        self.assertEqual(per_model[adapted_space], PEOPLE * FACES)
        precision = self.run_in("eval", "library", "--json").object["precision"]["value"]
        self.assertGreaterEqual(precision, 0.99)

        # Again, with the adapted one in use: what it rests on is adapted.
        again = self.adapt("--json", "--replace").object
        self.assertEqual(again["base"], "mobilefacenet")
        self.assertEqual(again["tar"], told["tar"], "the same faces and the same seed")

        # And back.
        self.kith("models", "use", "mobilefacenet")
        self.assertEqual(self.kith("models", "remove", "adapted").text, "removed adapted\n")
        self.assertEqual(list(self.models.glob("*.npy")), [])

    def test_what_does_not_help_is_not_kept_and_says_so(self):
        self.make_library(made_up_vectors(nuisance=0))
        outcome = self.adapt()
        self.assertIn("does not help here, and nothing was kept", outcome.text)
        self.assertIn("95 % interval", outcome.text)
        self.assertEqual(list(self.embedders()), ["mobilefacenet"])
        self.assertFalse(self.models.exists())
        self.assertIsNone(self.adapt("--json").object["kept"])

    def test_a_dry_run_keeps_nothing(self):
        self.with_nuisance()
        outcome = self.adapt("--dry-run")
        self.assertIn("it helps. Nothing was kept", outcome.text)
        self.assertEqual(list(self.embedders()), ["mobilefacenet"])

    def test_a_name_that_is_taken_is_refused_before_the_work(self):
        self.with_nuisance()
        for name in ("mobilefacenet", "centerface"):
            self.assert_said(self.adapt("--name", name, "--replace", code=WRONG_USAGE), name, "choose another name")
        self.assert_said(self.adapt("--name", "../x", code=WRONG_USAGE), "cannot be a model's name")
        self.adapt("--name", "family")
        self.assert_said(self.adapt("--name", "family", code=WRONG_USAGE), "family", "--replace")
        self.adapt("--name", "family", "--replace", "--seed", "2")
        self.assertEqual(len(list(self.models.glob("*.npy"))), 1)

    def test_the_sample_photos_are_too_few(self):
        people = self.folder / "people"
        (people / "Barack Obama").mkdir(parents=True)
        for name in ("obama", "obama2", "obama3"):
            shutil.copy(KNOWN / f"{name}.jpg", people / "Barack Obama")
        shutil.copy(BIDEN, people / "Joe Biden.jpg")
        outcome = self.kith("train", "adapt", "--people", people, code=WRONG_USAGE)
        self.assert_said(outcome, "there is 1 person with two named faces or more", "at least 20", "1 more has one face")
        self.run_in("people", "learn", people)
        self.assert_said(self.adapt(code=WRONG_USAGE), "at least 20")

    def test_an_empty_library_and_none(self):
        self.assert_said(self.adapt(code=COULD_NOT_RUN), "no library")
        self.scan(self.empty)
        self.assert_said(self.adapt(code=WRONG_USAGE), "at least 20")
        self.assert_said(self.kith("train", "adapt", "--people", self.folder / "nobody", code=COULD_NOT_RUN), "nobody")

    def test_vectors_of_another_model_alone_cannot_be_adapted(self):
        self.make_library(made_up_vectors(nuisance=0.6), model="another")
        outcome = self.adapt(code=WRONG_USAGE)
        self.assert_said(outcome, f"{PEOPLE * FACES} named faces without a vector of", "kith scan")

    def test_damaged_vectors_are_left_out_and_counted(self):
        people = list(made_up_vectors(nuisance=0.6))
        people[3][2] = [float("nan")] * DIMENSION
        people[5][0] = [0.0] * DIMENSION
        people[6][0][7] = float("inf")
        self.make_library(people)
        outcome = self.adapt("--json")
        self.assertEqual(outcome.object["damaged_vectors"], 3)
        self.assertTrue(outcome.object["helps"])
        self.assert_said(outcome, "3 damaged vectors left out")

    def test_a_damaged_or_lost_projection_is_refused(self):
        self.with_nuisance()
        self.adapt()
        (file,) = self.models.glob("*.npy")
        content = bytearray(file.read_bytes())
        content[5000] ^= 1
        for change in (lambda: file.write_bytes(content), lambda: file.write_bytes(b""), file.unlink):
            change()
            for command in (["models", "check", "adapted"], ["embed", OBAMA, "--json", "--model", "adapted"]):
                outcome = self.kith(*command, code=COULD_NOT_RUN)
                self.assertIn(file.name, outcome.err + outcome.text)
        self.kith("embed", OBAMA, "--json")
        self.kith("models", "remove", "adapted")

    def test_forgetting_a_person_takes_the_model_away_that_knew_them(self):
        self.with_nuisance()
        self.adapt("--name", "family")
        self.kith("models", "use", "family")
        self.scan(self.empty)
        (file,) = self.models.glob("*.npy")
        trace = file.read_bytes()[4096:4160]
        self.assertEqual(holders_of([trace], self.folder), [file])

        self.assert_said(self.run_in("people", "forget", "Nobody", code=WRONG_USAGE), "no person named")
        self.assertIn("family", self.embedders(), "nobody was forgotten")
        told = self.run_in("people", "forget", "Person 3", "--json").object
        self.assertEqual(told["models"], ["family"])
        self.assertEqual(told["faces"], FACES)
        self.assertEqual(list(self.embedders()), ["mobilefacenet"])
        self.assertTrue(self.embedders()["mobilefacenet"]["active"])
        self.assertEqual(holders_of([trace], self.folder), [])
        models = rows(self.library / "library.sqlite", "SELECT DISTINCT model.name FROM vector JOIN model ON model.id = model")
        self.assertEqual(models, [("mobilefacenet",)])
        self.assertTrue(self.adapt("--json").object["helps"], "from the others")

    def test_another_librarys_model_stays_when_a_person_is_forgotten(self):
        self.with_nuisance()
        self.adapt("--name", "family")
        other = self.folder / "other"
        self.run_in("scan", self.empty, library=other)
        with closing(sqlite3.connect(other / "library.sqlite")) as database:
            database.execute("INSERT INTO person (name, birth) VALUES ('Person 3', '')")
            database.commit()
        self.assertEqual(self.run_in("people", "forget", "Person 3", "--json", library=other).object["models"], [])
        self.assertIn("family", self.embedders())


if __name__ == "__main__":
    main()

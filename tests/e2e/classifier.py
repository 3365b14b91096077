# SPDX-License-Identifier: Apache-2.0
"""The other ways of telling people apart, `kith identify --classifier gaussian|svm`, and what they learn: `kith train
classifier` and `kith train background`."""

import shutil

import support
from support import (BINARY, COULD_NOT_RUN, FACE_KEYS, NAME_KEYS, OBAMA, OBAMA2, OBAMA3, OK, PARTIAL, STRANGERS,
                     WRONG_USAGE, KithTest, names)

BACKGROUND = BINARY.parent / "models" / "mobilefacenet.background"
OTHERS = ("gaussian", "svm")


class Identify(KithTest):
    def test_known_people_are_named_and_strangers_are_not(self):
        for classifier in OTHERS:
            found = self.identify(OBAMA2, OBAMA3, *PARTIAL, *STRANGERS, "--classifier", classifier)
            self.assertEqual(found.err, "")
            photos = found.objects
            for photo in photos[:4]:
                self.assertEqual(names(photo), ["Barack Obama"], (classifier, photo["photo"]))
            strangers = [face for photo in photos[4:] for face in photo["faces"]]
            self.assertEqual(len(strangers), 22)
            for face in strangers:
                self.assertIsNone(face["name"], classifier)
            for face in [face for photo in photos for face in photo["faces"]]:
                self.assertEqual(list(face), FACE_KEYS + NAME_KEYS)
                self.assertTrue(0 <= face["probability"] <= 1)
                self.assertTrue(-1 <= face["similarity"] <= 1)
                self.assertNotEqual(face["runner_up"]["name"], face["name"])

    def test_one_look_and_all_of_them_name_alike(self):
        for classifier in OTHERS:
            fast, thorough = (self.identify(OBAMA2, *STRANGERS, "--classifier", classifier, *more).objects
                              for more in ((), ("--thorough",)))
            self.assertEqual(list(map(names, fast)), list(map(names, thorough)))

    def test_without_a_background_it_says_how_to_make_one(self):
        failed = self.identify(OBAMA2, "--classifier", "svm", "--background", self.folder / "none", code=COULD_NOT_RUN)
        self.assert_said(failed, "error", "none", "kith train background")
        (self.folder / "text").write_text("not a background")
        failed = self.identify(OBAMA2, "--classifier", "gaussian", "--background", self.folder / "text", code=COULD_NOT_RUN)
        self.assert_said(failed, "error", "text", "kith train background")

    def test_wrong_arguments(self):
        people = ("--people", self.people)
        for wrong in ((*people, "--classifier", "all"), (*people, "--classifier", "knn"), (*people, "--trained", "x"),
                      ("--trained", "x", "--classifier", "svm"), ("--trained", "x", "--background", "y"), ()):
            failed = self.kith("identify", OBAMA2, *wrong, code=WRONG_USAGE)
            self.assertEqual(failed.out, b"", wrong)


class Train(KithTest):
    def train(self, people, *more, code=OK):
        return self.kith("train", "classifier", people, "--out", self.folder / "us.kith", *more, code=code)

    def test_a_trained_file_names_as_the_photos_do(self):
        for classifier in ("nearest", *OTHERS):
            told = self.train(self.people, "--classifier", classifier, "--json").object
            self.assertEqual(told, {"classifier": classifier, "model": "mobilefacenet", "people": 2, "faces": 2,
                                    "file": str(self.folder / "us.kith")})
            trained = self.kith("identify", OBAMA2, STRANGERS[0], "--trained", self.folder / "us.kith", "--json")
            direct = self.identify(OBAMA2, STRANGERS[0], "--classifier", classifier)
            self.assertEqual(trained.objects, direct.objects)

    def test_what_is_amiss_with_the_photos_is_said(self):
        people = self.folder / "people"
        for name, photo in (("Obama", OBAMA), ("Obama", OBAMA2), ("The president", OBAMA3)):
            (people / name).mkdir(parents=True, exist_ok=True)
            shutil.copy(photo, people / name)
        done = self.train(people, "--classifier", "gaussian")
        self.assert_said(done, "warning", "\"The president\"", "one photo")
        self.assert_said(done, "warning", "\"The president\" looks like \"Obama\"", "one person?")
        self.assertIn("2 people", done.text)
        self.assertIn("--trained", done.text)

    def test_no_faces_no_people_no_folder(self):
        empty = self.folder / "empty"
        empty.mkdir()
        self.train(empty, code=COULD_NOT_RUN)
        (empty / "Text.jpg").write_text("no photo")
        failed = self.train(empty, code=COULD_NOT_RUN)
        self.assert_said(failed, "error")
        self.train(self.folder / "nowhere", code=COULD_NOT_RUN)
        self.assertFalse((self.folder / "us.kith").exists())

    def test_a_file_that_cannot_be_written_or_read(self):
        failed = self.kith("train", "classifier", self.people, "--out", self.folder / "no" / "file", code=COULD_NOT_RUN)
        self.assert_said(failed, "error", "no/file")
        self.train(self.people, "--classifier", "svm")
        whole = (self.folder / "us.kith").read_bytes()
        for damaged in (b"", whole[:1000], whole[:-4], b"x" + whole[1:]):
            (self.folder / "us.kith").write_bytes(damaged)
            failed = self.kith("identify", OBAMA2, "--trained", self.folder / "us.kith", "--json", code=COULD_NOT_RUN)
            self.assert_said(failed, "error", "us.kith", "kith train classifier")
            self.assertEqual(failed.out, b"")

    def test_a_background_of_another_model_is_refused(self):
        text = BACKGROUND.read_bytes().replace(b"mobilefacenet", b"another_model")
        (self.folder / "other").write_bytes(text)
        failed = self.identify(OBAMA2, "--classifier", "gaussian", "--background", self.folder / "other", code=COULD_NOT_RUN)
        self.assert_said(failed, "error", "another_model", "mobilefacenet", "kith train background")

    def test_a_cohort_of_too_few_people(self):
        cohort = self.folder / "cohort"
        for name, photo in (("A", OBAMA), ("B", OBAMA2)):
            (cohort / name).mkdir(parents=True)
            shutil.copy(photo, cohort / name)
        failed = self.kith("train", "background", cohort, "--out", self.folder / "b", code=WRONG_USAGE)
        self.assert_said(failed, "error", "two faces", "at least")
        self.kith("train", "background", "--out", self.folder / "b", code=WRONG_USAGE)
        self.assertFalse((self.folder / "b").exists())


if __name__ == "__main__":
    support.main()

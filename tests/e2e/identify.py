# SPDX-License-Identifier: Apache-2.0
"""`kith identify` on real photos: the right names on the right faces, unknown otherwise."""

import hashlib
import shutil

import support
from support import (BIDEN, COULD_NOT_RUN, FACE_KEYS, NAME_KEYS, OBAMA, OBAMA2, OBAMA3, OK, PARTIAL, PHOTO_KEYS,
                     SOME_FAILED, STRANGERS, WRONG_USAGE, FloatText, KithTest, exif, exiftool, names, picture_size, png, vips)

PHOTOS = [OBAMA2, OBAMA3, *PARTIAL, *STRANGERS]


def floats(value):
    if isinstance(value, FloatText):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from floats(part)
    elif isinstance(value, list):
        for part in value:
            yield from floats(part)


class Demo(KithTest):
    """The main job, run once; each test looks at one side of the result."""

    found = None

    def setUp(self):
        super().setUp()
        if Demo.found is None:
            Demo.found = self.identify(*PHOTOS)
        self.photos = self.found.objects

    def test_known_person_is_named_on_every_photo(self):
        for photo in self.photos[:4]:
            self.assertEqual(names(photo), ["Barack Obama"], photo["photo"])

    def test_no_stranger_is_named(self):
        strangers = [face for photo in self.photos[4:] for face in photo["faces"]]
        self.assertEqual(len(strangers), 22)
        for face in strangers:
            self.assertIsNone(face["name"])

    def test_nothing_on_standard_error(self):
        self.assertEqual(self.found.err, "")

    def test_photos_are_in_the_order_given_and_faces_left_to_right(self):
        self.assertEqual([photo["photo"] for photo in self.photos], [str(photo) for photo in PHOTOS])
        for photo in self.photos:
            left = [face["box"][0] for face in photo["faces"]]
            self.assertEqual(left, sorted(left))

    def test_exactly_the_fields_of_the_contract(self):
        for photo in self.photos:
            self.assertEqual(list(photo), PHOTO_KEYS)
            for face in photo["faces"]:
                self.assertEqual(list(face), FACE_KEYS + NAME_KEYS)
                self.assertEqual(list(face["runner_up"]), ["name", "probability", "similarity"])

    def test_types_and_ranges(self):
        references = {str(path) for path in self.people.iterdir()}
        for photo in self.photos:
            self.assertIs(type(photo["width"]), int)
            self.assertIs(type(photo["height"]), int)
            self.assertEqual(photo["orientation"], 1)
            self.assertEqual((photo["width"], photo["height"]), picture_size(photo["photo"]))
            for face in photo["faces"]:
                x, y, width, height = face["box"]
                self.assertGreaterEqual(x, -0.2 * width)
                self.assertGreaterEqual(y, -0.2 * height)
                self.assertLessEqual(x + width, photo["width"] + 0.2 * width)
                self.assertLessEqual(y + height, photo["height"] + 0.2 * height)
                self.assertEqual([len(point) for point in face["landmarks"]], [2] * 5)
                for key in ("score", "quality", "probability"):
                    self.assertTrue(0 <= face[key] <= 1, (key, face[key]))
                self.assertTrue(-1 <= face["similarity"] <= 1)
                self.assertIn(face["reference"], references)
                runner_up = face["runner_up"]
                self.assertTrue(0 <= runner_up["probability"] <= 1)
                self.assertTrue(-1 <= runner_up["similarity"] <= 1)
                self.assertIn(runner_up["name"], ("Barack Obama", "Joe Biden"))
                self.assertNotEqual(runner_up["name"], face["name"])

    def test_the_eyes_lie_in_the_box_and_the_left_one_comes_first(self):
        for photo in self.photos:
            for face in photo["faces"]:
                x, y, width, height = face["box"]
                left, right = face["landmarks"][:2]
                self.assertLess(left[0], right[0], photo["photo"])
                for point in (left, right):
                    self.assertTrue(x - 0.1 * width <= point[0] <= x + 1.1 * width, photo["photo"])
                    self.assertTrue(y <= point[1] <= y + height, photo["photo"])

    def test_at_most_six_significant_digits(self):
        values = list(floats(self.photos))
        self.assertGreater(len(values), 500)
        for value in values:
            self.assertLessEqual(value.digits(), 6, value.text)

    def test_a_named_face_rests_on_that_persons_photo(self):
        for photo in self.photos[:4]:
            self.assertEqual(photo["faces"][0]["reference"], str(self.people / "Barack Obama.jpg"))

    def test_the_table_says_the_same(self):
        table = self.kith("identify", OBAMA2, STRANGERS[0], "--people", self.people).text.splitlines()
        self.assertEqual(len(table), 2)
        self.assertIn(str(OBAMA2), table[0])
        self.assertRegex(table[0], r"Barack Obama \(\d+ %\)")
        self.assertIn("3 unknown", table[1])

    def test_one_thread_and_many_give_the_same(self):
        one = self.identify(*PHOTOS[:6], "--threads", "1")
        many = self.identify(*PHOTOS[:6], "--threads", "7")
        self.assertEqual(one.out, many.out)

    def test_a_folder_is_walked_in_order(self):
        found = self.identify(STRANGERS[0].parent).objects
        self.assertEqual([photo["photo"] for photo in found], [str(path) for path in STRANGERS])


class Settings(KithTest):
    def test_far_from_strict_to_loose(self):
        named = []
        for rate in ("1e-30", "1e-6", "1e-3", "1"):
            found = self.identify(OBAMA2, OBAMA3, *STRANGERS[:2], "--far", rate).objects
            named.append({(photo["photo"], name) for photo in found for name in names(photo) if name})
        for strict, loose in zip(named, named[1:]):
            self.assertLessEqual(strict, loose)
        self.assertEqual(len(named[2]), 2)
        self.assertEqual(named[0], set())

    def test_far_out_of_range_is_wrong_usage(self):
        for rate in ("0", "-1", "1.5", "often"):
            self.identify(OBAMA2, "--far", rate, code=support.WRONG_USAGE)

    def test_a_name_once_a_photo_unless_repeats_are_allowed(self):
        mirrored, collage = self.folder / "mirrored.jpg", self.folder / "collage.jpg"
        vips("flip", OBAMA2, mirrored, "horizontal")
        vips("join", OBAMA2, mirrored, collage, "horizontal")
        once = names(self.identify(collage).object)
        self.assertEqual(sorted(once, key=str), ["Barack Obama", None])
        self.assertEqual(names(self.identify(collage, "--allow-repeats").object), ["Barack Obama"] * 2)

    def test_unknown_detector_model_or_classifier(self):
        for option in ("--detector", "--model", "--classifier"):
            failed = self.identify(OBAMA2, option, "nonesuch", code=support.WRONG_USAGE)
            self.assertIn("nonesuch", failed.err)


class Enrolment(KithTest):
    def test_folders_and_files_mixed_with_names_of_every_script(self):
        people = self.folder / "People"
        (people / "Émile").mkdir(parents=True)
        shutil.copy(OBAMA, people / "Émile" / "one.jpg")
        shutil.copy(PARTIAL[1], people / "Émile" / "two.jpg")
        shutil.copy(BIDEN, people / "小明.jpg")
        (people / "Ирина" / "2020" / "summer").mkdir(parents=True)
        vips("crop", STRANGERS[0], people / "Ирина" / "2020" / "summer" / "a.jpg", 780, 380, 320, 380)
        (people / "notes.txt").write_text("not a photo")
        found = self.identify(OBAMA2, BIDEN, STRANGERS[0], people=people)
        self.assertEqual(found.err, "")
        self.assertEqual([names(photo) for photo in found.objects], [["Émile"], ["小明"], [None, "Ирина", None]])
        self.assertIn("Émile", found.text)
        table = self.kith("identify", OBAMA2, BIDEN, "--people", people).text
        self.assertIn("Émile", table)
        self.assertIn("小明", table)

    def test_a_photo_with_several_faces_is_said_and_the_largest_taken(self):
        shutil.copy(OBAMA, self.folder / "Anna.jpg")
        shutil.copy(STRANGERS[0], self.folder / "Group.jpg")
        found = self.identify(OBAMA2, people=self.folder)
        self.assert_said(found, "warning", "Group.jpg", "several faces")
        self.assertEqual(names(found.object), ["Anna"])

    def test_a_photo_without_a_face_is_said_and_the_rest_goes_on(self):
        shutil.copy(OBAMA, self.folder / "Anna.jpg")
        (self.folder / "Wall.png").write_bytes(png(300, 300, None))
        (self.folder / "Broken.jpg").write_bytes(OBAMA.read_bytes()[:5000])
        found = self.identify(OBAMA2, people=self.folder)
        self.assert_said(found, "warning", "Wall.png", "no face")
        self.assert_said(found, "warning", "Broken.jpg")
        self.assertEqual(names(found.object), ["Anna"])

    def test_a_likely_mislabel_is_said_and_left_out(self):
        anna = self.folder / "Anna"
        anna.mkdir()
        for number, photo in enumerate((OBAMA, OBAMA3, BIDEN)):
            shutil.copy(photo, anna / f"{number}.jpg")
        found = self.identify(OBAMA2, BIDEN, people=self.folder)
        self.assert_said(found, "warning", "2.jpg", "Anna", "somebody else")
        self.assertEqual([names(photo) for photo in found.objects], [["Anna"], [None]])

    def test_two_names_for_one_face_are_said(self):
        shutil.copy(OBAMA, self.folder / "Anna.jpg")
        shutil.copy(OBAMA3, self.folder / "Berta.jpg")
        self.assert_said(self.identify(OBAMA2, people=self.folder), "Anna", "Berta", "one person")

    def test_nobody_to_learn_from(self):
        (self.folder / "Wall.png").write_bytes(png(300, 300, None))
        self.assert_said(self.identify(OBAMA2, people=self.folder, code=COULD_NOT_RUN), "nobody could be learned")

    def test_no_people_folder(self):
        failed = self.identify(OBAMA2, people=self.folder / "nowhere", code=COULD_NOT_RUN)
        self.assert_said(failed, "nowhere", "should hold Name.jpg files")


class AnnotatedCopies(KithTest):
    def annotate(self, *photos, code=OK, **keywords):
        out = self.folder / "out"
        return out, self.kith("identify", *photos, "--people", self.people, "--annotate", out, "--json", code=code, **keywords)

    def test_a_copy_a_photo_upright_with_its_exif_and_the_original_untouched(self):
        photo = self.folder / "in" / "turned.jpg"
        photo.parent.mkdir()
        vips("rot", OBAMA2, f"{photo}[strip]", "d270")
        exiftool("-overwrite_original", "-n", "-Orientation=6", "-Make=Kith", "-DateTimeOriginal=2020:02:03 04:05:06",
                 "-GPSLatitude=52.5", "-GPSLatitudeRef=N", photo)
        before, modified = hashlib.sha256(photo.read_bytes()).digest(), photo.stat().st_mtime_ns
        out, found = self.annotate(photo)
        self.assertEqual(names(found.object), ["Barack Obama"])
        self.assertEqual((found.object["width"], found.object["height"]), picture_size(OBAMA2))
        self.assertEqual(found.object["orientation"], 6)

        self.assert_no_leftovers(out, ["turned.jpg"])
        copy = out / "turned.jpg"
        self.assertEqual(picture_size(copy), picture_size(OBAMA2))
        tags = exif(copy)
        self.assertEqual(tags.get("IFD0:Orientation", 1), 1)
        self.assertEqual(tags["IFD0:Make"], "Kith")
        self.assertEqual(tags["ExifIFD:DateTimeOriginal"], "2020:02:03 04:05:06")
        self.assertAlmostEqual(tags["GPS:GPSLatitude"], 52.5, delta=1e-4)
        self.assertEqual(hashlib.sha256(photo.read_bytes()).digest(), before)
        self.assertEqual(photo.stat().st_mtime_ns, modified)
        # Something is drawn: the copy is still the same person, but not the same picture.
        self.assertGreater(self.difference(copy, OBAMA2), 1)

    def difference(self, a, b):
        difference, absolute = self.folder / "difference.v", self.folder / "absolute.v"
        vips("subtract", a, b, difference)
        vips("abs", difference, absolute)
        done = support.subprocess.run(["vips", "avg", str(absolute)], capture_output=True, text=True, check=True)
        return float(done.stdout)

    def test_one_name_in_two_folders_gives_two_copies(self):
        for folder, photo in (("a", OBAMA2), ("b", STRANGERS[0])):
            (self.folder / folder).mkdir()
            shutil.copy(photo, self.folder / folder / "photo.jpg")
        out, _ = self.annotate(self.folder / "a" / "photo.jpg", self.folder / "b" / "photo.jpg")
        sizes = {picture_size(copy) for copy in out.rglob("*.jpg")}
        self.assertEqual(sizes, {picture_size(OBAMA2), picture_size(STRANGERS[0])})

    def test_folders_of_the_input_are_kept(self):
        (self.folder / "album" / "2020").mkdir(parents=True)
        shutil.copy(OBAMA2, self.folder / "album" / "2020" / "photo.jpg")
        shutil.copy(OBAMA3, self.folder / "album" / "photo.jpg")
        out, _ = self.annotate(self.folder / "album")
        self.assert_no_leftovers(out, ["photo.jpg", "2020/photo.jpg"])

    def test_the_photos_own_folder_is_refused_and_the_photo_stays_as_it_was(self):
        photo = self.folder / "photo.jpg"
        shutil.copy(OBAMA2, photo)
        before = photo.read_bytes()
        # The last case: a copy of one photo would take the place of another.
        for inputs in ([photo], [self.folder], ["photo.jpg"], [self.elsewhere(), photo]):
            refused = self.kith("identify", *inputs, "--people", self.people, "--annotate", self.folder, "--json", code=WRONG_USAGE)
            self.assert_said(refused, "error", "originals")
            self.assertEqual(refused.out, b"")
            self.assertEqual(photo.read_bytes(), before)
        self.assert_no_leftovers(self.folder, ["photo.jpg", "elsewhere/photo.jpg"])

    def elsewhere(self):
        photo = self.folder / "elsewhere" / "photo.jpg"
        photo.parent.mkdir()
        shutil.copy(OBAMA3, photo)
        return photo

    def test_copies_below_the_photos_folder_are_not_taken_for_photos(self):
        for name in ("a.jpg", "z.jpg"):
            shutil.copy(OBAMA2, self.folder / name)
        for _ in range(2):
            out, found = self.annotate(self.folder)
            self.assertEqual([photo["photo"] for photo in found.objects], [str(self.folder / name) for name in ("a.jpg", "z.jpg")])
            self.assert_no_leftovers(out, ["a.jpg", "z.jpg"])

    def test_a_file_that_kith_did_not_make_is_never_replaced(self):
        out = self.folder / "out"
        out.mkdir()
        for name in ("1.jpg", "2.jpg", "3.jpg"):
            shutil.copy(OBAMA2, self.folder / name)
        shutil.copy(STRANGERS[0], out / "1.jpg")
        (out / "2.jpg").write_text("notes of mine")
        before = {name: (out / name).read_bytes() for name in ("1.jpg", "2.jpg")}
        for _ in range(2):  # the second time, 3.jpg is a former copy
            photos = [self.folder / name for name in ("1.jpg", "2.jpg", "3.jpg")]
            _, found = self.annotate(*photos, code=SOME_FAILED)
            self.assertEqual([photo.get("error", {}).get("code") for photo in found.objects], ["write-failed", "write-failed", None])
            self.assert_said(found, "out/1.jpg", "no annotated copy of kith's", "another folder")
            self.assertEqual({name: (out / name).read_bytes() for name in before}, before)
            self.assert_no_leftovers(out, ["1.jpg", "2.jpg", "3.jpg"])

    def test_a_tiff_keeps_its_exif(self):
        photo = self.folder / "photo.tif"
        vips("copy", OBAMA2, f"{photo}[strip]")
        exiftool("-overwrite_original", "-n", "-Orientation=1", "-Make=Kith", "-Artist=Émile", "-DateTimeOriginal=2020:02:03 04:05:06",
                 "-ExposureTime=0.01", "-GPSLatitude=52.5", "-GPSLatitudeRef=N", "-Software=Camera", photo)
        out, found = self.annotate(photo)
        self.assertEqual(names(found.object), ["Barack Obama"])
        before, after = exif(photo), exif(out / "photo.tif")
        kept = {tag: value for tag, value in before.items() if tag.startswith(("ExifIFD:", "GPS:")) or tag in ("IFD0:Make", "IFD0:Artist")}
        self.assertGreater(len(kept), 6)
        self.assertEqual({tag: after.get(tag) for tag in kept}, kept)
        self.assertEqual(after["IFD0:Software"], "kith, annotated copy")
        self.assertNotIn("ExifTool:Warning", after)
        self.assertEqual(picture_size(out / "photo.tif"), picture_size(photo))

    def test_names_of_every_script_are_drawn(self):
        people = self.folder / "people"
        people.mkdir()
        copies = {}
        for name in ("Émile", "小明", "Ирина", "A"):
            for old in people.iterdir():
                old.unlink()
            shutil.copy(OBAMA, people / f"{name}.jpg")
            out = self.folder / f"out-{name}"
            self.kith("identify", OBAMA2, "--people", people, "--annotate", out)
            copies[name] = (out / "obama2.jpg").read_bytes()
        self.assertEqual(len(set(copies.values())), 4)

    def test_a_format_that_cannot_be_written_becomes_jpeg(self):
        vips("copy", OBAMA2, self.folder / "photo.gif")
        out, _ = self.annotate(self.folder / "photo.gif")
        self.assert_no_leftovers(out, ["photo.jpg"])

    def test_the_folder_cannot_be_made(self):
        (self.folder / "file").write_text("")
        failed = self.kith("identify", OBAMA2, "--people", self.people, "--annotate", self.folder / "file" / "out", code=COULD_NOT_RUN)
        self.assert_said(failed, "file/out")


if __name__ == "__main__":
    support.main()

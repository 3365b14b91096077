# SPDX-License-Identifier: Apache-2.0
"""Names into photos' own metadata and out of it, on real photos, with exiftool as the independent reader; and kills
in mid-write: every file is the old one or the new one, whole, and the next run completes the work.

KITH_CRASH_RUNS kills (6); KITH_CRASH_SEED makes a run's choices again (not its timing)."""

import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time

import support
from library_support import LibraryTest, database_copy, faults, rows, small_photos
from support import BIDEN, COULD_NOT_RUN, KNOWN, OBAMA, OBAMA2, OK, SOME_FAILED, WRONG_USAGE, exiftool, note, overlap, picture_size

RUNS = int(os.environ.get("KITH_CRASH_RUNS", "6"))
SEED = int(os.environ.get("KITH_CRASH_SEED", time.time_ns() % 1_000_000))
WRITE_KEYS = ["photos", "written", "unchanged", "failed", "seconds"]
IMPORT_KEYS = ["photos", "names", "confirmed", "drawn", "people", "known", "waiting", "conflicts", "settled", "forgotten", "problems"]
INFO_KEYS = ["photo", "in_library", "people", "faces", "exif", "place", "claims", "keywords", "sidecars", "written"]
CONFLICT_KEYS = ["conflict", "photo", "name", "source", "kind", "box", "face", "here"]
# What kith writes names into, as exiftool calls it.
NAME_TAGS = ("XMP:RegionInfo", "XMP:RegionInfoMP", "XMP:PersonInImage", "XMP:Subject", "XMP:HierarchicalSubject", "XMP:TagsList")
# digiKam's tables of photos and names, as far as they matter here (docs/interop.md).
DIGIKAM_SCHEMA = """
CREATE TABLE Settings (keyword TEXT NOT NULL UNIQUE, value TEXT);
CREATE TABLE AlbumRoots (id INTEGER PRIMARY KEY, label TEXT, status INTEGER NOT NULL, type INTEGER NOT NULL, identifier TEXT,
  specificPath TEXT);
CREATE TABLE Albums (id INTEGER PRIMARY KEY, albumRoot INTEGER NOT NULL, relativePath TEXT NOT NULL);
CREATE TABLE Images (id INTEGER PRIMARY KEY, album INTEGER, name TEXT NOT NULL, status INTEGER NOT NULL, category INTEGER NOT NULL);
CREATE TABLE ImageInformation (imageid INTEGER PRIMARY KEY, orientation INTEGER, width INTEGER, height INTEGER);
CREATE TABLE Tags (id INTEGER PRIMARY KEY, pid INTEGER, name TEXT NOT NULL);
CREATE TABLE TagProperties (tagid INTEGER, property TEXT, value TEXT);
CREATE TABLE ImageTags (imageid INTEGER NOT NULL, tagid INTEGER NOT NULL, UNIQUE (imageid, tagid));
CREATE TABLE ImageTagProperties (imageid INTEGER, tagid INTEGER, property TEXT, value TEXT);
INSERT INTO Settings VALUES ('DBVersion', '15');
INSERT INTO Tags VALUES (4, 0, 'People'), (5, 4, 'Unconfirmed'), (6, 4, 'Barack Obama'), (7, 4, 'Joe Biden'), (8, 0, 'Beach');
INSERT INTO TagProperties VALUES (5, 'person', ''), (5, 'unconfirmedPerson', ''), (6, 'person', 'Barack Obama'),
  (7, 'person', 'Joe Biden');
"""
# What changes with every change of a file.
FILE_TAGS = ("SourceFile", "File:", "ExifTool:", "XMP:XMPToolkit")


def tags(path):
    """All tags of a file, lists and structures as such."""
    return json.loads(exiftool("-json", "-struct", "-G0", "-a", "-n", path))[0]


def others(path):
    """The tags that are nobody's business but their owner's."""
    return {name: value for name, value in tags(path).items() if name not in NAME_TAGS and not name.startswith(FILE_TAGS)}


def image_data(path):
    """A JPEG's compressed picture: everything from the start of its first scan on."""
    content = path.read_bytes()
    at = 2
    while content[at + 1] != 0xDA:
        at += 2 + int.from_bytes(content[at + 2:at + 4], "big")
    return content[at:]


def region_boxes(path):
    """Names with their boxes in pixels, of a photo that is stored upright."""
    width, height = picture_size(path)
    info = tags(path).get("XMP:RegionInfo", {})
    return {region["Name"]: [(region["Area"]["X"] - region["Area"]["W"] / 2) * width, (region["Area"]["Y"] - region["Area"]["H"] / 2) * height,
                             region["Area"]["W"] * width, region["Area"]["H"] * height] for region in info.get("RegionList", [])}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class MetadataTest(LibraryTest):
    def setUp(self):
        super().setUp()
        self.album.mkdir(parents=True)
        for photo in (OBAMA, OBAMA2, BIDEN):
            shutil.copy(photo, self.album)
        self.obama, self.obama2, self.biden = (self.album / photo.name for photo in (OBAMA, OBAMA2, BIDEN))

    def write(self, *arguments, **keywords):
        """The summary of a write."""
        return self.run_in("write", *arguments, "--json", **keywords).objects[-1]

    def take_in(self, *arguments, **keywords):
        return self.run_in("import", *arguments, "--json", **keywords).object

    def named(self):
        """A library in which two photos are named, a third one is suggested."""
        self.scan()
        self.run_in("people", "add", "Barack Obama", self.obama)
        self.run_in("people", "add", "Joe Biden", self.biden)

    def info(self, photo, **keywords):
        return self.run_in("info", photo, "--json", **keywords).object


class Write(MetadataTest):
    def test_names_are_written_where_others_read_them_and_nothing_else_is_touched(self):
        exiftool("-overwrite_original", "-XMP:Subject=holiday", "-XMP:Rating=4", "-IPTC:City=Wien", "-EXIF:Artist=Me", self.obama)
        self.named()
        before, picture = others(self.obama), image_data(self.obama)
        untouched = digest(self.obama2)
        self.assertEqual(list(self.write()), WRITE_KEYS)
        self.assertEqual(others(self.obama), before)
        self.assertTrue(image_data(self.obama) == picture, "the picture's bytes changed")
        self.assertEqual(digest(self.obama2), untouched, "a suggestion was written without being asked for")
        found = tags(self.obama)
        self.assertIn("Barack Obama", found["XMP:PersonInImage"])
        self.assertEqual(found["XMP:Subject"], ["holiday", "Barack Obama"])
        self.assertIn("People|Barack Obama", found["XMP:HierarchicalSubject"])
        self.assertIn("People/Barack Obama", found["XMP:TagsList"])
        (face,) = self.explain(self.obama)
        self.assertGreater(overlap(region_boxes(self.obama)["Barack Obama"], face["box"]), 0.98)
        scanned = self.scan()
        self.assertEqual((scanned["unchanged"], scanned["changed"]), (3, 0))
        again = self.write()
        self.assertEqual((again["written"], again["unchanged"]), (0, 2))

    def test_a_dry_run_shows_a_diff_and_changes_nothing(self):
        self.named()
        before = digest(self.obama)
        shown = self.run_in("write", "--dry-run").text
        self.assertIn(str(self.obama), shown)
        self.assertRegex(shown, r"\n  \+ region .*Barack Obama")
        self.assertIn("2 would be written", shown)
        self.assertEqual(digest(self.obama), before)
        first = self.run_in("write", "--dry-run", "--json").objects[0]
        self.assertEqual(list(first), ["photo", "written", "files"])
        self.assertEqual(list(first["files"][0]["changes"][0]), ["change", "field", "before", "after"])

    def test_names_are_taken_out_when_they_hold_no_more_and_another_programs_stay(self):
        exiftool("-overwrite_original", "-XMP:PersonInImage=Michelle", "-XMP:Subject=holiday", self.obama)
        self.named()
        self.write()
        self.run_in("undo", "2")
        self.assertEqual(self.write()["written"], 2)
        found = tags(self.obama)
        self.assertEqual(found["XMP:PersonInImage"], ["Michelle"])
        self.assertEqual(found["XMP:Subject"], ["holiday"])
        self.assertNotIn("XMP:RegionInfo", found)
        self.assertEqual(self.write()["photos"], 0)

    def test_suggestions_microsoft_and_sidecars(self):
        self.named()
        before = digest(self.obama2)
        self.assertEqual(self.write("--min-probability", "0.5", "--microsoft", "--no-keywords", "--sidecar", "always", "--sidecar-name", "replaced")["written"], 3)
        self.assertEqual(digest(self.obama2), before)
        found = tags(self.obama2.with_suffix(".xmp"))
        self.assertEqual(found["XMP:RegionInfoMP"]["Regions"][0]["PersonDisplayName"], "Barack Obama")
        self.assertNotIn("XMP:Subject", found)
        # From now on they go into the photos, and the sidecars are kith's own.
        self.assertEqual(self.write("--sidecar", "never")["written"], 3)
        self.assertEqual(sorted(path.name for path in self.album.iterdir()), sorted(photo.name for photo in (OBAMA, OBAMA2, BIDEN)))

    def test_the_time_of_change_is_kept_on_request(self):
        self.named()
        os.utime(self.obama, (1_000_000_000, 1_000_000_000))
        self.scan()
        self.write("--keep-time")
        self.assertEqual(self.obama.stat().st_mtime, 1_000_000_000)
        self.assertEqual(self.scan()["unchanged"], 3)

    def test_a_photo_that_changed_since_the_scan_is_reported_and_left_alone(self):
        self.named()
        shutil.copy(OBAMA2, self.obama)
        before = digest(self.obama)
        done = self.run_in("write", "--json", code=SOME_FAILED)
        self.assert_said(done, self.obama, "kith scan")
        self.assertEqual(done.objects[-1]["failed"], 1)
        self.assertEqual(digest(self.obama), before)
        self.assertTrue(any(line.get("error", {}).get("code") == "changed-meanwhile" for line in done.objects))

    def test_what_is_not_in_the_library_and_no_library(self):
        self.assert_said(self.run_in("write", code=COULD_NOT_RUN), "no library")
        self.named()
        self.assert_said(self.run_in("write", KNOWN, code=COULD_NOT_RUN), "not in the library")

    def test_forgetting_with_and_without_the_metadata(self):
        self.named()
        self.write()
        done = self.run_in("people", "forget", "Joe Biden").text
        self.assertIn("1 file still bears the name", done)
        self.assertIn("Joe Biden", tags(self.biden)["XMP:PersonInImage"])
        receipt = self.run_in("people", "forget", "Barack Obama", "--metadata", "--json").object
        self.assertEqual((receipt["files"], receipt["files_left"]), (1, 0))
        self.assertFalse(set(NAME_TAGS) & set(tags(self.obama)), "the name is still there")
        # And the file that still bears a name does not bring it back.
        self.assertEqual(self.take_in(self.album)["forgotten"], 1)
        self.assertEqual(self.persons(), {})


class Import(MetadataTest):
    def region(self, photo, name, box):
        """Writes a region with exiftool, as another program would."""
        width, height = picture_size(photo)
        x, y, w, h = box
        area = f"Area={{X={(x + w / 2) / width},Y={(y + h / 2) / height},W={w / width},H={h / height},Unit=normalized}}"
        exiftool("-overwrite_original", f"-XMP:RegionInfo={{AppliedToDimensions={{W={width},H={height},Unit=pixel}},"
                 f"RegionList=[{{{area},Name={name},Type=Face}},{{Area={{X=0.1,Y=0.9,W=0.1,H=0.1,Unit=normalized}},Name=Bo,Type=Pet}}]}}", photo)

    def test_regions_name_faces_in_both_orders_and_once(self):
        detected = self.kith("detect", OBAMA, "--json").object["faces"][0]["box"]
        self.region(self.obama, "Barack", detected)
        first = self.take_in(self.album)
        self.assertEqual(list(first), IMPORT_KEYS)
        self.assertEqual((first["waiting"], first["confirmed"]), (1, 0))
        self.scan()
        self.assertEqual(self.names_on(self.obama), ["Barack"])
        again = self.take_in(self.album)
        self.assertEqual((again["known"], again["confirmed"], again["drawn"]), (1, 0, 0))
        self.assertEqual(list(self.persons()), ["Barack"], "a pet is no person")
        # What was imported names others.
        self.assertEqual(self.names_on(self.obama2), ["Barack"])
        self.run_in("undo")
        self.assertEqual(self.names_on(self.obama), [None])
        self.scan()
        self.assertEqual(self.names_on(self.obama), [None], "undone stays undone")
        after = self.take_in(self.album)
        self.assertEqual(after["confirmed"], 1)

    def test_a_region_without_a_face_is_drawn_and_gets_a_vector(self):
        self.scan()
        width, height = picture_size(self.obama)
        self.region(self.obama, "Somebody", [width * 0.02, height * 0.02, width * 0.1, height * 0.1])
        self.scan()
        self.assertEqual(self.take_in(self.obama)["drawn"], 1)
        self.assertEqual(len(self.explain(self.obama)), 2)
        copy = database_copy(self.library, self.folder / "copy")
        self.assertEqual(rows(copy, "SELECT count(*) FROM drawn JOIN vector USING (face)"), [(1,)])

    def test_a_name_that_disagrees_is_the_owners_to_settle(self):
        self.named()
        box = self.explain(self.obama)[0]["box"]
        self.region(self.obama, "Barry", box)
        self.scan()
        self.assertEqual(self.take_in(self.album)["conflicts"], 1)
        self.assertEqual(self.names_on(self.obama), ["Barack Obama"])
        (conflict,) = self.run_in("conflicts", "--json").objects
        self.assertEqual(list(conflict), CONFLICT_KEYS)
        self.assertEqual((conflict["kind"], conflict["name"], conflict["here"]), ("other-name", "Barry", "Barack Obama"))
        self.assertIn('"Barry" by the file', self.run_in("conflicts", "list").text)
        number = str(conflict["conflict"])
        self.run_in("conflicts", "take", number, code=WRONG_USAGE)
        self.run_in("conflicts", "take", number, "--keep")
        self.assertEqual(self.run_in("conflicts").text, "Files and library agree.\n")
        self.assertEqual(self.take_in(self.album)["settled"], 1)
        self.run_in("undo")
        self.run_in("conflicts", "take", number, "--file")
        self.assertEqual(self.names_on(self.obama), ["Barry"])
        self.assertEqual(self.take_in(self.album)["known"], 1)

    def test_sidecars_and_a_dry_run(self):
        self.scan()
        sidecar = self.obama.with_name(self.obama.name + ".xmp")
        exiftool("-XMP:PersonInImage=Barack Obama", "-o", sidecar)
        self.assertIn("1 would be confirmed", self.run_in("import", self.album, "--dry-run").text)
        self.assertEqual(self.persons(), {})
        self.assert_said(self.run_in("import", self.album, "--dry-run", library=self.folder / "none", code=COULD_NOT_RUN), "no library")
        self.assertFalse((self.folder / "none").exists(), "a dry run made a library")
        self.assertEqual(self.run_in("import", self.biden).text, "No names of people found\n")
        self.assertEqual(self.take_in(sidecar)["confirmed"], 1)
        self.assertEqual(self.names_on(self.obama), ["Barack Obama"])
        self.assert_said(self.run_in("import", self.folder / "absent", code=COULD_NOT_RUN), "absent")


class FromOtherPrograms(MetadataTest):
    def setUp(self):
        super().setUp()
        self.scan()
        self.boxes = {photo: self.explain(photo)[0]["box"] for photo in (self.obama, self.obama2, self.biden)}

    def digikam(self):
        """A digikam4.db: Obama's face is confirmed on one photo, Biden's only guessed; a Biden stands beside Obama."""
        path = self.folder / "digikam4.db"
        database = sqlite3.connect(path)
        database.executescript(DIGIKAM_SCHEMA)
        database.execute("INSERT INTO AlbumRoots VALUES (1, 'Photos', 0, 1, ?, '/')", [f"volumeid:?path={self.folder}"])
        database.execute("INSERT INTO Albums VALUES (1, 1, ?)", [f"/{self.album.name}"])
        for number, photo in enumerate((self.obama, self.biden), start=1):
            database.execute("INSERT INTO Images VALUES (?, 1, ?, 1, 1)", [number, photo.name])
            database.execute("INSERT INTO ImageInformation VALUES (?, 1, ?, ?)", [number, *picture_size(photo)])

        def region(number, tag, kind, box):
            x, y, width, height = (round(value) for value in box)
            database.execute("INSERT INTO ImageTagProperties VALUES (?, ?, ?, ?)",
                             [number, tag, kind, f'<rect x="{x}" y="{y}" width="{width}" height="{height}"/>'])

        region(1, 6, "tagRegion", self.boxes[self.obama])
        region(1, 7, "tagRegion", [5, 5, 60, 60])
        region(1, 8, "tagRegion", [80, 5, 60, 60])
        region(2, 5, "autodetectedPerson", self.boxes[self.biden])
        database.commit()
        database.close()
        return path

    def test_digikams_database_is_read_and_nothing_else(self):
        database = self.digikam()
        before = digest(database)
        done = self.take_in(database)
        self.assertEqual((done["photos"], done["names"], done["confirmed"], done["drawn"], done["problems"]), (1, 2, 2, 1, 0))
        self.assertEqual(sorted(self.persons()), ["Barack Obama", "Joe Biden"], "a tag that is no person's is nobody")
        named = {face["name"]: face["box"] for face in self.explain(self.obama)}
        self.assert_box_near(named["Barack Obama"], self.boxes[self.obama], 1)
        self.assert_box_near(named["Joe Biden"], [5, 5, 60, 60], 1)
        self.assertEqual(self.names_on(self.obama2), ["Barack Obama"], "what was imported names others")
        self.assertEqual(self.take_in(database)["known"], 2)
        self.assertEqual(digest(database), before)
        self.assertFalse(list(self.folder.glob("digikam4.db?*")), "files were left beside digiKam's database")
        # Then the names go where every other program reads them.
        self.write()
        self.assertEqual(sorted(region_boxes(self.obama)), ["Barack Obama", "Joe Biden"])

    def test_a_database_that_is_not_digikams_says_so(self):
        database = self.folder / "other.db"
        connection = sqlite3.connect(database)
        connection.execute("CREATE TABLE photo (id INTEGER)")
        connection.close()
        done = self.run_in("import", database, code=SOME_FAILED)
        self.assert_said(done, database, "digiKam")

    def test_picasas_faces_get_their_names_from_contacts(self):
        def rect64(photo):
            width, height = picture_size(photo)
            x, y, w, h = self.boxes[photo]
            ends = [x / width, y / height, (x + w) / width, (y + h) / height]
            return "rect64(" + "".join(f"{round(share * 65535):04x}" for share in ends).lstrip("0") + ")"

        (self.album / ".picasa.ini").write_text(
            f"[Picasa]\r\nname=Summer\r\n[{self.obama.name}]\r\nstar=yes\r\nfaces={rect64(self.obama)},7ee0fdd21564ad63\r\n"
            f"[{self.biden.name.upper()}]\r\nfaces={rect64(self.biden)},ffffffffffffffff;\r\n"
            f"[{self.obama2.name}]\r\nfaces={rect64(self.obama2)},a1;\r\n")
        contacts = self.folder / "contacts.xml"
        contacts.write_text('<?xml version="1.0" encoding="utf-8" ?><contacts><contact id="7ee0fdd21564ad63" name="Barack Obama"'
                            ' modified_time="2011-01-09T13:07:46+01:00"/></contacts>')
        self.assertEqual(self.take_in(self.album)["names"], 0, "who that is stands in contacts.xml alone")
        done = self.take_in(contacts, self.album)
        self.assertEqual((done["names"], done["confirmed"], done["drawn"], done["problems"]), (1, 1, 0, 0))
        self.assertEqual(self.names_on(self.obama), ["Barack Obama"])
        self.assertEqual(list(self.persons()), ["Barack Obama"])
        self.assertEqual(self.take_in(self.album, contacts)["known"], 1)

    def test_takeouts_people_are_taken_where_they_can_be_one_face_alone(self):
        def takeout(photo, ending, *people):
            text = {"title": "another name.jpg", "photoTakenTime": {"timestamp": "1600596727"},
                    "people": [{"name": name} for name in people]}
            (self.album / (photo.name + ending)).write_text(json.dumps(text))

        takeout(self.obama, ".supplemental-metadata.json", "Barack Obama")
        takeout(self.biden, ".json", "Joe Biden", "Jill Biden")
        done = self.take_in(self.album)
        self.assertEqual((done["photos"], done["names"], done["confirmed"], done["conflicts"], done["problems"]), (2, 3, 1, 2, 0))
        self.assertEqual(self.names_on(self.obama), ["Barack Obama"])
        self.assertEqual(self.names_on(self.biden), [None], "two people, one face: that is for the owner to say")
        asked = {conflict["name"]: conflict for conflict in self.run_in("conflicts", "--json").objects}
        self.assertEqual(sorted(asked), ["Jill Biden", "Joe Biden"])
        self.assertEqual((asked["Joe Biden"]["kind"], asked["Joe Biden"]["source"]), ("unplaced", "takeout"))
        self.run_in("conflicts", "take", str(asked["Joe Biden"]["conflict"]), "--file")
        self.assertEqual(self.names_on(self.biden), ["Joe Biden"])


class InfoAndDescribe(MetadataTest):
    def test_all_that_is_known_of_a_photo(self):
        exiftool("-overwrite_original", "-EXIF:DateTimeOriginal=2019:07:31 18:05:11", "-EXIF:Make=Canon", "-EXIF:Model=Canon EOS 5D",
                 "-EXIF:LensModel=EF24-70mm f/2.8L", "-EXIF:GPSLatitude=48.2", "-EXIF:GPSLatitudeRef=N", "-EXIF:GPSLongitude=16.4",
                 "-EXIF:GPSLongitudeRef=E", "-EXIF:GPSImgDirection=90", "-EXIF:GPSImgDirectionRef=T", "-XMP:Subject=holiday", self.obama)
        # Without a library, and without the photo in it.
        alone = self.info(self.obama)
        self.assertEqual(list(alone), INFO_KEYS)
        self.assertFalse(alone["in_library"])
        self.assertEqual((alone["exif"]["camera"], alone["exif"]["lens"], alone["exif"]["taken"]),
                         ("Canon EOS 5D", "EF24-70mm f/2.8L", "2019-07-31T18:05:11"))
        self.assertAlmostEqual(alone["place"]["latitude"], 48.2, places=5)
        self.assertAlmostEqual(alone["place"]["direction"], 90, places=3)
        self.assertEqual(alone["keywords"], ["holiday"])
        self.named()
        copy = database_copy(self.library, self.folder / "copy")
        self.assertEqual(rows(copy, "SELECT lens, round(direction) FROM photo WHERE path = ?", str(self.obama)), [("EF24-70mm f/2.8L", 90.0)])
        self.write()
        known = self.info(self.obama)
        self.assertEqual((known["people"], known["in_library"]), (["Barack Obama"], True))
        self.assertEqual(known["written"], [{"file": str(self.obama), "names": ["Barack Obama"]}])
        self.assertEqual([claim["name"] for claim in known["claims"]], ["Barack Obama"])
        self.assertIsNone(self.info(self.biden)["place"])
        text = self.run_in("info", self.obama).text
        for word in ("Canon EOS 5D", "EF24-70mm", "looking 90 degrees", "Barack Obama, confirmed", "holiday", "by kith"):
            self.assertIn(word, text)
        broken = self.album / "broken.jpg"
        broken.write_bytes(b"no photo")
        done = self.run_in("info", broken, self.obama, "--json", code=SOME_FAILED)
        self.assertEqual(len(done.objects), 2)

    def test_texts_are_edited_and_the_library_keeps_up(self):
        self.named()
        self.run_in("describe", self.obama, "--description", "Am Strand, 海", "--comment", "with Bo")
        found = tags(self.obama)
        self.assertEqual((found["XMP:Description"], found["EXIF:UserComment"]), ("Am Strand, 海", "with Bo"))
        self.assertEqual(self.scan()["unchanged"], 3)
        before = digest(self.obama)
        self.assertIn("- description", self.run_in("describe", self.obama, "--description", "", "--dry-run").text)
        self.assertEqual(digest(self.obama), before)
        self.run_in("describe", self.obama, "--description", "")
        self.assertNotIn("XMP:Description", tags(self.obama))
        self.assertEqual(tags(self.obama)["EXIF:UserComment"], "with Bo")
        self.run_in("describe", self.obama, code=WRONG_USAGE)
        self.biden.chmod(0o444)
        failed = self.run_in("describe", self.biden, "--comment", "hello", code=SOME_FAILED)
        self.assertEqual(failed.text, "", "what was not written is not told as if it were")
        (line,) = self.run_in("describe", self.biden, "--comment", "hello", "--json", code=SOME_FAILED).objects
        self.assertIn("error", line)
        self.biden.chmod(0o644)
        # Without a library too.
        self.kith("describe", self.biden, "--comment", "hello", "--library", self.folder / "none")
        self.assertEqual(tags(self.biden)["EXIF:UserComment"], "hello")


class Crash(MetadataTest):
    def test_a_kill_leaves_every_file_old_or_new_and_the_next_run_completes(self):
        rng = random.Random(SEED)
        note(f"seed {SEED}, {RUNS} kills")
        album = self.folder / "many"
        photos = small_photos(album, copies=20, size=240)
        library = self.folder / "many library"
        self.run_in("scan", album, library=library)
        self.run_in("people", "add", "Nobody", *[photo for photo in photos if "obama" in photo.name], library=library)
        stock, stock_library = self.folder / "stock", self.folder / "stock library"
        shutil.copytree(album, stock)
        shutil.copytree(library, stock_library)
        old = {photo: digest(photo) for photo in photos}
        started = time.monotonic()
        written = self.write(library=library)["written"]
        seconds = time.monotonic() - started
        self.assertGreater(written, 50)
        new = {photo: digest(photo) for photo in photos}
        note(f"undisturbed: {written} photos in {seconds:.1f} s")
        kills, replaced = 0, []
        for _ in range(RUNS):
            shutil.rmtree(library)
            shutil.copytree(stock_library, library)
            for photo in photos:
                shutil.copy2(stock / photo.name, photo)
            process = self.start("write", "--library", library, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=rng.uniform(0.05, 1.0) * seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
            for photo in photos:
                self.assertIn(digest(photo), (old[photo], new[photo]), photo)
            replaced.append(sum(digest(photo) != old[photo] for photo in photos))
            self.assertEqual(faults(database_copy(library, self.folder / "copy")), [])
            # Those that were replaced, and of which the library had not heard yet, are found by a scan.
            self.run_in("scan", album, library=library)
            self.assertEqual(self.run_in("check", library=library).text, "The library is sound.\n")
            self.assertEqual(self.write(library=library)["failed"], 0)
            for photo in photos:
                self.assertEqual(digest(photo), new[photo], photo)
            for leftover in album.rglob(".kith*"):
                leftover.unlink()
            # And what a killed run wrote is kith's own: it is taken out again.
            self.run_in("undo", library=library)
            self.write(library=library)
            for photo in photos:
                self.assertNotIn(b"Nobody", photo.read_bytes(), photo)
        note(f"{kills} kills, after which so many photos were written: {replaced}")
        self.assertGreater(kills, 0)


if __name__ == "__main__":
    if shutil.which("exiftool") is None:
        support.skip_file("exiftool is not there: it reads what kith wrote")
    support.main()

# SPDX-License-Identifier: Apache-2.0
"""Every photo format, pixel type and orientation: the same face, in the same place, with the same name."""

import shutil

import support
from support import OBAMA2, KithTest, exiftool, names, picture_size, vips

# What has to be done to the upright picture so that turning it as this EXIF orientation says gives the
# upright picture again: libvips operations in their order.
STORED = {
    1: [],
    2: [("flip", "horizontal")],
    3: [("rot", "d180")],
    4: [("flip", "vertical")],
    5: [("rot", "d90"), ("flip", "horizontal")],
    6: [("rot", "d270")],
    7: [("rot", "d270"), ("flip", "horizontal")],
    8: [("rot", "d90")],
}


class SameFace(KithTest):
    reference = None  # what kith finds on the photo as it is; found once

    def setUp(self):
        super().setUp()
        if SameFace.reference is None:
            SameFace.reference = self.identify(OBAMA2).object
        self.size = picture_size(OBAMA2)

    def assert_same_face(self, photo, orientation=1, pixels=8):
        found = self.identify(photo).object
        self.assertEqual(names(found), ["Barack Obama"], photo.name)
        self.assertEqual((found["width"], found["height"]), self.size, photo.name)
        self.assertEqual(found["orientation"], orientation, photo.name)
        self.assert_box_near(found["faces"][0]["box"], self.reference["faces"][0]["box"], pixels, photo.name)
        for point, expected in zip(found["faces"][0]["landmarks"], self.reference["faces"][0]["landmarks"]):
            self.assert_box_near(point, expected, pixels, photo.name)
        self.assertEqual(found.keys(), self.reference.keys())

    def make(self, name, operation="copy", *arguments, source=OBAMA2, options=""):
        photo = self.folder / name
        vips(operation, source, f"{photo}{options}", *arguments)
        return photo


class Formats(SameFace):
    def test_png(self):
        self.assert_same_face(self.make("a.png"))

    def test_webp(self):
        self.assert_same_face(self.make("a.webp", options="[Q=90]"))
        self.assert_same_face(self.make("b.webp", options="[lossless]"))

    def test_tiff(self):
        for number, options in enumerate(("", "[compression=lzw]", "[compression=jpeg,Q=90]", "[tile]")):
            self.assert_same_face(self.make(f"{number}.tif", options=options))

    def test_gif(self):
        self.assert_same_face(self.make("a.gif"))

    def test_heic(self):
        self.assert_same_face(self.make("a.heic", options="[Q=80]"))

    def test_avif(self):
        self.assert_same_face(self.make("a.avif", options="[Q=70,effort=1]"))

    def test_progressive_jpeg(self):
        self.assert_same_face(self.make("a.jpg", options="[interlace]"))

    def test_jpeg_without_chroma_subsampling(self):
        self.assert_same_face(self.make("a.jpeg", options="[subsample-mode=off]"))

    def test_the_content_counts_not_the_extension(self):
        png = self.make("a.png")
        shutil.copy(png, self.folder / "b.jpg")
        self.assert_same_face(self.folder / "b.jpg")

    def test_upper_case_extensions_are_found_in_folders(self):
        self.make("a.png").rename(self.folder / "A.PNG")
        self.make("b.jpg").rename(self.folder / "B.JPG")
        self.assertEqual([names(photo) for photo in self.identify(self.folder).objects], [["Barack Obama"]] * 2)


class PixelTypes(SameFace):
    def test_grey_png_and_jpeg(self):
        self.assert_same_face(self.make("a.png", "colourspace", "b-w"))
        self.assert_same_face(self.make("a.jpg", "colourspace", "b-w"))

    def test_cmyk_jpeg(self):
        self.assert_same_face(self.make("a.jpg", "icc_transform", "cmyk", "--input-profile", "srgb"))

    def test_cmyk_tiff(self):
        self.assert_same_face(self.make("a.tif", "icc_transform", "cmyk", "--input-profile", "srgb"))

    def test_16_bit_png_and_tiff(self):
        self.assert_same_face(self.make("a.png", "colourspace", "rgb16"))
        self.assert_same_face(self.make("a.tif", "colourspace", "rgb16"))

    def test_alpha(self):
        self.assert_same_face(self.make("a.png", "bandjoin_const", "255"))
        grey = self.make("grey.png", "colourspace", "b-w")
        self.assert_same_face(self.make("b.png", "bandjoin_const", "255", source=grey))

    def test_palette_png(self):
        self.assert_same_face(self.make("a.png", options="[palette]"))

    def test_display_p3(self):
        """The same colours written in a wider space: read back to sRGB, the vectors agree."""
        wide, plain = self.make("p3.png", "icc_transform", "p3", "--input-profile", "srgb"), self.make("srgb.png")
        self.assert_same_face(wide)
        one, other = (self.kith("embed", "--json", photo).object["faces"][0]["embedding"] for photo in (wide, plain))
        self.assertGreater(sum(a * b for a, b in zip(one, other)), 0.995)


class Orientations(SameFace):
    def stored(self, orientation, extension):
        pixels = OBAMA2
        for number, (operation, how) in enumerate(STORED[orientation]):
            target = self.folder / f"step{orientation}-{number}.v"
            vips(operation, pixels, target, how)
            pixels = target
        photo = self.folder / f"orientation-{orientation}.{extension}"
        vips("copy", pixels, f"{photo}[strip]")
        exiftool("-overwrite_original", "-n", f"-Orientation={orientation}", photo)
        return photo

    def test_jpeg(self):
        for orientation in STORED:
            with self.subTest(orientation=orientation):
                self.assert_same_face(self.stored(orientation, "jpg"), orientation)

    def test_other_formats(self):
        for extension in ("png", "webp", "tif"):
            for orientation in (3, 6):
                with self.subTest(extension=extension, orientation=orientation):
                    self.assert_same_face(self.stored(orientation, extension), orientation)

    def test_annotated_copies_of_every_orientation_are_upright(self):
        photos = [self.stored(orientation, "jpg") for orientation in STORED]
        out = self.folder / "out"
        self.kith("identify", *photos, "--people", self.people, "--annotate", out)
        for photo in photos:
            copy = out / photo.name
            self.assertEqual(picture_size(copy), self.size)
            self.assertEqual(support.exif(copy).get("IFD0:Orientation", 1), 1)


if __name__ == "__main__":
    support.main()

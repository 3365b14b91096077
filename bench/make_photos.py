# SPDX-License-Identifier: Apache-2.0
"""Make the 40 photos of 12 megapixels: make_photos.py SAMPLES OUT. Run by bench/run, once.

Each is a sample photo cropped, perhaps mirrored, brightened or darkened, enlarged to 4000x3000 or
3000x4000 with Lanczos, with noise like a sensor's (stronger in the light, alike in neighbouring
pixels, as demosaicing leaves it), as a JPEG of quality 90. The same bytes every time with the same
Pillow and numpy. OUT/truth.json says who is on each photo and is written last: it marks completion.
"""

import json
import os
import sys

import numpy
from PIL import Image, ImageEnhance, ImageOps

COUNT = 40
SIZE = (4000, 3000)
# Sources with the only name that may be given on them.
SOURCES = {
    "face_recognition/obama.jpg": "obama",
    "face_recognition/biden.jpg": "biden",
    "face_recognition/obama2.jpg": "obama",
    "face_recognition/obama3.jpg": "obama",
    "face_recognition/obama_partial_face.jpg": "obama",
    "face_recognition/obama_partial_face2.jpg": "obama",
    "face-api/sample1.jpg": None,
    "face-api/sample2.jpg": None,
    "face-api/sample3.jpg": None,
    "face-api/sample4.jpg": None,
    "face-api/sample5.jpg": None,
    "face-api/sample6.jpg": None,
}


def make(source, chance):
    photo = Image.open(source).convert("RGB")
    wide, high = SIZE if photo.width >= photo.height else SIZE[::-1]
    # The largest crop of the target's shape, then up to 12 % less of it, anywhere within.
    scale = min(photo.width / wide, photo.height / high) * chance.uniform(0.88, 1)
    left = chance.uniform(0, photo.width - wide * scale)
    top = chance.uniform(0, photo.height - high * scale)
    box = (left, top, left + wide * scale, top + high * scale)
    photo = photo.resize((wide, high), Image.Resampling.LANCZOS, box=box)
    if chance.random() < 0.5:
        photo = ImageOps.mirror(photo)
    photo = ImageEnhance.Brightness(photo).enhance(chance.uniform(0.85, 1.15))
    pixels = numpy.asarray(photo).astype(numpy.float32)
    noise = chance.standard_normal((high, wide, 3), dtype=numpy.float32)
    noise += (numpy.roll(noise, 1, 0) + numpy.roll(noise, 1, 1)) / 2
    pixels += noise * (3 + 0.36 * numpy.sqrt(pixels))
    return Image.fromarray(pixels.round().clip(0, 255).astype(numpy.uint8))


def main():
    samples, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    truth = {}
    for index in range(COUNT):
        source = list(SOURCES)[index % len(SOURCES)]
        name = f"{index:02}_{os.path.splitext(os.path.basename(source))[0]}.jpg"
        photo = make(os.path.join(samples, source), numpy.random.default_rng(1000 + index))
        photo.save(os.path.join(out, name), quality=90)
        truth[name] = SOURCES[source]
        if (index + 1) % 10 == 0:
            print(f"12-megapixel photos made: {index + 1} of {COUNT}", file=sys.stderr)
    with open(os.path.join(out, "truth.json"), "w", encoding="utf-8") as file:
        json.dump(truth, file, indent=1)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Make 40 photos of crowds, 4,000 pixels long: make_crowds.py WIDER OUT. Run by bench/memory --crowds, once.

The photos with the most faces, enlarged. OUT/done is written last.
"""

import collections
import csv
import os
import sys

from PIL import Image

COUNT = 40
LONG_SIDE = 4000


def main():
    wider, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(wider, "boxes.csv"), encoding="utf-8") as file:
        faces = collections.Counter(row["image"] for row in csv.DictReader(file))
    for index, (image, _) in enumerate(sorted(faces.items(), key=lambda entry: (-entry[1], entry[0]))[:COUNT]):
        with Image.open(os.path.join(wider, "images", image)) as file:
            photo = file.convert("RGB")
        scale = LONG_SIDE / max(photo.size)
        photo = photo.resize([round(side * scale) for side in photo.size], Image.Resampling.LANCZOS)
        photo.save(os.path.join(out, f"crowd_{index:02}.jpg"), quality=90)
    with open(os.path.join(out, "done"), "w", encoding="utf-8"):
        pass


main()

# SPDX-License-Identifier: Apache-2.0
"""Make COUNT photos of at most 1,000 x 1,000 pixels, each of another size: make_sizes.py SAMPLES OUT COUNT. Run by
bench/memory --sizes, once. OUT/done is written last.
"""

import glob
import os
import random
import sys

from PIL import Image

SEED = 20260101
SIDES = range(120, 1001)


def main():
    samples, out, count = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    sources = [Image.open(path).convert("RGB") for path in sorted(glob.glob(os.path.join(samples, "*", "*.jpg")))]
    chance = random.Random(SEED)
    sizes = set()
    while len(sizes) < int(count):
        sizes.add((chance.choice(SIDES), chance.choice(SIDES)))
    for index, size in enumerate(chance.sample(sorted(sizes), len(sizes))):
        photo = sources[index % len(sources)].resize(size, Image.Resampling.LANCZOS)
        photo.save(os.path.join(out, f"size_{index:04}.jpg"), quality=90)
    with open(os.path.join(out, "done"), "w", encoding="utf-8"):
        pass


main()

# SPDX-License-Identifier: Apache-2.0
"""Checks the demo's result: the known face is named on each of its photos, no stranger is named.

    tools/check_demo.py RESULT.jsonl ANNOTATED_DIR
"""
import json
import sys
from pathlib import Path

KNOWN = "Barack Obama"
KNOWN_PHOTOS = {"obama2.jpg", "obama3.jpg", "obama_partial_face.jpg", "obama_partial_face2.jpg"}
STRANGER_PHOTOS = {f"sample{number}.jpg" for number in range(1, 7)}


def complaints(photos: list) -> list:
    """One line for each thing that is not as it should be."""
    found = {Path(photo["photo"]).name: photo for photo in photos}
    lines = [f"{name}: no result" for name in sorted((KNOWN_PHOTOS | STRANGER_PHOTOS) - found.keys())]
    for name, photo in found.items():
        if "error" in photo:
            lines.append(f"{name}: {photo['error']['message']}")
            continue
        names = [face["name"] for face in photo["faces"] if face["name"] is not None]
        expected = [KNOWN] if name in KNOWN_PHOTOS else []
        if names != expected:
            lines.append(f"{name}: named {names or 'nobody'}, should be {expected or 'nobody'}")
        if not photo["faces"]:
            lines.append(f"{name}: no face found")
    return lines


def main() -> int:
    result, annotated = Path(sys.argv[1]), Path(sys.argv[2])
    photos = [json.loads(line) for line in result.read_text(encoding="utf-8").splitlines()]
    lines = complaints(photos)
    pictures = sum(path.is_file() for path in annotated.rglob("*")) if annotated.is_dir() else 0
    if pictures < len(photos):
        lines.append(f"{annotated}: {pictures} annotated pictures for {len(photos)} photos")
    for line in lines:
        print(f"error: demo: {line}", file=sys.stderr)
    if lines:
        return 1
    strangers = sum(len(photo["faces"]) for photo in photos if Path(photo["photo"]).name in STRANGER_PHOTOS)
    print(f"demo: as it should be: {KNOWN} named on {len(KNOWN_PHOTOS)} of {len(KNOWN_PHOTOS)} photos, "
          f"none of {strangers} strangers named. Annotated copies: {annotated}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())

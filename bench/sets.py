# SPDX-License-Identifier: Apache-2.0
"""The photo sets: which photos, whom to enrol, and who is truly on each photo. Always the same choice.

A set: {"title", "photos": [path], "people": {name: [path]}, "people_dir": path, "truth": {path: name or None}}.
truth names the one person that may be named on the photo: None, nobody.
"""

import collections
import csv
import json
import os
import random
import shutil
import subprocess

SEED = 20260101
SIZES = 1000
LFW_PHOTOS, LFW_PEOPLE, LFW_REFERENCES, LFW_PROBES = 500, 20, 3, 10
# A few large photos are every seventh: portraits and groups, for the sources come round every twelve.
FEW_STEP = 7
SAMPLES = "Sample photos are missing in {}: run the set-up (make demo) first."


# Roles of LFW's open set whose people are in no test: settings may be chosen on them.
TRAINING = ("gallery", "known_unknown_train")


class Missing(Exception):
    """What a set needs isn't there; the message says what to do."""


def lfw(directory, work, photos=LFW_PHOTOS):
    """Up to ten photos each of 20 enrolled people (three other photos enrolled), the rest strangers."""
    if not os.path.isdir(directory):
        raise Missing(f"no LFW photos at {directory}: give --lfw DIR")
    albums = {}
    for name in sorted(os.listdir(directory)):
        folder = os.path.join(directory, name)
        if os.path.isdir(folder):
            albums[name] = [os.path.join(folder, file) for file in sorted(os.listdir(folder)) if file.endswith(".jpg")]
    choice = random.Random(SEED)
    often = [name for name, files in albums.items() if len(files) >= LFW_REFERENCES + LFW_PROBES]
    if len(often) < LFW_PEOPLE:
        raise Missing(f"{directory} is not LFW: only {len(often)} people have {LFW_REFERENCES + LFW_PROBES} photos")
    people, known = {}, []
    for name in sorted(choice.sample(often, LFW_PEOPLE)):
        files = choice.sample(albums[name], LFW_REFERENCES + LFW_PROBES)
        people[name] = files[:LFW_REFERENCES]
        known += [(path, name) for path in files[LFW_REFERENCES:]]
    strangers = [(files[0], None) for name, files in albums.items() if name not in people and files]
    choice.shuffle(known)
    known = known[: photos * 2 // 5]
    chosen = known + choice.sample(strangers, photos - len(known))
    choice.shuffle(chosen)
    return _set(f"LFW, {photos} photos of 250x250 pixels, {LFW_PEOPLE} people enrolled with {LFW_REFERENCES} photos each",
                chosen, people, os.path.join(work, "lfw-people"))


def large(samples, work, python, photos=None):
    """40 photos of 12 megapixels made from the sample photos (once), obama and biden enrolled."""
    folder = os.path.join(work, "12mp")
    references = os.path.join(samples, "face_recognition")
    if not os.path.isdir(references):
        raise Missing(SAMPLES.format(samples))
    made = os.path.join(folder, "truth.json")
    if not os.path.exists(made):
        maker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "make_photos.py")
        subprocess.run([python, maker, samples, folder], check=True)
    with open(made, encoding="utf-8") as file:
        truth = json.load(file)
    chosen = [(os.path.join(folder, name), who) for name, who in sorted(truth.items())]
    if photos:
        chosen = chosen[::FEW_STEP][:photos]
    people = {name: [os.path.join(references, f"{name}.jpg")] for name in ("obama", "biden")}
    return _set(f"{len(chosen)} photos of 12 megapixels, 2 people enrolled with 1 photo each",
                chosen, people, os.path.join(work, "12mp-people"))


def small(samples, work):
    """One small photo (the sample obama2.jpg) and one enrolled person, for the start-up time."""
    references = os.path.join(samples, "face_recognition")
    photo = os.path.join(references, "obama2.jpg")
    if not os.path.exists(photo):
        raise Missing(SAMPLES.format(samples))
    return _set("one small photo, one person", [(photo, "obama")],
                {"obama": [os.path.join(references, "obama.jpg")]}, os.path.join(work, "small-people"))


def crowds(wider, work, python):
    """40 photos of 4,000 pixels with the most faces of the WIDER subset."""
    if not os.path.exists(os.path.join(wider, "boxes.csv")):
        raise Missing(f"no WIDER subset at {wider}: give --crowds DIR")
    return _made_once(python, "make_crowds.py", wider, os.path.join(work, "crowds"))


def sizes(samples, work, python):
    """SIZES photos, each of another size, made from the sample photos."""
    if not os.path.isdir(samples):
        raise Missing(SAMPLES.format(samples))
    return _made_once(python, "make_sizes.py", samples, os.path.join(work, "sizes"), str(SIZES))


def _made_once(python, maker, source, folder, *more):
    """The photos that the program makes in the folder, in which it writes "done" last."""
    if not os.path.exists(os.path.join(folder, "done")):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), maker)
        subprocess.run([python, program, source, folder, *more], check=True)
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".jpg"))


def many(photos, count, folder):
    """A folder of count photos of different names, hard links (copies across file systems) of the given ones."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for index in range(count):
        source, target = photos[index % len(photos)], os.path.join(folder, f"photo_{index:05}.jpg")
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
    return folder


def open_set(list_file, *roles):
    """{identity: [file]} of the people with these roles in a list of role,identity,file; in its order."""
    people = collections.defaultdict(list)
    with open(list_file, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["role"] in roles:
                people[row["identity"]].append(row["file"])
    return dict(people)


def check(photo_set, names):
    """Counts of a tool's {path: [name or None a face]}: faces, names given, photos rightly and names wrongly named."""
    counts = collections.Counter(faces=0, named=0, right=0, wrong=0)
    for path, found in names.items():
        truth = photo_set["truth"][path]
        given = [name for name in found if name is not None]
        counts["faces"] += len(found)
        counts["named"] += len(given)
        counts["right"] += truth is not None and truth in given
        counts["wrong"] += sum(name != truth for name in given) + max(0, given.count(truth) - 1) * (truth is not None)
    return dict(counts)


def _set(title, chosen, people, people_dir):
    shutil.rmtree(people_dir, ignore_errors=True)
    for name, paths in people.items():
        os.makedirs(os.path.join(people_dir, name))
        for path in paths:
            shutil.copyfile(path, os.path.join(people_dir, name, os.path.basename(path)))
    return {
        "title": title,
        "photos": [path for path, _ in chosen],
        "people": people,
        "people_dir": people_dir,
        "truth": dict(chosen),
    }

# SPDX-License-Identifier: Apache-2.0
"""The package face_recognition over dlib, with its own defaults, as its README's examples use it:
HOG detector, one upsampling, the 68-point predictor's alignment, 128-d ResNet, tolerance 0.6.

Option max_side: shrink larger photos to this long side first, as its more patient users do.
dlib computes on one core, so several threads are several processes.
"""

import job as interface


def load(job):
    import face_recognition

    state = {"names": [], "vectors": [], "max_side": job["options"].get("max_side")}
    for name, paths in job["people"].items():
        for path in paths:
            vectors = face_recognition.face_encodings(_read(path, state["max_side"]))
            if vectors:
                state["names"].append(name)
                state["vectors"].append(vectors[0])
    return state


def _read(path, max_side):
    import face_recognition
    import numpy
    from PIL import Image

    if not max_side:
        return face_recognition.load_image_file(path)
    photo = Image.open(path)
    photo.draft("RGB", (max_side, max_side))  # the JPEG library's own cheap shrinking
    photo = photo.convert("RGB")
    photo.thumbnail((max_side, max_side))
    return numpy.asarray(photo)


def identify(state, path):
    import face_recognition

    photo = _read(path, state["max_side"])
    boxes = face_recognition.face_locations(photo)
    found = []
    for vector in face_recognition.face_encodings(photo, boxes):
        name = None
        if state["vectors"]:
            distances = face_recognition.face_distance(state["vectors"], vector)
            best = distances.argmin()
            if distances[best] <= 0.6:
                name = state["names"][best]
        found.append(name)
    return found


def versions():
    from importlib.metadata import version

    import dlib

    blas = " with BLAS" if dlib.DLIB_USE_BLAS else ""
    return {"face_recognition": version("face_recognition"), "dlib" + blas: dlib.__version__}


if __name__ == "__main__":
    interface.serve(load, identify, versions, pool=True)

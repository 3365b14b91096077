# SPDX-License-Identifier: Apache-2.0
"""facenet-pytorch's MTCNN and InceptionResnetV1 with their defaults (minimum face 20 pixels, all faces).

InceptionResnetV1's trained weights are fetched over the network at run time, which this benchmark
never does: its weights are random here. They cost the same time and give meaningless names, so no
name is reported; the detector's weights are in the package and its counts are real.

Option max_side: shrink larger photos to this long side first. Several threads are several
processes; the argument --threads leaves them to PyTorch instead.
"""

import sys

import job as interface


def load(job):
    import torch
    from facenet_pytorch import MTCNN, InceptionResnetV1

    torch.set_num_threads(job["threads"])
    state = {
        "detector": MTCNN(keep_all=True, device="cpu"),
        "embedder": InceptionResnetV1(pretrained=None).eval(),
        "gallery": [],
        "max_side": job["options"].get("max_side"),
    }
    for paths in job["people"].values():
        for path in paths:
            vectors = _embed(state, path)
            if vectors is not None:
                state["gallery"].append(vectors[0])
    if state["gallery"]:
        state["gallery"] = torch.stack(state["gallery"])
    return state


def _embed(state, path):
    """The vectors of the photo's faces, or None where there is none."""
    import torch
    from PIL import Image

    photo = Image.open(path)
    if state["max_side"]:
        photo.draft("RGB", (state["max_side"], state["max_side"]))
        photo = photo.convert("RGB")
        photo.thumbnail((state["max_side"], state["max_side"]))
    crops = state["detector"](photo.convert("RGB"))
    if crops is None:
        return None
    with torch.no_grad():
        return state["embedder"](crops)


def identify(state, path):
    import torch

    vectors = _embed(state, path)
    if vectors is None:
        return []
    if len(state["gallery"]):
        torch.cdist(vectors, state["gallery"]).argmin(dim=1)  # the comparison's time counts too
    return [None] * len(vectors)


def versions():
    from importlib.metadata import version

    import torch

    return {"facenet-pytorch": version("facenet-pytorch"), "torch": torch.__version__}


if __name__ == "__main__":
    interface.serve(load, identify, versions, pool="--threads" not in sys.argv)

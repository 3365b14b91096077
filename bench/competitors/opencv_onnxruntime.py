# SPDX-License-Identifier: Apache-2.0
"""A straightforward script over OpenCV and ONNX Runtime with kith's own models.

What a competent developer writes in an afternoon: full decode, CenterFace at long sides 320 and
1024 (a photo is never enlarged), one list of boxes through NMS, a similarity transform to the
112x112 template, the embedder on the crop and its mirror image, the nearest reference. Single
precision, one photo at a time. Several threads are several processes; the argument --threads
leaves them to ONNX Runtime instead.
"""

import os
import sys

import job as interface

LONG_SIDES = (320, 1024)
MIN_SCORE = 0.5
NMS_OVERLAP = 0.3
# A face is best seen at the scale at which it is this many pixels high.
BEST_FACE = (60, 200)
SAME_PERSON = 0.4
TEMPLATE = [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]


def load(job):
    import numpy
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    options.inter_op_num_threads = 1
    options.log_severity_level = 3

    def session(file, free_size):
        model = onnx.load(os.path.join(job["models"], file))
        _constant_weights(model.graph)
        if free_size:
            _free_size(model.graph)
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    state = {
        "detector": session("centerface.onnx", free_size=True),
        "embedder": session("fr_feature.onnx", free_size=False),
        "names": [],
        "vectors": [],
    }
    _limit_opencv(job["threads"])
    for name, paths in job["people"].items():
        for path in paths:
            photo = _read(path)
            faces = _detect(state, photo)
            if faces:
                largest = max(faces, key=lambda face: (face[0][2] - face[0][0]) * (face[0][3] - face[0][1]))
                state["names"].append(name)
                state["vectors"].append(_embed(state, photo, largest[1]))
    state["vectors"] = numpy.array(state["vectors"])
    return state


def _constant_weights(graph):
    """Weights that are listed as inputs too can't be folded; ONNX Runtime warns of each and says to do this."""
    weights = {initializer.name for initializer in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(inputs)


def _free_size(graph):
    """One photo at a time, of any size, instead of the stored shape."""
    for value in list(graph.input) + list(graph.output):
        batch, _, height, width = value.type.tensor_type.shape.dim
        batch.dim_value = 1
        height.dim_param = f"{value.name}_height"
        width.dim_param = f"{value.name}_width"
    del graph.value_info[:]


def _limit_opencv(threads):
    import cv2

    cv2.setNumThreads(threads)


def _read(path):
    import cv2

    photo = cv2.imread(path, cv2.IMREAD_COLOR)
    if photo is None:
        raise ValueError("not a photo that OpenCV reads")
    return photo


def _detect(state, photo):
    """[(box as x0, y0, x1, y1, landmarks 5x2)] in the photo's pixels."""
    import numpy

    long_side = max(photo.shape[:2])
    boxes, points, ranks = [], [], []
    for size in sorted({min(side, long_side) for side in LONG_SIDES}):
        found_boxes, found_points, scores = _detect_at(state, photo, size / long_side)
        heights = (found_boxes[:, 3] - found_boxes[:, 1]) * size / long_side
        fits = (heights >= BEST_FACE[0]) & (heights <= BEST_FACE[1])
        boxes.append(found_boxes)
        points.append(found_points)
        ranks.append(scores + fits)
    boxes, points, ranks = numpy.concatenate(boxes), numpy.concatenate(points), numpy.concatenate(ranks)
    return [(boxes[i], points[i]) for i in _nms(boxes, ranks)]


def _detect_at(state, photo, scale):
    import cv2
    import numpy

    small = photo
    if scale < 1:
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    small = cv2.copyMakeBorder(small, 0, -height % 32, 0, -width % 32, cv2.BORDER_CONSTANT)
    tensor = cv2.cvtColor(small, cv2.COLOR_BGR2RGB).transpose(2, 0, 1)[None].astype(numpy.float32)
    heat, sizes, offsets, marks = state["detector"].run(None, {state["detector"].get_inputs()[0].name: tensor})
    rows, columns = numpy.where(heat[0, 0] > MIN_SCORE)
    scores = heat[0, 0, rows, columns]
    high, wide = (numpy.exp(sizes[0, axis, rows, columns]) * 4 for axis in (0, 1))
    centre_y = (rows + offsets[0, 0, rows, columns] + 0.5) * 4
    centre_x = (columns + offsets[0, 1, rows, columns] + 0.5) * 4
    top, left = centre_y - high / 2, centre_x - wide / 2
    boxes = numpy.stack([left, top, left + wide, top + high], axis=1)
    marks = marks[0][:, rows, columns]
    points = numpy.stack([left + marks[1::2] * wide, top + marks[0::2] * high], axis=2).transpose(1, 0, 2)
    return boxes / scale, points / scale, scores


def _nms(boxes, ranks):
    import numpy

    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order, kept = ranks.argsort()[::-1], []
    while order.size:
        first, rest = order[0], order[1:]
        kept.append(first)
        wide = numpy.minimum(boxes[first, 2], boxes[rest, 2]) - numpy.maximum(boxes[first, 0], boxes[rest, 0])
        high = numpy.minimum(boxes[first, 3], boxes[rest, 3]) - numpy.maximum(boxes[first, 1], boxes[rest, 1])
        common = wide.clip(0) * high.clip(0)
        order = rest[common / (areas[first] + areas[rest] - common) <= NMS_OVERLAP]
    return kept


def _embed(state, photo, points):
    import cv2
    import numpy

    crop = cv2.warpAffine(photo, _similarity(points, numpy.array(TEMPLATE)), (112, 112))
    total = 0
    for picture in (crop, crop[:, ::-1]):
        tensor = ((picture.astype(numpy.float32) - 127) / 128).transpose(2, 0, 1)[None]
        vector = state["embedder"].run(None, {state["embedder"].get_inputs()[0].name: tensor})[0][0]
        total = total + vector / numpy.linalg.norm(vector)
    return total / numpy.linalg.norm(total)


def _similarity(source, target):
    """The least-squares rotation, scale and shift (2x3) that takes source to target; points are rows."""
    import numpy

    from_centre, to_centre = source.mean(axis=0), target.mean(axis=0)
    a, b = source - from_centre, target - to_centre
    norm = (a * a).sum()
    real = (a * b).sum() / norm
    imaginary = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / norm
    turn = numpy.array([[real, -imaginary], [imaginary, real]])
    return numpy.hstack([turn, (to_centre - turn @ from_centre)[:, None]])


def identify(state, path):
    photo = _read(path)
    found = []
    for _, points in _detect(state, photo):
        name = None
        vector = _embed(state, photo, points)
        if len(state["vectors"]):
            similarities = state["vectors"] @ vector
            best = similarities.argmax()
            if similarities[best] >= SAME_PERSON:
                name = state["names"][best]
        found.append(name)
    return found


def versions():
    from importlib.metadata import version

    return {package: version(package) for package in ("onnxruntime", "opencv-python-headless")}


if __name__ == "__main__":
    interface.serve(load, identify, versions, pool="--threads" not in sys.argv)

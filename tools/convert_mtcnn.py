#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes MTCNN's three networks as ONNX from the state dicts of the facenet-pytorch wheel.

    tools/convert_mtcnn.py STATE_DICT_DIR OUT_DIR

The architecture (Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded
Convolutional Networks", 2016) is written down below; only the weights come from the files. The same
input gives the same bytes, so the results are pinned by sha256 like a download.

Inputs are N x 3 x H x W, RGB, (x - 127.5) / 128. H and W are free for the P-Net, 24 for the R-Net and
48 for the O-Net. Outputs: `box` (4: left, top, right, bottom, as offsets in units of the window),
`prob` (2: background, face; after softmax) and for the O-Net `landmarks` (5 x, then 5 y).
"""
import argparse
import os
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

import torch_state_dict

OPSET = 13
# What OPSET needs; python3-onnx would write its own newest, and then the bytes would depend on it.
IR_VERSION = 7


class Network:
    """Collects the nodes of one graph; `last` names the tensor that the next layer reads."""

    def __init__(self, name: str, state: torch_state_dict.StateDict):
        self.name = name
        self.last = "input"
        self._state = state
        self._nodes = []
        self._weights = []

    def conv(self, layer: str, kernel: int) -> None:
        weight, bias = self._tensor(f"{layer}.weight"), self._tensor(f"{layer}.bias")
        self._add("Conv", layer, [self._weight(f"{layer}.weight", weight), self._weight(f"{layer}.bias", bias)],
                  kernel_shape=[kernel, kernel])

    def prelu(self, layer: str, spatial: bool = True) -> None:
        # ONNX aligns the slope with the input's last axes, PyTorch with its channels.
        slope = self._tensor(f"{layer}.weight")
        shaped = slope.reshape(-1, 1, 1) if spatial else slope
        self._add("PRelu", layer, [self._weight(f"{layer}.weight", shaped)])

    def pool(self, layer: str, kernel: int) -> None:
        self._add("MaxPool", layer, [], kernel_shape=[kernel, kernel], strides=[2, 2], ceil_mode=1)

    def flatten(self) -> None:
        self._add("Flatten", "flatten", [], axis=1)

    def dense(self, layer: str, reads_map: tuple = ()) -> None:
        """A fully connected layer; `reads_map` is (channels, height, width) of what was flattened."""
        weight = self._tensor(f"{layer}.weight")
        if reads_map:
            # The weights expect the order width, height, channel (they come from a column-major
            # framework). Reordering them once here saves a transpose in every inference.
            channels, height, width = reads_map
            columns = weight.reshape(-1, width, height, channels).transpose(0, 3, 2, 1)
            weight = columns.reshape(weight.shape)
        bias = self._tensor(f"{layer}.bias")
        self._add("Gemm", layer, [self._weight(f"{layer}.weight", weight), self._weight(f"{layer}.bias", bias)],
                  transB=1)

    def rename_last(self, output: str) -> None:
        self._nodes[-1].output[0] = output

    def softmax(self, output: str) -> None:
        self._add("Softmax", output, [], axis=1)

    def model(self, size, outputs: dict) -> onnx.ModelProto:
        """`size` is the input's height and width, `outputs` maps a name to its shape."""
        shape = ["batch", 3, *size]
        graph = helper.make_graph(
            self._nodes, self.name,
            inputs=[helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
            outputs=[helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                     for name, shape in outputs.items()],
            initializer=self._weights)
        model = helper.make_model(graph, producer_name="kith",
                                  opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        return model

    def _add(self, op: str, name: str, weights: list, **attributes) -> None:
        self._nodes.append(helper.make_node(op, [self.last, *weights], [name], name=name, **attributes))
        self.last = name

    def _weight(self, name: str, values: np.ndarray) -> str:
        data = np.ascontiguousarray(values, dtype="<f4")
        self._weights.append(helper.make_tensor(name, TensorProto.FLOAT, data.shape, data.tobytes(), raw=True))
        return name

    def _tensor(self, name: str) -> np.ndarray:
        try:
            tensor = self._state.tensors[name]
        except KeyError:
            raise torch_state_dict.StateDictError(f"it has no tensor {name}") from None
        floats = np.frombuffer(self._state.storages[tensor.storage_key], dtype="<f4")[tensor.offset:]
        strides = [stride * floats.itemsize for stride in tensor.strides]
        return np.lib.stride_tricks.as_strided(floats, tensor.shape, strides, writeable=False)


def _heads(network: Network, add_layer, heads: dict) -> None:
    """Ends the network with one layer for each output, all reading the same features."""
    features = network.last
    for output, layer in heads.items():
        network.last = features
        add_layer(layer)
        if output == "prob":
            network.softmax(output)
        else:
            network.rename_last(output)


def p_net(state) -> onnx.ModelProto:
    network = Network("mtcnn_pnet", state)
    network.conv("conv1", 3)
    network.prelu("prelu1")
    network.pool("pool1", 2)
    for step in "2", "3":
        network.conv(f"conv{step}", 3)
        network.prelu(f"prelu{step}")
    _heads(network, lambda layer: network.conv(layer, 1), {"box": "conv4_2", "prob": "conv4_1"})
    return network.model(("height", "width"), {"box": ["batch", 4, "rows", "columns"],
                                               "prob": ["batch", 2, "rows", "columns"]})


def r_net(state) -> onnx.ModelProto:
    network = Network("mtcnn_rnet", state)
    for step in "1", "2":
        network.conv(f"conv{step}", 3)
        network.prelu(f"prelu{step}")
        network.pool(f"pool{step}", 3)
    network.conv("conv3", 2)
    network.prelu("prelu3")
    network.flatten()
    network.dense("dense4", reads_map=(64, 3, 3))
    network.prelu("prelu4", spatial=False)
    _heads(network, network.dense, {"box": "dense5_2", "prob": "dense5_1"})
    return network.model((24, 24), {"box": ["batch", 4], "prob": ["batch", 2]})


def o_net(state) -> onnx.ModelProto:
    network = Network("mtcnn_onet", state)
    for step, pool_kernel in ("1", 3), ("2", 3), ("3", 2):
        network.conv(f"conv{step}", 3)
        network.prelu(f"prelu{step}")
        network.pool(f"pool{step}", pool_kernel)
    network.conv("conv4", 2)
    network.prelu("prelu4")
    network.flatten()
    network.dense("dense5", reads_map=(128, 3, 3))
    network.prelu("prelu5", spatial=False)
    _heads(network, network.dense, {"box": "dense6_2", "landmarks": "dense6_3", "prob": "dense6_1"})
    return network.model((48, 48), {"box": ["batch", 4], "landmarks": ["batch", 10], "prob": ["batch", 2]})


NETWORKS = {"pnet": p_net, "rnet": r_net, "onet": o_net}


def convert(source: Path, target: Path, build) -> None:
    try:
        with source.open("rb") as stream:
            model = build(torch_state_dict.read(stream))
    except torch_state_dict.StateDictError as error:
        raise SystemExit(f"error: {source} cannot be converted: {error}") from error
    # Write beside and rename: an interrupt must not leave half a model under the final name.
    partial = target.with_suffix(".partial")
    partial.write_bytes(model.SerializeToString(deterministic=True))
    os.replace(partial, target)
    print(f"converted {source.name} to {target.name}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write MTCNN's networks as ONNX.")
    parser.add_argument("state_dicts", type=Path, help="folder with pnet.pt, rnet.pt and onet.pt")
    parser.add_argument("out", type=Path, help="folder for mtcnn_pnet.onnx and the other two")
    arguments = parser.parse_args()
    for name, build in NETWORKS.items():
        convert(arguments.state_dicts / f"{name}.pt", arguments.out / f"mtcnn_{name}.onnx", build)


if __name__ == "__main__":
    sys.exit(main())

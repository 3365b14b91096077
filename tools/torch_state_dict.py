# SPDX-License-Identifier: Apache-2.0
"""Reads a PyTorch state dict without PyTorch, and without trusting the file.

The format is the one that torch.save wrote before version 1.6: pickles of a magic number, a protocol
number, the writer's system, the state dict, the list of storage keys; then each storage's length and
bytes. A pickle may name any function to call, so the unpickler here knows three names and refuses the
rest: the ordered dict, the float storage and the tensor that views it.
"""
import collections
import pickle
import struct
from typing import BinaryIO, NamedTuple

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001
FLOAT_BYTES = 4


class StateDictError(Exception):
    """The file is not a state dict that this reader takes."""


class Tensor(NamedTuple):
    """A float32 view of a storage; offset and strides count elements, not bytes."""
    storage_key: str
    offset: int
    shape: tuple
    strides: tuple


class StateDict(NamedTuple):
    tensors: dict   # name -> Tensor
    storages: dict  # storage key -> little-endian float32 bytes


class _FloatStorage:
    """Stands for torch.FloatStorage, which appears in the pickle only as a type name."""


class _Storage(NamedTuple):
    key: str
    elements: int


def _rebuild_tensor(storage, offset, shape, strides, *_ignored):
    if not isinstance(storage, _Storage):
        raise StateDictError("a tensor in it does not rest on a storage")
    return Tensor(storage.key, offset, tuple(shape), tuple(strides))


_ALLOWED = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch", "FloatStorage"): _FloatStorage,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise StateDictError(f"it asks for {module}.{name}, which no state dict of floats needs; "
                                 "it may be an attempt to run code") from None

    def persistent_load(self, pid):
        if not (isinstance(pid, tuple) and len(pid) >= 5 and pid[:2] == ("storage", _FloatStorage)):
            raise StateDictError("it refers to something other than a storage of floats")
        return _Storage(key=pid[2], elements=pid[4])


def _load(stream: BinaryIO):
    try:
        return _Unpickler(stream).load()
    except (pickle.UnpicklingError, EOFError, AttributeError, IndexError, KeyError, TypeError,
            ValueError) as error:
        raise StateDictError(f"a pickle in it is damaged: {error}") from error


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise StateDictError("it ends before its last storage does")
    return data


def _read_storages(stream: BinaryIO, keys) -> dict:
    storages = {}
    for key in keys:
        (elements,) = struct.unpack("<q", _read_exactly(stream, 8))
        if elements < 0:
            raise StateDictError("a storage in it has a negative length")
        storages[key] = _read_exactly(stream, elements * FLOAT_BYTES)
    return storages


def _check_within(name: str, tensor, storages: dict) -> None:
    if not isinstance(tensor, Tensor) or tensor.storage_key not in storages:
        raise StateDictError(f"its entry {name} is not a tensor of this file")
    if len(tensor.shape) != len(tensor.strides) or min(tensor.shape, default=1) < 1 \
            or min((tensor.offset, *tensor.strides)) < 0:
        raise StateDictError(f"the shape of its tensor {name} makes no sense")
    last = tensor.offset + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.strides))
    if (last + 1) * FLOAT_BYTES > len(storages[tensor.storage_key]):
        raise StateDictError(f"its tensor {name} reaches over the end of its storage")


def read(stream: BinaryIO) -> StateDict:
    """Returns every tensor, checked to lie within its storage. Raises StateDictError otherwise."""
    if _load(stream) != MAGIC_NUMBER or _load(stream) != PROTOCOL_VERSION:
        raise StateDictError("it does not begin like a state dict of PyTorch before version 1.6")
    system = _load(stream)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise StateDictError("it was written on a big-endian machine")
    tensors = _load(stream)
    keys = _load(stream)
    if not isinstance(tensors, dict) or not isinstance(keys, list):
        raise StateDictError("it holds something other than named tensors")
    storages = _read_storages(stream, keys)
    for name, tensor in tensors.items():
        _check_within(name, tensor, storages)
    return StateDict(dict(tensors), storages)

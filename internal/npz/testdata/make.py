"""Writes the npz files beside it, with NumPy: what the tests read.

python3 make.py
"""
import os
import warnings
import zipfile

import numpy as np

# Values that a mistake in byte order, sign or size of a number would change.
FLOATS = np.array([[0.0, -1.5, 1e-3], [np.pi, -1e30, 6.0]])
LABELS = [0, 1, 9, 127]


def types():
    """One array of each type, its name being that of the type."""
    for name in ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
        info = np.iinfo(name) if name != "bool" else None
        ends = [info.min, info.max] if info and name != "uint64" else [0, 1]
        yield name, np.array([1, 0] + ends, name)
        yield name + "_big", np.array([1, 0] + ends, np.dtype(name).newbyteorder(">"))
    for name in ["float32", "float64"]:
        yield name, FLOATS.astype(name)
        yield name + "_big", FLOATS.astype(np.dtype(name).newbyteorder(">"))
        yield name + "_fortran", np.asfortranarray(FLOATS.astype(name))


def shapes():
    yield "scalar", np.array(2.5)
    yield "one", np.array([2.5])
    yield "empty", np.zeros((0, 3))
    yield "cube", np.arange(24.0).reshape(2, 3, 4)
    yield "cube_fortran", np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))
    yield "labels_fortran", np.asfortranarray(np.arange(6).reshape(2, 3))
    yield "slice", np.arange(24.0).reshape(4, 6)[::2, 1::2]


def version(major, array):
    with open("npy.tmp", "wb") as f:
        np.lib.format.write_array(f, array, version=(major, 0))
    with open("npy.tmp", "rb") as f:
        return f.read()


def versions():
    warnings.simplefilter("ignore")
    with zipfile.ZipFile("versions.npz", "w") as z:
        for major in [1, 2, 3]:
            # A time of its own would make each run's file another one.
            z.writestr(zipfile.ZipInfo(f"v{major}.npy"), version(major, FLOATS))
    os.remove("npy.tmp")


np.savez("types.npz", **dict(types()))
np.savez_compressed("compressed.npz", **dict(types()))
np.savez("shapes.npz", **dict(shapes()))
np.savez("names.npz", **{"ß": np.ones(1), "重み": np.ones(2), "a/b": np.ones(3), "with space": np.ones(4)})
np.savez("nothing.npz")
np.savez(
    "refused.npz",
    objects=np.array([{"a": 1}, None], object),
    text=np.array(["abc"]),
    bytes=np.array([b"abc"]),
    complex=FLOATS.astype(complex),
    dates=np.array(["2020-01-01"], "datetime64[D]"),
    record=np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]),
    large=np.array([0, 2**63], np.uint64),
    float64=FLOATS,
    int64=np.array(LABELS),
)
np.savez("object.npz", {"W1": FLOATS})  # without **
halves = np.arange(0, 65536, 31).astype(np.uint16).view(np.float16)
np.savez_compressed("halves.npz", half=halves, big=halves.astype(">f2"), double=halves.astype(float))
np.savez_compressed("zeros.npz", W1=np.zeros((784, 50)), t=np.zeros(100_000, np.uint8))
versions()

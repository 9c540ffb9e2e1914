"""Files that torch.load(weights_only=True) reads, some written by torch.save, most by hand as other versions or
Python 2 wrote them, with what PyTorch reads from them in read.json; and others that hold a state dict beside other objects, or are
refused for the reason in refused.json. For TorchFormsTest.

  python3 torch_files.py            writes ../resources/io/github/finetide/network/torch
  python3 torch_files.py --check    reads the files again with PyTorch and compares with read.json
"""
import argparse
import collections
import datetime
import io
import json
import pathlib
import pickle
import struct
import sys
import warnings
import zipfile

import numpy
import torch

FOLDER = pathlib.Path(__file__).parent.parent / "resources/io/github/finetide/network/torch"
FLOATS = struct.pack("<12f", *range(1, 13))


class Call:
    """Pickled as a call of a global, with a state if there is one."""

    def __init__(self, name, *arguments, state=None, items=(), new=False):
        self.name, self.arguments, self.state, self.items, self.new = name, arguments, state, items, new


class Name(str):
    """A global."""


class Storage(tuple):
    """A persistent id."""


class Python2(str):
    """A string as Python 2 pickled it."""


def pickled(value):
    """Protocol 2, as the pickler would, but for the classes above."""
    if isinstance(value, Call):
        code = b"\x81" if value.new else b"R"
        out = pickled(Name(value.name)) + pickled(tuple(value.arguments)) + code
        for key, item in value.items:
            out += pickled(key) + pickled(item) + b"s"
        return out + (pickled(value.state) + b"b" if value.state is not None else b"")
    if isinstance(value, Storage):
        return pickled(tuple(value)) + b"Q"
    if isinstance(value, Name):
        module, _, name = value.rpartition(".")
        return b"c" + module.encode() + b"\n" + name.encode() + b"\n"
    if isinstance(value, Python2):
        return b"U" + bytes([len(value)]) + value.encode()
    if isinstance(value, tuple):
        return b"(" + b"".join(map(pickled, value)) + b"t"
    if isinstance(value, list):
        return b"](" + b"".join(map(pickled, value)) + b"e"
    if isinstance(value, dict):
        return b"}(" + b"".join(pickled(k) + pickled(v) for k, v in value.items()) + b"u"
    return pickle.dumps(value, protocol=2)[2:-1]


def storage(key="0", count=12, kind="FloatStorage", *view, text=str, module="torch"):
    return Storage((text("storage"), Name(f"{module}.{kind}"), text(key), text("cpu"), count) + view)


def zipped(value, compression=zipfile.ZIP_STORED, **storages):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        entries = {"data.pkl": b"\x80\x02" + pickled(value) + b".", "version": b"3\n"}
        entries.update({f"data/{key[1:]}": content for key, content in (storages or {"s0": FLOATS}).items()})
        for name, content in entries.items():  # ZipInfo: the same date each time
            archive.writestr(zipfile.ZipInfo(f"archive/{name}"), content, compression)
    return out.getvalue()


def stream(value, storages=(("0", FLOATS, 4),), little=True):
    out = b"".join(pickle.dumps(v, protocol=2) for v in (
        0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": little, "type_sizes": {}}))
    out += b"\x80\x02" + pickled(value) + b"." + pickle.dumps([key for key, _, _ in storages], protocol=2)
    return out + b"".join(struct.pack("<q", len(c) // width) + c for _, c, width in storages)


def v1(offset=0, size=(3,), stride=(1,), of=None):
    return Call("torch._utils._rebuild_tensor", of or storage(), offset, size, stride)


def v2(offset=0, size=(3,), stride=(1,), of=None, gradient=False, hooks=None):
    hooks = Call("collections.OrderedDict") if hooks is None else hooks
    return Call("torch._utils._rebuild_tensor_v2", of or storage(), offset, size, stride, gradient, hooks)


def saved(value, **options):
    out = io.BytesIO()
    torch.save(value, out, **options)
    return out.getvalue()


def view(key, offset, count):
    return storage("0", 12, "FloatStorage", (key, offset, count))


def cases():
    root = storage("0", 12, "FloatStorage", None)
    yield "stream-views", stream({"a": v2(of=view("1", 4, 6), offset=1), "b": v2(of=view("2", 2, 10), size=(2, 2), stride=(4, 1)),
                                  "c": v2(of=view("1", 4, 6)), "root": v2(of=root)})
    yield "stream-view-v1", stream({"a": v1(of=view("1", 9, 3))})
    yield "stream-big-endian-machine", stream({"a": v2(of=root)}, little=False)
    yield "stream-two-storages", stream(
        {"a": v2(of=root), "b": v2(of=storage("7", 4, "LongStorage", None))},
        (("0", FLOATS, 4), ("7", struct.pack("<4q", 5, -6, 7, 8), 8)))
    yield "python2", zipped({Python2("a"): v2(of=storage(text=Python2)), Python2("b"): v1(of=storage(text=Python2))})
    yield "python2-stream", stream({Python2("a"): v2(of=root)})
    yield "ordered-items", zipped(Call("collections.OrderedDict", [["a", v2()], ["b", v1(3)]]))
    yield "ordered-tuples", zipped(Call("collections.OrderedDict", (("a", v2()), ("b", v1(3)))))
    yield "ordered-dict", zipped(Call("collections.OrderedDict", {"a": v2(), "b": v1(3)}, items=[("c", v1(6))]))
    yield "ordered-metadata", zipped(Call("collections.OrderedDict", items=[("a", v2())],
                                          state={"_metadata": Call("collections.OrderedDict")}))
    parameter = "torch.nn.parameter.Parameter"
    yield "parameter", zipped({
        "rebuilt": Call("torch._utils._rebuild_parameter", v2(1), True, Call("collections.OrderedDict")),
        "called": Call(parameter, v2(2)), "called2": Call(parameter, v1(3), False),
        "new": Call(parameter, v2(4), new=True), "new2": Call(parameter, v2(5), True, new=True),
        "flags": Call(parameter, v2(6), state=(True, False, Call("collections.OrderedDict")))})
    yield "parameter-set", zipped({
        "four": Call(parameter, v2(1), False, state=(storage(), 5, (2, 2), (1, 3))),
        "five": Call(parameter, v2(1), state=(v2(8), None, Call("collections.OrderedDict"), True, False))})
    yield "tensor-set", zipped({
        "a": Call("torch.Tensor", state=(storage(), 5, (2, 2), (2, 1))),
        "b": Call("torch.FloatTensor", state=(storage(), 0, (0,), (1,)))})
    yield "hooks", zipped({"a": v2(hooks=Call("collections.OrderedDict", [["x", 1]])), "b": v2(gradient=True)})
    yield "size", zipped({"a": v2(size=Call("torch.Size", (2, 2)), stride=[3, 1])})
    yield "strided", zipped({
        "overlapping": v2(0, (4, 3), (2, 1)), "expanded": v2(3, (2, 3), (0, 0)), "transposed": v1(0, (3, 4), (1, 3)),
        "every-other": v1(1, (5,), (2,)), "scalar": v2(7, (), ()), "empty": v2(50, (0, 3), (3, 1)),
        "one": v2(11, (1, 1), (99, 7))})
    yield "longer-entry", zipped({"a": v2()}, s0=FLOATS + FLOATS)
    yield "short-storage", zipped({"a": v2(of=storage(count=4))})
    yield "first-word", zipped({"a": v2(of=storage(count=6)), "b": v2(1, of=storage(count=12))})
    yield "compressed", zipped({"a": v2()}, zipfile.ZIP_DEFLATED)
    yield "cuda-name", zipped({"a": v2(of=storage(module="torch"))})
    yield "metadata-entry", zipped({"state_dict": {"a": v2()}, "epoch": 3, "names": ["x", None, True], "best": v1(0, (), ())})
    for protocol in (1, 3, 4, 5):
        for new in (True, False):
            value = {"a": torch.arange(3.0), "b": torch.arange(6).view(2, 3).t()}
            yield f"protocol{protocol}{'' if new else '-stream'}", saved(
                value, pickle_protocol=protocol, _use_new_zipfile_serialization=new)


def beside():
    """A state dict beside objects that weights_only refuses: read without building them."""
    tensors = {"a": torch.arange(3.0), "b": torch.arange(6).view(2, 3).t()}
    network = torch.nn.Linear(3, 2)
    others = {"epoch": 3, "args": argparse.Namespace(lr=0.1, layers=[1, 2]), "best": numpy.float64(0.5),
              "rng": numpy.random.RandomState(1).get_state(), "optimizer": torch.optim.Adam(network.parameters()).state_dict(),
              "when": datetime.datetime(2024, 1, 1), "seen": {1, 2}, "path": pathlib.PurePosixPath("/x"),
              "table": collections.defaultdict(list, {"x": [1.5]}), "lr": 0.1, "big": 2**70, "bytes": b"\x00\xff"}
    for key in ("state_dict", "model", "model_state_dict", "model_ema"):
        yield f"beside-{key}", saved({**others, key: tensors})
    yield "beside-stream", saved({**others, "state_dict": tensors}, _use_new_zipfile_serialization=False)
    yield "beside-protocol4", saved({**others, "model": {"state_dict": tensors}}, pickle_protocol=4)


def refused():
    """What is no state dict, or more than one, and a word of the reason."""
    tensors = {"a": torch.arange(3.0)}
    network = torch.nn.Linear(3, 2)
    yield "two", saved({"model": tensors, "model_ema": tensors}), "model, model_ema"
    yield "optimizer", saved(torch.optim.SGD(network.parameters(), 0.1).state_dict()), "the state of an optimiser"
    yield "module-stream", saved(network, _use_new_zipfile_serialization=False), "torch.nn.modules.linear.Linear"
    yield "module-within", saved({"epoch": 1, "model": network}), "model (a pickled torch.nn.modules.linear.Linear)"
    yield "tensor", saved(torch.ones(2)), "a single tensor"
    yield "mixed", saved({"a": torch.ones(2), "epoch": 3}), "its entry epoch is no tensor"
    yield "complex", saved({"a": torch.ones(2, dtype=torch.complex64)}), "ComplexFloatStorage"
    yield "sparse", saved({"a": torch.eye(2).to_sparse()}), "_rebuild_sparse_tensor"
    yield "meta", saved({"a": torch.ones(2, device="meta")}), "_rebuild_meta_tensor_no_storage"
    yield "short-entry", zipped({"a": v2(0, (12,))}, s0=FLOATS[:44]), "a: its storage is missing or cut off"
    yield "outside", zipped({"a": v2(2, (3, 4), (4, 1))}), "a: its shape and strides leave its storage"
    yield "outside-view", stream({"a": v2(0, (3,), of=view("1", 4, 2))}), "a: its shape and strides leave its storage"
    yield "negative-stride", zipped({"a": v2(6, (3,), (-1,))}), "a: its shape and strides leave its storage"
    yield "short-rebuild", zipped({"a": Call("torch._utils._rebuild_tensor_v2", storage(), 0, (3,), (1,))}), "4 arguments"
    yield "negated", zipped({"a": Call("torch._utils._rebuild_tensor_v2", storage(), 0, (3,), (1,), False,
                                       Call("collections.OrderedDict"), {"neg": True})}), "neg"
    yield "stream-length", stream({"a": v2(of=storage(count=11))}), "another length"
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(network), script)
    yield "script", script.getvalue(), "TorchScript"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(zipfile.ZipInfo("resnet.pth"), saved(tensors))
    yield "archive", archive.getvalue(), "resnet.pth"
    yield "cut", saved(tensors)[:400], "zip"
    yield "pickle", pickle.dumps({"a": 1}), "torch.save did not write"


def write_others(check):
    for name, content in beside():
        path = FOLDER / f"{name}.pth"
        path.write_bytes(content) if not check else None
    reasons = {}
    for name, content, reason in refused():
        path = FOLDER / f"{name}.pth"
        path.write_bytes(content) if not check else None
        reasons[name] = reason
    (FOLDER / "refused.json").write_text(json.dumps(reasons) + "\n")


def plain(value):
    if "state_dict" in value:
        value = value["state_dict"]
    return {name: {"dtype": str(t.dtype), "shape": list(t.shape), "values": t.detach().flatten().tolist()}
            for name, t in value.items()}


def read(content, name):
    """Protocols beyond 2 are what weights_only refuses for the opcodes alone."""
    path = FOLDER / f"{name}.pth"
    path.write_bytes(content) if content is not None else None
    return plain(torch.load(path, weights_only=not name.startswith("protocol")))


def main():
    warnings.simplefilter("ignore")
    check = "--check" in sys.argv
    FOLDER.mkdir(exist_ok=True)
    result = {}
    for name, content in cases():
        try:
            result[name] = read(None if check else content, name)
        except Exception as refused:
            sys.exit(f"{name}: {refused}")
    if check:
        assert json.loads((FOLDER / "read.json").read_text()) == result, "read.json differs"
    else:
        (FOLDER / "read.json").write_text(json.dumps(result) + "\n")
    write_others(check)
    print(len(result), "files")


if __name__ == "__main__":
    main()

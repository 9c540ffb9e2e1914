"""The safetensors format, as far as the goldens need it."""

import json

import numpy as np

DTYPES = {"float32": "F32", "float64": "F64", "int64": "I64", "uint8": "U8", "float16": "F16"}


def encode(arrays):
    header, data = {}, b""
    for name, array in arrays.items():
        array = np.asarray(array)
        content = array.tobytes()
        header[name] = {
            "dtype": DTYPES[str(array.dtype)],
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def decode(content):
    length = int.from_bytes(content[:8], "little")
    data = content[8 + length :]
    types = {short: name for name, short in DTYPES.items()}
    arrays = {}
    for name, entry in json.loads(content[8 : 8 + length]).items():
        start, end = entry["data_offsets"]
        array = np.frombuffer(data[start:end], types[entry["dtype"]])
        arrays[name] = array.reshape(entry["shape"])
    return arrays

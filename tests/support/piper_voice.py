"""A voice for the real Piper, of a few hundred bytes: an ONNX graph that hums a note for each phoneme.

There is no package that writes ONNX in the test set-up; the few messages of its protocol buffers that are needed are
written by hand (field numbers as in onnx.proto).
"""

import json
import struct
from pathlib import Path

RATE = 22_050
HOP = 1_024
"""Samples for a phoneme's id."""
_FLOAT, _INT64 = 1, 7
_PHONEMES = "_^$ !',-.:;?abcdefhijklmnoprstuvwxzæðŋɐɑɔəɚɛɜɡɪɫɹɾʃʊʌʒʔˈˌːθᵻ"


def write_voice(folder: Path, name: str, code: str, speakers: dict[str, int] | None = None) -> Path:
    """Write `name`.onnx and its description for a language such as `en_US`; the answer is the model's path."""
    path = folder / f"{name}.onnx"
    path.write_bytes(_model(bool(speakers)))
    description = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": code.split("_")[0]},
        "language": {"code": code},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "num_symbols": 256,
        "num_speakers": len(speakers) if speakers else 1,
        "speaker_id_map": speakers or {},
        "phoneme_id_map": {phoneme: [number] for number, phoneme in enumerate(_PHONEMES)},
    }
    Path(f"{path}.json").write_text(json.dumps(description), "utf-8")
    return path


def _varint(value: int) -> bytes:
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _node(kind: str, inputs: list[str], output: str, **attributes: int) -> bytes:
    named = [_bytes(1, name) + _number(3, value) + _number(20, 2) for name, value in attributes.items()]
    parts = [*(_bytes(1, name) for name in inputs), _bytes(2, output), _bytes(4, kind)]
    return _bytes(1, b"".join([*parts, *(_bytes(5, attribute) for attribute in named)]))


def _constant(name: str, kind: int, shape: list[int], data: bytes) -> bytes:
    dims = b"".join(_number(1, size) for size in shape)
    return _bytes(5, dims + _number(2, kind) + _bytes(8, name) + _bytes(9, data))


def _value(field: int, name: str, kind: int, shape: list[str | int]) -> bytes:
    dims = b"".join(_bytes(1, _bytes(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    tensor = _number(1, kind) + _bytes(2, dims)
    return _bytes(field, _bytes(1, name) + _bytes(2, _bytes(1, tensor)))


def _model(many: bool) -> bytes:
    """ids [1, n] → sin(id · ramp), n · HOP samples. A speaker hums so many times as high."""
    ramp = struct.pack(f"<{HOP}f", *(0.5 + step * 0.003 for step in range(HOP)))
    scaled = [_node("Cast", ["sid"], "times", to=_FLOAT), _node("Mul", ["notes", "times"], "sung")] if many else []
    graph = [
        _node("Cast", ["input"], "ids", to=_FLOAT),
        _node("Reshape", ["ids", "column"], "tall"),
        _node("Mul", ["tall", "ramp"], "notes"),
        *scaled,
        _node("Sin", ["sung" if many else "notes"], "waves"),
        _node("Reshape", ["waves", "row"], "output"),
        _bytes(2, "hum"),
        _constant("column", _INT64, [2], struct.pack("<2q", -1, 1)),
        _constant("row", _INT64, [4], struct.pack("<4q", 1, 1, 1, -1)),
        _constant("ramp", _FLOAT, [1, HOP], ramp),
        _value(11, "input", _INT64, [1, "n"]),
        _value(11, "input_lengths", _INT64, [1]),
        _value(11, "scales", _FLOAT, [3]),
        *([_value(11, "sid", _INT64, [1])] if many else []),
        _value(12, "output", _FLOAT, [1, 1, 1, "samples"]),
    ]
    return _number(1, 8) + _bytes(7, b"".join(graph)) + _bytes(8, _bytes(1, "") + _number(2, 13))

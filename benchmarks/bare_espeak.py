"""The bare engine: espeak-ng speaking texts from a file (one JSON string a line), its samples thrown away."""

import ctypes
import json
import sys
from pathlib import Path

import espeakng_loader

CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main(path: Path, voice: str) -> None:
    """Speak every text; prints the number of samples."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0x8000)
    samples = 0

    def keep(_wave: object, count: int, _events: object) -> int:
        nonlocal samples
        samples += count
        return 0

    callback = CALLBACK(keep)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(voice.encode())
    for line in path.read_text().splitlines():
        data = json.loads(line).encode()
        library.espeak_Synth(data, len(data) + 1, 0, 0, 0, 1, None, None)
    sys.stdout.write(f"{samples}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

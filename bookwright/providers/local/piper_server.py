"""The process that speaks with Piper: `python -m bookwright.providers.local.piper_server MEMORY_BYTES`.

piper-tts is GPL, as is the espeak-ng in it, so it is run beside Bookwright and not loaded into it. Requests are
`{"voice": path of the model, "speaker": number or null, "text"}`; answers `{}` with a WAV, or `{"error": "silent" |
"memory"}`.
"""

import io
import sys
import wave
from functools import lru_cache
from typing import Any

from bookwright.providers.local.answering import Answer, answer_requests

VOICES = 3
"""Voices that are kept loaded, 60 to 120 MB each."""


def load() -> Answer:
    """Import Piper; voices are loaded when they are first asked for."""
    from piper import PiperVoice, SynthesisConfig

    voice_at = lru_cache(maxsize=VOICES)(PiperVoice.load)

    def answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        voice = voice_at(request["voice"])
        pieces = [
            piece.audio_int16_bytes
            for piece in voice.synthesize(request["text"], SynthesisConfig(speaker_id=request["speaker"]))
        ]
        if not any(pieces):
            return {"error": "silent"}, b""
        target = io.BytesIO()
        with wave.open(target, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(voice.config.sample_rate)
            file.writeframes(b"".join(pieces))
        return {}, target.getvalue()

    return answer


if __name__ == "__main__":
    answer_requests(load, int(sys.argv[1]))

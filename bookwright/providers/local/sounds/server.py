"""The process that makes soundscapes: a request is a score, its answer an Ogg Opus file (see `local.answering`)."""

import io
import sys
from fractions import Fraction
from typing import Any

import av
import numpy as np

from bookwright.providers.local.answering import Answer, answer_requests
from bookwright.providers.local.sounds.dsp import RATE, Sound
from bookwright.providers.local.sounds.score import Score
from bookwright.providers.local.sounds.synthesis import synthesize

BIT_RATE = 96_000
_FRAME = 960
_BITEXACT = 1 << 23  # AV_CODEC_FLAG_BITEXACT


def opus(sound: Sound) -> bytes:
    """A stereo sound as Ogg Opus, the same bytes for the same sound. Decoders give back as many samples as it has."""
    target = io.BytesIO()
    with av.open(target, "w", format="ogg", options={"fflags": "+bitexact", "serial_offset": "1"}) as container:
        stream = container.add_stream("libopus", rate=RATE, options={"compression_level": "1", "application": "audio"})
        context = stream.codec_context
        context.layout, context.format, context.bit_rate = "stereo", "flt", BIT_RATE
        context.flags |= _BITEXACT
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T).reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        for packet in [*context.encode(frame), *context.encode(None)]:
            packet.stream = stream
            container.mux(packet)
    return target.getvalue()


def load() -> Answer:
    def answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        sound = synthesize(Score.model_validate(request["score"]), request["seconds"], request["seed"])
        return {"seconds": sound.shape[1] / RATE}, opus(sound)

    return answer


if __name__ == "__main__":
    answer_requests(load, int(sys.argv[1]))

"""Whether a sound is heard, and how long it is, without decoding all of it."""

import io
from typing import Any

import av
import numpy as np
import pytest

from bookwright.contracts.errors import BadAnswer
from bookwright.press.wav import decode, listen

RATE, SECONDS = 48_000, 3
QUIET = 1e-3


def encoded(form: str, coder: str, level: float, *, begins_at: float = 0.0) -> bytes:
    """Noise in stereo, silent up to a time in seconds."""
    sound = np.random.default_rng(1).standard_normal((2, RATE * SECONDS)).astype(np.float32) * level
    sound[:, : round(begins_at * RATE)] = 0
    target = io.BytesIO()
    with av.open(target, "w", format=form) as container:
        stream: Any = container.add_stream(coder, rate=RATE)
        stream.layout = "stereo"
        resampler = av.AudioResampler(
            format=stream.format.name, layout="stereo", rate=RATE, frame_size=stream.codec_context.frame_size or 1_152
        )
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="stereo")
        frame.sample_rate = RATE
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return target.getvalue()


@pytest.mark.parametrize(
    ("form", "coder"), [("mp3", "libmp3lame"), ("ogg", "libopus"), ("flac", "flac"), ("wav", "pcm_s16le")]
)
def test_every_form_is_as_long_and_as_loud_as_it_is_when_decoded(form: str, coder: str) -> None:
    loud, silent = encoded(form, coder, 0.1), encoded(form, coder, 0.0)
    assert listen(loud, QUIET).louder and not listen(silent, QUIET).louder
    assert abs(listen(loud, QUIET).duration_ms - decode(loud).duration_ms) <= 2
    assert abs(listen(loud, QUIET).duration_ms - 1000 * SECONDS) <= 2


def test_a_sound_that_begins_late_is_heard_and_one_that_is_too_soft_is_not() -> None:
    late = encoded("flac", "flac", 0.1, begins_at=SECONDS - 0.2)
    assert listen(late, QUIET).louder
    assert not listen(late, 0.05).louder, "a fifteenth of it at 0.1 is 0.026 over all of it"


@pytest.mark.parametrize("data", [b"", b"<html>no sound</html>", encoded("mp3", "libmp3lame", 0.1)[:2_000]])
def test_what_is_no_sound_or_cut_off_is_a_bad_answer(data: bytes) -> None:
    for hear in (decode, lambda data: listen(data, QUIET)):
        with pytest.raises(BadAnswer):
            hear(data)

"""MP3 files for the emulators."""

import io
import wave

import av
import numpy as np


def encoded(wav: bytes, kbits: int) -> bytes:
    """A mono 16-bit WAV as an MP3 at a constant bit rate and the same sample rate: nothing but whole frames."""
    with wave.open(io.BytesIO(wav)) as source:
        rate = source.getframerate()
        samples = np.frombuffer(source.readframes(source.getnframes()), "<i2").reshape(1, -1)
    target = io.BytesIO()
    with av.open(target, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono")
        stream.bit_rate = kbits * 1_000
        stream.options = {"reservoir": "0", "compression_level": "9"}
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return target.getvalue()


def frames(mp3: bytes, rate: int, kbits: int) -> list[bytes]:
    """The frames of an MP3 that `encoded` made (MPEG-1), each of which can be played without the others."""
    found, at = [], 0
    while at < len(mp3):
        padding = mp3[at + 2] >> 1 & 1
        end = at + 144_000 * kbits // rate + padding
        found.append(mp3[at:end])
        at = end
    return found

"""Clip bytes of every kind become samples, and broken ones are told."""

import io
import struct

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwright import sniff
from bookwright.contracts.errors import BadAnswer
from bookwright.press.wav import Samples, decode, resample
from tests.support.waves import wav

from .conftest import voice_like

SOUND = voice_like(2.0, 22_050)
FORMS = {"mp3": ("mp3", "libmp3lame", "s16p"), "flac": ("flac", "flac", "s16"), "ogg": ("ogg", "libopus", "s16")}
RATE = 24_000
VOICE = voice_like(2.0, RATE)


def encoded(samples: Samples, form: str, rate: int = RATE, *, options: dict[str, str] | None = None) -> bytes:
    container_format, codec, sample_format = FORMS[form]
    target = io.BytesIO()
    with av.open(target, "w", format=container_format, options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.codec_context.layout = "mono"
        stream.codec_context.format = sample_format
        frame = av.AudioFrame.from_ndarray(samples[None], format=sample_format, layout="mono")
        frame.sample_rate = rate
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def test_plain_wav_is_read_exactly_and_in_place() -> None:
    data = wav(SOUND.tobytes(), 22_050)
    sound = decode(data)
    assert sound.rate == 22_050
    assert np.array_equal(sound.samples, SOUND)
    assert not sound.samples.flags.owndata
    assert sound.duration_ms == 2_000


def test_chunks_before_and_after_the_data_are_skipped() -> None:
    data = wav(SOUND.tobytes(), 22_050)
    extra = b"LIST" + struct.pack("<I", 5) + b"hello\0"
    assert np.array_equal(decode(data[:36] + extra + data[36:] + extra).samples, SOUND)


def test_wav_that_was_written_to_a_pipe_holds_what_is_there() -> None:
    data = bytearray(wav(SOUND.tobytes(), 22_050))
    data[40:44] = b"\xff\xff\xff\xff"
    assert len(decode(bytes(data)).samples) == len(SOUND)


@pytest.mark.parametrize("form", FORMS)
def test_other_kinds_are_told_by_their_content(form: str) -> None:
    data = encoded(VOICE, form)
    assert sniff.kind(data) == form
    sound = decode(data)
    assert sound.rate == (48_000 if form == "ogg" else RATE)
    assert sound.duration_ms == pytest.approx(2_000, abs=100)
    assert np.std(sound.samples) == pytest.approx(np.std(VOICE), rel=0.15)


def test_stereo_float_wav_becomes_mono() -> None:
    stereo = np.repeat((SOUND / 32768).astype("<f4"), 2).tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(stereo), b"WAVE", b"fmt ", 16, 3, 2, 22_050,
                       8 * 22_050, 8, 32, b"data", len(stereo))  # fmt: skip
    sound = decode(head + stereo)
    assert len(sound.samples) == len(SOUND)
    assert np.abs(sound.samples.astype(int) - SOUND).max() <= 2


@pytest.mark.parametrize("form", ["wav", *FORMS])
@pytest.mark.parametrize("kept", [0.97, 0.5])
def test_cut_audio_is_refused(form: str, kept: float) -> None:
    data = wav(SOUND.tobytes(), 22_050) if form == "wav" else encoded(VOICE, form)
    with pytest.raises(BadAnswer, match=r"cut off|can't be decoded"):
        decode(data[: int(len(data) * kept)])


def test_mp3_cut_between_two_frames_is_told_by_its_promise() -> None:
    data = encoded(VOICE, "mp3", options={"id3v2_version": "0"})
    ends = []
    at = 0
    while length := sniff._mp3_frame(data, at):
        at += length
        ends.append(at)
    assert not sniff.is_cut(data, "mp3")
    assert sniff.is_cut(data[: ends[-3]], "mp3")


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"<html>no</html>", b"#EXTM3U\nfile:///etc/passwd\n", b"RIFF\0\0\0\0WAVE"]
)
def test_what_is_not_audio_is_refused(data: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode(data)


def test_wav_without_samples_is_refused() -> None:
    with pytest.raises(BadAnswer, match="not one sample"):
        decode(wav(b"", 22_050))


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"RIFF\0\0\0\0WAVE", b"fLaC", b"OggS", b"ID3", b"\xff\xfb\x90\x00"])
)
def test_garbage_never_raises_anything_else(tail: bytes, head: bytes) -> None:
    try:
        decode(head + tail)
    except BadAnswer:
        pass


@pytest.mark.parametrize("wanted", [16_000, 22_050, 44_100])
def test_resampling_gives_exactly_the_wanted_count(wanted: int) -> None:
    signal = (SOUND / 32768).astype(np.float32)
    count = round(len(signal) * wanted / 22_050)
    result = resample(signal, 22_050, wanted, count)
    assert len(result) == count
    assert abs(float(np.std(result)) - float(np.std(signal))) < 0.005

"""Ambient sounds for the emulators: soft noise that swells and fades, the same for the same text."""

import hashlib
import io
import wave

import numpy as np


def wav(text: str, seconds: float, rate: int = 44_100, *, silent: bool = False) -> bytes:
    """A mono 16-bit WAV of so many seconds. Different texts give different noise."""
    count = round(seconds * rate)
    samples = np.zeros(count, "<i2")
    if not silent:
        chance = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
        noise = chance.standard_normal(count).astype(np.float32)
        soft = np.convolve(noise, np.hanning(chance.integers(8, 64)), "same")
        swell = 1 + 0.5 * np.sin(2 * np.pi * chance.uniform(0.1, 0.4) * np.arange(count) / rate)
        samples = (soft * swell / np.abs(soft).max() / 1.5 * 0.4 * 32_767).astype("<i2")
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return target.getvalue()

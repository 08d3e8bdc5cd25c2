"""WAV files of samples that a test made."""

from bookwright.providers.local.espeak_server import wav_head


def wav(pcm: bytes, rate: int) -> bytes:
    """Mono 16-bit PCM as a WAV file."""
    return wav_head(len(pcm), rate) + pcm

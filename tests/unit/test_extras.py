"""What all extras have in common: they are missed at start, and imported only when there is something to do."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bookwright.contracts.errors import Misconfigured
from bookwright.providers.edge_speech import EdgeEngine
from bookwright.providers.elevenlabs import ElevenLabsSounds
from bookwright.providers.local.piper import PiperEngine
from bookwright.providers.local.whisper import WhisperTranscriber
from bookwright.providers.rev_ai import RevAiTranscriber
from tests.support.piper_voice import write_voice

ENGINES: dict[str, Callable[[Path], object]] = {
    "edge": lambda voices: EdgeEngine(),
    "elevenlabs": lambda voices: ElevenLabsSounds("key"),
    "piper": PiperEngine,
    "revai": lambda voices: RevAiTranscriber("key"),
    "whisper": lambda voices: WhisperTranscriber(),
}


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    write_voice(tmp_path, "en_US-hum-low", "en_US")
    return tmp_path


@pytest.mark.parametrize("extra", ENGINES)
def test_a_missing_extra_is_named_at_start(extra: str, voices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ENGINES[extra](voices)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Misconfigured, match=rf"pip install 'bookwright\[{extra}\]'"):
        ENGINES[extra](voices)


def test_their_packages_are_not_imported_to_make_an_engine(voices: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from tests.unit.test_extras import ENGINES
for make in ENGINES.values():
    make(Path({str(voices)!r}))
wanted = {{"aiohttp", "edge_tts", "elevenlabs", "piper", "onnxruntime", "rev_ai", "requests", "faster_whisper", "av"}}
sys.exit(", ".join(sorted(wanted & {{name.split(".")[0] for name in sys.modules}})))
"""
    found = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert found.stderr.strip() == ""

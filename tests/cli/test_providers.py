"""`emulate` and `doctor --online`: every provider that is chosen is tried once, outside of the ledger."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from urllib.request import urlopen

import pytest

from bookwright.cli.emulate import EMULATED, environment
from bookwright.settings import Settings
from emulators.__main__ import APPS
from tests.cli.conftest import BOOKWRIGHT, Home, Refusing


@contextmanager
def emulated(home: Home, *providers: str) -> Iterator[dict[str, str]]:
    """The settings that `bookwright emulate` prints, while it runs."""
    with subprocess.Popen(
        [BOOKWRIGHT, "emulate", "--json", *providers],
        env=home.environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        try:
            settings = json.loads("".join(takewhile(lambda line: line != "}\n", lines)) + "}")
            yield settings
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()
    assert process.returncode == 0


OFF = dict.fromkeys(("BOOKWRIGHT_EMBEDDINGS", "BOOKWRIGHT_TEXT", "BOOKWRIGHT_IMAGES"), "off")


def test_what_is_chosen_is_tried_once_where_the_emulators_are(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with emulated(home, "sarvam", "elevenlabs") as settings:
        assert (settings["BOOKWRIGHT_SPEECH"], settings["BOOKWRIGHT_SOUNDS"]) == ("sarvam", "elevenlabs")
        ended = home.run("doctor", "--online", "--json", **OFF, **settings)
        counts = [
            json.loads(urlopen(f"{settings[name]}/_emulator/calls").read())
            for name in ("SARVAM_BASE_URL", "ELEVENLABS_BASE_URL")
        ]
    checks = {check["name"]: check for check in json.loads(ended.stdout)}
    assert ended.returncode == 0 and all(check["ok"] for check in checks.values())
    assert "spoke" in checks["speech"]["detail"] and "made" in checks["sounds"]["detail"]
    assert "Making 2 real calls" in ended.stderr and "cost up to $0.0" in ended.stderr
    assert [count["received"] for count in counts] == [1, 1]
    assert home.rows("provider_calls") == 0


def test_a_provider_that_can_not_be_reached_is_said_so(tmp_path: Path) -> None:
    settings = {"BOOKWRIGHT_SPEECH": "sarvam,local", "SARVAM_API_KEY": "k", "SARVAM_BASE_URL": "http://127.0.0.1:9"}
    checks = [
        check for check in Home(tmp_path / "home").json("doctor", code=1, **settings) if check["name"] == "speech"
    ]
    assert [check["ok"] for check in checks] == [False, True]
    assert "127.0.0.1 can't be reached" in checks[0]["detail"] and "stand-in" in checks[1]["detail"]


def test_every_emulator_can_be_started_and_what_is_printed_for_it_is_a_valid_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {emulator.name for emulator in EMULATED.values()} == set(APPS)
    settings = environment(dict.fromkeys(EMULATED, "http://127.0.0.1:1"))
    assert set(settings) <= set(Settings.variables())
    monkeypatch.setenv("BOOKWRIGHT_HOME", str(tmp_path))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert Settings.load().storage.published


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"BOOKWRIGHT_TEXT": "openai", "OPENAI_TEXT_MODEL": "m"}, "BOOKWRIGHT_PRICES"),
        ({"BOOKWRIGHT_VISION": "openai"}, "OPENAI_VISION_MODEL"),
        ({"BOOKWRIGHT_EMBEDDINGS": "local,openai", "OPENAI_EMBEDDING_MODEL": "m"}, "OPENAI_EMBEDDING_DIMENSIONS"),
    ],
)
def test_what_a_worker_would_end_at_is_said_before_anything_is_begun(
    settings: dict[str, str], named: str, refusing: Refusing, tmp_path: Path
) -> None:
    """Also of what the order does not need: the worker makes all engines."""
    source = tmp_path / "otter.md"
    source.write_text("# The River\n\nAn otter found a lamp.")
    for command in (("make", source, "--out", tmp_path), ("serve", "--port", "0", "--ui-port", "0")):
        code, _, said = refusing.run(*command, OPENAI_API_KEY="k", **settings)
        assert code == 2 and named in said, said

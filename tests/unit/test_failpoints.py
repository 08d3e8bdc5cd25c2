"""What BOOKWRIGHT_FAILPOINTS may say, and when it strikes."""

import os
import signal

import pytest

from bookwright.contracts.errors import Misconfigured
from bookwright.failpoints import failpoints


@pytest.fixture
def struck(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The signals that this process would have got."""
    got: list[int] = []

    def kill(pid: int, what: int) -> None:
        assert pid == os.getpid()
        got.append(what)

    monkeypatch.setattr(os, "kill", kill)
    return got


def test_nothing_set_never_strikes(struck: list[int]) -> None:
    fail = failpoints("")
    for _ in range(3):
        fail("sent")
    assert struck == []


def test_it_strikes_once_at_the_time_it_was_told(struck: list[int]) -> None:
    fail = failpoints("stored=kill@3")
    seen = []
    for _ in range(5):
        fail("stored")
        fail("sent")
        seen.append(len(struck))
    assert seen == [0, 0, 1, 1, 1] and struck == [signal.SIGKILL]


def test_several_steps_and_times_are_told_apart(struck: list[int]) -> None:
    fail = failpoints("sent=stop, stored=term@2,sent=kill@2")
    for step in ("stored", "sent", "sent", "stored"):
        fail(step)
    assert struck == [signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM]


@pytest.mark.parametrize(
    "spec",
    ["a", "a=", "a=explode", "a=kill@x", "a=kill@-1", "=kill", "a=kill@0", ",", "a=kill,", "a=kill@²", "a=kill@1@2"],
)
def test_what_would_never_strike_is_refused(spec: str) -> None:
    with pytest.raises(Misconfigured, match=r"^BOOKWRIGHT_FAILPOINTS: "):
        failpoints(spec)

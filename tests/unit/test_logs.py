"""What a process's log says, and what it never says."""

import json
import logging
import os
import pty
import subprocess
import sys
from typing import Any

import pytest

SAYS = """
import logging
from bookwright.contracts.errors import BadInput
from bookwright.telemetry.logs import bound, configure_logging, get_logger
configure_logging("INFO")
ours, theirs = get_logger("bookwright.press"), logging.getLogger("some.library")
with bound(job="j1", owner="o1", book=None):
    ours.info("bound", files=2)
    theirs.warning("written by %s", "a.reader@example.org")
ours.debug("nothing")
theirs.debug("Authorization: Bearer 0123456789abcdef")
theirs.info("sent with Bearer 0123456789abcdef to https://me:secret@host/x?key=k123&page=7")
try:
    try:
        raise ValueError("The zephyrine lantern.")
    except ValueError as error:
        raise BadInput("voice: there is none", field="voice") from error
except BadInput:
    ours.exception("refused")
logging.getLogger("httpx").info("GET https://host/?text=zephyrine")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    ended = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True)
    assert ended.stdout == ""
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_every_line_is_json_with_the_ids_that_are_bound(lines: list[dict[str, Any]]) -> None:
    bound, foreign, *rest = lines
    assert (bound["event"], bound["files"], bound["level"], bound["logger"]) == ("bound", 2, "info", "bookwright.press")
    for line in (bound, foreign):
        assert (line["job"], line["owner"], "book" in line) == ("j1", "o1", False)
        assert line["timestamp"].endswith("Z")
    assert [line["event"] for line in rest if "job" in line] == []


def test_no_key_mail_address_or_text_is_logged(lines: list[dict[str, Any]]) -> None:
    assert lines[1]["event"] == "written by …"
    assert lines[2]["event"] == "sent with … to https://…@host/x?key=…&page=7"
    said = json.dumps(lines)
    assert "zephyrine" not in said and "0123456789abcdef" not in said
    refused, cause = lines[3]["raised"]
    assert (refused["type"], refused["message"]) == ("BadInput", "voice: there is none")
    assert (cause["type"], "message" in cause) == ("ValueError", False)
    assert refused["frames"][0].endswith("<module>")
    assert len(lines) == 4


def test_at_a_terminal_lines_are_for_people_and_say_no_more() -> None:
    ours, theirs = pty.openpty()
    try:
        subprocess.run([sys.executable, "-c", SAYS], stderr=theirs, check=True)
        shown = os.read(ours, 65_536).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "refused" in shown and "BadInput" in shown and not shown.startswith("{")
    assert "zephyrine" not in shown and "example.org" not in shown and "Logging error" not in shown


def test_what_ends_a_process_is_a_line_too() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SAYS + "raise BadInput('port: taken')"], capture_output=True, text=True
    )
    last = json.loads(ended.stderr.splitlines()[-1])
    assert ended.returncode == 1 and (last["event"], last["level"]) == ("the process ends", "critical")
    assert (last["raised"][0]["type"], last["raised"][0]["message"]) == ("BadInput", "port: taken")


def test_a_wrong_level_is_refused_at_start() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "from bookwright.settings import Settings; Settings.load()"],
        env={"BOOKWRIGHT_LOG_LEVEL": "loud"},
        capture_output=True,
        text=True,
    )
    assert "Misconfigured: BOOKWRIGHT_LOG_LEVEL" in ended.stderr


def test_the_level_counts_for_ours_and_libraries_stay_above_debug() -> None:
    code = "from bookwright.telemetry.logs import configure_logging, get_logger; import logging; "
    code += "configure_logging('DEBUG'); get_logger('worker').debug('seen'); logging.getLogger('a').debug('not')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    [line] = [json.loads(line) for line in ended.stderr.splitlines()]
    assert line["event"] == "seen" and logging.getLevelName(line["level"].upper()) == logging.DEBUG

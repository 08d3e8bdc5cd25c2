"""`keys`, and how somebody gets in where `serve` runs."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import BOOKWRIGHT, Home


@contextmanager
def served(home: Home) -> Iterator[dict[str, Any]]:
    """What `serve --json` says, while it runs."""
    command: list[str | Path] = [BOOKWRIGHT, "serve", "--port", "0", "--ui-port", "0", "--json"]
    with subprocess.Popen(
        command, env=home.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as serving:
        try:
            assert serving.stdout is not None
            lines = []
            for line in serving.stdout:
                lines.append(line)
                if line == b"}\n":
                    break
            yield json.loads(b"".join(lines))
        finally:
            serving.terminate()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("keys") / "home")


def status(web: str, key: str) -> int:
    return httpx.get(f"{web}/api/keys", headers={"Authorization": f"Bearer {key}"}).status_code


def test_serve_hands_out_the_first_admin_key_once_and_a_link_for_the_browser(home: Home) -> None:
    with served(home) as first:
        web = first["web"]
        assert status(web, first["key"]) == 200
        with httpx.Client() as browser:
            answer = browser.get(first["sign_in"])
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            assert browser.get(f"{web}/signin").status_code == 200
            assert "Order your first book" in browser.get(f"{web}/").text
        assert httpx.get(first["sign_in"]).status_code == 200, "it is the page to sign in on by now"
        made = home.json(
            "keys", "create", "curl", "--user", "mira", "--scope", "keys", "--scope", "read", "--days", "2"
        )
        assert (made["user_id"], made["role"], made["scopes"]) == ("mira", "user", ["keys", "read"])
        assert status(web, made["key"]) == 200
        assert home.run("keys", "revoke", made["id"]).returncode == 1, "it is not the local user's"
        assert home.json("keys", "revoke", made["id"], "--user", "mira") == {"id": made["id"], "revoked": True}
        assert status(web, made["key"]) == 401
    listed = home.json("keys", "list")
    assert [(key["name"], key["role"], key["revoked_at"]) for key in listed] == [("first admin", "admin", None)]
    table = home.run("keys", "list", "--user", "mira").stdout
    assert made["id"] in table and "revoked" in table
    for secret in (first["key"], made["key"]):
        assert all(secret.encode() not in path.read_bytes() for path in home.folder.rglob("*") if path.is_file())


def test_what_can_not_be_is_refused(home: Home) -> None:
    assert home.run("keys", "create", "a", "--scope", "everything").returncode == 2
    refused = home.json("keys", "revoke", "nonsense", code=1)
    assert refused["error"] == "NotFound"

"""Walks through docs/ingestion.md against a service that runs, and says what each step answered:

    BOOKWRIGHT_KEY=bw_… python -m docs.ingestion http://localhost:8000 1.mp3 2.mp3 --title "The Lantern" --language en

With `--text FILE`, what was really said, the word error rate is printed.
"""

import argparse
import mimetypes
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

ADMIN = "/api/v1/admin"
LOOK_S = 1.0
PATIENCE_S = 6 * 3600.0


def main() -> None:
    """Hand the recordings in, wait for the book, and show what came of them. Ends with 1 when parts are missing."""
    wanted = _arguments()
    if wanted.text and not wanted.text.read_text().strip():
        sys.exit(f"{wanted.text}: there is nothing in it that could have been said")
    key = os.environ.get("BOOKWRIGHT_KEY") or sys.exit("BOOKWRIGHT_KEY: set it to an admin's key")
    with httpx.Client(base_url=wanted.url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        book = _audiobook(client, _upload(client, wanted.files), wanted)
        whole = _followed(client, book)
        heard = _shown(client, book)
    if wanted.text:
        rate = word_error_rate(wanted.text.read_text(), heard)
        _say(f"word error rate: {rate:.1%}")
    sys.exit(0 if whole else 1)


def word_error_rate(said: str, heard: str) -> float:
    """Words that were changed, left out or put in, for each word that was said; case and marks don't count."""
    wanted, found = (re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.casefold()) for text in (said, heard))
    row = list(range(len(found) + 1))
    for at, word in enumerate(wanted, 1):
        before, row[0] = row[0], at
        for place, other in enumerate(found, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1] / max(len(wanted), 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes an audiobook of recordings, over HTTP.")
    parser.add_argument("url", help="where the service is, such as http://localhost:8000")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--title", required=True)
    parser.add_argument("--author", default="Unknown")
    parser.add_argument("--language", required=True, help="BCP 47, such as en")
    parser.add_argument("--text", type=Path, help="a file with what was really said")
    return parser.parse_args()


def _upload(client: httpx.Client, files: Sequence[Path]) -> str:
    total = sum(file.stat().st_size for file in files)
    kind = "single" if len(files) == 1 else "multiple"
    session = {"upload_type": kind, "total_files": len(files), "total_size_bytes": total}
    upload = str(_asked(client, "POST", f"{ADMIN}/uploads", json=session)["upload_id"])
    for file in files:
        with file.open("rb") as content:
            media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            _asked(client, "POST", f"{ADMIN}/uploads/{upload}/files", files={"file": (file.name, content, media_type)})
        progress = _asked(client, "GET", f"{ADMIN}/uploads/{upload}/progress")
        _say(f"  {progress['status']}: {progress['uploaded_files']} of {progress['total_files']} files")
    return upload


def _audiobook(client: httpx.Client, upload: str, wanted: argparse.Namespace) -> str:
    order = {"upload_id": upload, "title": wanted.title, "author": wanted.author, "language": wanted.language}
    made = _asked(client, "POST", f"{ADMIN}/audiobooks", json=order | {"is_public": False})
    return str(made["audiobook_id"])


def _followed(client: httpx.Client, book: str) -> bool:
    """Tell how the steps get on until they have ended; whether all of them are completed."""
    told, until = "", time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        answer = client.get(f"{ADMIN}/audiobooks/{book}/jobs")
        answer.raise_for_status()
        steps = answer.json()
        now = ", ".join(f"{step['job_type']} {step['status']}" for step in steps["jobs"])
        if now != told:
            _say(f"  {steps['progress']:.0%}: {now}")
            told = now
        if steps["overall_status"] in ("completed", "failed"):
            for step in steps["jobs"]:
                if step["error_message"]:
                    _say(f"  {step['job_type']}: {step['error_message']}")
            return bool(steps["overall_status"] == "completed")
        time.sleep(LOOK_S)
    sys.exit("it takes longer than this script waits")


def _shown(client: httpx.Client, book: str) -> str:
    """Show the audiobook; answers its text."""
    found = _asked(client, "GET", f"{ADMIN}/audiobooks/{book}")
    for chapter in found["chapters"]:
        _say(
            f"  {chapter['number']}. {chapter['title']}: {chapter['words']} words, {chapter['duration_seconds']:.0f} s"
        )
    _say(f"  summary: {found['summary']}\n  tags: {', '.join([*found['tags'], *found['free_tags']])}")
    pages = _asked(client, "GET", f"/api/books/{book}/pages/")["data"]["pages"]
    _say(f"  {len(pages)} pages; read and hear them at {client.base_url.join(f'/read/{book}')}")
    return " ".join(page["text_content"] or "" for page in pages)


def _asked(client: httpx.Client, method: str, path: str, **more: Any) -> dict[str, Any]:
    answer = client.request(method, path, **more)
    _say(f"{method} {path} → {answer.status_code}")
    if answer.is_error:
        sys.exit(answer.text)
    found: dict[str, Any] = answer.json()
    return found


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

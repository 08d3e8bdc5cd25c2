"""The child process: sets one book with typst. Run as a file, so that nothing but typst is imported.

`python setter.py FOLDER SECONDS MEGABYTES`: FOLDER holds the templates, `settings.json`, `book.json`, `chapters.json`
and the pictures; the result is FOLDER/book.pdf. Ends with 0, or with 3 and a reason that repeats nothing of the book.
"""

import json
import os
import re
import sys
import threading
import unicodedata
from pathlib import Path
from typing import Any

import typst

UNSHOWN = "\u25a1"
"""Stands for a character that no font has."""
_MISSING = re.compile(r"the text `(\".*?\")` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_ROUNDS = 4
_TOO_MUCH = 0.5


class Unsettable(Exception):
    """The book can't be set; the message repeats nothing of it."""


def limit(seconds: int, megabytes: int) -> None:
    """Let the process have no more than so much CPU time and memory, where the system knows limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with_parent() -> None:
    """End at once when the other end of stdin closes: whoever started us is gone. typst lets other threads run."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(4)

    threading.Thread(target=watch, daemon=True).start()


def missing(error: typst.TypstError) -> set[str]:
    """The characters that typst says no font has."""
    found: set[str] = set()
    for quoted in _MISSING.findall(error.diagnostic):
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), quoted[1:-1])
        found.update(char for char in text if not char.isascii())
    return found


class Setter:
    """One book's folder and fonts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._settings: dict[str, Any] = json.loads((folder / "settings.json").read_text("utf-8"))
        self._fonts = typst.Fonts(include_system_fonts=False, font_paths=self._settings["fonts"])
        self._unshown: set[str] = set()

    def run(self) -> None:
        """Set the book. Characters without a font are found first, on a page with each once, as setting the whole book
        only to find out would double the time. Marks, which alone would lack what they stand on, and whatever else
        shows in context only are found in the rounds after that."""
        texts = {name: (self._folder / name).read_text("utf-8") for name in ("book.json", "chapters.json")}
        characters = sorted(char for char in set("".join(texts.values())) if unicodedata.category(char)[0] != "M")
        try:
            self._compile("probe.typ", {"probe": "\n".join(characters)})
        except typst.TypstError as error:
            self._unshown = missing(error)
        for _ in range(_ROUNDS):
            self._write(texts)
            try:
                (self._folder / "book.pdf").write_bytes(self._compile("book.typ", {}))
                return
            except typst.TypstError as error:
                found = missing(error) - self._unshown
                if not found:
                    raise Unsettable(re.sub(r"[`\"].*[`\"]", "…", error.message, flags=re.DOTALL)[:300]) from None
                self._unshown |= found
        raise Unsettable("Characters without a font are left.")

    def _compile(self, template: str, inputs: dict[str, str]) -> bytes:
        return typst.compile(
            str(self._folder / template),
            root=str(self._folder),
            font_paths=self._fonts,
            ignore_system_fonts=True,
            sys_inputs=inputs,
            pdf_standards=["ua-1"],
            timestamp=self._settings["timestamp"],
        )

    def _write(self, texts: dict[str, str]) -> None:
        """Put the stand-in where a character can't be shown, and tell the template how many there are."""
        if not self._unshown:
            return
        table = dict.fromkeys(map(ord, self._unshown), UNSHOWN)
        seen = sum(texts["chapters.json"].count(char) for char in self._unshown)
        letters = sum(map(str.isalnum, texts["chapters.json"])) if seen > 100 else 0
        if letters and seen > _TOO_MUCH * letters:
            raise Unsettable("No font at hand has this book's script.")
        for name, text in texts.items():
            changed = text.translate(table)
            if name == "book.json":
                changed = json.dumps(json.loads(changed) | {"unshown": seen}, ensure_ascii=False)
            (self._folder / name).write_text(changed, "utf-8")


if __name__ == "__main__":
    limit(int(sys.argv[2]), int(sys.argv[3]))
    die_with_parent()
    try:
        Setter(Path(sys.argv[1])).run()
    except Unsettable as error:
        sys.stderr.write(str(error))
        sys.exit(3)

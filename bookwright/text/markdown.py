"""Markdown to blocks of clean, speakable text."""

import html
import re

from bookwright.text.blocks import PAGE, Block, Kind, joined, page_lines

_FRONT_MATTER = re.compile(r"---\n((?:[\w-]+:[^\n]*\n|[ \t]+[^\n]*\n){1,50})---(?:\n|\Z)")
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})\Z")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_QUOTE = re.compile(r"(?: {0,3}>[ \t]?)+")
_BULLET = re.compile(r"[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?")
_NUMBERED = re.compile(r"[ \t]*\d{1,4}[.)][ \t]+")
_DEFINITION = re.compile(r" {0,3}\[[^\[\]^]+\]:[ \t]*\S+")
_TABLE_RULE = re.compile(r"[ \t|:-]+\Z")

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TARGET = r"\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)"
_IMAGE = re.compile(rf"!\[([^\[\]]*)\](?:{_TARGET}|\[[^\[\]]*\])")
_LINK = re.compile(rf"\[([^\[\]]*)\](?:{_TARGET}|\[[^\[\]]*\])")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]+\]:?")
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^<>\s]*)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_STARS = re.compile(r"(?<=\S)\*+|\*+(?=\S)")
_UNDERSCORES = re.compile(r"(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)")
_TICKS = re.compile(r"`+|~~")
# Escaped characters are parked in a private-use range while marks are taken away.
_PARK = 0xF0000


def markdown_blocks(text: str) -> tuple[str | None, list[Block]]:
    """(the title in YAML front matter or None, the blocks). A bare `##` line and a form feed are page marks. Headings
    of every level come as headings; each list item is a paragraph."""
    title = None
    if front := _FRONT_MATTER.match(text):
        text = text[front.end() :]
        if named := _FRONT_TITLE.search(front.group(1)):
            title = named.group(1)
    reader = _Reader()
    lines = page_lines(_without_comments(text))
    fences = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    # An opening fence without a closing one must not swallow the rest of the book.
    fenced = {
        number for first, last in zip(fences[::2], fences[1::2], strict=False) for number in range(first, last + 1)
    }
    for number, line in enumerate(lines):
        if number in fenced:
            reader.code(line)
        else:
            reader.line(line)
    reader.flush()
    return title, reader.blocks


def clean_inline(text: str) -> str:
    """`text` without Markdown's inline marks: emphasis, code ticks, tags and footnote marks go, links and images leave
    their text. Linear in the length."""
    text = _ESCAPED.sub(lambda match: chr(_PARK + ord(match.group(1))), text)
    text = _IMAGE.sub(r"\1", text)
    text = _FOOTNOTE.sub("", _LINK.sub(r"\1", text))
    text = _TAG.sub("", _AUTOLINK.sub(r"\1", text))
    text = _TICKS.sub("", _UNDERSCORES.sub("", _STARS.sub("", text)))
    text = html.unescape(text) if "&" in text else text
    return text.translate(_UNPARK)


_UNPARK = {_PARK + code: chr(code) for code in range(0x21, 0x7F)}


def _without_comments(text: str) -> str:
    """HTML comments removed. Searching by hand, because a pattern would rescan the rest for each one left open."""
    kept = []
    at = 0
    while (opens := text.find("<!--", at)) >= 0 and (closes := text.find("-->", opens + 4)) >= 0:
        kept.append(text[at:opens])
        at = closes + 3
    return "".join([*kept, text[at:]])


class _Reader:
    """Collects lines into blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._lines: list[str] = []

    def line(self, line: str) -> None:
        if line == "\f":
            self._mark()
            return
        if not line.strip():
            self.flush()
            return
        if heading := _atx(line):
            level, title = heading
            if title:
                self._heading(level, title)
            elif level == 2:
                self._mark()
            else:
                self.flush()
            return
        setext = _SETEXT.match(line)
        if setext and len(self._lines) == 1:
            title = self._lines.pop()
            self._heading(1 if setext.group(1)[0] == "=" else 2, title)
            return
        if _RULE.match(line):
            self.flush()
            return
        self._text(line)

    def code(self, line: str) -> None:
        if _FENCE.match(line):
            self.flush()
        elif line == "\f":
            self._mark()
        elif line.strip():
            self._lines.append(line)

    def flush(self) -> None:
        text = joined(self._lines)
        self._lines = []
        if text:
            # Cleaned as a whole: a link's text may run over a line end.
            text = clean_inline(text).strip()
            if text:
                self.blocks.append(Block(Kind.PARAGRAPH, text))

    def _text(self, line: str) -> None:
        if quote := _QUOTE.match(line):
            line = line[quote.end() :]
            if not line.strip():
                self.flush()
                return
        if _DEFINITION.match(line):
            return
        if bullet := _BULLET.match(line):
            self.flush()
            line = line[bullet.end() :]
        elif _NUMBERED.match(line):
            self.flush()
        if line.lstrip().startswith("|"):
            if _TABLE_RULE.match(line):
                return
            self.flush()
            line = ", ".join(cell for cell in map(str.strip, line.strip().strip("|").split("|")) if cell)
        self._lines.append(line[:-1] if line.endswith("\\") else line)

    def _heading(self, level: int, title: str) -> None:
        self.flush()
        if title := " ".join(clean_inline(title).split()):
            self.blocks.append(Block(Kind.HEADING, title, level))

    def _mark(self) -> None:
        self.flush()
        self.blocks.append(PAGE)


def _atx(line: str) -> tuple[int, str] | None:
    """(level, title) of a `# title` line; the title of a bare one is empty."""
    if not line.lstrip(" ").startswith("#") or line.startswith("    "):
        return None
    stripped = line.strip()
    rest = stripped.lstrip("#")
    level = len(stripped) - len(rest)
    if level > 6 or (rest and rest[0] not in " \t"):
        return None
    title = rest.strip()
    unclosed = title.rstrip("#")
    if unclosed != title and (not unclosed or unclosed[-1] in " \t"):
        title = unclosed.rstrip()
    return level, title

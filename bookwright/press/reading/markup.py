"""XHTML and HTML as blocks of clean text."""

import html.entities
import re
from dataclasses import dataclass, field
from enum import Enum

from lxml import etree  # type: ignore[import-untyped]

from bookwright.press.reading.records import ReadingRefused
from bookwright.text.blocks import Block, Kind
from bookwright.text.decode import tidy

TITLE_LEVEL = 0
"""The level of a heading that is the whole document's."""
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_ENTITIES = (b"amp", b"lt", b"gt", b"quot", b"apos")
_DROPPED = frozenset(
    "script style head template noscript nav form button select input textarea iframe object embed audio video canvas "
    "svg math rt rp map dialog".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer "
    "header hgroup hr html legend li main menu ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NOT_TEXT = ("noteref", "pagebreak", "backlink")
_NOTE = re.compile(r"\s*[\[(]?(?:\d{1,4}|[*†‡↑↩⤴]\ufe0e?)[\])]?\s*\Z")
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_WHITE = re.compile(r"[^\S\u00a0\u2028]+")
_LINE_BREAK = "\u2028"


class Form(Enum):
    """How bytes are parsed: as XML if they are, or as HTML from the start."""

    XML = "xml"
    HTML = "html"


@dataclass
class Flow:
    """A document's blocks, and where the elements with an id stand among them."""

    blocks: list[Block] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    title: str | None = None
    author: str | None = None
    language: str | None = None


def parse(data: bytes, form: Form = Form.XML) -> etree._Element:
    """The root element. Entities are never expanded and nothing is fetched. Raises ReadingRefused for no markup."""
    if form is Form.XML:
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
            return etree.fromstring(_ENTITY.sub(_numbered, data), parser)
        except etree.XMLSyntaxError:
            pass
    try:
        parser_of_html = etree.HTMLParser(no_network=True, remove_comments=True, encoding=_declared(data))
        root = etree.fromstring(data, parser_of_html)
        limits = parser_of_html.error_log.filter_from_level(etree.ErrorLevels.FATAL)
        if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in limits):  # what follows was left out
            raise ReadingRefused("The document's markup is nested too deeply to be read: save it anew.")
    except (etree.XMLSyntaxError, LookupError):
        root = None
    if root is None:
        raise ReadingRefused("A part of the document is damaged: its markup can't be read.")
    # What stands after the end of the page comes as a second root.
    while (more := root.getnext()) is not None:
        root.append(more)
    return root


def flow(root: etree._Element) -> Flow:
    """The text of a document in order: headings with their level, paragraphs, list items, rows of tables, pictures as
    `[alternative text]`. Scripts, styles, navigation, hidden parts and note marks are left out."""
    walker = _Walker()
    walker.walk(root)
    walker.flush()
    result = walker.result
    for element in root.iter():
        if local(element) == "title" and result.title is None:
            result.title = _squeezed("".join(element.itertext())) or None
        elif local(element) == "meta" and (element.get("name") or "").lower() == "author":
            result.author = _squeezed(element.get("content") or "") or None
        elif local(element) == "body":
            break
    result.language = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    return result


def local(element: etree._Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


class _Walker:
    def __init__(self) -> None:
        self.result = Flow()
        self._parts: list[str] = []
        self._level: int | None = None
        self._kept_white = 0

    def walk(self, element: etree._Element) -> None:
        name = local(element)
        if name and not _is_left_out(element, name):
            identity = element.get("id") or (element.get("name") if name == "a" else None)
            if identity:
                # The text before an anchor inside a paragraph belongs to what is before it.
                self.result.anchors.setdefault(identity, len(self.result.blocks))
            self._inside(element, name)
        if element.tail:
            self._text(element.tail)

    def flush(self) -> None:
        """End the paragraph or heading."""
        joined = "".join(self._parts)
        self._parts = []
        lines = [_squeezed(line) for line in joined.split(_LINE_BREAK)]
        text = "\n".join(lines).strip("\n")
        text = re.sub(r"\n{2,}", "\n", text)
        if not text:
            return
        if self._level is None:
            self.result.blocks.append(Block(Kind.PARAGRAPH, text))
        else:
            self.result.blocks.append(Block(Kind.HEADING, text.replace("\n", " "), self._level))

    def _inside(self, element: etree._Element, name: str) -> None:
        if name == "br":
            self._parts.append(_LINE_BREAK)
        elif name == "img":
            self._picture(element)
        elif name == "table" and _is_simple(element):
            self._table(element)
        elif re.fullmatch("h[1-6]", name):
            self.flush()
            self._level = TITLE_LEVEL if element.get("class") == "document-title" else int(name[1])
            self._children(element)
            self.flush()
            self._level = None
        elif name in _BLOCKS:
            self.flush()
            self._kept_white += name == "pre"
            self._children(element)
            self._kept_white -= name == "pre"
            self.flush()
        elif name == "q":
            self._parts.append("“")
            self._children(element)
            self._parts.append("”")
        else:
            self._children(element)

    def _children(self, element: etree._Element) -> None:
        if element.text:
            self._text(element.text)
        for child in element:
            self.walk(child)

    def _text(self, text: str) -> None:
        if self._kept_white:
            self._parts.append(text.replace("\r\n", "\n").replace("\n", _LINE_BREAK))
        else:
            self._parts.append(_WHITE.sub(" ", text))

    def _picture(self, element: etree._Element) -> None:
        alt = _squeezed(element.get("alt") or "")
        if not alt or element.get("role") in ("presentation", "none"):
            return
        if self._level is not None:
            self._parts.append(f" {alt} ")
            return
        self.flush()
        self._parts.append(f"[{alt}]")
        self.flush()

    def _table(self, table: etree._Element) -> None:
        self.flush()
        for row in table.iter():
            if local(row) == "caption":
                self._parts.extend((_text_of(row), _LINE_BREAK))
            elif local(row) == "tr":
                cells = [_text_of(cell) for cell in row if local(cell) in ("td", "th")]
                self._parts.extend((", ".join(filter(None, cells)), _LINE_BREAK))
        self.flush()


def _is_left_out(element: etree._Element, name: str) -> bool:
    if name in _DROPPED or "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    said = f"{element.get(_EPUB_TYPE) or ''} {element.get('role') or ''}"
    if any(word in said for word in _NOT_TEXT):
        return True
    style = element.get("style")
    if style and _HIDDEN.search(style):
        return True
    if name not in ("a", "sup") or not _NOTE.match("".join(element.itertext())):
        return False
    links = [element] if name == "a" else [child for child in element if local(child) == "a"]
    return any((link.get("href") or "").count("#") for link in links)


def _is_simple(table: etree._Element) -> bool:
    """Whether it is a table of data: one that only places parts of a page has headings, tables or much text in it."""
    for cell in table.iter():
        name = local(cell)
        if cell is not table and (name == "table" or re.fullmatch("h[1-6]", name)):
            return False
        if name == "td" and len("".join(cell.itertext())) > 400:
            return False
    return True


def _text_of(element: etree._Element) -> str:
    return _squeezed(" ".join(element.itertext()))


def _squeezed(text: str) -> str:
    return " ".join(tidy(text).split())


def _numbered(match: re.Match[bytes]) -> bytes:
    """HTML's named characters as numbers; XML knows only five names."""
    name = match.group(1)
    if name in _XML_ENTITIES:
        return match.group()
    found = html.entities.html5.get(name.decode() + ";")
    return "".join(f"&#{ord(char)};" for char in found).encode() if found else match.group()


def _declared(data: bytes) -> str | None:
    """The encoding, where it is not left to the parser: UTF-8 unless the document says something else."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if re.search(rb"charset\s*=|<\?xml[^>]*encoding", data[:2048], re.IGNORECASE):
        return None
    try:
        data.decode()
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"

"""EPUB 2 and 3: the package, the spine in order, the table of contents."""

from lxml import etree  # type: ignore[import-untyped]

from bookwright.press.reading.archive import Archive, resolved
from bookwright.press.reading.chapters import Entry
from bookwright.press.reading.markup import Flow, flow, local, parse
from bookwright.press.reading.records import ReadingRefused
from bookwright.text.blocks import Block

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_RIGHTS = ("META-INF/rights.xml", "META-INF/sinf.xml")
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_TEXT_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
_SPINE = 20_000
_CONTENTS = 20_000
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


class Epub:
    """An EPUB's text. `entries` are the table of contents; their `page` is the place of a block."""

    def __init__(self, archive: Archive) -> None:
        _refuse_protected(archive)
        self._archive = archive
        self._package_name = _package_name(archive)
        package = parse(archive.read(self._package_name))
        self.title = _said(package, "title")
        self.author = _said(package, "creator")
        self.language = _said(package, "language")
        self.blocks: list[Block] = []
        self.documents: list[tuple[int, str | None]] = []
        """(first block, own title) of each document of the spine."""
        self._starts: dict[str, int] = {}
        self._anchors: dict[str, dict[str, int]] = {}
        self._items = {item.get("id"): item for item in package.iter() if local(item) == "item" and item.get("id")}
        self._read_spine(package)
        self.entries = self._contents(package)

    def _read_spine(self, package: etree._Element) -> None:
        references = [item for item in package.iter() if local(item) == "itemref"]
        if not references:
            raise ReadingRefused("The EPUB has no pages: its spine is empty.")
        if len(references) > _SPINE:
            raise ReadingRefused("The EPUB has too many parts: split it.")
        # What is out of the line (notes, answers) comes after everything that is in it.
        for reference in sorted(references, key=lambda reference: reference.get("linear") == "no"):
            item = self._items.get(reference.get("idref"))
            if item is None or "nav" in (item.get("properties") or "").split():
                continue
            name, _ = resolved(self._package_name, item.get("href") or "")
            if item.get("media-type") in _TEXT_TYPES and name not in self._starts:
                self._add(name, flow(parse(self._archive.read(name))))

    def _add(self, name: str, document: Flow) -> None:
        start = len(self.blocks)
        self._starts[name] = start
        self._anchors[name] = {anchor: start + place for anchor, place in document.anchors.items()}
        self.documents.append((start, document.title))
        self.blocks.extend(document.blocks)

    def _contents(self, package: etree._Element) -> list[Entry]:
        for item in self._items.values():
            if "nav" in (item.get("properties") or "").split():
                name, _ = resolved(self._package_name, item.get("href") or "")
                if name in self._archive and (found := self._from_nav(name)):
                    return found
        spine = next((item for item in package.iter() if local(item) == "spine"), None)
        named = self._items.get(spine.get("toc")) if spine is not None else None
        for item in [named] if named is not None else self._items.values():
            if item.get("media-type") == "application/x-dtbncx+xml" or item is named:
                name, _ = resolved(self._package_name, item.get("href") or "")
                if name in self._archive:
                    return self._from_ncx(name)
        return []

    def _from_nav(self, name: str) -> list[Entry]:
        root = parse(self._archive.read(name))
        navs = [item for item in root.iter() if local(item) == "nav"]
        nav = next((item for item in navs if "toc" in (item.get(_EPUB_TYPE) or "").split()), None)
        entries: list[Entry] = []
        for link in nav.iter() if nav is not None else ():
            if local(link) == "a":
                level = sum(local(parent) == "ol" for parent in link.iterancestors())
                self._enter(entries, level, " ".join("".join(link.itertext()).split()), name, link.get("href"))
        return entries

    def _from_ncx(self, name: str) -> list[Entry]:
        entries: list[Entry] = []
        for point in parse(self._archive.read(name)).iter():
            if local(point) != "navpoint":
                continue
            level = sum(local(parent) == "navpoint" for parent in point.iterancestors())
            label = next((item for item in point if local(item) == "navlabel"), None)
            content = next((item for item in point if local(item) == "content"), None)
            if label is not None and content is not None:
                self._enter(entries, level, " ".join("".join(label.itertext()).split()), name, content.get("src"))
        return entries

    def _enter(self, entries: list[Entry], level: int, title: str, base: str, href: str | None) -> None:
        name, fragment = resolved(base, href or "")
        start = self._starts.get(name)
        if title and start is not None and len(entries) < _CONTENTS:
            entries.append(Entry(level, title, self._anchors[name].get(fragment, start)))


def _refuse_protected(archive: Archive) -> None:
    protected = any(name in archive for name in _RIGHTS)
    if not protected and _ENCRYPTION in archive:
        methods = [item for item in parse(archive.read(_ENCRYPTION)).iter() if local(item) == "encryptionmethod"]
        protected = any(item.get("Algorithm") not in _FONT_OBFUSCATION for item in methods)
    if protected:
        raise ReadingRefused("The EPUB is protected (DRM) and can't be read: hand in one without.")


def _package_name(archive: Archive) -> str:
    for item in parse(archive.read(_CONTAINER)).iter():
        if local(item) == "rootfile" and item.get("full-path"):
            name, _ = resolved("", item.get("full-path") or "")
            if name in archive:
                return name
    raise ReadingRefused("The EPUB is damaged: it doesn't say where its package is.")


def _said(package: etree._Element, name: str) -> str | None:
    for item in package.iter():
        if local(item) == name and "purl.org/dc" in str(item.tag):
            if text := " ".join("".join(item.itertext()).split()):
                return text[:300]
    return None

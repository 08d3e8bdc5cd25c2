"""What is in a bound book, read back independently of what bound it."""

from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from posixpath import dirname, join, normpath
from zipfile import ZipFile

from lxml import etree  # type: ignore[import-untyped]

NS = {
    "h": "http://www.w3.org/1999/xhtml",
    "epub": "http://www.idpf.org/2007/ops",
    "smil": "http://www.w3.org/ns/SMIL",
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
}


@dataclass(frozen=True)
class Clip:
    """One `par`: the text it refers to, the text of the sentence around it, and its stretch of an audio file."""

    element: str
    text: str
    sentence: str
    sentence_id: str
    audio: str
    begin_ms: int
    end_ms: int


@dataclass
class Opened:
    """A bound book."""

    path: Path
    names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        with ZipFile(self.path) as archive:
            self.names = archive.namelist()

    def bytes(self, name: str) -> bytes:
        with ZipFile(self.path) as archive:
            return archive.read(name)

    def xml(self, name: str) -> etree._Element:
        return etree.fromstring(self.bytes(name))

    def find(self, name: str, path: str) -> list[etree._Element]:
        found = self.xml(name).xpath(path, namespaces=NS)
        assert isinstance(found, list)
        return [element for element in found if isinstance(element, etree._Element)]

    def texts(self, name: str, path: str) -> list[str]:
        return [plain(element) for element in self.find(name, path)]

    def metadata(self, property: str) -> list[str]:
        return self.texts("EPUB/package.opf", f"//opf:meta[@property='{property}' and not(@refines)]")

    @property
    def overlays(self) -> list[str]:
        return sorted(name for name in self.names if name.endswith(".smil"))

    def clips(self, overlay: str) -> list[Clip]:
        """All clips of an overlay in order."""
        clips = []
        documents: dict[str, dict[str, etree._Element]] = {}
        for par in self.find(overlay, "//smil:par"):
            text, audio = par
            document, element = _at(overlay, text).split("#")
            if document not in documents:
                documents[document] = {found.get("id", ""): found for found in self.find(document, "//*[@id]")}
            heard = documents[document][element]
            around = heard if heard.get("class") else heard.getparent()
            assert around is not None
            clips.append(
                Clip(
                    element=element,
                    text=plain(heard),
                    sentence=plain(around),
                    sentence_id=around.get("id", ""),
                    audio=_at(overlay, audio),
                    begin_ms=milliseconds(audio.get("clipBegin", "")),
                    end_ms=milliseconds(audio.get("clipEnd", "")),
                )
            )
        return clips

    def sentences(self) -> list[str]:
        """The text of each sentence that an overlay says, in order."""
        clips = [clip for overlay in self.overlays for clip in self.clips(overlay)]
        return [next(group).sentence for _, group in groupby(clips, key=lambda clip: clip.sentence_id)]


def _at(base: str, element: etree._Element) -> str:
    return normpath(join(dirname(base), element.get("src", "")))


def plain(element: etree._Element) -> str:
    """An element's text, white space collapsed."""
    for line_break in element.iter(f"{{{NS['h']}}}br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return " ".join("".join(element.itertext()).split())


def milliseconds(clock: str) -> int:
    assert clock.endswith("s")
    return round(float(clock[:-1]) * 1000)

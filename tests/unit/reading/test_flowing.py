"""EPUB, DOCX and HTML: chapters, pages, and what hostile files come to."""

from pathlib import Path

import pytest

from bookwright.contracts.book import SourceText
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.errors import BadInput
from bookwright.press.reading import probe_document, read_document

from .conftest import CONTAINER, Maker, package, xhtml

OIL = "<h1 id='oil'>The oil</h1><p>It was&nbsp;dark<sup><a href='#n'>1</a></sup> and <em>cold</em>.</p>"
WICK = "<h1 id='wick'>The wick</h1><p>Row one,<br/>row two.</p>"
NAV = xhtml(
    "<nav epub:type='toc'><ol><li><a href='one.xhtml'>Oil</a></li><li><a href='two.xhtml#wick'>Wick</a></li></ol></nav>"
)
NAV_ITEM = '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
NCX = (
    '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>'
    "<navPoint><navLabel><text>First</text></navLabel><content src='one.xhtml'/></navPoint>"
    "<navPoint><navLabel><text>Second</text></navLabel><content src='two.xhtml'/></navPoint></navMap></ncx>"
)
NCX_ITEM = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True))
    + '<!ENTITY file SYSTEM "file:///etc/hostname">]><html><body><p>&j;&file;Left.</p></body></html>'
)
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
STYLES = (
    '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style></w:styles>'
)


def told(source: SourceText) -> list[tuple[str, list[str]]]:
    """Each chapter's title and pages."""
    return [(chapter.title, [page.text for page in chapter.pages]) for chapter in source.chapters]


def docx(archive: Maker, *paragraphs: tuple[str, str]) -> Path:
    """A Word document of (style, text)."""
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        for style, text in paragraphs
    )
    kinds = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return archive(
        "letter.docx",
        {
            "[Content_Types].xml": f'<Types xmlns="{kinds}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{kinds}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{kinds}/relationships"><Relationship Id="r1" '
            f'Type="{office}/styles" Target="styles.xml"/></Relationships>',
            "word/document.xml": WORD.format(body),
            "word/styles.xml": STYLES,
        },
    )


def test_epub_3_has_the_titles_of_its_navigation(epub: Maker) -> None:
    path = epub({"one.xhtml": xhtml(OIL), "two.xhtml": xhtml(WICK)}, NAV_ITEM, OEBPS__nav_xhtml=NAV)
    document = read_document(path, DocumentKind.EPUB)
    # A heading that differs from the title in the contents is text; one that says the same is not.
    assert told(document.source) == [
        ("Oil", ["The oil\n\nIt was dark and cold."]),
        ("Wick", ["The wick\n\nRow one,\nrow two."]),
    ]
    assert (document.source.title, document.author, document.language) == ("The Lamp", "A. Writer", "en")


def test_epub_2_has_the_titles_of_its_ncx(epub: Maker) -> None:
    path = epub({"one.xhtml": xhtml(OIL), "two.xhtml": xhtml(WICK)}, NCX_ITEM, ' toc="ncx"', OEBPS__toc_ncx=NCX)
    assert [title for title, _ in told(read_document(path).source)] == ["First", "Second"]


def test_without_contents_each_document_is_a_chapter(epub: Maker) -> None:
    path = epub({"one.xhtml": xhtml(OIL), "two.xhtml": xhtml(WICK)})
    assert told(read_document(path).source) == [
        ("The oil", ["It was dark and cold."]),
        ("The wick", ["Row one,\nrow two."]),
    ]


def test_parts_of_a_chapter_are_one_chapter(epub: Maker) -> None:
    documents = {"one.xhtml": xhtml(OIL), "one-b.xhtml": xhtml("<p>Still oil.</p>"), "two.xhtml": xhtml(WICK)}
    source = read_document(epub(documents, NAV_ITEM, OEBPS__nav_xhtml=NAV)).source
    assert told(source)[0] == ("Oil", ["The oil\n\nIt was dark and cold.\n\nStill oil."])


def test_pictures_tables_and_hidden_parts(epub: Maker) -> None:
    body = (
        "<img src='a.jpg' alt='A lamp on a sill'/><img src='b.jpg' alt=''/><script>alert(1)</script>"
        "<p style='display: none'>No.</p><p hidden=''>No.</p><style>p{}</style>"
        "<table><tr><th>Oil</th><th>Price</th></tr><tr><td>Sesame</td><td>3</td></tr></table>"
        "<pre>line one\n  line two</pre><ul><li>First</li><li>Second</li></ul>"
    )
    assert told(read_document(epub({"one.xhtml": xhtml(body)})).source)[0][1] == [
        "[A lamp on a sill]\n\nOil, Price\nSesame, 3\n\nline one\nline two\n\nFirst\n\nSecond"
    ]


def test_notes_lists_and_parted_headings(epub: Maker) -> None:
    body = (
        "<header><p>One</p><h1>The oil</h1></header><p>It was dark<a href='#n1'>1</a> and <q>cold</q>.</p>"
        "<ul><li>oil<ul><li>sesame</li></ul></li></ul><svg xmlns='http://www.w3.org/2000/svg'><text>No.</text></svg>"
        "<figure><img src='a.jpg' alt='A lamp'/><figcaption>In March.</figcaption></figure>"
        "<aside id='n1'><p>Darker than most. <a href='#r1'>\u21a9\ufe0e</a></p></aside>"
    )
    nav = NAV.replace(">Oil<", ">One: The Oil<")
    path = epub({"one.xhtml": xhtml(body), "two.xhtml": xhtml(WICK)}, NAV_ITEM, OEBPS__nav_xhtml=nav)
    assert told(read_document(path).source)[0] == (
        "One: The Oil",
        ["It was dark and “cold”.\n\noil\n\nsesame\n\n[A lamp]\n\nIn March.\n\nDarker than most."],
    )


def test_long_chapters_are_paged_as_plain_text_is(epub: Maker) -> None:
    paragraph = "<p>" + "Every evening the lamp was filled anew. " * 12 + "</p>"
    source = read_document(epub({"one.xhtml": xhtml("<h1>Long</h1>" + paragraph * 10)})).source
    assert 3 <= source.page_count <= 6
    assert [page.number for page in source.chapters[0].pages] == list(range(1, source.page_count + 1))


def test_protected_epub_is_refused(epub: Maker) -> None:
    drm = "<encryption><EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/></encryption>"
    fonts = "<encryption><EncryptionMethod Algorithm='http://www.idpf.org/2008/embedding'/></encryption>"
    documents = {"one.xhtml": xhtml(OIL)}
    with pytest.raises(BadInput, match="DRM") as refusal:
        read_document(epub(documents, **{"META-INF__encryption_xml": drm}))
    assert refusal.value.field == "file"
    assert read_document(epub(documents, **{"META-INF__encryption_xml": fonts})).source.page_count == 1


def test_entities_are_not_expanded(epub: Maker) -> None:
    (page,) = told(read_document(epub({"one.xhtml": LAUGHS})).source)[0][1]
    assert page.endswith("Left.") and len(page) < 100


def test_unpacking_is_bounded(archive: Maker) -> None:
    from zipfile import ZIP_DEFLATED, ZipFile

    path = archive("bomb.epub", {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package(["one.xhtml"])})
    with ZipFile(path, "a", ZIP_DEFLATED) as file, file.open("OEBPS/one.xhtml", "w") as member:
        for _ in range(100):
            member.write(b" " * (1 << 20))
    with pytest.raises(BadInput, match="unpacks to more"):
        read_document(path)


@pytest.mark.parametrize("href", ["../../../../etc/hostname", "/etc/hostname", "file:///etc/hostname"])
def test_paths_lead_nowhere_else(href: str, archive: Maker) -> None:
    opf = package(["one.xhtml"]).replace("one.xhtml", href)
    path = archive("climb.epub", {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf})
    with pytest.raises(BadInput, match="missing"):
        read_document(path)


def test_cut_epub_is_refused(epub: Maker) -> None:
    path = epub({"one.xhtml": xhtml(OIL)})
    path.write_bytes(path.read_bytes()[:-80])
    with pytest.raises(BadInput, match="cut off"):
        read_document(path)


def test_epub_without_text_is_refused(epub: Maker) -> None:
    with pytest.raises(BadInput, match="no text"):
        read_document(epub({"one.xhtml": xhtml("<img src='a.jpg' alt=''/>")}))


def test_word_document(archive: Maker) -> None:
    path = docx(
        archive, ("T", "The Lamp"), ("H1", "The oil"), ("", "It was dark."), ("H1", "The wick"), ("", "It was lit.")
    )
    source = read_document(path).source
    assert source.title == "The Lamp"
    assert told(source) == [("The oil", ["It was dark."]), ("The wick", ["It was lit."])]


def test_damaged_word_document_is_refused(archive: Maker) -> None:
    with pytest.raises(BadInput, match="damaged"):
        read_document(archive("letter.docx", {"word/document.xml": "<w:document"}))


def test_old_word_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(BadInput, match="save it as DOCX"):
        probe_document(path)


def test_nothing_is_left_out_of_what_is_nested_too_deeply(tmp_path: Path) -> None:
    for depth, kept in ((200, True), (300, False)):
        path = tmp_path / "deep.html"
        path.write_text(f"<html><body>{'<div>' * depth}Deep.{'</div>' * depth}<p>After it.</p></body></html>")
        if kept:
            assert told(read_document(path).source)[0][1] == ["Deep.\n\nAfter it."]
        else:
            with pytest.raises(BadInput, match="nested too deeply"):
                read_document(path)


def test_html_page(tmp_path: Path) -> None:
    path = tmp_path / "sea.html"
    path.write_bytes(
        '<!doctype html><html lang="de"><head><meta charset="windows-1252"><title>x</title></head><body><nav>Menü</nav>'
        "<h1>Am Meer</h1><h2>Ebbe</h2><p>Früh <b>am</b> Tag<p>war niemand da.<h2>Flut</h2>Später schon.</body>"
        "</html><p>Nachsatz.</p>".encode("windows-1252")
    )
    document = read_document(path)
    assert document.source.title == "Am Meer"
    assert told(document.source) == [
        ("Ebbe", ["Früh am Tag\n\nwar niemand da."]),
        ("Flut", ["Später schon.\n\nNachsatz."]),
    ]
    facts = probe_document(path)
    assert (facts.kind, facts.pages, facts.title, facts.language) == (DocumentKind.HTML, 2, "Am Meer", "de")
    assert "niemand" in facts.sample

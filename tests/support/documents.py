"""Short documents of every kind that is read, written for tests: chapters with a title and a paragraph each."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

from tests.support.odd_pdfs.typeset import typeset
from tests.unit.reading.conftest import CONTAINER, package, xhtml

Chapters = tuple[tuple[str, str], ...]
_KINDS = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DC = "http://purl.org/dc/elements/1.1/"


def pdf(title: str, author: str, chapters: Chapters) -> bytes:
    """A typeset PDF, each chapter on a page of its own."""
    pages = "\n#pagebreak()\n".join(f"= {heading}\n{text}" for heading, text in chapters)
    return typeset(f'#set document(title: "{title}", author: "{author}")\n{pages}')


def epub(chapters: Chapters, pictures: dict[str, bytes] | None = None) -> bytes:
    """An EPUB called “The Lamp” by A. Writer; its first chapter shows the pictures."""
    names = [f"part{number}.xhtml" for number in range(len(chapters))]
    items = "".join(f'<item id="{name}" href="{name}" media-type="image/png"/>' for name in pictures or {})
    shown = "".join(f'<p><img src="{name}" alt="A picture."/></p>' for name in pictures or {})
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("OEBPS/book.opf", package(names, items))
        for number, (name, (title, text)) in enumerate(zip(names, chapters, strict=True)):
            body = f"<h1>{title}</h1><p>{text}</p>{'' if number else shown}"
            book.writestr(f"OEBPS/{name}", xhtml(body, title))
        for name, data in (pictures or {}).items():
            book.writestr(f"OEBPS/{name}", data)
    return file.getvalue()


def docx(title: str, author: str, chapters: Chapters) -> bytes:
    """A Word document with a title, headings and its author among its properties."""

    def paragraph(style: str, text: str) -> str:
        return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'

    body = paragraph("Title", title) + "".join(
        paragraph("Heading1", heading) + paragraph("Normal", text) for heading, text in chapters
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/></w:style>'
        for name in ("Title", "Heading 1", "Normal")
    )
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as letter:
        letter.writestr("[Content_Types].xml", f'<Types xmlns="{_KINDS}/content-types"/>')
        letter.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_KINDS}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        letter.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="{_KINDS}/relationships"><Relationship Id="r1" Type="{_OFFICE}/styles" '
            'Target="styles.xml"/></Relationships>',
        )
        letter.writestr("word/document.xml", f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>')
        letter.writestr("word/styles.xml", f'<w:styles xmlns:w="{_WORD}">{styles}</w:styles>')
        letter.writestr(
            "docProps/core.xml",
            f'<cp:coreProperties xmlns:cp="{_CORE}" xmlns:dc="{_DC}"><dc:creator>{author}</dc:creator>'
            "</cp:coreProperties>",
        )
    return file.getvalue()


def html(title: str, author: str, chapters: Chapters) -> bytes:
    """A web page with a title and headings."""
    body = "".join(f"<h2>{heading}</h2><p>{text}</p>" for heading, text in chapters)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="author" content="{author}"></head><body><h1>{title}</h1>{body}</body></html>'
    ).encode()

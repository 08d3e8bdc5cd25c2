"""A source text taken apart into chapters and pages."""

import re
from dataclasses import dataclass, field

from bookwright.contracts.book import ChapterText, PageText, SourceText
from bookwright.contracts.errors import EmptySource
from bookwright.contracts.orders import NAME_LIMIT, TextFormat
from bookwright.text.blocks import PAGE, Block, Kind, joined, page_lines, shortened
from bookwright.text.characters import speakable
from bookwright.text.decode import tidy
from bookwright.text.headings import is_chapter_heading, looks_like_title
from bookwright.text.markdown import markdown_blocks
from bookwright.text.paging import paginated

_OPENING = 60
_GUESSED_FROM = 20_000
_MARKDOWN_NAMES = (".md", ".markdown", ".mdown", ".mkd", ".mdx")
_FIRST_HEADING = re.compile(r"\s*#{1,6}[ \t]+\S")
_HEADING_LINE = re.compile(r"^#{1,6}(?:[ \t]+\S|[ \t]*$)", re.MULTILINE)
_BARE_MARK = re.compile(r"^##[ \t]*$", re.MULTILINE)
_INLINE_MARK = re.compile(r"\*\*[^\s*][^*\n]*\*\*|\[[^\[\]\n]+\]\([^()\s]+\)")


@dataclass(slots=True)
class _Page:
    marked: bool
    printed: int
    paragraphs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Chapter:
    heading: str | None
    pages: list[_Page] = field(default_factory=list)


def guess_format(name: str, text: str) -> TextFormat:
    """The format of a file called `name` that holds `text`: by its ending, else by whether the text begins with a
    heading or uses marks that plain text doesn't."""
    name = name.lower()
    if name.endswith(_MARKDOWN_NAMES):
        return TextFormat.MARKDOWN
    head = text[:_GUESSED_FROM]
    headings = len(_HEADING_LINE.findall(head))
    if _BARE_MARK.search(head) or (_FIRST_HEADING.match(head) and (headings > 1 or not name.endswith(".txt"))):
        return TextFormat.MARKDOWN
    if not name.endswith(".txt") and len(_INLINE_MARK.findall(head)) + headings >= 3:
        return TextFormat.MARKDOWN
    return TextFormat.PLAIN


def read_source(text: str, format: TextFormat, *, title: str | None = None) -> SourceText:
    """The chapters and pages of `text`, page numbers running from 1 through the book.

    `title` wins over the one in the text. Headings become titles and are no part of a page's text, except where a
    chapter has nothing else on its pages or the title had to be shortened. Where the source marks pages (a bare `##`
    line in Markdown, a form feed) every mark makes a page, a blank one too, and a page whose number differs from the
    printed one has that as its label; elsewhere pages of about 250 words are made. Paragraphs are parted by blank
    lines. Linear in the length. Raises EmptySource when no page has a letter or digit on it."""
    text = tidy(text)
    given = shortened(title) if title and title.strip() else None
    if format is TextFormat.MARKDOWN:
        found, blocks = _markdown(text)
    else:
        found, blocks = _plain(text, given)
    chapters = _chapters(blocks)
    if not any(speakable(paragraph) for chapter in chapters for page in chapter.pages for paragraph in page.paragraphs):
        raise EmptySource("There is nothing to speak in the source: no letters or digits on any page.")
    own = found or (chapters[0].heading if len(chapters) == 1 else None)
    book_title = given or (shortened(own) if own else None)
    return SourceText(title=book_title, chapters=_numbered(chapters, found or given))


def _markdown(text: str) -> tuple[str | None, list[Block]]:
    """(the book's title or None, blocks in which every heading begins a chapter)."""
    title, blocks = markdown_blocks(text)
    tops = [place for place, block in enumerate(blocks) if block.kind is Kind.HEADING and block.level == 1]
    if len(tops) == 1 and all(block is PAGE for block in blocks[: tops[0]]):
        top = blocks.pop(tops[0])
        title = title or top.text
        if title != top.text or len(top.text) > NAME_LIMIT:
            blocks.insert(tops[0], Block(Kind.PARAGRAPH, top.text))
        tops = []
    return title, [
        block
        if block.kind is not Kind.HEADING or _is_chapter(block, parts=bool(tops))
        else Block(Kind.PARAGRAPH, block.text)
        for block in blocks
    ]


def _is_chapter(heading: Block, *, parts: bool) -> bool:
    if heading.level == 1:
        return True
    return heading.level == 2 and (not parts or is_chapter_heading(heading.text))


def _plain(text: str, given: str | None) -> tuple[str | None, list[Block]]:
    blocks: list[Block] = []
    lines: list[str] = []
    for line in [*page_lines(text), ""]:
        if line != "\f" and line.strip():
            lines.append(line.strip())
            continue
        blocks.extend(_paragraph_or_heading(lines))
        lines = []
        if line == "\f":
            blocks.append(PAGE)
    first = next((place for place, block in enumerate(blocks) if block is not PAGE), None)
    # A title alone on its page stays there: the page counts.
    if first is None or blocks[first].kind is not Kind.PARAGRAPH or blocks[first + 1 : first + 2] in ([], [PAGE]):
        return None, blocks
    line = blocks[first].text
    if "\n" in line or not (line.casefold() == given.casefold() if given else looks_like_title(line)):
        return None, blocks
    del blocks[first]
    return line, blocks


def _paragraph_or_heading(lines: list[str]) -> list[Block]:
    """One paragraph's lines; a chapter heading may have its title in a second line, or text right after it."""
    if not lines:
        return []
    if not is_chapter_heading(lines[0]) or (len(lines) > 1 and is_chapter_heading(lines[1])):
        return [Block(Kind.PARAGRAPH, joined(lines))]
    if len(lines) == 2 and looks_like_title(lines[1]):
        return [Block(Kind.HEADING, f"{lines[0].rstrip('.:')}: {lines[1]}")]
    rest = joined(lines[1:])
    return [Block(Kind.HEADING, lines[0]), *([Block(Kind.PARAGRAPH, rest)] if rest else [])]


def _chapters(blocks: list[Block]) -> list[_Chapter]:
    marked = PAGE in blocks
    chapters = [_Chapter(None)]
    page: _Page | None = None
    printed = 0
    for block in blocks:
        if block.kind is Kind.HEADING:
            chapters.append(_Chapter(block.text))
            if page and page.marked and not page.paragraphs:
                # The heading stands at the top of this page: the page is the new chapter's.
                chapters[-1].pages.append(chapters[-2].pages.pop())
            else:
                page = None
            continue
        if block.kind is Kind.PAGE or page is None:
            printed = printed + 1 if block.kind is Kind.PAGE else max(printed, 1)
            page = _Page(block.kind is Kind.PAGE, printed)
            chapters[-1].pages.append(page)
        if block.kind is Kind.PARAGRAPH:
            page.paragraphs.append(block.text)
    chapters = [chapter for chapter in chapters if chapter.pages or chapter.heading]
    for chapter in chapters:
        _keep_heading(chapter)
        if not marked:
            chapter.pages = [_Page(False, 0, [text]) for page in chapter.pages for text in paginated(page.paragraphs)]
    return chapters


def _keep_heading(chapter: _Chapter) -> None:
    """Where a chapter is all heading, or its heading is too long for a title, the heading is text as well."""
    if chapter.heading is None:
        return
    if not chapter.pages:
        chapter.pages.append(_Page(False, 0, [chapter.heading]))
    elif len(chapter.heading) > NAME_LIMIT or not any(page.paragraphs for page in chapter.pages):
        chapter.pages[0].paragraphs.insert(0, chapter.heading)


def _numbered(chapters: list[_Chapter], book_title: str | None) -> tuple[ChapterText, ...]:
    number = 0
    result = []
    for chapter_number, chapter in enumerate(chapters, start=1):
        pages = []
        for page in chapter.pages:
            number += 1
            label = str(page.printed) if page.printed not in (0, number) else None
            text = "\n\n".join(page.paragraphs)
            pages.append(PageText(number=number, chapter=chapter_number, text=text, label=label))
        heading = chapter.heading or book_title or _opening(pages)
        result.append(ChapterText(number=chapter_number, title=shortened(heading), pages=tuple(pages)))
    return tuple(result)


def _opening(pages: list[PageText]) -> str:
    """The first words of a chapter that has no name at all."""
    text = next((page.text for page in pages if speakable(page.text)), "")
    return shortened(text[: _OPENING * 4], _OPENING) or "1"

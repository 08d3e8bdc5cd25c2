"""Odd PDFs: every page is accounted for, or the refusal says why and what to do; the reader's memory is bounded."""

from pathlib import Path

import pytest

from bookwright.contracts.documents import ReadingLimits, ReadingUsage
from bookwright.contracts.errors import BadInput
from bookwright.press.reading import probe_document, read_document
from tests.support.odd_pdfs import ODD, Odd
from tests.support.odd_pdfs.broken import many_pages

_MEMORY = 400 << 20


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_odd_pdf(odd: Odd, tmp_path: Path) -> None:
    path = tmp_path / odd.file_name
    path.write_bytes(odd.build())
    used: list[ReadingUsage] = []
    if odd.refused:
        for read in (read_document, probe_document)[: 1 + odd.probed]:
            with pytest.raises(BadInput, match=odd.refused) as refusal:
                read(path, on_usage=used.append)
            assert refusal.value.field == "file"
    else:
        _is_as_expected(odd, path, used)
    assert used and all((usage.peak_bytes or 0) < _MEMORY for usage in used)


def _is_as_expected(odd: Odd, path: Path, used: list[ReadingUsage]) -> None:
    source = read_document(path, on_usage=used.append).source
    pages = [page for chapter in source.chapters for page in chapter.pages]
    assert [page.number for page in pages] == list(range(1, odd.pages + 1))
    texts = {page.number: page.text for page in pages}
    for number, text in odd.has.items():
        said = texts[number] if "\n" in text else " ".join(texts[number].split())
        assert text in said if text else said == ""
    assert [number for number, text in odd.lacks.items() if text in texts[number]] == []
    assert {page.number: page.trouble for page in pages if page.trouble} == odd.trouble
    assert {page.number: page.label for page in pages if page.label and page.number in odd.labels} == odd.labels
    if odd.titles:
        assert tuple(chapter.title for chapter in source.chapters) == odd.titles
    if odd.probed:
        facts = probe_document(path)
        assert facts.pages == odd.pages
        assert facts.has_text is any(page.text and not page.trouble for page in pages)


def test_ten_thousand_pages_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(many_pages(10_000))
    used: list[ReadingUsage] = []
    source = read_document(path, limits=ReadingLimits(pages=20_000), on_usage=used.append).source
    assert source.page_count == 10_000
    assert used[0].peak_bytes and used[0].peak_bytes < _MEMORY

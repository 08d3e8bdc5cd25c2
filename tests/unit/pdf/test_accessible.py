"""veraPDF finds nothing against PDF/UA-1 in any language and layout."""

from pathlib import Path

import pytest

from bookwright.contracts.editions import ChapterMatter, PageMatter
from tests.support import verapdf
from tests.unit.pdf.conftest import SENTENCES, Bind, chapter, drawing, matter, picture
from tests.unit.pdf.test_press import LAYOUTS


def test_pdf_ua_1(bind: Bind, tmp_path: Path) -> None:
    if reason := verapdf.unavailable():
        pytest.skip(reason)
    made = []
    for language, (first, second) in SENTENCES.items():
        rich = PageMatter(
            number=1,
            text=f"{first}\n\n{second}\n{first}\n\n😀 (Boat) 12 नाव کشتی",
            picture=picture(drawing(), tmp_path),
            missing="This page has no sound.",
        )
        chapters = [
            ChapterMatter(number=1, title=first, pages=(rich,)),
            chapter([second * 30, ""], 2, second, 2),
        ]
        for layout in LAYOUTS:
            name = f"{language}-{layout}.pdf"
            made.append(bind(matter(5, 2, language), chapters, layout, name))
    assert verapdf.violations(*made) == {path.name: [] for path in made}

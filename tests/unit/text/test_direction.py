"""Which way a language is written."""

import pytest

from bookwright.text.direction import direction


@pytest.mark.parametrize("tag", ["ar", "ur", "ur-PK", "he", "FA_ir", "az-Arab", "sd", "pa-Arab-PK", "yi"])
def test_right_to_left(tag: str) -> None:
    assert direction(tag) == "rtl"


@pytest.mark.parametrize("tag", ["en", "hi", "und", "", "sd-Deva", "ar-Latn", "az", "zh-Hant-TW", "pa"])
def test_left_to_right(tag: str) -> None:
    assert direction(tag) == "ltr"

"""Summaries and tags without a language model."""

from contextlib import nullcontext
from typing import Any

import pytest

from bookwright.providers.local.composing import LocalModel
from bookwright.providers.local.digest import composers
from bookwright.text.audiobooks.asking import chapter_task, read_summary, read_tags, summary_task, tags_task

TALE = (
    "Mira keeps the lamp in the harbour house. Every night Mira climbs the stair to the lamp. It is late. "
    "One night the lamp goes out, and a ship is near the harbour. Mira runs to light the lamp again. "
    "The cat sleeps. The ship sees the lamp and comes into the harbour. So it was."
)


async def answered(task: Any) -> dict[str, Any]:
    model = LocalModel(composers())
    written = await model.write(model.call(task), nullcontext())
    assert written.data is not None
    return written.data


async def test_a_summary_is_made_of_sentences_that_say_most() -> None:
    summary = read_summary(await answered(chapter_task("One", "en", TALE)))
    assert "lamp" in summary and "It is late." not in summary
    assert all(sentence.strip(" .") in TALE for sentence in summary.split(". "))
    whole = read_summary(await answered(summary_task("The Lamp", "en", [TALE, TALE], whole=True)))
    assert len(whole) > len(summary)


async def test_tags_are_names_and_words_that_come_back() -> None:
    tags, free = read_tags(await answered(tags_task("The Lamp", "en", [TALE])))
    assert tags == (), "without a model of meaning nothing is filed"
    assert {"harbour"} <= set(free)


def test_answers_that_can_not_be_used_are_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        read_summary({"summary": " \n"})
    with pytest.raises(ValueError, match="no tag"):
        read_tags({"tags": ["no such tag"], "free_tags": [""]})
    assert read_tags({"tags": ["sea", "sea", "nonsense"], "free_tags": ["Mira", "sea"]}) == (("sea",), ("Mira",))

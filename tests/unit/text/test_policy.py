"""The policy for children's books: how often it is right, what it sees through, and that it fails closed."""

import asyncio
from datetime import timedelta

import pytest

from bookwright.contracts.errors import Blocked, RateLimited
from bookwright.contracts.media import Verdict
from bookwright.store.database.columns import utcnow
from bookwright.text.policy import LANGUAGES, AllOf, Category, PolicyModerator, check_picture, check_text, judge
from tests.unit.text.policy_sentences import HELD, INNOCENT

PRECISION = 0.98
RECALL = 0.96
CRUEL = "He murdered the miller with a hatchet."
KIND = "She baked a cake for the miller."


def test_precision_and_recall_over_sentences_in_all_languages(capsys: pytest.CaptureFixture[str]) -> None:
    missed = [text for language, age, wanted, text in HELD if wanted not in judge(text, language, age)]
    wrong = [text for language, age, text in INNOCENT if judge(text, language, age)]
    caught = len(HELD) - len(missed)
    precision, recall = caught / (caught + len(wrong)), caught / len(HELD)
    with capsys.disabled():
        found = f"precision {precision:.3f}, recall {recall:.3f}"
        print(f"\npolicy: {len(HELD)} held back, {len(INNOCENT)} innocent: {found}")  # noqa: T201
    assert len(HELD) + len(INNOCENT) >= 150 and abs(len(HELD) - len(INNOCENT)) < 15
    assert {language for language, *_ in HELD} == {language for language, *_ in INNOCENT} == set(LANGUAGES)
    assert precision >= PRECISION, wrong
    assert recall >= RECALL, missed


@pytest.mark.parametrize(
    "text",
    [
        "He will m u r d e r you.",
        "He will m.u.r.d.e.r you.",
        "He will m-u-r-d-e-r you.",
        "He will mur-der you.",
        "He will mur\u200bder you.",
        "He will mur\u00adder you.",
        "He will MURDER you.",
        "He will múrdèr you.",
        "He will murrrder you.",
        "He will mmmurderrrr you.",
        "He will murd3r you.",
        "He will mµrder you, he will murd€r you!",
        "He will мurdеr you.",  # with Cyrillic letters
        "He will ｍｕｒｄｅｒ you.",
        "Murder!",
        "«murder»",
    ],
)
def test_disguised_words_are_seen_through(text: str) -> None:
    assert judge(text, "en", 7) == (Category.VIOLENCE,)


@pytest.mark.parametrize(
    ("text", "language"), [("ह\u200dत्या कर दी", "hi"), ("क़त्ल", "hi"), ("कत्ल", "hi"), ("فَقَتَلَهُ", "ar"), ("والقاتل", "ar")]
)
def test_spellings_of_other_scripts_are_one(text: str, language: str) -> None:
    assert judge(text, language, 7) == (Category.VIOLENCE,)


@pytest.mark.parametrize(
    ("text", "allowed_from"),
    [
        ("There was blood on it.", 6),
        ("He killed it.", 9),
        (CRUEL, 10),
        ("They tortured him.", 13),
        ("She was raped.", 18),
    ],
)
def test_older_readers_may_read_more(text: str, allowed_from: int) -> None:
    assert judge(text, "en", allowed_from - 1) == (Category.VIOLENCE,)
    assert judge(text, "en", allowed_from) == ()
    assert judge(text, "en", None) == ()


def test_slurs_are_for_nobody() -> None:
    assert judge("The crowd shouted Sieg Heil.", "de", None) == (Category.HATE,)


def test_words_of_another_language_in_a_text_are_seen() -> None:
    assert judge("Luna said: उसने उसे मार डाला।", "en", 7) == (Category.VIOLENCE,)
    assert judge("लूना ने कहा: he killed him.", "hi-IN", 7) == (Category.VIOLENCE,)
    assert judge("Das Gift lag auf dem Tisch, und die Kinder sangen.", "de", 4) == ()


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("write to luna.reader+books@mail.example.org", True),
        ("x" * 100 + "@example.com", True),
        ("write to x@example.com", False),
        ("luna (at) example (dot) com", True),
        ("luna at example dot com", True),
        ("+49 30 1234567", True),
        ("(020) 7946 0958", True),
        ("98765-43210", True),
        ("मेरा मोबाइल ९८७६५ ४३२१०", True),
        ("vivo en la Calle Mayor 15", True),
        ("Ich wohne in der Gartenstraße 12", True),
        ("12 Elm Road, Springfield 62704", True),
        ("the year 2024-2026", False),
        ("384,400 km and 1 000 000 stars", False),
        ("12.03.2024 10:30", False),
        ("3.14159265358979", False),
        ("ISBN 978-3-16-148410-0 is on the back", False),
        ("They lived in Elm Street.", False),
        ("Look at the dot on the map.", False),
    ],
)
def test_personal_data_has_a_shape(text: str, personal: bool) -> None:
    assert judge(text, "en", 9) == ((Category.PERSONAL_DATA,) if personal else ())
    assert judge(text, "en", None) == ()


async def test_the_verdict_says_why_and_repeats_nothing() -> None:
    verdict = await PolicyModerator().judge_text(CRUEL, "en", 7)
    assert verdict == Verdict(allowed=False, categories=("violence",), reason="not for readers of 7: violence")
    assert await PolicyModerator().judge_text(KIND, "en", 7) == Verdict(allowed=True)


async def test_what_cant_be_judged_is_not_allowed() -> None:
    policy = PolicyModerator()
    assert not (await policy.judge_text("Kot spał na piecu.", "pl", 7)).allowed
    assert (await policy.judge_text("Kot spał na piecu.", "pl", None)).allowed
    assert not (await policy.judge_picture(b"", "image/png", 7)).allowed
    nobody = AllOf(texts=[policy])
    assert (await nobody.judge_text(KIND, "en", 7)).allowed
    assert not (await nobody.judge_picture(b"", "image/png", 7)).allowed
    assert not (await AllOf(texts=[]).judge_text(KIND, "en", 7)).allowed


class Says:
    """A moderator that says what it is told to."""

    def __init__(self, answer: Verdict | Exception) -> None:
        self.answer = answer

    async def judge_text(self, text: str, language: str, age: int | None) -> Verdict:
        await asyncio.sleep(0)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def judge_picture(self, picture: bytes, media_type: str, age: int | None) -> Verdict:
        return await self.judge_text("", "", age)


YES = Says(Verdict(allowed=True))
NO = Says(Verdict(allowed=False, categories=("gore",), reason="the provider's safety rules"))


async def test_all_have_to_allow() -> None:
    both = AllOf(texts=[PolicyModerator(), NO], pictures=[YES, NO])
    verdict = await both.judge_text(CRUEL, "en", 7)
    assert verdict.categories == ("violence", "gore")
    assert verdict.reason == "not for readers of 7: violence; the provider's safety rules"
    assert not (await both.judge_text(KIND, "en", 7)).allowed
    assert not (await both.judge_picture(b"x", "image/png", 7)).allowed
    assert (await AllOf(texts=[PolicyModerator(), YES], pictures=[YES]).judge_picture(b"x", "image/png", 7)).allowed


async def test_the_gate_lets_pass_and_holds_back() -> None:
    moderator = AllOf(texts=[PolicyModerator(), YES], pictures=[YES])
    await check_text(moderator, KIND, "en", 7)
    await check_picture(moderator, b"x", "image/png", 7)
    with pytest.raises(Blocked, match=r"^not for readers of 7: violence$"):
        await check_text(moderator, CRUEL, "en", 7)
    with pytest.raises(Blocked, match="safety rules"):
        await check_picture(NO, b"x", "image/png", 7)


async def test_a_moderator_that_fails_holds_back_and_what_it_says_is_not_told() -> None:
    broken = Says(RuntimeError(f"can't parse {CRUEL!r}"))
    for moderator in (broken, AllOf(texts=[YES, broken])):
        with pytest.raises(Blocked) as held:
            await check_text(moderator, CRUEL, "en", 7)
        assert "miller" not in str(held.value)
        assert held.value.__cause__ is None and held.value.__suppress_context__


async def test_a_moderator_that_asks_to_wait_is_asked_again_later() -> None:
    busy = Says(RateLimited("busy", until=utcnow() + timedelta(minutes=1)))
    with pytest.raises(RateLimited):
        await check_text(AllOf(texts=[PolicyModerator(), busy]), KIND, "en", 7)


async def test_a_whole_book_is_judged_as_its_pages_are() -> None:
    book = f"{KIND} " * 2_000
    assert (await PolicyModerator().judge_text(book, "en", 5)).allowed
    assert not (await PolicyModerator().judge_text(f"{book}{CRUEL} {book}", "en", 5)).allowed

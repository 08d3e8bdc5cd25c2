"""Who stands in for whom, when, and what is written down of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from activities.chain import REST_S, Chain, Link
from activities.slots import Slots
from activities.speakers import Speakers
from bookwright.contracts.book import BookPlan, ChapterText, PageText, SourceText, Voice
from bookwright.contracts.calls import CallState, ProviderCall
from bookwright.contracts.errors import (
    AnswerLost,
    Blocked,
    BookwrightError,
    BudgetReached,
    CredentialsRefused,
    Misconfigured,
    NotSent,
    Permanent,
    QuotaExhausted,
    RateLimited,
    Refused,
    UnknownLanguage,
    UnknownVoice,
    Unspeakable,
)
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.progress import HoldKind, JobEnd, JobState
from bookwright.store import SERVICE
from bookwright.store.books.versions import PageVersions
from bookwright.store.ledger.tables import provider_calls
from bookwright.store.tables import jobs, page_tracks
from tests.activities.conftest import ATTEMPTS, Engine, Studio
from tests.store.conftest import ANNA, World

LATER = datetime(2030, 1, 1, tzinfo=UTC)
FALLS = [
    CredentialsRefused("key"),
    QuotaExhausted("credit"),
    NotSent("away"),
    Permanent("no such model"),
]
STAYS = [
    RateLimited("soon", until=LATER),
    BudgetReached("cap", scope="job"),
    Blocked("unsafe"),
    Unspeakable("too odd"),
    AnswerLost("reset"),
    Refused("500"),
]


class Speaker(Engine):
    """A provider with voices of its own."""

    def __init__(self, provider: str, *voices: str, language: str = "en") -> None:
        super().__init__()
        self.provider = provider
        self.names = voices
        self.language = language

    def voices(self, language: str) -> Sequence[Voice]:
        if language != self.language:
            raise UnknownLanguage(f"{self.provider} does not speak it")
        return [Voice(id=name, language=language, name=name) for name in self.names]

    def voice(self, language: str, wanted: str | None) -> Voice:
        found = [voice for voice in self.voices(language) if wanted in (None, voice.id)]
        if not found:
            raise UnknownVoice(f"{self.provider} has no such voice")
        return found[0]

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        return super().call(text, voice, take).model_copy(update={"provider": self.provider})


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def chain_of(*speakers: Speaker, clock: Clock | None = None) -> Chain[SpeechEngine]:
    links = [Link[SpeechEngine](speaker, Slots(4), 30) for speaker in speakers]
    return Chain(links, "BOOKWRIGHT_SPEECH", clock or Clock())


class Asked:
    """Work that fails with an engine as a test says; it answers who did it."""

    def __init__(self, **errors: BookwrightError) -> None:
        self.errors = errors
        self.asked: list[str] = []

    async def __call__(self, link: Link[SpeechEngine]) -> str:
        self.asked.append(link.engine.provider)
        if error := self.errors.get(link.engine.provider):
            raise error
        return link.engine.provider


@pytest.mark.parametrize("error", FALLS, ids=lambda error: type(error).__name__)
async def test_the_next_engine_stands_in_for_one_that_can_not_be_had(error: BookwrightError) -> None:
    made, link, stand_in = await chain_of(Speaker("first", "a"), Speaker("next", "b")).work(Asked(first=error))
    assert (made, str(link), stand_in) == ("next", "next v1", True)


@pytest.mark.parametrize("error", STAYS, ids=lambda error: type(error).__name__)
async def test_what_another_engine_would_not_put_right_is_raised(error: BookwrightError) -> None:
    asked = Asked(first=error)
    with pytest.raises(type(error)):
        await chain_of(Speaker("first", "a"), Speaker("next", "b")).work(asked)
    assert asked.asked == ["first"]


async def test_one_that_can_not_be_had_is_left_alone_for_a_while() -> None:
    clock = Clock()
    chain = chain_of(Speaker("first", "a"), Speaker("next", "b"), clock=clock)
    asked = Asked(first=QuotaExhausted("credit"))
    for _ in range(3):
        assert (await chain.work(asked))[2], "it stands in, also while the first is not asked"
    assert asked.asked == ["first", "next", "next", "next"]
    clock.now += REST_S
    asked.errors.clear()
    assert await chain.work(asked) == ("first", chain.links[0], False)


async def test_when_nobody_can_be_had_the_reason_for_a_person_is_told() -> None:
    chain = chain_of(Speaker("first", "a"), Speaker("next", "b"))
    asked = Asked(first=QuotaExhausted("top it up"), next=NotSent("away"))
    for _ in range(2):
        with pytest.raises(QuotaExhausted, match="top it up"):
            await chain.work(asked)
    assert asked.asked == ["first", "next"] * 2, "all of them are asked again when all are resting"
    alone = Asked(only=NotSent("away"))
    with pytest.raises(NotSent):
        await chain_of(Speaker("only", "a")).work(alone)


async def test_without_any_engine_the_variable_is_named() -> None:
    with pytest.raises(Misconfigured, match="BOOKWRIGHT_SPEECH"):
        await chain_of().work(Asked())


# -- narration ---------------------------------------------------------------------------------------------------------


async def studio_with(world: World, *speakers: Speaker, texts: Sequence[str] = ("One boat.", "Two boats.")) -> Studio:
    context = await world.book(ANNA, *texts)
    studio = Studio(world, context.model_copy(update={"voice": "anna"}), speakers[0])
    studio.chain = chain_of(*speakers)
    return studio


def context_of_book(voice: str) -> BookContext:
    about = {"owner_id": ANNA, "book_id": "b", "job_id": "j", "title": "T", "language": "en", "voice": voice}
    return BookContext.model_validate(about | {"editions": (), "tracks": (), "pages": 9})


async def in_chapters(world: World, context: BookContext, *chapters: Sequence[str]) -> None:
    """Part the book's pages into chapters."""
    numbers = iter(range(1, context.pages + 1))
    parted = tuple(
        ChapterText(
            number=number,
            title="One",
            pages=tuple(PageText(number=next(numbers), chapter=number, text=text) for text in texts),
        )
        for number, texts in enumerate(chapters, 1)
    )
    plan = BookPlan(context=context, chapters=len(parted), words=1)
    await world.books.save_source(plan, None, SourceText(title="The River", chapters=parted))


async def speakers_of(world: World) -> list[tuple[str, bool]]:
    query = sa.select(page_tracks.c.made_by, page_tracks.c.stand_in).order_by(page_tracks.c.page)
    rows = await world.database.read(SERVICE, lambda c: c.execute(query).all())
    return [(row.made_by, row.stand_in) for row in rows]


async def states_by_provider(world: World) -> dict[tuple[str, str], int]:
    query = sa.select(provider_calls.c.provider, provider_calls.c.state, sa.func.count()).group_by(
        provider_calls.c.provider, provider_calls.c.state
    )
    return {(row[0], row[1]): row[2] for row in await world.database.read(SERVICE, lambda c: c.execute(query).all())}


async def test_a_page_that_a_stand_in_speaks_says_so_and_so_does_the_job(world: World) -> None:
    first, other = Speaker("first", "anna"), Speaker("other", "otto")
    first.errors["Two"] = QuotaExhausted("credit")
    studio = await studio_with(world, first, other)
    assert (await studio.narrate(1, 1)).done == (await studio.narrate(2, 2)).done == 1
    assert await speakers_of(world) == [("first v1, anna", False), ("other v1, otto", True)]
    assert await states_by_provider(world) == {
        ("first", CallState.SETTLED): 1,
        ("first", CallState.FAILED): 1,
        ("other", CallState.SETTLED): 1,
    }, "each provider's calls are its own"
    end = JobEnd(owner_id=ANNA, job_id=studio.context.job_id, state=JobState.DONE, warning="1 page is missing")
    await world.books.close_job(end)
    warning = await world.database.read(SERVICE, lambda c: c.execute(sa.select(jobs.c.warning)).scalar_one())
    assert warning == (
        "1 page is missing and other v1, otto stood in for the narration of 1 page and in chapter 1 the voice changes "
        "at page 2"
    )


async def test_errors_beyond_the_attempts_make_the_next_engine_take_over(world: World) -> None:
    first, other = Speaker("first", "anna"), Speaker("other", "otto")
    first.errors["Two"] = Refused("the provider answered 503")
    studio = await studio_with(world, first, other)
    for attempt in range(1, ATTEMPTS):
        assert (await studio.failure()).details == (attempt,)
        assert not other.spoken, "as long as another attempt may help"
    assert (await studio.narrate()).done == 2
    assert await speakers_of(world) == [("first v1, anna", False), ("other v1, otto", True)]
    assert first.spoken["Two boats."] == ATTEMPTS


async def test_a_page_that_nobody_can_speak_fails_by_its_own_error(world: World) -> None:
    first, other = Speaker("first", "anna"), Speaker("other", "otto")
    first.errors["boat"], other.errors["boat"] = Refused("500"), AnswerLost("reset")
    studio = await studio_with(world, first, other, texts=["One boat."])
    failures = [(await studio.failure()).type for _ in range(ATTEMPTS)]
    assert failures == ["Refused", "Refused", "AnswerLost"]


async def test_who_takes_a_chapter_over_finishes_it_and_the_next_one_begins_as_chosen(world: World) -> None:
    first, other = Speaker("first", "anna"), Speaker("other", "otto")
    studio = await studio_with(world, first, other, texts=["One.", "Two.", "Three.", "Four.", "Five."])
    await in_chapters(world, studio.context, ["One.", "Two.", "Three.", "Four."], ["Five."])
    clock = Clock()
    studio.chain = chain_of(first, other, clock=clock)
    await studio.narrate(1, 1)
    first.errors["Two"] = QuotaExhausted("credit")
    await studio.narrate(2, 2)
    clock.now += REST_S
    first.errors.clear()  # somebody has paid
    await studio.narrate(3, 3)
    studio.chain = chain_of(first, other)  # a worker that knows nothing of it
    await studio.narrate(4, 4)
    await studio.narrate(5, 5, chapter=2)
    by = [name.split()[0] for name, _ in await speakers_of(world)]
    assert by == ["first", "other", "other", "other", "first"]


async def test_whoever_took_over_is_remembered_where_no_page_near_says_so() -> None:
    chain = chain_of(Speaker("first", "anna"), Speaker("other", "otto"))
    first, other = chain.links
    speakers = Speakers(chain)
    context = context_of_book(voice="anna")
    able = speakers.able(context)
    page = PageText(number=9, chapter=1, text="Far away.")
    assert speakers.in_order(able, context, page, {}) == [first, other]
    speakers.spoke(first, able, context, 1)
    assert speakers.in_order(able, context, page, {}) == [first, other]
    speakers.spoke(other, able, context, 1)
    assert speakers.in_order(able, context, page, {8: "first v1, anna"}) == [other, first]
    assert speakers.in_order(able, context, page.model_copy(update={"chapter": 2}), {}) == [first, other]
    assert speakers.in_order(able, context, page.model_copy(update={"chapter": 2}), {12: "other v1, otto"}) == [
        other,
        first,
    ]


async def test_a_page_that_is_spoken_anew_has_the_voice_of_the_page_before_it(world: World) -> None:
    first, other = Speaker("first", "anna"), Speaker("other", "otto")
    first.errors["Three"] = QuotaExhausted("credit")
    studio = await studio_with(world, first, other, texts=["One.", "Two.", "Three."])
    for page in (1, 2, 3):
        await studio.narrate(page, page)
    await world.books.close_job(JobEnd(owner_id=ANNA, job_id=studio.context.job_id, state=JobState.DONE))
    first.errors.clear()
    studio.chain = chain_of(first, other)
    versions = PageVersions(world.database)
    await versions.redo(ANNA, studio.context.book_id, 2)
    await studio.narrate(2, 2)
    assert await speakers_of(world) == [("first v1, anna", False)] * 2 + [("other v1, otto", True)]
    await versions.redo(ANNA, studio.context.book_id, 3)
    await studio.narrate(3, 3)
    assert await speakers_of(world) == [("first v1, anna", False)] * 3


async def test_a_page_is_one_engine_s_from_its_first_word_to_its_last(world: World) -> None:
    first, other = Speaker("first", "anna"), Speaker("other", "otto")
    first.max_chars = other.max_chars = 40
    first.errors["harbour"] = QuotaExhausted("credit")
    text = "The ferry left the quay in the morning. Nobody stood at the harbour to see it."
    studio = await studio_with(world, first, other, texts=[text])
    assert (await studio.narrate(1, 1)).done == 1
    assert len(other.spoken) == len(first.spoken) == 2


async def test_the_engine_that_has_the_book_s_voice_is_asked_first(world: World) -> None:
    first, other = Speaker("first", "alma"), Speaker("other", "otto", "anna")
    studio = await studio_with(world, first, other, texts=["One boat."])
    await studio.narrate(1, 1)
    assert await speakers_of(world) == [("other v1, anna", False)]


async def test_one_that_does_not_speak_the_language_never_stands_in(world: World) -> None:
    first, other = Speaker("first", "anna"), Speaker("other", "otto", language="fi")
    first.errors["boat"] = QuotaExhausted("credit")
    studio = await studio_with(world, first, other, texts=["One boat."])
    outcome = await studio.narrate(1, 1)
    assert outcome.deferred and outcome.deferred.hold.kind is HoldKind.QUOTA
    assert not other.spoken


async def test_a_rate_limit_defers_however_long_it_is(world: World) -> None:
    until = datetime.now(UTC) + timedelta(seconds=86_400)
    first, other = Speaker("first", "anna"), Speaker("other", "otto")
    first.errors["boat"] = RateLimited("tomorrow", until=until)
    studio = await studio_with(world, first, other, texts=["One boat."])
    outcome = await studio.narrate(1, 1)
    assert outcome.deferred and outcome.deferred.hold.until == until
    assert not other.spoken

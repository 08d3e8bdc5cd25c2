"""What a reviewer changes before approving is in the store: once, all of it or nothing."""

import pytest

from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.errors import BadInput, Conflict
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.writings import Part, Writing
from bookwright.contracts.stories import Brief, BriefKind
from bookwright.reviewing import Edits, Reviewing
from bookwright.store.books.versions import PageVersions
from tests.store.conftest import ANNA, World

LUNA = Character(name="Luna", kind="dragon", looks="Small and green.", palette=("#3a7d44",))
BRIEF = Brief(
    job_type=BriefKind.STORY_ADVENTURE,
    character_name="Luna",
    character_type="dragon",
    special_ability="light",
    age_group="4-6",
    story_world="caves",
    adventure_type="hunt",
)


async def written(world: World) -> tuple[BookContext, Reviewing]:
    """A book with two pages, a sheet and what it was ordered as, that waits for approval."""
    context = await world.book(ANNA, "One.", "Two.")
    await world.books.hold(ANNA, context.job_id, "waiting for approval", paused=True)  # type: ignore[arg-type]
    for part, value in ((Part.SHEET, CharacterSheet(characters=(LUNA,))), (Part.CONFIG, BRIEF)):
        asset = await world.assets.put(value.model_dump_json().encode(), "application/json")
        await world.writings.keep(ANNA, context.book_id, Writing(part=part, asset=asset, made_by="local"))
    return context, Reviewing(PageVersions(world.database), world.writings, world.assets)


async def sheet_of(world: World, context: BookContext) -> CharacterSheet:
    parts = await world.writings.parts(ANNA, context.book_id)
    return CharacterSheet.model_validate_json(await world.assets.get(parts[Part.SHEET].asset))


async def test_title_pages_and_sheet_are_changed_and_changing_them_again_is_no_change(world: World) -> None:
    context, reviewing = await written(world)
    edits = Edits(title=" Luna's  Cave ", texts={2: "Two, edited."}, sheet={"luna": {"looks": "Small and blue."}})
    for _ in range(2):
        await reviewing.apply(ANNA, context.book_id, edits, "en")
        pages = await world.books.pages(ANNA, context.book_id, 1, 2)
        assert [page.text for page in pages] == ["One.", "Two, edited."]
        assert (await world.jobs.job(ANNA, context.job_id)).title == "Luna's Cave"
        assert (await sheet_of(world, context)).hero.looks == "Small and blue."
    assert (await sheet_of(world, context)).hero.palette == LUNA.palette
    assert len(await PageVersions(world.database).versions(ANNA, context.book_id, 2)) == 2


@pytest.mark.parametrize(
    ("edits", "field"),
    [
        (Edits(title="New", sheet={"Nobody": {"looks": "x"}}), "sheet"),
        (Edits(title="New", sheet={"Luna": {"palette": ["green"] * 9}}), "sheet"),
        (Edits(title="New", texts={1: "He murdered them with a knife and there was blood."}), "edits"),
    ],
)
async def test_what_can_not_be_changes_nothing(world: World, edits: Edits, field: str) -> None:
    context, reviewing = await written(world)
    before = (await world.jobs.job(ANNA, context.job_id)).title
    with pytest.raises(BadInput) as refused:
        await reviewing.apply(ANNA, context.book_id, edits, "en")
    assert refused.value.field == field and "knife" not in str(refused.value)
    assert (await world.jobs.job(ANNA, context.job_id)).title == before
    assert (await sheet_of(world, context)).hero == LUNA


async def test_a_book_without_a_text_has_no_title_to_change(world: World) -> None:
    job = await world.accepted()
    reviewing = Reviewing(PageVersions(world.database), world.writings, world.assets)
    with pytest.raises(Conflict, match="with its text"):
        await reviewing.apply(ANNA, job.book_id, Edits(title="Early"), "en")
    with pytest.raises(BadInput, match="no character sheet"):
        await reviewing.apply(ANNA, job.book_id, Edits(sheet={"Luna": {}}), "en")

"""Answers: the finished scenes of a search-and-find book in, the pictures of its answer pages out."""

import asyncio
from collections.abc import Mapping, Sequence

from temporalio import activity

from activities.heartbeat import heartbeating
from activities.illustration import picture_outcome
from activities.parts import recipe
from activities.subjects import Subjects
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.answers import AnswerArtist, AnsweredScene
from bookwright.contracts.ports.store import AssetStore, Books
from bookwright.contracts.spreads import Plate
from bookwright.contracts.stories import SearchScene, SearchScenes
from bookwright.text.stories.searching import answer_text

MADE_BY = "bookwright"


class Answers:
    """Draws answer pages from what was validated: a circle is where a thing surely is, and nowhere else."""

    def __init__(self, artist: AnswerArtist, books: Books, assets: AssetStore) -> None:
        self._artist = artist
        self._books = books
        self._assets = assets
        self._subjects = Subjects(books, assets)

    @activity.defn(name="Draw answers")
    async def draw(self, context: BookContext) -> int:
        """Draw the answer pages anew whose scenes have changed; how many answer pages there are. A scene without a
        picture, or in whose picture nothing was found, is not on them. Safe to repeat."""
        async with heartbeating():
            scenes = await self._subjects.scenes(context)
            if scenes is None:
                return 0
            first = min(scene.page for scene in scenes.scenes)
            last = max(max(scene.page for scene in scenes.scenes), *scenes.answers)
            made = await self._books.made(context.owner_id, context.book_id, Track.ILLUSTRATIONS, first, last)
            drawn = [await self._page(context, scenes, answer, made) for answer in scenes.answers]
            return sum(drawn)

    async def _list(
        self, context: BookContext, answer: int, listed: Sequence[SearchScene], shown: Mapping[SearchScene, Plate]
    ) -> None:
        """Take off the answer page's text what is not in the pictures, unless somebody has edited it."""
        (page,) = await self._books.pages(context.owner_id, context.book_id, answer, answer)
        if page.text.split() == answer_text(listed).split():
            await self._books.change_text(context, answer, page.text, answer_text(_found(shown)))

    async def _page(self, context: BookContext, scenes: SearchScenes, answer: int, made: dict[int, AssetId]) -> bool:
        plates = {
            scene: Plate.model_validate_json(await self._assets.get(made[scene.page]))
            for scene in scenes.on(answer)
            if scene.page in made
        }
        shown = {scene: plate for scene, plate in plates.items() if plate.found}
        if not shown:
            return False
        await self._list(context, answer, scenes.on(answer), shown)
        of = [[plate.picture, plate.model_dump(mode="json", include={"found"})] for plate in shown.values()]
        name = recipe("answers", self._artist.width, self._artist.height, of)
        known = await self._books.renditions(context.owner_id, context.book_id, [name])
        picture = known.get(name)
        if picture is None or not await self._assets.exists(picture):
            answered = [
                AnsweredScene(page=plate.page, picture=await self._assets.get(plate.picture), found=plate.found)
                for plate in shown.values()
            ]
            data = await asyncio.to_thread(self._artist.answers, answered)
            picture = await self._assets.put(data, self._artist.media_type)
            await self._books.save_rendition(context, name, picture)
        plate = Plate(
            page=answer,
            picture=picture,
            media_type=self._artist.media_type,
            width=self._artist.width,
            height=self._artist.height,
            alt=" ".join(answer_text(_found(shown)).split()),
            prompt="",
            composed=True,
        )
        outcome = await picture_outcome(context, plate, MADE_BY, False, self._assets)
        if answer in made:
            await self._books.replace_made(context, outcome, made[answer], keep=False)
        else:
            await self._books.page_outcome(context, outcome)
        return True


def _found(shown: Mapping[SearchScene, Plate]) -> list[SearchScene]:
    """The scenes with what was found in them, and nothing else."""
    return [
        scene.model_copy(
            update={"things": tuple(thing for thing in scene.things if thing.name in {box.name for box in plate.found})}
        )
        for scene, plate in shown.items()
    ]

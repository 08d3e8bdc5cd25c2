"""Scenes: what a book's spreads tell of in; the scenes, and which soundscape each has, out."""

import logging
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from temporalio import activity

from activities.heartbeat import heartbeating
from activities.sounding import Sounding
from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.scenes import PageHeard, Scenes
from bookwright.contracts.ports.store import AssetStore
from bookwright.contracts.progress import Tally
from bookwright.contracts.scenes import Failure, PlannedScene, Scene, SceneScan, ScenesFound, Soundscape
from bookwright.contracts.spreads import SpreadAnalysis, spread_of
from bookwright.text.scenes import find_scenes, prompt_of, sketch_of
from bookwright.text.soundscapes import Wanted, plan_sounds

logger = logging.getLogger(__name__)

OTHERS = 2_000
"""Soundscapes of the owner's other books that are looked at: the newest."""
_NOT_ANALYSED = Failure(
    error_type="ContentAnalysisError", message="what is heard there is not known: its text could not be analysed"
)


_ANALYSED = (TrackState.COMPLETED, TrackState.SKIPPED)


class _Spread(NamedTuple):
    """A spread that was analysed, and its pages that have text."""

    analysis: SpreadAnalysis
    pages: tuple[PageHeard, ...]


class SceneFinding:
    """Finds scenes in what was analysed, and plans which soundscape each has: one that the book or another one of its
    owner has already, if that serves, else a new one."""

    def __init__(self, scenes: Scenes, assets: AssetStore, sounding: Sounding) -> None:
        self._scenes = scenes
        self._assets = assets
        self._sounding = sounding

    @activity.defn(name="Find scenes")
    async def find(self, scan: SceneScan) -> ScenesFound:
        """Write the scenes that are complete, and the outcomes of pages that have one now. Repeating it finds the
        same."""
        async with heartbeating():
            return await self._found(scan)

    async def _found(self, scan: SceneScan) -> ScenesFound:
        if scan.next_page == 1:
            logger.info("scenes", extra={"pages": scan.context.pages, "language": scan.context.language})
        last = scan.last_page if scan.final else scan.last_page - scan.last_page % 2  # whole spreads only
        pages = await self._scenes.heard(scan.context, scan.next_page, last)
        spreads = await self._spreads(pages)
        found, begin = [], 0
        for scene in find_scenes([spread.analysis for spread in spreads], ended=scan.final):
            found.append(spreads[begin : begin + len(scene)])
            begin += len(scene)
        next_page = spreads[begin].pages[0].page if begin < len(spreads) else max(last + 1, scan.next_page)
        planned = await self._planned(scan, found)
        settled = [page for page in pages if page.page < next_page]
        to_make = await self._scenes.save(
            scan.context,
            planned,
            untold={page.page: _NOT_ANALYSED for page in settled if page.told not in _ANALYSED},
            blank=[page.page for page in settled if page.told is TrackState.SKIPPED],
            final=scan.final,
        )
        if planned:
            logger.info("scenes found", extra={"scenes": scan.next_scene + len(planned) - 1, "soundscapes": to_make})
        return ScenesFound(next_scene=scan.next_scene + len(planned), next_page=next_page, soundscapes=tuple(to_make))

    @activity.defn(name="Give scenes up")
    async def give_up(
        self, scan: SceneScan, error_type: str, error: str, attempts: int, trace: str | None
    ) -> ScenesFound:
        """Record that the scenes of these pages can't be found, after the declared attempts."""
        failure = Failure(error_type=error_type, message=error, attempt=attempts, trace=trace)
        lost = range(scan.next_page, scan.last_page + 1)
        await self._scenes.save(scan.context, [], untold=dict.fromkeys(lost, failure), blank=[], final=False)
        return ScenesFound(next_scene=scan.next_scene, next_page=max(scan.next_page, scan.last_page + 1))

    @activity.defn(name="Count scored pages")
    async def tally(self, context: BookContext, last: int) -> Tally:
        """The outcomes of the book's pages up to `last`."""
        tally = await self._scenes.tally(context, last)
        logger.info("scored", extra=tally.model_dump())
        return tally

    async def _spreads(self, pages: Sequence[PageHeard]) -> list[_Spread]:
        """The analysed spreads in order. One that two chapters share was analysed in the same words for both."""
        told = [page for page in pages if page.told is TrackState.COMPLETED and page.analysis]
        spreads = []
        for _, group in groupby(told, lambda page: spread_of(page.page)):
            members = tuple(group)
            analysis = SpreadAnalysis.model_validate_json(await self._assets.get(AssetId(members[0].analysis or "")))
            spreads.append(_Spread(analysis, members))
        return spreads

    async def _planned(self, scan: SceneScan, found: Sequence[Sequence[_Spread]]) -> list[PlannedScene]:
        wanted = [_wanted(number, scene) for number, scene in enumerate(found, scan.next_scene)]
        context = scan.context
        own = await self._scenes.soundscapes(context) if wanted else []
        others: list[Soundscape] = []
        if not all(scene.heard for scene in wanted):
            made_by = self._sounding.first_choice
            others = await self._scenes.others(context.owner_id, context.book_id, made_by, OTHERS)
        planned = []
        there = {one.number: one.ambience for one in own}
        for plan in plan_sounds(wanted, own, others, context.book_id):
            if plan.like is not None and plan.soundscape is not None:
                there[plan.soundscape] = plan.like.ambience
            ambience = there.get(plan.soundscape or 0)
            asset = await self._sounding.stored(ambience) if ambience else None
            planned.append(plan.model_copy(update={"asset": asset}))
        return planned


def _wanted(number: int, spreads: Sequence[_Spread]) -> Wanted:
    analyses = tuple(spread.analysis for spread in spreads)
    pages = [page for spread in spreads for page in spread.pages]
    scene = Scene(
        number=number,
        pages=tuple(page.page for page in pages),
        sketch=sketch_of(analyses),
        prompt=prompt_of(analyses),
    )
    heard = all(page.state is TrackState.COMPLETED for page in pages)
    return Wanted(scene, max(page.take for page in pages), heard)

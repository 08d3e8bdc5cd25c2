"""What a story's writer has in mind becomes what an analysis of its pages would say. Pure."""

from collections.abc import Sequence

from bookwright.contracts.book import PageText
from bookwright.contracts.depicting import LONG
from bookwright.contracts.spreads import PictureIdea, SpreadAnalysis
from bookwright.contracts.writing import Ideas, PageScene
from bookwright.text.stories.manuscript import fingerprint


def analysis_of(pages: Sequence[PageText], ideas: Ideas) -> SpreadAnalysis | None:
    """The analysis of a spread's pages. Its place and time are those of its first page, its sounds and people those of
    both. None when one of the pages has another text by now, or none that its writer said anything about."""
    known = {idea.page: idea for idea in ideas.pages}
    scenes = [
        known[page.number].scene
        for page in pages
        if page.number in known and known[page.number].text == fingerprint(page.text)
    ]
    if not scenes or len(scenes) < len(pages):
        return None
    first = scenes[0]
    sounds = tuple(dict.fromkeys(sound for scene in scenes for sound in scene.sounds))
    return SpreadAnalysis(
        pages=tuple(page.number for page in pages),
        setting=first.setting,
        place=first.place,
        time=first.time,
        weather=first.weather,
        mood=first.mood,
        intensity=max(scene.intensity for scene in scenes),
        sounds=sounds[:20],
        people=tuple(dict.fromkeys(name for scene in scenes for name in scene.cast))[:40],
        sound_prompt=_heard(first, sounds),
        pictures=tuple(
            PictureIdea(page=page.number, prompt=_shown(scene), alt=scene.alt, action=scene.action, cast=scene.cast)
            for page, scene in zip(pages, scenes, strict=True)
        ),
    )


def _shown(scene: PageScene) -> str:
    """A picture in words, for engines that understand them."""
    where = f"{scene.place}, {scene.setting}" if scene.place else scene.setting
    who = f" Seen in it: {', '.join(scene.cast)}." if scene.cast else ""
    light = f"Time: {scene.time}. Weather: {scene.weather}. Mood: {scene.mood}."
    return f"{scene.action} Place: {where}. {light}{who}"[:LONG]


def _heard(scene: PageScene, sounds: Sequence[str]) -> str:
    heard = ", ".join(sounds) or f"the quiet of the {scene.setting}"
    return f"{scene.setting}, {scene.time}, {scene.weather}, {scene.mood} mood: {heard}"[:LONG]

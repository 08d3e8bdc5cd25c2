"""Which of an engine's voices speaks for whom."""

from collections.abc import Mapping, Sequence

from bookwright.contracts.book import Voice
from bookwright.contracts.characters import Character

_MARKS = {
    "female": "female girl woman she her princess queen fairy lady witch mermaid mother grandmother sister hen",
    "male": "male boy man he his prince king knight wizard lord father grandfather brother rooster",
    "brighter": "young child bright clear high quick soft light bubbly laughing lively eager small little tiny",
    "deeper": "deep low old dark grumbling rough loud grand rolling dry husky big huge",
}
"""What a voice's name may say of it, and the words of a character sheet that ask for it."""


def cast_voices(characters: Sequence[Character], offered: Sequence[Voice], narrator: Voice) -> Mapping[str, Voice]:
    """A voice for each character that gets one of its own, by their names. It is not the narrator's, and has the
    narrator's accent as long as there is any such voice. The first of the sheet chooses first, by what is said of them,
    so that who comes later changes nothing; those for whom none is left are spoken by the narrator."""
    others = [voice for voice in offered if voice.id != narrator.id]
    left = [voice for voice in others if voice.language == narrator.language] or others
    chosen: dict[str, Voice] = {}
    for character in characters:
        if not left:
            break
        wanted = _wanted(character)
        best = max(
            left, key=lambda voice: len(wanted & _words(voice.name))
        )  # the engine's order decides between equals
        chosen[character.name] = best
        left.remove(best)
    return chosen


def _wanted(character: Character) -> set[str]:
    told = _words(f"{character.voice} {character.kind}")
    return {mark for mark, words in _MARKS.items() if told & set(words.split())}


def _words(text: str) -> set[str]:
    return {word.strip(",.;:()").casefold() for word in text.split()}

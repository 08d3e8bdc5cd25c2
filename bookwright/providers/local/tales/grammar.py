"""From a template to text.

A template is a core that all readers get, then ` | ` what readers of six and more, and of nine and more, get besides.
` // ` begins a paragraph. `{name}` is replaced; `{h:he/she}` is chosen by the gender of the hero, `{c:…}` of the
companion, `{m:…}` of who is met (a third form is for several). A value at the beginning of a sentence gets a capital.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bookwright.text.sentences import sentences

_SLOT = re.compile(r"\{(?:([hcm]):([^{}]*)|(\w+))\}")
_BEGINS = re.compile(r"(?:\A|[.!…?।]\s+|[.।]”\s+|“|\n)\Z")
_BETWEEN = re.compile(r"\s*//\s*")
_LEVELS = re.compile(r"\s+\|\s+")
LEVELS = 3
_TELLING = 4
"""Words from which on a sentence is one's own, and is not to be said twice."""


@dataclass(frozen=True)
class Voices:
    """Values for slots, and whose gender is which: `m`, `f`, `n` or `p` for several."""

    values: Mapping[str, str]
    genders: Mapping[str, str] = field(default_factory=dict)

    def having(self, values: Mapping[str, str], **genders: str) -> "Voices":
        return Voices({**self.values, **values}, {**self.genders, **genders})


def told(template: str, level: int, voices: Voices) -> str:
    """The template's text for readers of a level (1 to LEVELS). Raises KeyError for a slot without a value."""
    segments = _LEVELS.split(template.strip())[:level]
    text = _BETWEEN.sub("\n\n", " ".join(segments))

    def value(match: re.Match[str]) -> str:
        who, forms, name = match.groups()
        if who:
            options = forms.split("/")
            found = options[{"f": 1, "p": 2}.get(voices.genders.get(who, "m"), 0) % len(options)]
        else:
            found = voices.values[name]
        begins = _BEGINS.search(match.string, 0, match.start())
        return found[:1].upper() + found[1:] if begins else found

    filled = _SLOT.sub(value, text)
    return _SLOT.sub(value, filled) if "{" in filled else filled


def claims(text: str, language: str) -> set[str]:
    """The sentences of a text that are its own: those that are no mere exclamation, for comparison."""
    plain = (text[span.start : span.end].strip("“”‘’ \n").casefold() for span in sentences(text, language))
    return {sentence for sentence in plain if len(sentence.split()) >= _TELLING}

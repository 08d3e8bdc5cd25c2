"""The parts that the answers' JSON Schemas are made of. Kept to what Gemini and OpenAI take as they are: objects whose
properties are all required, arrays with their bounds, strings without patterns."""

from typing import Any

from bookwright.contracts.depicting import LONG, SHORT, Mood, Setting, TimeOfDay, Weather

Schema = dict[str, Any]


def line(description: str, limit: int = SHORT, *, may_be_empty: bool = False) -> Schema:
    """A short text."""
    least = {} if may_be_empty else {"minLength": 1}
    return {"type": "string", "description": description, "maxLength": limit, **least}


def long_line(description: str) -> Schema:
    """Some sentences."""
    return line(description, LONG)


def lines(description: str, most: int, *, least: int = 0, limit: int = SHORT) -> Schema:
    """Some short texts."""
    return listed(description, {"type": "string", "minLength": 1, "maxLength": limit}, least=least, most=most)


def listed(description: str, items: Schema, *, least: int = 0, most: int) -> Schema:
    return {"type": "array", "description": description, "items": items, "minItems": least, "maxItems": most}


def exactly(count: int, description: str, items: Schema) -> Schema:
    """So many of them."""
    return listed(description, items, least=count, most=count)


def record(**properties: Schema) -> Schema:
    """An object with all of these and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def scene() -> Schema:
    """A `PageScene`."""
    return record(
        setting=line(f"The kind of place in one or two words; one of these if it fits: {', '.join(Setting)}"),
        place=line("The place's name; empty if it has none", may_be_empty=True),
        time=line(f"Time of day: {', '.join(TimeOfDay)}"),
        weather=line(f"One of: {', '.join(Weather)}"),
        mood=line(f"In one or two words; one of these if it fits: {', '.join(Mood)}"),
        intensity={"type": "number", "minimum": 0, "maximum": 1, "description": "0 is still, 1 is most stirring"},
        sounds=lines("What is heard in the place, without speech and music", 6),
        cast=lines("Who is seen: the names of the character sheet, and others in a few words", 6),
        action=long_line("What is seen, in one or two English sentences that somebody who does not know can draw"),
        alt=line("The picture in one sentence for people who can't see it, in the book's language", 300),
    )

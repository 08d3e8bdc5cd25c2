"""What an emulated language model says: plain prose, or a value that keeps to a JSON Schema.

The same seed (a model's is its prompt) gives the same answer. A schema may be JSON Schema (2020-12, also with Gemini's
upper-case types and `nullable`) as far as models are asked for it: types, enums, bounds, patterns, `$ref`, `anyOf`,
`oneOf`, `allOf` of objects. Names of properties say what kind of text is wanted, so that a story's title is a title.
"""

import math
import random
import re
from collections.abc import Sequence
from typing import Any

from emulators.patterns import matching
from emulators.phrases import ENGLISH, NAMES, Phrases, phrases_for

TIMES = ("dawn", "day", "dusk", "night")
WEATHERS = ("clear", "clouds", "rain", "fog", "wind")
MOODS = ("calm", "joyful", "curious", "tense", "wistful", "playful")
FORMATS = {
    "date-time": "2026-05-04T10:30:00Z",
    "date": "2026-05-04",
    "time": "10:30:00Z",
    "duration": "PT90S",
    "email": "reader@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "uri": "https://example.org/story",
    "uuid": "5b0f4a1e-6c2d-4e8f-9a3b-7c1d2e3f4a5b",
}
_DEEP = 6
"""From this depth on, what is optional is left out: schemas may refer to themselves."""
_TOO_DEEP = 60


def prose(seed: str, sentences: int = 4) -> str:
    """A few sentences of a story in English."""
    return _Writer({}, seed).prose(sentences)


def keeping_to(schema: dict[str, Any], seed: str) -> Any:
    """A value that is valid against the schema. Raises ValueError for a schema that nothing (finite) keeps to, or that
    uses what is not understood here. A string that the seed gives as `name=word` is that word."""
    return _Writer(schema, seed).value(schema, "", 0)


class _Writer:
    def __init__(self, root: dict[str, Any], seed: str) -> None:
        self._root = root
        self._seed = seed
        self._random = random.Random(seed)
        self._told = phrases_for(seed)
        """What is printed in the book is in its language; what only models and engines read is in English."""
        told = dict.fromkeys(re.findall(r'"name": "([^"\\]{1,60})"', seed))
        self._cast = tuple(told) or NAMES
        self._names = (*told, *(name for name in NAMES if name not in told))
        """Those that are told of come first: who is asked about them knows them."""

    def prose(self, sentences: int, words: Phrases = ENGLISH) -> str:
        pick = self._random.choice
        name = pick(self._cast)
        rounds = -(-sentences // len(words.deeds))
        deeds = [deed for _ in range(rounds) for deed in self._random.sample(words.deeds, len(words.deeds))]
        return " ".join(
            _capital(deed.format(name=name, thing=pick(words.things), place=pick(words.places)))
            for deed in deeds[:sentences]
        )

    def _as_long_as_asked(self) -> str:
        """Four sentences, or as many as make "about 80 words"."""
        asked = re.search(r"\babout (\d{1,4}) words\b", self._seed)
        if not asked:
            return self.prose(4, self._told)
        text = self.prose(1, self._told)
        while len(text.split()) < 0.96 * int(asked[1]):
            text += " " + self.prose(1, self._told)
        return text

    def value(self, schema: Any, name: str, depth: int) -> Any:
        """A value for the schema of the property `name`; of items it is the array's name."""
        if schema is True:
            schema = {}
        if not isinstance(schema, dict) or depth > _TOO_DEEP:
            raise ValueError("no finite value keeps to this schema")
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if enum := schema.get("enum"):
            return self._random.choice(enum)
        for keyword in ("anyOf", "oneOf"):
            if options := schema.get(keyword):
                return self.value(_merged(_without(schema, keyword), self._option(options, depth)), name, depth + 1)
        kind = _kind(schema, depth)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind == "string":
            return self._string(schema, name)
        if kind in ("integer", "number"):
            return self._number(schema, name, whole=kind == "integer")
        if kind == "boolean":
            return self._random.random() < 0.5
        if kind == "null":
            return None
        raise ValueError("a type that JSON does not have")

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with what it refers to, and with all of its `allOf`, put into one."""
        for _ in range(_TOO_DEEP):
            if "$ref" in schema:
                found: Any = self._root
                for part in schema["$ref"].removeprefix("#").strip("/").split("/") if schema["$ref"] != "#" else ():
                    found = found[part.replace("~1", "/").replace("~0", "~")]
                schema = _merged(_without(schema, "$ref"), found)
            elif "allOf" in schema:
                parts = schema["allOf"]
                schema = _without(schema, "allOf")
                for part in parts:
                    schema = _merged(schema, self._resolved(part))
            else:
                return schema
        raise ValueError("the schema refers to itself and nothing else")

    def _option(self, options: Sequence[Any], depth: int) -> dict[str, Any]:
        """Any option but null; deep inside rather null or a plain value, so that it comes to an end."""
        plain = [self._resolved(option) for option in options]
        weight = {"null": -1, "object": 2, "array": 2} if depth >= _DEEP else {"null": 3}
        lightest = min(weight.get(_kind(option, depth), 0) for option in plain)
        return self._random.choice([one for one in plain if weight.get(_kind(one, depth), 0) == lightest])

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties, required = schema.get("properties", {}), schema.get("required", ())
        wanted = [name for name in properties if name in required or (depth < _DEEP and _told(properties[name]))]
        made = {name: self.value(properties[name], name, depth + 1) for name in wanted}
        rest = schema.get("additionalProperties", True)
        for name in required:
            if name not in made:
                made[name] = self.value(rest, name, depth + 1)
        least = schema.get("minProperties", 1 if isinstance(rest, dict) and not properties and depth < _DEEP else 0)
        for name in NAMES if rest is not False else ():
            if len(made) < least:
                key = str(self.value(schema["propertyNames"], "", depth)) if "propertyNames" in schema else name.lower()
                made[key] = self.value(rest, name, depth + 1)
        return made

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", math.inf)
        first = [self.value(item, name, depth + 1) for item in schema.get("prefixItems", ())]
        items = schema.get("items", "prefixItems" not in schema)
        if items is False:
            return first
        # "a story of 8 pages" means an array `pages` of 8.
        asked = (
            re.search(rf"\b(\d{{1,3}})\s+(?:\w+\s+)?{re.escape(name)}\b", self._seed, re.IGNORECASE) if name else None
        )
        usual = 0 if depth >= _DEEP else int(asked[1]) if asked else 3
        count = int(min(max(least, usual, len(first)), most))
        made = list(first)
        for _ in range(count * 20):
            if len(made) >= count:
                break
            value = self.value(items, name.removesuffix("s"), depth + 1)
            if isinstance(value, dict) and value.get("name") in self._names:  # no two of the same name
                value["name"] = self._names[len(made) % len(self._names)]
            if not (schema.get("uniqueItems") or isinstance(value, dict)) or value not in made:
                made.append(value)
        if len(made) < least:
            raise ValueError("there are not as many different items as the schema wants")
        return made

    def _number(self, schema: dict[str, Any], name: str, *, whole: bool) -> int | float:
        low, high = schema.get("minimum"), schema.get("maximum")
        step = schema.get("multipleOf", 1 if whole else 0)
        inner = step or 0.001
        if (above := schema.get("exclusiveMinimum")) is not None and (low is None or above >= low):
            low = above + inner
        if (below := schema.get("exclusiveMaximum")) is not None and (high is None or below <= high):
            high = below - inner
        usual, span = (1, 12 * step) if whole else (0, 12 * step or 1)
        low = low if low is not None else usual if high is None else min(usual, high - span)
        high = high if high is not None else low + span
        if not step:
            return min(high, round(self._random.uniform(low, high), 3)) if high > low else float(low)
        first, last = math.ceil(low / step), math.floor(high / step)
        if first > last:
            raise ValueError("no number lies between the schema's bounds")
        number = self._random.randint(first, last) * step
        return int(number) if whole else number

    def _string(self, schema: dict[str, Any], name: str) -> str:
        if pattern := schema.get("pattern"):
            return matching(pattern, self._random, schema.get("minLength", 0), schema.get("maxLength", math.inf))
        if (form := str(schema.get("format", ""))) in FORMATS:
            return FORMATS[form]
        said = re.findall(rf"\b{re.escape(name)}=(\w+)", self._seed)
        made = said[-1] if said else self._words(name.lower())
        while len(made) < schema.get("minLength", 0):
            made = f"{made} {self.prose(1)}" if made else self.prose(1)
        most = schema.get("maxLength", math.inf)
        return made if len(made) <= most else made[: int(most)].rstrip().ljust(schema.get("minLength", 0), ".")

    def _words(self, name: str) -> str:
        pick = self._random.choice
        if "language" in name or name == "lang":
            return "en"
        if "title" in name or "heading" in name:
            return _capital(self._told.title.format(name=pick(self._cast), thing=pick(self._told.things)))
        if any(word in name for word in ("name", "character", "author", "cast")):
            return str(pick(self._names[: len(NAMES)]))
        if "weather" in name:
            return pick(WEATHERS)
        if name == "time":
            return pick(TIMES)
        if any(word in name for word in ("mood", "tone", "emotion")):
            return pick(MOODS)
        if any(word in name for word in ("place", "setting", "location", "where")):
            return pick(ENGLISH.places)
        if name == "shown":
            return f"{pick(NAMES)}'s {pick(ENGLISH.things).split(' ', 1)[1]}"
        if any(word in name for word in ("tag", "keyword", "theme", "category", "object", "thing")):
            return pick(ENGLISH.things).split(" ", 1)[1]
        if any(word in name for word in ("text", "content", "body", "story", "page", "narration", "transcript")):
            return self._as_long_as_asked()
        return self.prose(1)


def _kind(schema: Any, depth: int) -> str:
    """The type of a value to make; the first that is not null, when several are allowed."""
    if not isinstance(schema, dict):
        return "string"
    kinds = schema.get("type")
    if kinds is None:
        for keyword, kind in (("properties", "object"), ("items", "array"), ("prefixItems", "array")):
            if keyword in schema:
                return kind
        if any(bound in schema for bound in ("minimum", "maximum", "multipleOf")):
            return "number"
        return "string"
    names = [str(kind).lower() for kind in (kinds if isinstance(kinds, list) else [kinds])]
    if schema.get("nullable") and depth >= _DEEP:
        return "null"
    lasting = [kind for kind in names if kind != "null"]
    return "null" if not lasting or (depth >= _DEEP and "null" in names) else lasting[0]


def _merged(schema: dict[str, Any], other: Any) -> dict[str, Any]:
    """Both schemas at once, as far as their keywords can simply stand side by side."""
    if not isinstance(other, dict):
        return schema
    both = {**other, **schema}
    for keyword in ("properties", "$defs"):
        if keyword in schema and keyword in other:
            both[keyword] = {**other[keyword], **schema[keyword]}
    if "required" in schema and "required" in other:
        both["required"] = list(dict.fromkeys([*other["required"], *schema["required"]]))
    return both


def _told(schema: Any) -> bool:
    """Whether something optional is to be said: not when it is asked to be left out."""
    return not (isinstance(schema, dict) and str(schema.get("description", "")).casefold().startswith("leave it out"))


def _without(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != keyword}


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]

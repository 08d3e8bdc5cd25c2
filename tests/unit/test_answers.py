"""What emulated language models say keeps to the schema they were given, and is the same for the same prompt."""

import inspect
import json
import re
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from bookwright.contracts import book, documents, editions, media, orders, progress
from emulators.answers import keeping_to, prose

SEEDS = ("Write a story", "Write another one", "Look at this page", "")
STORY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 30},
        "language": {"type": "string"},
        "pages": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Page"}},
    },
    "required": ["title", "pages"],
    "additionalProperties": False,
    "$defs": {
        "Page": {
            "type": "object",
            "properties": {
                "text": {"type": "string", "minLength": 40},
                "mood": {"enum": ["calm", "tense"]},
                "scene": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            },
            "required": ["text", "mood", "scene"],
        }
    },
}
TREE = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                "parent": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
            },
            "required": ["name", "children", "parent"],
        }
    },
}


def models() -> list[type[BaseModel]]:
    found = (
        thing for module in (book, documents, editions, media, orders, progress) for thing in vars(module).values()
    )
    return sorted(
        {one for one in found if inspect.isclass(one) and issubclass(one, BaseModel) and one is not BaseModel},
        key=lambda model: model.__name__,
    )


def test_answers_to_the_schemas_of_our_own_payloads_are_valid() -> None:
    schemas = [(model.__name__, model.model_json_schema()) for model in models()]
    assert len(schemas) > 40
    for name, schema in schemas:
        jsonschema.validate(keeping_to(schema, name), schema)


@pytest.mark.parametrize(
    "schema",
    [
        STORY,
        TREE,
        {"type": "integer", "minimum": 5, "exclusiveMaximum": 8},
        {"type": "integer", "maximum": -3, "multipleOf": 2},
        {"type": "integer", "multipleOf": 100},
        {"type": "number", "exclusiveMinimum": 0.25, "maximum": 0.5},
        {"type": ["integer", "null"], "minimum": 1},
        {"type": "string", "pattern": r"^[A-Z][a-z]{2,5}(-\d+)?$", "maxLength": 9},
        {"type": "string", "pattern": r"[^a-y\s]{3}", "minLength": 3},
        {"type": "string", "minLength": 400, "maxLength": 410},
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
        {"allOf": [{"type": "object", "properties": {"a": {"const": 1}}}, {"required": ["a"]}]},
        {"oneOf": [{"type": "string", "format": "date"}, {"type": "integer"}], "title": "When"},
        {"not": {"type": "null"}},
    ],
    ids=lambda schema: json.dumps(schema)[:40],
)
def test_answers_keep_to_bounds_patterns_and_references(schema: dict[str, Any]) -> None:
    made = [keeping_to(schema, seed) for seed in SEEDS]
    for value in made:
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)
    assert made == [keeping_to(schema, seed) for seed in SEEDS]


def test_geminis_own_schemas_are_understood() -> None:
    answer = keeping_to(
        {
            "type": "OBJECT",
            "properties": {
                "title": {"type": "STRING"},
                "pages": {"type": "ARRAY", "items": {"type": "STRING"}, "minItems": 2, "maxItems": 2},
                "age": {"type": "INTEGER", "nullable": True},
            },
            "required": ["title"],
        },
        "a story",
    )
    assert isinstance(answer["title"], str)
    assert len(answer["pages"]) == 2
    assert isinstance(answer["age"], int)


def test_what_may_be_left_out_is_left_out_when_that_is_asked_for() -> None:
    told = {"type": "number", "description": "How long it is"}
    schema = {"type": "object", "properties": {"a": told, "b": told | {"description": "Leave it out: not for you"}}}
    assert all(set(keeping_to(schema, seed)) == {"a"} for seed in SEEDS)
    assert all(set(keeping_to(schema | {"required": ["b"]}, seed)) == {"a", "b"} for seed in SEEDS)


def test_as_many_pages_as_the_prompt_asks_for() -> None:
    assert len(keeping_to(STORY, "A story of 12 short pages about a lantern.")["pages"]) == 12


def test_a_story_is_told_in_the_language_asked_for_and_of_those_it_is_about() -> None:
    schema = STORY | {"properties": STORY["properties"] | {"looks": {"type": "string"}}}
    answer = keeping_to(schema, 'Write 4 pages in the language ta, about 60 words each. {"name": "லூனா"}')
    tamil = re.compile(r"[\u0b80-\u0bff]")
    assert all(len(tamil.findall(page["text"])) > 100 and "லூனா" in page["text"] for page in answer["pages"])
    assert tamil.search(answer["title"])
    assert not tamil.search(answer["looks"].replace("லூனா", "")), "what only painters read is in English"


def test_other_prompts_get_other_answers() -> None:
    assert len({json.dumps(keeping_to(STORY, seed)) for seed in SEEDS}) == len(SEEDS)
    assert len({prose(seed) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "array", "items": {"enum": [1]}, "uniqueItems": True, "minItems": 2},
        {"$ref": "#"},
        {"type": "string", "pattern": "^a$", "minLength": 2},
        {"properties": {"a": False}, "required": ["a"]},
    ],
    ids=str,
)
def test_a_schema_that_nothing_keeps_to_is_said_to_be_one(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        keeping_to(schema, "")

"""What language models answer is taken apart and checked, whatever their servers promise."""

from typing import Any

import pytest

from bookwright.contracts.errors import BadAnswer, Misconfigured
from bookwright.providers.answers import check_schema, json_object, plain_text

SCHEMA = {
    "type": "object",
    "properties": {"mood": {"enum": ["calm", "tense"]}, "pages": {"type": "integer", "minimum": 1}},
    "required": ["mood"],
    "additionalProperties": False,
}
GOOD = '{"mood": "calm", "pages": 3}'


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f"\n {GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```\n",
        f"<think>\nIs it calm? {{}}\n</think>\n\n{GOOD}",
        f"<thinking>Calm.</thinking>```json\n{GOOD}\n```",
    ],
)
def test_an_object_is_found_in_what_models_put_around_it(answer: str) -> None:
    assert json_object("writer", answer, SCHEMA) == {"mood": "calm", "pages": 3}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "  \n",
        "<think>It is calm.</think>",
        GOOD[:-3],
        f"```json\n{GOOD[:9]}",
        f"Here it is: {GOOD}",
        "[" * 100_000,
        '{"mood": "secret"}',
        '{"mood": "calm", "pages": 0}',
        '{"mood": "calm", "pages": NaN}',
        '{"mood": "calm", "secret": 1}',
        '{"pages": 3}',
        '["calm"]',
    ],
    ids=lambda answer: answer[:30],
)
def test_anything_else_is_a_bad_answer_that_is_not_repeated(answer: str) -> None:
    with pytest.raises(BadAnswer) as refused:
        json_object("writer", answer, SCHEMA)
    assert "secret" not in str(refused.value)
    assert "writer" in str(refused.value)


def test_what_is_wrong_has_a_place() -> None:
    with pytest.raises(BadAnswer, match="properties/pages/minimum"):
        json_object("writer", '{"mood": "calm", "pages": 0}', SCHEMA)


def test_prose_keeps_its_own_marks() -> None:
    prose = "She wrote `code`:\n```\nx = 1\n```\nand <thought> aloud."
    assert plain_text("writer", prose) == prose
    assert plain_text("writer", f"<think>How to begin?</think>\n{prose}") == prose


def test_a_schema_that_is_none_is_refused() -> None:
    check_schema(SCHEMA)
    schemas: list[dict[str, Any]] = [{"type": "objekt"}, {"properties": []}, {"$ref": "#/nowhere"}]
    for schema in schemas:
        with pytest.raises(Misconfigured):
            check_schema(schema)

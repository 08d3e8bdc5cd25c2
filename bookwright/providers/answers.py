"""A language model's answer, taken apart and checked: no provider's promise to keep to a schema is trusted."""

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bookwright.contracts.errors import BadAnswer, Misconfigured

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

_THOUGHTS = re.compile(r"\s*<think(?:ing)?>.*?</think(?:ing)?>\s*", re.DOTALL)
_FENCE = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?[ \t]*```\s*", re.DOTALL)


def plain_text(provider: str, text: str) -> str:
    """The answer without the thoughts that some models put before it. Raises BadAnswer when nothing is left."""
    thoughts = _THOUGHTS.match(text)
    left = text[thoughts.end() :] if thoughts else text
    if not left.strip():
        raise BadAnswer(f"{provider}'s answer is empty")
    return left


def check_schema(schema: dict[str, Any]) -> None:
    """Raises Misconfigured for a schema that is none: for `call`, before anything is paid."""
    _validator(json.dumps(schema, sort_keys=True))


def json_object(provider: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The answer as an object that keeps to `schema`, also when it stands in a Markdown fence, as of servers that take
    no notice of a wanted format. Raises BadAnswer, which names the place that is wrong and never what stands there, and
    Misconfigured for a schema that is none."""
    validator = _validator(json.dumps(schema, sort_keys=True))
    bare = plain_text(provider, text)
    fenced = _FENCE.fullmatch(bare)
    try:
        # JSON has no NaN; Python's parser would take it.
        data = json.loads(fenced[1] if fenced else bare, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadAnswer(f"{provider}'s answer is no JSON, or is cut") from None
    error = next(iter(validator.iter_errors(data)), None)
    if error is not None:
        place = "/".join(str(part) for part in error.schema_path)
        raise BadAnswer(f"{provider}'s answer does not keep to the schema at {place[:200]}")
    if not isinstance(data, dict):
        raise BadAnswer(f"{provider}'s answer is no JSON object")
    return data


@lru_cache(maxsize=64)
def _validator(schema: str) -> "Draft202012Validator":
    from jsonschema_rs import Draft202012Validator

    try:
        return Draft202012Validator(json.loads(schema), validate_formats=True)
    except ValueError as error:  # what it raises derives from it
        raise Misconfigured(f"an answer's schema is no JSON Schema ({type(error).__name__})") from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")

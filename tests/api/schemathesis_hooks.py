"""What Schemathesis does before each request."""

import re
from itertools import count
from typing import Any

import schemathesis

KEY = "Idempotency-Key"
_VALID = re.compile(r"[!-~]{1,255}")
_numbers = count(1)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Give each request its own Idempotency-Key: by the same one most would be refused as another one's repetition."""
    if case.headers and KEY in case.headers and _VALID.fullmatch(str(case.headers[KEY])):
        case.headers[KEY] = f"key-{next(_numbers)}"

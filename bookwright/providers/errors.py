"""The one place that turns what providers and the network do wrong into Bookwright's own errors.

The question behind every line is whether the call may have been paid: NotSent, Refused, MustWait and Permanent errors
say surely not, AnswerLost says nobody knows, BadAnswer says probably yes. Messages name the provider, the status and
the provider's error code; never a key, a body or the text.
"""

import email.utils
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    Blocked,
    BookwrightError,
    CredentialsRefused,
    NotSent,
    Permanent,
    QuotaExhausted,
    RateLimited,
    Refused,
    Unspeakable,
)
from bookwright.providers.http import Exchange

_TOO_MANY = (420, 429)
"""The first is Cloudinary's."""
DEFAULT_WAIT_S = 5.0
"""How long to wait after a rate limit that names no time."""
MIN_WAIT_S = 1.0
MAX_WAIT_S = 30 * 86_400.0

_QUOTA = frozenset({"insufficient_quota_error", "insufficient_quota", "billing_hard_limit_reached", "quota_exceeded"})
_RATE = frozenset({"rate_limit_exceeded_error", "rate_limit_exceeded", "resource_exhausted"})
_KEY = frozenset(
    {"invalid_api_key_error", "invalid_api_key", "authentication_error", "api_key_invalid", "failed_precondition"}
)
_BLOCKED = frozenset({"content_policy_violation", "content_filter", "moderation_blocked"})
_USED_UP = re.compile(r"PerDay|\blimit: 0\b|credits are depleted|spend(?:ing)? cap")
"""Google says RESOURCE_EXHAUSTED of all limits alike; these are the ones that do not come back in a minute."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_WAIT_FIELDS = ("retryDelay", "retry_after", "retry_after_seconds")
_WAIT_WORDS = re.compile(r"\b(?:in|after)\s*~?\s*(\d+(?:\.\d+)?)\s*(ms|s|m)(?:ec(?:ond)?s?|in(?:ute)?s?)?\b")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


def from_failure(
    provider: str, error: Exception, exchange: Exchange, *, now: datetime | None = None
) -> BookwrightError:
    """The error for whatever an SDK or httpx raised. SDK errors are known by their `status_code`, `headers`, `body`;
    google-genai's by `code`, `response` and `details`.

    An exception that says nothing is judged by how far the request got."""
    if isinstance(error, BookwrightError):
        return error
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return from_answer(provider, status, getattr(error, "headers", None), getattr(error, "body", None), now=now)
    code, response = getattr(error, "code", None), getattr(error, "response", None)
    if isinstance(code, int) and isinstance(response, httpx.Response):
        return from_answer(provider, code, response.headers, getattr(error, "details", None), now=now)
    if isinstance(error, TimeoutError | ConnectionError | httpx.TransportError):
        what = "timed out" if isinstance(error, TimeoutError | httpx.TimeoutException) else "broke off"
        if not exchange.sent:
            return NotSent(f"{provider} can't be reached: the connection {what} before the call was sent")
        if exchange.status is not None and exchange.status >= 300:
            return from_answer(provider, exchange.status, None, None, now=now)
        return AnswerLost(f"{provider} was asked, but the connection {what} before the answer was there")
    if exchange.status is not None:
        return from_answer(provider, exchange.status, None, None, now=now)
    if exchange.sent:
        return AnswerLost(f"{provider} was asked, but its answer was lost ({type(error).__name__})")
    return Permanent(f"the call for {provider} could not be made ({type(error).__name__})")


def from_answer(
    provider: str,
    status: int,
    headers: Mapping[str, str] | None,
    body: object,
    *,
    now: datetime | None = None,
) -> BookwrightError:
    """The error for an answer with this status. `body` is parsed JSON, text or None."""
    code = error_code(body)
    said = f"{provider} answered {status}" + (f" ({code})" if code else "")
    known = (code or "").lower()
    if 200 <= status < 300:
        return BadAnswer(f"{said}, but not with what was asked for")
    if status == 402 or (status < 500 and known in _QUOTA) or (status in (403, 429) and _used_up(body)):
        return QuotaExhausted(f"{said}: its quota or credit is used up; top it up, then resume")
    wait = _wait_s(headers, body, now or datetime.now(UTC))
    if status in _TOO_MANY or known in _RATE or (status == 503 and wait is not None):
        wait = min(max(DEFAULT_WAIT_S if wait is None else wait, MIN_WAIT_S), MAX_WAIT_S)
        until = (now or datetime.now(UTC)) + timedelta(seconds=wait)
        return RateLimited(f"{said}: it takes no more calls for {wait:.0f} s", until=until)
    if status in (401, 403) or (status < 500 and known in _KEY):
        return CredentialsRefused(f"{said}: it refuses the key; set a valid one, then resume")
    if status < 500 and known in _BLOCKED:
        return Blocked(f"{said}: its safety rules hold this back")
    if status in (400, 413, 422):
        return Unspeakable(f"{said}: it refuses this request")
    if status in (404, 405, 410):
        return Permanent(f"{said}: it has no such model or address; check the model and the base URL")
    return Refused(said)


def error_code(body: object) -> str | None:
    """The provider's error code in an error body, when it looks like one (so that no text can pass for it). Of
    Google's several the one that says most: the reason of its `ErrorInfo`."""
    if not isinstance(body, dict):
        return None
    detail = body.get("detail")
    error = body.get("error", detail if isinstance(detail, dict) else body)
    found = (error.get("code") or error.get("status")) if isinstance(error, dict) else error
    if isinstance(found, int) and isinstance(error, dict):
        reasons = [detail["reason"] for detail in _google_details(error) if "reason" in detail]
        found = reasons[0] if reasons else error.get("status")
    return found if isinstance(found, str) and _CODE.fullmatch(found) else None


def _google_details(error: object) -> list[dict[str, Any]]:
    details = error.get("details") if isinstance(error, dict) else None
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _used_up(body: object) -> bool:
    """Whether Google speaks of a quota for the day, or of one that the account does not have at all; or Rev.ai of the
    credit that is left."""
    if isinstance(body, dict) and "current_balance" in body:
        return True
    error = body.get("error") if isinstance(body, dict) else None
    said: list[object] = [error.get("message")] if isinstance(error, dict) else []
    for detail in _google_details(error):
        violations = detail.get("violations")
        if isinstance(violations, list):
            said += [violation.get("quotaId") for violation in violations if isinstance(violation, dict)]
    return any(isinstance(words, str) and _USED_UP.search(words) for words in said)


def _wait_s(headers: Mapping[str, str] | None, body: object, now: datetime) -> float | None:
    """Seconds that the provider asks to wait, from Retry-After or from the body; None when it names none."""
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    found = _retry_after(lower.get("retry-after", ""), lower.get("date", ""), now)
    if found is None:
        found = _from_body(body, 6)
    return found if found is not None and math.isfinite(found) else None


def _retry_after(value: str, date: str, now: datetime) -> float | None:
    seconds = _number(value)
    if seconds is not None:
        return seconds
    at = _http_date(value)
    # The provider's own clock is the better reference: ours may be wrong.
    return (at - (_http_date(date) or now)).total_seconds() if at else None


def _http_date(value: str) -> datetime | None:
    try:
        at = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.removesuffix("s") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _from_body(body: object, depth: int) -> float | None:
    """A named field (`retryDelay: "38s"`) or a phrase (`resets in ~30s`) anywhere in the first levels of a body."""
    if depth == 0:
        return None
    if isinstance(body, str):
        phrase = _WAIT_WORDS.search(body[:1_000])
        return float(phrase[1]) * _UNITS[phrase[2]] if phrase else None
    if isinstance(body, dict):
        for field in _WAIT_FIELDS:
            if (seconds := _number(body.get(field))) is not None:
                return seconds
    values = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return next((found for value in values if (found := _from_body(value, depth - 1)) is not None), None)

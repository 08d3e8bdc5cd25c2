"""What all of Google's methods have in common: the key, errors with details, requests without unknown fields."""

from abc import ABC
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.endpoint import Endpoint, Refusal

A = TypeVar("A")

_TYPE = "type.googleapis.com/google.rpc."
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_QUOTA = "You exceeded your current quota, please check your plan and billing details."
PER_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel"
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"


class GoogleEndpoint(Endpoint[A], ABC):
    """A method of the Generative Language API."""

    too_many = "Resource has been exhausted (e.g. check quota)."
    quota_code = PER_DAY

    def admits(self, request: Request) -> bool:
        given = request.headers.get("x-goog-api-key") or request.query_params.get("key")
        if given is None:
            raise Refusal(403, "Method doesn't allow unregistered callers (callers without established identity).")
        return given == self.board.knobs.key

    def refused_key(self) -> Refusal:
        return Refusal(400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID")

    def error(
        self, status: int, message: str, code: str | None, number: int, headers: dict[str, str] | None = None
    ) -> Response:
        """`code` is the status's name, the reason of an ErrorInfo, or the quota that is used up; a Retry-After becomes
        RetryInfo."""
        name = code if code in _STATUSES.values() else _STATUSES.get(status, "UNKNOWN")
        error: dict[str, Any] = {"code": status, "message": message, "status": name}
        details: list[dict[str, Any]] = []
        wait = (headers or {}).get("Retry-After")
        if status == 429 and ("Per" in (code or "") or wait is not None):
            error["message"] = _QUOTA + (f" Please retry in {wait}s." if wait is not None else "")
            details.append({"@type": _TYPE + "QuotaFailure", "violations": [_violation(code or PER_MINUTE)]})
        elif code is not None and code != name:
            info = {"service": "generativelanguage.googleapis.com"}
            details.append({"@type": _TYPE + "ErrorInfo", "reason": code, "domain": "googleapis.com", "metadata": info})
        if wait is not None:
            details.append({"@type": _TYPE + "RetryInfo", "retryDelay": f"{wait}s"})
        return JSONResponse({"error": error | ({"details": details} if details else {})}, status)


def _violation(quota: str) -> dict[str, Any]:
    return {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
        "quotaId": quota,
        "quotaDimensions": {"location": "global"},
        "quotaValue": "10",
    }


def no_such_model(model: str, method: str) -> Refusal:
    return Refusal(
        404, f"models/{model} is not found for API version v1beta, or is not supported for {method}. Call ListModels."
    )


def only(fields: Mapping[str, Any], known: Collection[str], where: str = "") -> None:
    """Raises Refusal for a field that the API does not have; both spellings of each are taken."""
    for name in fields:
        if _camel(name) not in known:
            at = f" at '{where}'" if where else ""
            raise Refusal(400, f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.')


def field(fields: Mapping[str, Any], name: str) -> Any:
    """A field under either spelling, `inlineData` or `inline_data`."""
    return next((value for given, value in fields.items() if _camel(given) == name), None)


def an_object(value: Any, where: str) -> dict[str, Any]:
    """The value, if it is a JSON object. Raises Refusal."""
    if not isinstance(value, dict):
        raise Refusal(400, f"Invalid value at '{where}': an object is wanted.")
    return value


def number(value: Any, where: str, low: float, high: float) -> None:
    """Raises Refusal for anything but None or a number between the bounds."""
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high
    ):
        raise Refusal(400, f"Unable to submit request because {where} must be between {low:g} and {high:g}.")


def response_id(number: int) -> str:
    """The name of the `number`-th answer."""
    return f"emulated-{number:06d}"


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)

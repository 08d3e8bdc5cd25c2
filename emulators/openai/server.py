"""What all endpoints of such a server have in common: its key, its models, the shape of its errors."""

import json
from typing import Any, ClassVar, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.endpoint import Body, Endpoint, Refusal

A = TypeVar("A")
TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "requests",
    500: "server_error",
    503: "server_error",
}
CODES = {
    401: "invalid_api_key",
    404: "model_not_found",
    429: "rate_limit_exceeded",
    500: "server_error",
    503: "server_error",
}
KEYLESS = ("ollama", "vllm", "localai", "kokoro", "whisper", "careless")
BAD = 400


class OpenAiEndpoint(Endpoint[A]):
    """One route of the server."""

    codes = CODES
    known: ClassVar[frozenset[str]]
    """The fields that OpenAI itself takes; it refuses others, the rest of the servers skip them."""

    @property
    def server(self) -> str:
        """Whose ways it has."""
        return self.board.knobs.server

    def admits(self, request: Request) -> bool:
        bearer = request.headers.get("authorization")
        return bearer == f"Bearer {self.board.knobs.key}" or (bearer is None and self.server in KEYLESS)

    def refused_key(self) -> Refusal:
        return Refusal(401, "Incorrect API key provided. You can find your API key in your account's settings.")

    def check_fields(self, fields: dict[str, Any]) -> str:
        """The model that is asked for. Raises Refusal for one that is not there, and for fields that OpenAI has not."""
        model = fields.get("model")
        if not isinstance(model, str) or not model:
            raise Refusal(BAD, "you must provide a model parameter", "missing_required_parameter")
        if "missing" in model:
            # LocalAI tries to load whatever is asked for.
            status = 500 if self.server == "localai" else 404
            raise Refusal(status, f"The model `{model}` does not exist or you do not have access to it.")
        unknown = sorted(set(fields) - self.known)
        if unknown and self.server == "openai":
            raise Refusal(BAD, f"Unrecognized request argument supplied: {unknown[0]}", "unknown_parameter")
        return model

    def error(
        self, status: int, message: str, code: str | None, number: int, headers: dict[str, str] | None = None
    ) -> Response:
        kind = TYPES.get(status, "invalid_request_error")
        body: dict[str, Any]
        match self.server:
            case "ollama":
                body = {"error": {"message": message, "type": "api_error", "param": None, "code": None}}
            case "vllm":
                name = {404: "NotFoundError", 400: "BadRequestError"}.get(status, "InternalServerError")
                body = {"object": "error", "message": message, "type": name, "param": None, "code": status}
            case "localai":
                body = {"error": {"code": status, "message": message, "type": ""}}
            case "kokoro":
                body = {"detail": {"error": "validation_error", "message": message, "type": kind}}
            case "whisper":
                body = {"detail": message}
            case "careless":
                body = {"error": message}
            case _:
                body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
        return JSONResponse(body, status, headers)


def json_body(content: dict[str, Any]) -> Body:
    """A good answer in JSON."""
    return Body(json.dumps(content, ensure_ascii=False).encode())


def text_field(fields: dict[str, Any], name: str, most: int) -> str:
    """A field that must be a text that is not blank. Raises Refusal."""
    text = fields.get(name)
    if not isinstance(text, str):
        raise Refusal(422, f"{name}: Field required")
    if not text.strip() or len(text) > most:
        raise Refusal(BAD, f"'{name}' must have 1 to {most} characters.", "string_length")
    return text

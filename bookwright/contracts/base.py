"""The base of every payload."""

from pydantic import BaseModel, ConfigDict


class Payload(BaseModel):
    """A frozen message: unknown fields are refused, and a validation error never repeats the input it refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

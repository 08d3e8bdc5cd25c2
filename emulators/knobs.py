"""What an emulator can be told, and what it tells: latency, scripted faults, a gate, and exact counts of its calls."""

import asyncio
import re
from collections import Counter
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Kind(StrEnum):
    """How a call goes wrong. The ones up to RESET give no answer at all or an error; the others spoil a good answer."""

    STATUS = "status"
    """Answer `status` with the provider's error shape, or with `body`."""
    HANG = "hang"
    """Take the request and never answer."""
    RESET = "reset"
    """Take the request, then reset the connection."""
    DELAY = "delay"
    """A good answer, `delay_ms` later."""
    RESET_BODY = "reset_body"
    """Reset the connection after half of the answer's body."""
    CLOSE_BODY = "close_body"
    """Close the connection in an orderly way after half of the body."""
    DRIP = "drip"
    """Send the body in `pieces` pieces, `delay_ms` apart."""
    CUT = "cut"
    """An intact answer whose audio file stops after the share `keep` of its bytes."""
    ZERO = "zero"
    """An intact answer whose audio has no bytes."""
    SILENT = "silent"
    """An intact answer with silence instead of speech."""
    GARBAGE = "garbage"
    """Audio that is not base64."""
    NO_AUDIO = "no_audio"
    """JSON with an empty list of audios."""
    TRUNCATED = "truncated"
    """Status 200 and JSON that stops in the middle."""
    HTML = "html"
    """Status 200 and an HTML page."""
    BLOCKED_PROMPT = "blocked_prompt"
    """The safety rules hold the prompt back: no answer at all."""
    BLOCKED_ANSWER = "blocked_answer"
    """The safety rules hold the answer back; what was asked has been paid for."""
    NO_CANDIDATES = "no_candidates"
    """An answer with an empty list of candidates or choices, and no word why."""
    MAX_TOKENS = "max_tokens"
    """A model's answer that is cut because it got too long, the share `keep` of it, and says so."""
    UNFINISHED = "unfinished"
    """As `max_tokens`, where the provider offers to go on with another request."""
    OFF_SCHEMA = "off_schema"
    """A model's answer in JSON that does not keep to the schema."""
    EMPTY = "empty"
    """A candidate or choice with nothing in it."""
    UNSEEN = "unseen"
    """A good answer that says that there is nothing on the page that was shown."""
    OTHER_LANGUAGE = "other_language"
    """A good answer with another page in another language in place of the one that was shown."""
    INVENTED = "invented"
    """A good answer with a text that is not on the page that was shown, another one each time."""
    WRONG_TYPE = "wrong_type"
    """A text file where a picture or a sound is due, under the picture's or the sound's media type."""
    JOB_FAILED = "job_failed"
    """A job that is created and then ends without an answer; `code` is the provider's word for why."""


class Fault(BaseModel):
    """One rule. It applies to a call when every condition given holds; the first rule that applies is used."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    match: str | None = None
    """A substring of the text."""
    regex: str | None = None
    """A pattern found in the text."""
    call: int | None = Field(default=None, ge=1)
    """The n-th call since the counts were reset, the first is 1."""
    times: int | None = Field(default=None, ge=1)
    """How often it applies; None is every time."""
    status: int = Field(default=500, ge=300, le=599)
    code: str | None = None
    """The provider's own error code, for `status`; follows from the status when not given."""
    retry_after: str | int | float | None = None
    """The Retry-After header: seconds or an HTTP date."""
    body: str | dict[str, Any] | None = None
    delay_ms: int = Field(default=1_000, ge=0)
    pieces: int = Field(default=20, ge=1)
    keep: float = Field(default=0.5, ge=0, lt=1)

    @field_validator("regex")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError("not a regular expression") from error
        return pattern

    def applies(self, text: str, call: int) -> bool:
        """Whether the rule fits the text of the `call`-th call."""
        return (
            (self.match is None or self.match in text)
            and (self.regex is None or re.search(self.regex, text) is not None)
            and (self.call is None or self.call == call)
        )


class Knobs(BaseModel):
    """Everything that can be set, at the start or through `PUT /_emulator/knobs` (fields not given stay)."""

    model_config = ConfigDict(extra="forbid")

    latency_ms: int = Field(default=0, ge=0)
    """How long a good answer takes."""
    concurrency_cap: int | None = Field(default=None, ge=1)
    """Calls beyond so many at once get 429 `rate_limit_exceeded_error`."""
    quota: int | None = Field(default=None, ge=0)
    """Once so many calls have been charged, the others get the provider's error of a quota that is used up."""
    gate: str | None = None
    """Calls whose text contains this (the empty string: all calls) are held until `POST /_emulator/release`."""
    job_ms: int = Field(default=0, ge=0)
    """How long the jobs take that were created at a provider; changing it changes that of those under way."""
    outputs_gone: bool = False
    """The files that jobs have made are deleted, as they are an hour after their end."""
    webhook_copies: int = Field(default=1, ge=0)
    """How often each report on a job is sent, every time under the same id; 0: all are lost."""
    webhook_order: Literal["late", "early", "reversed"] = "late"
    """Reports on a job come after the answer to its creation, or before it, or the one on its end before the others."""
    faults: list[Fault] = Field(default_factory=list)
    key: str = "emulated-key"
    """The one key that is accepted."""
    server: Literal["openai", "ollama", "vllm", "localai", "kokoro", "whisper", "careless"] = "openai"
    """Whose ways the emulator of OpenAI's protocol has (see `emulators.openai`)."""
    capacity_bytes: int | None = Field(default=None, ge=0)
    """How much a bucket or an account holds; None is no end of it."""


class Counts(BaseModel):
    """What has been seen since the start or the last reset."""

    received: int = 0
    """Calls that arrived, whatever became of them."""
    answered: int = 0
    """Whole, good answers."""
    charged: int = 0
    """Calls the provider would bill: good and spoilt answers, and those whose client left before the answer."""
    failed: int = 0
    """Errors, hangs and resets."""
    disconnected: int = 0
    """Calls whose client left before its answer was sent."""
    held: int = 0
    """Calls that wait at the gate now."""
    in_flight: int = 0
    max_in_flight: int = 0
    statuses: dict[int, int] = Field(default_factory=dict)
    texts: dict[str, int] = Field(default_factory=dict)
    """Calls received for each text."""
    answered_texts: dict[str, int] = Field(default_factory=dict)


COUNTERS = ("received", "answered", "charged", "failed", "disconnected", "held", "in_flight")
"""The counts that `GET /_emulator/wait` can wait for."""


class Board:
    """The knobs, the counts and the gate of one emulator, and the event that something has changed."""

    def __init__(self, knobs: Knobs | None = None) -> None:
        self.knobs = Knobs()
        self.counts = Counts()
        self.texts: Counter[str] = Counter()
        self.answered_texts: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self._held: list[asyncio.Event] = []
        self._uses: list[int] = []
        self._waiting = 0
        self._changed = asyncio.Event()
        self.set(knobs or Knobs())

    def set(self, knobs: Knobs) -> None:
        """Use other knobs; each fault counts its uses from 0 again."""
        self.knobs = knobs
        self._uses = [0] * len(knobs.faults)

    def reset(self) -> None:
        """All counts to 0 but for the calls under way."""
        under_way = self.counts.in_flight
        self.counts = Counts(in_flight=under_way, max_in_flight=under_way, held=len(self._held))
        for counter in (self.texts, self.answered_texts, self.statuses):
            counter.clear()

    def snapshot(self) -> dict[str, Any]:
        """The counts as JSON."""
        return self.counts.model_dump() | {
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "texts": dict(self.texts),
            "answered_texts": dict(self.answered_texts),
        }

    def count(self, name: str, by: int = 1) -> int:
        """Add to a counter and wake whoever waits for it."""
        value: int = getattr(self.counts, name) + by
        setattr(self.counts, name, value)
        if name == "in_flight":
            self.counts.max_in_flight = max(self.counts.max_in_flight, value)
        if self._waiting:
            self._changed.set()
            self._changed = asyncio.Event()
        return value

    def fault(self, text: str, call: int) -> Fault | None:
        """The first rule that applies to this call; using it up counts."""
        for index, rule in enumerate(self.knobs.faults):
            if (rule.times is None or self._uses[index] < rule.times) and rule.applies(text, call):
                self._uses[index] += 1
                return rule
        return None

    async def hold(self, text: str) -> None:
        """Wait at the gate when the text is one that it holds."""
        gate = self.knobs.gate
        if gate is None or gate not in text:
            return
        ticket = asyncio.Event()
        self._held.append(ticket)
        self.count("held")
        try:
            await ticket.wait()
        finally:
            self._held.remove(ticket)
            self.count("held", -1)

    def release(self, calls: int | None = None) -> int:
        """Let the first `calls` held calls go on and keep the gate; with None all, and open the gate. How many went."""
        going = [ticket for ticket in self._held if not ticket.is_set()][:calls]
        for ticket in going:
            ticket.set()
        if calls is None:
            self.knobs = self.knobs.model_copy(update={"gate": None})
        return len(going)

    async def reached(self, name: str, at_least: int, timeout_s: float) -> bool:
        """Wait until a counter is at least so high; False when the time is over before."""
        self._waiting += 1
        try:
            async with asyncio.timeout(timeout_s):
                while getattr(self.counts, name) < at_least:
                    await self._changed.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return True

"""A generated answer taken apart: what was billed, why there is none, and its parts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bookwright.contracts.errors import BadAnswer, Blocked, BookwrightError, CredentialsRefused

if TYPE_CHECKING:
    from google.genai.types import GenerateContentResponse, Part

_BLOCKED = frozenset(
    {"SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "ESCALATION"}
)
"""Reasons with which an answer ends that the safety rules hold back. What was asked is billed then, too."""


@dataclass(frozen=True)
class Tokens:
    """What an answer says it was billed for."""

    read: int
    written: int
    """Thoughts included."""
    pictured: int
    """Those of `written` that are pictures."""


def tokens(answer: "GenerateContentResponse") -> Tokens | None:
    """None when the answer does not say."""
    usage = answer.usage_metadata
    if usage is None or usage.prompt_token_count is None:
        return None
    pictured = sum(
        detail.token_count or 0
        for detail in usage.candidates_tokens_details or ()
        if detail.modality is not None and detail.modality.value == "IMAGE"
    )
    written = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    return Tokens(usage.prompt_token_count + (usage.tool_use_prompt_token_count or 0), written, min(pictured, written))


@contextmanager
def charged(cost_micros: int | None) -> Iterator[None]:
    """Put what the answer did cost on whatever is found wrong with it inside. None is not known."""
    try:
        yield
    except BadAnswer as error:
        error.cost_micros = cost_micros
        raise
    except Blocked as error:
        error.cost_micros = cost_micros or 0
        raise


def parts(provider: str, answer: "GenerateContentResponse") -> Sequence["Part"]:
    """The parts of a whole answer, thoughts left out. Raises Blocked for a prompt or an answer that is held back, and
    for no candidates at all; BadAnswer for one that is cut or has ended for another reason."""
    feedback = answer.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        raise Blocked(f"{provider} blocks what it is asked ({feedback.block_reason.value})")
    if not answer.candidates:
        raise Blocked(f"{provider} answers nothing to this, and does not say why")
    candidate = answer.candidates[0]
    reason = candidate.finish_reason.value if candidate.finish_reason is not None else "no reason"
    if reason != "STOP":
        raise _ended(provider, reason)
    content = candidate.content
    return [part for part in (content.parts if content is not None else None) or () if not part.thought]


def _ended(provider: str, reason: str) -> BookwrightError:
    if reason in _BLOCKED:
        return Blocked(f"{provider} holds its answer back ({reason})")
    if reason == "PUP_LIMITED_DISABLED":
        return CredentialsRefused(f"{provider} has limited the account ({reason}); see to it, then resume")
    return BadAnswer(f"{provider}'s answer is not whole ({reason})")

"""Pictures by models at Replicate."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pybase64

from bookwright import sniff
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Misconfigured, Permanent, Unspeakable
from bookwright.contracts.media import DrawnPicture, PictureTask
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import Unit
from bookwright.providers.replicate.predictions import ReplicateEngine

ASPECTS = ("1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "5:4", "4:5", "21:9", "9:21")


@dataclass(frozen=True)
class _Model:
    fixed: dict[str, Any] = field(default_factory=dict)
    """What is always given."""
    reference: str | None = None
    """The field for the one picture that shows how somebody looks."""


_SEVERAL = _Model({"output_format": "png", "num_outputs": 1})
MODELS = {
    "black-forest-labs/flux-schnell": _SEVERAL,
    "black-forest-labs/flux-dev": _SEVERAL,
    "black-forest-labs/flux-1.1-pro": _Model({"output_format": "png"}),
    "black-forest-labs/flux-kontext-pro": _Model({"output_format": "png"}, "input_image"),
    "black-forest-labs/flux-kontext-max": _Model({"output_format": "png"}, "input_image"),
}
"""All take `prompt`, `aspect_ratio` and `seed`."""


class ReplicatePictures(ReplicateEngine[DrawnPicture, _Model]):
    """A `PictureEngine` whose calls are `RemoteJobs`."""

    operation = "image"
    makes = "pictures"
    counted = Unit.IMAGE
    models = MODELS
    default_model = "black-forest-labs/flux-schnell"
    aspects: Sequence[str] = ASPECTS

    @property
    def takes_references(self) -> bool:
        """Whether it goes by a picture that shows how somebody looks."""
        return self._known.reference is not None

    def call(self, task: PictureTask, take: int = 0) -> ProviderCall:
        """The call. Raises Unspeakable for a blank prompt and for references that the model does not take or needs,
        Misconfigured for an aspect that it does not make."""
        if not task.prompt.strip() or len(task.references) != self.takes_references:
            wanted = "one reference" if self.takes_references else "no references"
            raise Unspeakable(f"{self.model} needs a prompt that is not blank, and takes {wanted}")
        if task.aspect not in self.aspects:
            raise Misconfigured(f"{self.model} makes pictures of {', '.join(self.aspects)}, not of {task.aspect}")
        seed = {} if task.seed is None else {"seed": task.seed}
        named = {"references": list(task.references)} if task.references else {}
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input={"prompt": task.prompt, "aspect_ratio": task.aspect, **self._known.fixed, **seed, **named},
            max_cost_micros=self._most,
            take=take,
        )

    async def draw(self, call: ProviderCall, turn: Turn, references: Sequence[bytes] = ()) -> DrawnPicture:
        """Make the call as a whole, without anything that a later attempt could go on with."""
        return await self._at_once(call, turn, references)

    def _given(self, references: Sequence[bytes]) -> dict[str, Any]:
        if self._known.reference is None:
            return {}
        media_type = sniff.picture(references[0]) if len(references) == 1 else None
        if media_type is None:
            raise Permanent(f"{self.model} was not handed the one picture that it goes by")
        return {self._known.reference: f"data:{media_type};base64,{pybase64.b64encode(references[0]).decode()}"}

    def _answer(self, output: bytes, cost_micros: int, external_id: str) -> DrawnPicture:
        media_type = sniff.picture(output)
        if media_type is None:
            raise BadAnswer(f"{self.provider} answered {'something else than' if output else 'no'} picture")
        if sniff.picture_is_cut(output, media_type):
            raise BadAnswer(f"{self.provider}'s picture is cut")
        return DrawnPicture(picture=output, media_type=media_type, cost_micros=cost_micros, external_id=external_id)

"""Ambient sounds by models at Replicate."""

import math
from dataclasses import dataclass, field
from typing import Any

from bookwright import sniff
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Unspeakable
from bookwright.contracts.media import MadeSound, SoundTask
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import Unit
from bookwright.providers.replicate.predictions import ReplicateEngine


@dataclass(frozen=True)
class _Model:
    max_seconds: int
    fixed: dict[str, Any] = field(default_factory=dict)
    """What is always given."""


MODELS = {
    "stability-ai/stable-audio-2.5": _Model(190),
    "meta/musicgen": _Model(30, {"model_version": "stereo-large", "output_format": "wav"}),
    "sepal/audiogen": _Model(10, {"output_format": "wav"}),
}
"""All take `prompt`, whole seconds as `duration`, and `seed`."""
AUDIOGEN = "sepal/audiogen:154b3e5141493cb1b8cec976d9aa90f2b691137e39ad906d2421b74c2a8c52b8"
"""Makes what is heard around a scene and no music, at a quarter of what longer sounds of Stable Audio cost."""


class ReplicateSounds(ReplicateEngine[MadeSound, _Model]):
    """A `SoundEngine` whose calls are `RemoteJobs`. No model makes loops: whoever plays a sound fades its end into its
    beginning."""

    operation = "sound"
    makes = "sound"
    counted = Unit.AUDIO_SECOND
    models = MODELS
    default_model = AUDIOGEN

    @property
    def max_seconds(self) -> float:
        """Of the longest sound that the model makes."""
        return self._known.max_seconds

    def call(self, task: SoundTask, take: int = 0) -> ProviderCall:
        """The call. Raises Unspeakable for a blank prompt, and for more seconds than the model makes."""
        seconds = math.ceil(task.seconds)
        if not task.prompt.strip() or seconds > self.max_seconds:
            raise Unspeakable(f"{self.model} makes up to {self.max_seconds} s, of a prompt that is not blank")
        seed = {} if task.seed is None else {"seed": task.seed}
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input={"prompt": task.prompt, "duration": seconds, **self._known.fixed, **seed},
            max_cost_micros=self._most,
            take=take,
        )

    async def make(self, call: ProviderCall, turn: Turn) -> MadeSound:
        """Make the call as a whole, without anything that a later attempt could go on with."""
        return await self._at_once(call, turn)

    def _answer(self, output: bytes, cost_micros: int, external_id: str) -> MadeSound:
        form = sniff.kind(output)
        if form is None:
            raise BadAnswer(f"{self.provider} answered {'something else than' if output else 'no'} sound")
        if sniff.is_cut(output, form):
            raise BadAnswer(f"{self.provider}'s sound is cut")
        return MadeSound(
            sound=output, media_type=sniff.MEDIA_TYPES[form], cost_micros=cost_micros, external_id=external_id
        )

"""Pictures by Gemini's image models, through `generate_content`: Imagen and its `generate_images` are shut down."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bookwright import sniff
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Misconfigured, Unspeakable
from bookwright.contracts.media import DrawnPicture, PictureTask
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit
from bookwright.providers.gemini.asking import OVERHEAD_TOKENS, PICTURE_TOKENS, SAFETY, one_request, picture_part
from bookwright.providers.gemini.engine import GeminiEngine
from bookwright.providers.gemini.reading import Tokens, charged, parts, tokens

if TYPE_CHECKING:
    from google.genai.types import Part

OPERATION = "image"
SIZE = "1K"
"""About a million pixels."""
PICTURE_OUT_TOKENS = 1_120
"""What a picture of that size counts in an answer."""
MAX_PICTURES = 2
"""The most that one answer is taken to have: now and then it is a second one."""
THOUGHT_TOKENS = 4_096
"""The most that it is taken to think."""
MAX_REFERENCES = 14
MAX_PROMPT_BYTES = 100_000


class GeminiPictures(GeminiEngine):
    """A `PictureEngine`. `draw` makes exactly one POST; it never retries."""

    aspects: Sequence[str] = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
    takes_references = True

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        model: str = "gemini-3.1-flash-image",
        concurrency: int = 4,
        deadline_s: float = 180,
        prices: PriceTable | None = None,
    ) -> None:
        """Raises Misconfigured, also for a model without a price."""
        super().__init__(api_key, base_url, model, concurrency, deadline_s, prices)
        if "image" not in model:
            raise Misconfigured(f"{model} does not draw: choose an image model, such as gemini-3.1-flash-image")
        counted = {Unit.INPUT_TOKEN, Unit.OUTPUT_TOKEN, Unit.IMAGE}
        self._price = self._prices.price(self.provider, model, OPERATION, counted)

    def call(self, task: PictureTask, take: int = 0) -> ProviderCall:
        """The call that draws a picture. Its maximum cost is that of two pictures and long thoughts; what it does cost
        is in the answer. Raises Unspeakable for a blank or too long prompt, an unknown aspect or too many
        references."""
        prompt = task.prompt.strip()
        asked = len(prompt.encode())
        if not 0 < asked <= MAX_PROMPT_BYTES:
            raise Unspeakable(f"{self.model} takes a prompt of 1 to {MAX_PROMPT_BYTES} bytes")
        if task.aspect not in self.aspects:
            raise Unspeakable(f"{self.model} draws in one of {', '.join(self.aspects)}")
        if len(task.references) > MAX_REFERENCES:
            raise Unspeakable(f"{self.model} looks at no more than {MAX_REFERENCES} references")
        read = asked + PICTURE_TOKENS * len(task.references) + OVERHEAD_TOKENS
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=OPERATION,
            input={**task.worded(), "prompt": prompt, "size": SIZE},
            max_cost_micros=self._cost(read, THOUGHT_TOKENS, MAX_PICTURES),
            take=take,
        )

    async def draw(self, call: ProviderCall, turn: Turn, references: Sequence[bytes] = ()) -> DrawnPicture:
        """Make the call; `references` are the bytes of those that its task names. Raises what entering the turn raises,
        and what `providers.errors` says; Unspeakable for a reference that is no picture; Blocked; BadAnswer for an
        answer without a picture, or with one that is none or cut. The total deadline is the caller's: `deadline_s` is
        for each wait for Gemini."""
        asked = call.input
        if len(references) != len(asked["references"]):
            raise ValueError("a call is made with the references of its task")
        content: Any = {
            "role": "user",
            "parts": [*(picture_part(one) for one in references), {"text": asked["prompt"]}],
        }
        config: Any = {
            **one_request(),
            "response_modalities": ["IMAGE"],
            "image_config": {"aspect_ratio": asked["aspect"], "image_size": asked["size"]},
            "safety_settings": SAFETY,
        }
        if asked["seed"] is not None:
            config["seed"] = asked["seed"]
        answer = await self._ask(
            turn, lambda models: models.generate_content(model=call.model, contents=[content], config=config)
        )
        cost = self._billed(tokens(answer))
        with charged(cost):
            picture, media_type = _picture(self.provider, parts(self.provider, answer))
        return DrawnPicture(
            picture=picture,
            media_type=media_type,
            cost_micros=call.max_cost_micros if cost is None else cost,
            external_id=answer.response_id[:200] if answer.response_id else None,
        )

    def _billed(self, used: Tokens | None) -> int | None:
        if used is None:
            return None
        return self._cost(used.read, used.written - used.pictured, -(-used.pictured // PICTURE_OUT_TOKENS))

    def _cost(self, read: int, thought: int, pictures: int) -> int:
        return self._price.cost_micros(
            {Unit.INPUT_TOKEN: read, Unit.OUTPUT_TOKEN: thought, Unit.IMAGE: pictures},
        )


def _picture(provider: str, found: Sequence["Part"]) -> tuple[bytes, str]:
    """The last picture: those before it, if any, are sketches of it."""
    drawn = [part.inline_data.data for part in found if part.inline_data is not None]
    if not drawn or not drawn[-1]:
        raise BadAnswer(f"{provider} answered without a picture, or with an empty one")
    media_type = sniff.picture(drawn[-1])
    if media_type is None or sniff.picture_is_cut(drawn[-1], media_type):
        raise BadAnswer(f"{provider}'s picture is none, or is cut")
    return drawn[-1], media_type

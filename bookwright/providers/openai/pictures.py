"""Pictures by `/v1/images/generations`."""

import binascii
from collections.abc import Mapping, Sequence

import pybase64

from bookwright import sniff
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, BookwrightError, Misconfigured, Unspeakable
from bookwright.contracts.media import DrawnPicture, PictureTask
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit
from bookwright.providers.guarded import GuardedClient
from bookwright.providers.openai.server import Server, external_id

SIZES = {"1:1": "1024x1024", "4:3": "1024x768", "3:4": "768x1024", "16:9": "1344x768", "9:16": "768x1344"}
"""What servers with diffusion models take."""
OPENAI_SIZES = {"1:1": "1024x1024", "3:2": "1536x1024", "2:3": "1024x1536"}
OPENAI_MODELS = "gpt-image"
"""How the names of OpenAI's own models begin. They have other sizes, and refuse a wanted form: it is base64."""


class OpenAiPictures(Server):
    """A `PictureEngine`. Base64 is asked for; of servers that answer an address all the same, what is there is fetched:
    from the server itself, or from the open internet."""

    operation = "image"
    counted = (Unit.IMAGE,)
    takes_references = False
    """References go to another endpoint, which self-hosted servers do not have."""

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        *,
        sizes: Mapping[str, str] | None = None,
        concurrency: int = 2,
        deadline_s: float = 300,
        prices: PriceTable | None = None,
    ) -> None:
        """`sizes` are the model's, by aspect; None takes what models of its kind mostly have."""
        super().__init__(base_url, model, api_key, concurrency=concurrency, deadline_s=deadline_s, prices=prices)
        self._is_openais = model.startswith(OPENAI_MODELS)
        if sizes is None:
            sizes = OPENAI_SIZES if self._is_openais else SIZES
        if not sizes:
            raise Misconfigured("an OpenAI-compatible picture server needs a size for each aspect")
        self.aspects: Sequence[str] = tuple(sizes)
        self._sizes = dict(sizes)
        self._guarded: GuardedClient | None = None

    def call(self, task: PictureTask, take: int = 0) -> ProviderCall:
        """The call; its maximum cost is its exact cost. Raises Unspeakable for a blank prompt and for references,
        Misconfigured for an aspect that the model has no size for."""
        if not task.prompt.strip() or task.references:
            raise Unspeakable(f"{self.model} needs a prompt that is not blank, and takes no references")
        if task.aspect not in self._sizes:
            raise Misconfigured(f"{self.model} makes pictures of {', '.join(self.aspects)}, not of {task.aspect}")
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input={"prompt": task.prompt, "size": self._sizes[task.aspect], "seed": task.seed},
            max_cost_micros=self.cost({Unit.IMAGE: 1}),
            take=take,
        )

    async def draw(self, call: ProviderCall, turn: Turn, references: Sequence[bytes] = ()) -> DrawnPicture:
        """Make the call. Raises BadAnswer for anything but a whole picture, Blocked for one that was held back."""
        asked = call.input
        request = {"model": call.model, "prompt": asked["prompt"], "size": asked["size"], "n": 1}
        if not self._is_openais:
            request["response_format"] = "b64_json"
        if asked["seed"] is not None:
            request["seed"] = asked["seed"]
        body = await self.ask_json(turn, "/images/generations", json=request)
        picture = await self._picture(body.get("data"))
        media_type = sniff.picture(picture)
        if media_type is None:
            raise BadAnswer(f"{self.provider} answered {'something else than' if picture else 'no'} picture")
        if sniff.picture_is_cut(picture, media_type):
            raise BadAnswer(f"{self.provider}'s picture is cut")
        return DrawnPicture(
            picture=picture, media_type=media_type, cost_micros=call.max_cost_micros, external_id=external_id(body)
        )

    async def close(self) -> None:
        await super().close()
        guarded, self._guarded = self._guarded, None
        if guarded is not None:
            await guarded.close()

    async def _picture(self, data: object) -> bytes:
        """The picture's bytes, from an answer's list of one."""
        found = data[0] if isinstance(data, list) and len(data) == 1 else None
        packed, url = (found.get("b64_json"), found.get("url")) if isinstance(found, dict) else (None, None)
        if isinstance(packed, str):
            try:
                return pybase64.b64decode(packed, validate=True)
            except (binascii.Error, ValueError):
                raise BadAnswer(f"{self.provider}'s picture is not base64") from None
        if isinstance(url, str):
            return await self._fetched(url)
        raise BadAnswer(f"{self.provider} answered no picture, or several")

    async def _fetched(self, url: str) -> bytes:
        """What is at an address. It has been paid for: whatever stands in the way, there is no answer."""
        if self._guarded is None:
            self._guarded = GuardedClient(allowed=[self._base_url], deadline_s=self.deadline_s)
        try:
            return (await self._guarded.fetch(url)).content
        except BookwrightError as error:
            raise BadAnswer(f"{self.provider}'s picture can't be fetched ({type(error).__name__})") from None

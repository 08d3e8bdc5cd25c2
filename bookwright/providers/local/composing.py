"""A language model that understands no words: it composes answers from what a prompt was made of, as data.

It costs nothing, needs no key, and says the same again when it is asked the same again. Each purpose
(`TextTask.purpose`) has a `Composer`; `purposes` lists them. What nobody composes for is Permanent, so that another
provider of the chain can stand in.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BookwrightError, Misconfigured, Permanent
from bookwright.contracts.media import TextTask, WrittenText
from bookwright.contracts.ports.calls import Turn
from bookwright.providers import answers
from bookwright.providers.local.meaning import LocalEmbedder
from bookwright.providers.local.tales.library import spoken

Material = Mapping[str, Any]
"""A task's `material`."""
Vector = Sequence[float]
"""Of a text's meaning; of length 1."""
KEPT_VECTORS = 2_000
"""Of texts that were read last: 6 MB."""


@dataclass(frozen=True)
class Wish:
    """What is to be composed."""

    material: Material
    schema: Mapping[str, Any] | None
    """The task's `answer_schema`."""
    seed: int
    """Follows from the call: the same for the same call, another one for another take. Choose by it alone."""
    task_seed: int
    """The task's own seed, which tasks of one book have in common; 0 without one."""
    vectors: Mapping[str, Vector]
    """Those of the texts that `Composer.reads` named, by the text; empty where no model of meaning is to be had."""


@dataclass(frozen=True)
class Composer:
    """How the answers of one purpose are made. All of it is pure; `compose` runs off the event loop."""

    compose: Callable[[Wish], dict[str, Any] | str]
    """The answer: an object that keeps to the schema, or a text when there is none. Raises Permanent, whose message
    says what is missing in the material."""
    release: int
    """To be raised when its answers change: a book that is worked on again then gets the new ones."""
    reads: Callable[[Material], Sequence[str]] | None = None
    """The texts whose meaning it wants to know. A core reads some 400 tokens a second: name few and short ones. The
    vectors of texts that all tasks have in common are kept."""


class LocalModel:
    """A `LanguageModel` without a model of language. For one event loop; call `close` in the end."""

    provider = "local"
    model = "composer"
    sees = False
    concurrency = 4

    def __init__(self, composers: Mapping[str, Composer], embedder: LocalEmbedder | None = None) -> None:
        """`composers` are those of each purpose; `embedder` knows what texts mean, if there is one."""
        self._composers = composers
        self._embedder = embedder
        self._vectors: OrderedDict[str, Vector] = OrderedDict()
        self._reading = asyncio.Lock()  # what several tasks want to know is read once

    def call(self, task: TextTask, take: int = 0) -> ProviderCall:
        """The call; free. Raises Permanent for a purpose that nobody composes for, Misconfigured for pictures and for a
        schema that is none."""
        composer = self._composer(task.purpose)
        if task.pictures:
            raise Misconfigured("the local composer can't look at pictures: choose a model that does")
        if task.answer_schema is not None:
            answers.check_schema(task.answer_schema)
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=task.purpose,
            input={
                "material": task.material,
                "answer_schema": task.answer_schema,
                "seed": task.seed,
                "release": composer.release,
                "meaning": self._embedder.model if self._embedder and composer.reads else None,
            },
            max_cost_micros=0,
            take=take,
        )

    def check_language(self, language: str) -> None:
        """Raises UnknownLanguage for a language that there are no tales in."""
        spoken(language)

    async def write(self, call: ProviderCall, turn: Turn, pictures: Sequence[bytes] = ()) -> WrittenText:
        """Compose the answer. Raises what entering the turn raises, Permanent for a purpose that nobody composes for or
        material that lacks what it needs, BadAnswer for an answer that does not keep to the schema."""
        composer = self._composer(call.operation)
        material, schema = call.input["material"], call.input["answer_schema"]
        async with turn:
            async with self._reading:
                vectors = await self._read(composer.reads(material)) if composer.reads else {}
            wish = Wish(material, schema, int(call.key[:16], 16), call.input["seed"] or 0, vectors)
            composed = await asyncio.to_thread(_compose, composer, wish)
        text = composed if isinstance(composed, str) else json.dumps(composed, ensure_ascii=False)
        if schema is None:
            return WrittenText(text=answers.plain_text(self.provider, text))
        return WrittenText(text=text, data=answers.json_object(self.provider, text, schema))

    async def close(self) -> None:
        """Close the embedder, too."""
        if self._embedder is not None:
            await self._embedder.close()

    async def _read(self, texts: Sequence[str]) -> dict[str, Vector]:
        """The texts' vectors, as far as there are any."""
        if self._embedder is None:
            return {}
        wanted = [text for text in dict.fromkeys(texts) if text.strip()]
        found = {text: self._vectors[text] for text in wanted if text in self._vectors}
        new, size = [text for text in wanted if text not in found], self._embedder.batch
        for some in (new[start : start + size] for start in range(0, len(new), size)):
            call = self._embedder.call(some, query=True)
            found |= zip(some, (await self._embedder.embed(call, nullcontext())).vectors, strict=True)
        for text, vector in found.items():
            self._vectors[text] = vector
            self._vectors.move_to_end(text)
        while len(self._vectors) > KEPT_VECTORS:
            self._vectors.popitem(last=False)
        return found

    def _composer(self, purpose: str) -> Composer:
        try:
            return self._composers[purpose]
        except KeyError:
            known = ", ".join(sorted(self._composers))
            raise Permanent(
                f"nothing is composed locally for {purpose[:40]!r}, only for {known}: "
                "name another provider in BOOKWRIGHT_TEXT"
            ) from None


def _compose(composer: Composer, wish: Wish) -> dict[str, Any] | str:
    try:
        return composer.compose(wish)
    except BookwrightError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise Permanent(f"the task's material can't be composed from ({type(error).__name__})") from error

"""Transcripts by Rev.ai, which works on a recording for minutes. An extra: `pip install 'bookwright[revai]'`.

The SDK (2.21) is synchronous and has no time-out of its own: it runs in a thread, and its requests are made by our own
client (`_client`), with our deadlines and limits. It is imported with the first call.
"""

import asyncio
import math
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import AnswerExpired, AnswerLost, BadAnswer, Permanent, Unspeakable
from bookwright.contracts.media import HeardWord, RemoteState, Transcript, TranscriptionTask
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit, default_prices
from bookwright.providers.connected import Connected, checked_key, checked_url
from bookwright.providers.errors import from_answer, from_failure
from bookwright.providers.extras import needs
from bookwright.providers.http import watched

if TYPE_CHECKING:
    import httpx
    from rev_ai.apiclient import RevAiAPIClient

T = TypeVar("T")

BASE_URL = "https://api.rev.ai"
OPERATION = "transcription"
MIN_SECONDS = 15
"""What the shortest recording is charged as."""
MAX_SECONDS = 17 * 3_600
PAGE, PAGES = 1_000, 20
"""So many jobs are looked through, newest first, for one whose id was lost."""
LANGUAGES = frozenset(
    "af ar az be bg bs ca cmn cs cy da de el en es et fa fi fr gl he hi hr hu hy id is it ja kk kn ko lt lv mi mk mr "
    "ms ne nl no pl pt ro ru sk sl sr sv sw ta th tl tr uk ur vi".split()
)
"""What Rev.ai calls the languages that it writes down."""
_NAMES = {"zh": "cmn", "nb": "no", "fil": "tl"}


class RevAiTranscriber(Connected):
    """A `Transcriber` that offers `RemoteJobs`. Only `create` is paid for, and it makes exactly one POST."""

    provider = "revai"
    model = "machine"

    def __init__(
        self,
        access_token: str,
        base_url: str | None = None,
        concurrency: int = 4,
        deadline_s: float = 300,
        prices: PriceTable | None = None,
        pause_s: float = 5,
    ) -> None:
        """`deadline_s` is for each wait for Rev.ai, `pause_s` lies between the looks of `transcribe`. Raises
        Misconfigured for a missing extra, a missing or malformed key, a bad base URL or a missing price."""
        needs("revai", "rev_ai", "rev-ai")
        super().__init__("Rev.ai", concurrency, deadline_s)
        self._access_token = checked_key("Rev.ai", access_token, "access token")
        self._base_url = checked_url("Rev.ai", base_url or BASE_URL)
        self._pause_s = pause_s
        self._price = (prices or default_prices()).price(self.provider, self.model, OPERATION, {Unit.AUDIO_SECOND})

    def __repr__(self) -> str:
        return f"RevAiTranscriber({self._base_url!r})"

    def call(self, task: TranscriptionTask, take: int = 0) -> ProviderCall:
        """The call that writes a recording down; charged by its length. Raises Unspeakable for a language that Rev.ai
        does not know or is not told (it would take it for English), and for more than 17 hours."""
        primary = (task.language or "").replace("_", "-").lower().split("-")[0]
        language = _NAMES.get(primary, primary)
        if language not in LANGUAGES:
            raise Unspeakable("Rev.ai has to be told the recording's language, and must know it")
        seconds = math.ceil(task.duration_ms / 1_000)
        if seconds > MAX_SECONDS:
            raise Unspeakable(f"Rev.ai takes recordings of at most {MAX_SECONDS // 3_600} hours")
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=OPERATION,
            input={"recording": task.recording, "language": language, "transcriber": "machine"},
            max_cost_micros=self._cost(seconds),
            take=take,
        )

    async def transcribe(self, call: ProviderCall, turn: Turn, recording: Path) -> Transcript:
        """Create the job, look at it until it has ended, and fetch its answer. For callers that need not find the job
        again after a crash; the turn is over once it is created."""
        external_id = await self.create(call, turn, call.key, None, recording)
        state = await self.look(external_id)
        while not state.ended:
            await asyncio.sleep(self._pause_s)
            state = await self.look(external_id)
        if state.error is not None:
            raise BadAnswer(f"revai's job ended without an answer ({state.error})")
        return await self.collect(call, external_id)

    async def create(
        self,
        call: ProviderCall,
        turn: Turn,
        token: str,
        webhook: str | None,
        recording: Path | None = None,
        references: Sequence[bytes] = (),
    ) -> str:
        """Send the recording, with `token` as the job's metadata. An answer that can't be read is a lost one: the job
        is there, under its token."""
        if recording is None:
            raise Permanent("revai was handed no recording")
        from rev_ai import CustomerUrlData

        options: dict[str, Any] = {
            "metadata": token,
            "language": call.input["language"],
            "transcriber": call.input["transcriber"],
            "notification_config": CustomerUrlData(webhook) if webhook else None,
        }
        try:
            job = await self._ask(lambda sdk: sdk.submit_job_local_file(str(recording), **options), turn)
        except BadAnswer as error:
            raise AnswerLost(f"revai took the recording, but its answer can't be read: {error}") from None
        return str(job.id)

    async def find(self, token: str) -> str | None:
        """Look through the newest jobs, PAGE at a time."""
        last: str | None = None
        for _ in range(PAGES):
            jobs = await self._ask(partial(_page, after=last))
            for job in jobs:
                if job.metadata == token:
                    return str(job.id)
            if len(jobs) < PAGE:
                return None
            last = jobs[-1].id
        return None

    async def look(self, external_id: str) -> RemoteState:
        """How it stands. A job that is not there has been deleted, and ended so."""
        try:
            job = await self._ask(lambda sdk: sdk.get_job_details(external_id))
        except Permanent:
            return RemoteState(external_id=external_id, ended=True, error="deleted")
        seconds = job.duration_seconds
        cost = self._cost(math.ceil(seconds)) if seconds is not None else None
        if job.status.value == "failed":
            # One that it could not even measure costs nothing.
            return RemoteState(external_id=external_id, ended=True, error=_category(job.failure), cost_micros=cost or 0)
        return RemoteState(external_id=external_id, ended=job.status.value != "in_progress", cost_micros=cost)

    async def collect(self, call: ProviderCall, external_id: str) -> Transcript:
        """The transcript, each word with its marks. A paragraph begins where somebody else speaks."""
        try:
            answer = await self._ask(lambda sdk: sdk.get_transcript_object(external_id))
        except Permanent:
            raise AnswerExpired("revai has deleted the transcript") from None
        try:
            words, paragraphs = _heard(answer.monologues)
        except (ValueError, TypeError, AttributeError):
            raise BadAnswer("revai's transcript makes no sense") from None
        return Transcript(
            language={"cmn": "zh"}.get(call.input["language"], call.input["language"]),
            words=words,
            paragraphs=paragraphs,
            cost_micros=call.max_cost_micros,
            external_id=external_id,
        )

    async def cancel(self, external_id: str) -> None:
        """Delete it, with its recording. Rev.ai deletes no job that it is still working on, and goes on with it: that
        raises Refused."""
        try:
            await self._ask(lambda sdk: sdk.delete_job(external_id))
        except Permanent:
            return  # it is gone

    def _cost(self, seconds: int) -> int:
        return self._price.cost_micros({Unit.AUDIO_SECOND: max(seconds, MIN_SECONDS)})

    async def _ask(self, request: "Callable[[RevAiAPIClient], T]", turn: Turn | None = None) -> T:
        """Let the SDK make one request in a thread. A cancelled one is taken back."""
        # Looks go beside the recordings that are being sent.
        sdk = _client(self._access_token, self._base_url, self.connections(for_each_call=2))
        with watched(turn or nullcontext()) as exchange:
            try:
                return await asyncio.to_thread(request, sdk)
            except asyncio.CancelledError:
                sdk.take_back()
                raise
            except Exception as error:
                raise from_failure(self.provider, error, exchange) from None


def _page(sdk: "RevAiAPIClient", after: str | None) -> list[Any]:
    found: list[Any] = sdk.get_list_of_jobs(limit=PAGE, starting_after=after)
    return found


def _client(access_token: str, base_url: str, http: "httpx.AsyncClient") -> Any:
    """The SDK's client, its requests made by `http` in the event loop that runs now."""
    from rev_ai.apiclient import RevAiAPIClient

    loop = asyncio.get_running_loop()

    class Client(RevAiAPIClient):  # type: ignore[misc]  # the SDK has no types
        request: Future[Any] | None = None

        def take_back(self) -> None:
            if self.request is not None:
                self.request.cancel()

        def _make_http_request(self, method: str, url: str, **options: Any) -> "httpx.Response":
            """What all of the SDK's requests go through."""
            headers = {**self.default_headers, **options.pop("headers", {})}
            if files := options.get("files"):
                # The SDK sends the whole path of the recording as its name.
                name, content = files["media"]
                options["files"] = {**files, "media": (PurePath(name).name, content)}
            request = asyncio.run_coroutine_threadsafe(_answer(http, method, url, headers, options), loop)
            self.request = request
            return request.result()

    return Client(access_token, url=base_url)


async def _answer(
    http: "httpx.AsyncClient", method: str, url: str, headers: Mapping[str, str], options: Mapping[str, Any]
) -> "httpx.Response":
    """One request's answer. Raises what an error status stands for."""
    response = await http.request(method, url, headers=headers, **options)
    if response.is_success:
        return response
    try:
        body = response.json()
    except ValueError:
        body = None
    raise from_answer(RevAiTranscriber.provider, response.status_code, response.headers, body)


def _category(failure: object) -> str:
    return failure if isinstance(failure, str) and re.fullmatch(r"[a-z_]{1,40}", failure) else "failed"


def _heard(monologues: Sequence[Any]) -> tuple[tuple[HeardWord, ...], tuple[int, ...]]:
    """The words of a transcript, and where its monologues begin."""
    words: list[HeardWord] = []
    paragraphs: list[int] = []
    for monologue in monologues:
        found = _words(monologue.elements)
        if found:
            paragraphs.append(len(words))
            words += found
    return tuple(words), tuple(paragraphs)


def _words(elements: Sequence[Any]) -> list[HeardWord]:
    """Texts and marks put together to what stands between blanks. Raises ValueError or TypeError for what is none."""
    words: list[HeardWord] = []
    before, joined = "", False
    for element in elements:
        if element.type_ == "text":
            start, end = round(element.timestamp * 1_000), round(element.end_timestamp * 1_000)
            sure = None if element.confidence is None else min(max(float(element.confidence), 0.0), 1.0)
            word = HeardWord(text=before + element.value, start_ms=start, end_ms=max(start, end), confidence=sure)
            if joined and words:
                last = words.pop()
                kept = [each.confidence for each in (last, word) if each.confidence is not None]
                word = HeardWord(
                    text=last.text + word.text,
                    start_ms=last.start_ms,
                    end_ms=word.end_ms,
                    confidence=min(kept, default=None),
                )
            words.append(word)
            before, joined = "", True
            continue
        for mark in re.findall(r"\s+|\S+", element.value) if element.type_ == "punct" else [" "]:
            if mark.isspace():
                joined = False
            elif joined and words:
                words[-1] = words[-1].model_copy(update={"text": words[-1].text + mark})
            else:
                before += mark
    return words

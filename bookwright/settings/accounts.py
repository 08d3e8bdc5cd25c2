"""The accounts of the providers: what can be set of each besides what all have (`settings.account`)."""

from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator

from bookwright.contracts.errors import Misconfigured
from bookwright.settings.account import Account, KeyedAccount, RemoteAccount, prefixed
from bookwright.settings.capabilities import Provider

A = TypeVar("A", bound=Account)


class LocalAccount(Account):
    """The engines that Bookwright brings along."""

    provider = Provider.LOCAL
    model_config = prefixed("BOOKWRIGHT_LOCAL_")


class PiperAccount(Account):
    provider = Provider.PIPER
    model_config = prefixed("PIPER_")

    voices: Path | None = None
    """The folder with Piper's voices (`*.onnx` with its `*.onnx.json`)."""
    deadline: float = Field(default=120.0, gt=0, le=3600)

    @property
    def missing(self) -> str | None:
        return None if self.voices else self.variable("voices")


class WhisperAccount(Account):
    provider = Provider.WHISPER
    model_config = prefixed("WHISPER_")

    model: str = "base"
    """A name that faster-whisper knows, or the path of a model."""
    memory_gb: int = Field(default=6, ge=1, le=1_024)
    """The most that its process may have, in GiB."""
    deadline: float = Field(default=3600.0, gt=0, le=86_400)


class SarvamAccount(KeyedAccount):
    provider = Provider.SARVAM
    model_config = prefixed("SARVAM_")

    model: str = "bulbul:v2"


class EdgeAccount(RemoteAccount):
    provider = Provider.EDGE
    model_config = prefixed("EDGE_")


class ElevenLabsAccount(KeyedAccount):
    provider = Provider.ELEVENLABS
    model_config = prefixed("ELEVENLABS_")

    sound_model: str | None = None
    deadline: float = Field(default=120.0, gt=0, le=3600)


class GeminiAccount(KeyedAccount):
    provider = Provider.GEMINI
    model_config = prefixed("GEMINI_")

    text_model: str | None = None
    """Also of vision."""
    image_model: str | None = None
    embedding_model: str | None = None
    deadline: float = Field(default=180.0, gt=0, le=3600)


class OpenAIAccount(KeyedAccount):
    provider = Provider.OPENAI
    model_config = prefixed("OPENAI_")

    text_model: str | None = None
    vision_model: str | None = None
    speech_model: str | None = None
    voices: str = "*=alloy,nova,onyx"
    """The server's voices by language, best first, such as `en=af_heart,am_adam;hi=hf_alpha`; `*` is any language."""
    image_model: str | None = None
    transcription_model: str | None = None
    embedding_model: str | None = None
    embedding_dimensions: int | None = Field(default=None, ge=1, le=16_384)
    """The length of that model's vectors."""
    deadline: float = Field(default=300.0, gt=0, le=3600)

    OWN_URL: ClassVar[str] = "https://api.openai.com/v1"

    @property
    def missing(self) -> str | None:
        """A server of one's own needs no key."""
        return None if self.base_url else super().missing

    @field_validator("voices")
    @classmethod
    def _readable(cls, voices: str) -> str:
        _voices(voices)
        return voices

    @property
    def speech_voices(self) -> dict[str, tuple[str, ...]]:
        """The voices by BCP 47 language."""
        return _voices(self.voices)


def _voices(text: str) -> dict[str, tuple[str, ...]]:
    """Raises ValueError for what is no list of voices by language."""
    found = {}
    for part in filter(None, text.split(";")):
        language, _, names = part.partition("=")
        found[language.strip()] = tuple(name.strip() for name in names.split(",") if name.strip())
    if not found or not all(language and names for language, names in found.items()):
        raise ValueError("write languages and their voices, such as en=af_heart,am_adam;*=alloy")
    return found


class ReplicateAccount(KeyedAccount):
    provider = Provider.REPLICATE
    model_config = prefixed("REPLICATE_")

    api_key: SecretStr | None = Field(default=None, alias="REPLICATE_API_TOKEN")
    image_model: str | None = None
    sound_model: str | None = None
    deadline: float = Field(default=300.0, gt=0, le=3600)


class RevAiAccount(KeyedAccount):
    provider = Provider.REVAI
    model_config = prefixed("REVAI_")

    api_key: SecretStr | None = Field(default=None, alias="REVAI_ACCESS_TOKEN")
    deadline: float = Field(default=3600.0, gt=0, le=86_400)


class Accounts:
    """The accounts of all providers, each read when it is first wanted."""

    def __init__(self, env_file: Path | None = None) -> None:
        self._env_file = env_file

    def of(self, provider: Provider) -> Account:
        """A provider's account. Raises Misconfigured naming the variable."""
        found: Account = getattr(self, provider)
        return found

    @cached_property
    def local(self) -> LocalAccount:
        return self._read(LocalAccount)

    @cached_property
    def piper(self) -> PiperAccount:
        return self._read(PiperAccount)

    @cached_property
    def whisper(self) -> WhisperAccount:
        return self._read(WhisperAccount)

    @cached_property
    def sarvam(self) -> SarvamAccount:
        return self._read(SarvamAccount)

    @cached_property
    def edge(self) -> EdgeAccount:
        return self._read(EdgeAccount)

    @cached_property
    def elevenlabs(self) -> ElevenLabsAccount:
        return self._read(ElevenLabsAccount)

    @cached_property
    def gemini(self) -> GeminiAccount:
        return self._read(GeminiAccount)

    @cached_property
    def openai(self) -> OpenAIAccount:
        return self._read(OpenAIAccount)

    @cached_property
    def replicate(self) -> ReplicateAccount:
        return self._read(ReplicateAccount)

    @cached_property
    def revai(self) -> RevAiAccount:
        return self._read(RevAiAccount)

    def _read(self, kind: type[A]) -> A:
        options: dict[str, Any] = {"_env_file": self._env_file}
        try:
            return kind(**options)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = str(first["loc"][0])
            variable = kind.variable(name) if name in kind.model_fields else name
            raise Misconfigured(f"{variable}: {first['msg'].removeprefix('Value error, ')}") from None


ACCOUNTS: tuple[type[Account], ...] = (
    LocalAccount,
    PiperAccount,
    WhisperAccount,
    SarvamAccount,
    EdgeAccount,
    ElevenLabsAccount,
    GeminiAccount,
    OpenAIAccount,
    ReplicateAccount,
    RevAiAccount,
)

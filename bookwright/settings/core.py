"""The settings that are no provider's own, and the check that all of them fit together."""

import os
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.ingestion import StepKind
from bookwright.contracts.orders import JobKind
from bookwright.contracts.outside import OUTSIDE
from bookwright.money.pricefile import prices_with
from bookwright.money.prices import PriceTable
from bookwright.money.usd import to_micros
from bookwright.settings.account import Account
from bookwright.settings.accounts import ACCOUNTS, Accounts
from bookwright.settings.capabilities import OFF, OFFERS, Capability, Chain, Provider, parse_chain
from bookwright.settings.notices import NoticeSettings
from bookwright.settings.storage import StorageSettings

Choice = Annotated[Chain, NoDecode]
VERSION_NAME = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$"
"""Of deployments and builds."""


class LogLevel(StrEnum):
    """How much a process says of what it does."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Settings(BaseSettings):
    """Everything that can be set. Each field's environment variable is its alias."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)
    # Never by field name: the variable HOME would then be the home folder, SPEECH the provider.

    home: Path = Field(default_factory=lambda: _default_home(), alias="BOOKWRIGHT_HOME")
    """Where the embedded default keeps its database, assets and Temporal's history."""
    database_url: str = Field(default="", alias="DATABASE_URL")
    """`postgresql://…` or `sqlite:///…`; empty is a SQLite file in `home`."""
    temporal_address: str = Field(default="", alias="TEMPORAL_ADDRESS")
    """`host:port`; empty is a development server that Bookwright starts itself."""
    temporal_namespace: str = Field(default="default", alias="TEMPORAL_NAMESPACE")
    temporal_ui: str = Field(default="", pattern=r"^(https?://[^?#\s]+)?$", alias="BOOKWRIGHT_TEMPORAL_UI")
    """Where operators find Temporal's UI, such as `http://127.0.0.1:8233`: jobs' pages link to it."""
    temporal_api_key: SecretStr | None = Field(default=None, alias="TEMPORAL_API_KEY")
    temporal_tls_cert: Path | None = Field(default=None, alias="TEMPORAL_TLS_CERT")
    temporal_tls_key: Path | None = Field(default=None, alias="TEMPORAL_TLS_KEY")
    temporal_tls_ca: Path | None = Field(default=None, alias="TEMPORAL_TLS_CA")
    deployment: str = Field(default="bookwright", pattern=VERSION_NAME, alias="BOOKWRIGHT_DEPLOYMENT")
    """What Temporal calls all workers of this Bookwright together, whatever their build."""
    build_id: str = Field(default="", pattern=rf"^$|{VERSION_NAME}", alias="BOOKWRIGHT_BUILD_ID")
    """The build that a worker is of, such as a release's number; a job ends on the build that it began on. Empty does
    not tell builds apart."""
    codec_key: SecretStr | None = Field(default=None, alias="BOOKWRIGHT_CODEC_KEY")
    """Encrypts every payload in Temporal's history."""

    speech: Choice = Field(default=(Provider.LOCAL,), alias=Capability.SPEECH.variable)
    text: Choice = Field(default=(Provider.LOCAL,), alias=Capability.TEXT.variable)
    vision: Choice = Field(default=(), alias=Capability.VISION.variable)
    images: Choice = Field(default=(Provider.LOCAL,), alias=Capability.IMAGES.variable)
    sounds: Choice = Field(default=(Provider.LOCAL,), alias=Capability.SOUNDS.variable)
    transcription: Choice = Field(default=(), alias=Capability.TRANSCRIPTION.variable)
    embeddings: Choice = Field(default=(Provider.LOCAL,), alias=Capability.EMBEDDINGS.variable)
    outside: Annotated[tuple[StepKind, ...], NoDecode] = Field(default=(), alias="BOOKWRIGHT_OUTSIDE")
    """The steps of an audiobook that are left to outside workers, who claim them over HTTP: `transcribe,summarize,tag`
    or some of these."""
    _accounts: Accounts = PrivateAttr(default_factory=Accounts)
    _storage: StorageSettings = PrivateAttr(default_factory=StorageSettings)
    _notices: NoticeSettings = PrivateAttr(default_factory=NoticeSettings)

    prices: Path | None = Field(default=None, alias="BOOKWRIGHT_PRICES")
    """A file of prices that come before those that Bookwright ships with."""
    month_budget_usd: Decimal | None = Field(
        default=None, ge=0, lt=1_000_000, max_digits=12, decimal_places=6, alias="BOOKWRIGHT_MONTH_BUDGET"
    )
    """The most that a user's calls may cost in a month, in US dollars, unless the user has a budget of their own."""
    story_jobs: int = Field(default=2, ge=1, alias="BOOKWRIGHT_STORY_JOBS")
    image_jobs: int = Field(default=1, ge=1, alias="BOOKWRIGHT_IMAGE_JOBS")
    audio_jobs: int = Field(default=2, ge=1, alias="BOOKWRIGHT_AUDIO_JOBS")
    """Audio jobs that run at once, over all users."""
    story_rate: int | None = Field(default=None, ge=1, alias="BOOKWRIGHT_STORY_RATE")
    image_rate: int | None = Field(default=None, ge=1, alias="BOOKWRIGHT_IMAGE_RATE")
    audio_rate: int | None = Field(default=None, ge=1, alias="BOOKWRIGHT_AUDIO_RATE")
    """Audio jobs that start in a minute, over all users; None is without limit."""
    jobs_per_user: int | None = Field(default=None, ge=1, alias="BOOKWRIGHT_JOBS_PER_USER")
    upload_hours: float = Field(default=24, gt=0, le=24, alias="BOOKWRIGHT_UPLOAD_HOURS")
    """How long an upload session lives of which nothing is heard; scratch files are kept for a day."""
    request_limit: str = Field(default="6000/minute", alias="BOOKWRIGHT_REQUEST_LIMIT")
    """Requests that one user may make of the web service."""
    public_url: str = Field(default="", pattern=r"^(https?://[^/?#\s]+/?)?$", alias="BOOKWRIGHT_PUBLIC_URL")
    """Where the web service can be reached from outside, such as `https://books.example`: providers report there that
    they have finished. Without it they are asked again and again."""
    replicate_webhook_secret: SecretStr | None = Field(default=None, alias="REPLICATE_WEBHOOK_SECRET")
    """What Replicate signs its reports with: `GET /v1/webhooks/default/secret`."""
    failpoints: str = Field(default="", alias="BOOKWRIGHT_FAILPOINTS")
    """For tests: `step=action@n`, such as `stored=kill@3`."""

    log_level: LogLevel = Field(default=LogLevel.INFO, alias="BOOKWRIGHT_LOG_LEVEL")
    metrics_port: int = Field(default=0, ge=0, le=65535, alias="BOOKWRIGHT_METRICS_PORT")
    """Where this process serves `/metrics` without a key; 0 is nowhere."""
    metrics_host: str = Field(default="127.0.0.1", alias="BOOKWRIGHT_METRICS_HOST")
    """The address that it does so at: one that only the operator's Prometheus reaches."""
    otlp_endpoint: str = Field(default="", alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """Where traces are sent (OTLP over HTTP), such as `http://collector:4318`; empty is no tracing."""

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level

    @field_validator(*Capability, mode="before")
    @classmethod
    def _chain(cls, wanted: object, info: ValidationInfo) -> Chain:
        return parse_chain(Capability(str(info.field_name)), wanted)

    @field_validator("outside", mode="before")
    @classmethod
    def _steps(cls, wanted: object) -> object:
        if not isinstance(wanted, str):
            return wanted
        names = tuple(dict.fromkeys(name.strip().lower() for name in wanted.split(",") if name.strip()))
        if any(name not in OUTSIDE for name in names):
            raise ValueError(f"choose from {', '.join(OUTSIDE)}")
        return names

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @cached_property
    def database(self) -> str:
        """The database's URL, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'bookwright.db'}"

    @cached_property
    def price_table(self) -> PriceTable:
        """What providers charge. Raises Misconfigured."""
        return prices_with(self.prices)

    @property
    def job_limits(self) -> dict[JobKind, int]:
        """Jobs of each kind that run at once."""
        return {JobKind.STORY: self.story_jobs, JobKind.IMAGE: self.image_jobs, JobKind.AUDIO: self.audio_jobs}

    @property
    def job_rates(self) -> dict[JobKind, int]:
        """Jobs that start in a minute, of the kinds for which that is limited."""
        rates = {JobKind.STORY: self.story_rate, JobKind.IMAGE: self.image_rate, JobKind.AUDIO: self.audio_rate}
        return {kind: rate for kind, rate in rates.items() if rate is not None}

    @property
    def month_budget_micros(self) -> int | None:
        return None if self.month_budget_usd is None else to_micros(self.month_budget_usd)

    @property
    def assets(self) -> Path:
        return self.home / "assets"

    @property
    def storage(self) -> StorageSettings:
        """Where assets are kept and delivered from."""
        return self._storage

    @property
    def notices(self) -> NoticeSettings:
        """Whom Bookwright tells of what happens."""
        return self._notices

    @property
    def embedded_temporal(self) -> bool:
        return not self.temporal_address

    @property
    def accounts(self) -> Accounts:
        """What is set of each provider."""
        return self._accounts

    @property
    def transcribes(self) -> bool:
        """Whether anybody is set who writes recordings down."""
        return bool(self.transcription) or StepKind.TRANSCRIBE in self.outside

    def chain(self, capability: Capability) -> Chain:
        """Who does it, first choice first."""
        chosen: Chain = getattr(self, capability)
        return chosen

    @property
    def chosen(self) -> dict[Provider, Account]:
        """The accounts of the providers that any capability names."""
        names = dict.fromkeys(provider for capability in Capability for provider in self.chain(capability))
        return {provider: self.accounts.of(provider) for provider in names}

    @classmethod
    def variables(cls) -> list[str]:
        """The names of all variables."""
        accounts = [variable for account in ACCOUNTS for variable in account.variables()]
        own = [str(field.alias) for field in cls.model_fields.values()]
        return own + accounts + StorageSettings.variables() + NoticeSettings.variables()

    @classmethod
    def load(cls) -> Self:
        """Read the environment and the settings file. Raises Misconfigured naming the variable and the remedy."""
        home = Path(os.environ.get("BOOKWRIGHT_HOME") or _default_home()).expanduser()
        env_file = home / "bookwright.env"
        try:
            settings = cls(_env_file=env_file)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            raise Misconfigured(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
        settings._accounts = Accounts(env_file)
        settings._storage = StorageSettings.load(env_file)
        settings._notices = NoticeSettings.load(env_file)
        settings._check_keys()
        if settings.prices is not None:
            _ = settings.price_table  # what is wrong with the file is said at start
        return settings

    def _check_keys(self) -> None:
        """Raise Misconfigured when a provider that is named can't be asked for want of a key."""
        for capability in Capability:
            for provider in self.chain(capability):
                if missing := self.accounts.of(provider).missing:
                    without = _without(capability, self.chain(capability), provider)
                    raise Misconfigured(
                        f"{missing}: {capability.variable}={','.join(self.chain(capability))} needs it; "
                        f"set it or use {capability.variable}={without}"
                    )


def _without(capability: Capability, chain: Chain, provider: Provider) -> str:
    """What to choose in place of a chain, when one of it can't be had."""
    others = [name for name in chain if name is not provider]
    local = Provider.LOCAL if Provider.LOCAL in OFFERS[capability] else OFF
    return ",".join(others) or local


def _default_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "bookwright"

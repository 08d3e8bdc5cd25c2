"""Settings: from the environment, and from `bookwright.env` in the home folder."""

import os
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bookwright.contracts.errors import Misconfigured


class SpeechProvider(StrEnum):
    """Who speaks."""

    LOCAL = "local"
    SARVAM = "sarvam"


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
    temporal_api_key: SecretStr | None = Field(default=None, alias="TEMPORAL_API_KEY")
    temporal_tls_cert: Path | None = Field(default=None, alias="TEMPORAL_TLS_CERT")
    temporal_tls_key: Path | None = Field(default=None, alias="TEMPORAL_TLS_KEY")
    temporal_tls_ca: Path | None = Field(default=None, alias="TEMPORAL_TLS_CA")
    codec_key: SecretStr | None = Field(default=None, alias="BOOKWRIGHT_CODEC_KEY")
    """Encrypts every payload in Temporal's history."""

    speech: SpeechProvider = Field(default=SpeechProvider.LOCAL, alias="BOOKWRIGHT_SPEECH")
    speech_concurrency: int | None = Field(default=None, ge=1, le=256, alias="BOOKWRIGHT_SPEECH_CONCURRENCY")
    """Calls at once in one worker process; None is the provider's own default."""
    speech_deadline_s: float = Field(default=60.0, gt=0, le=3600, alias="BOOKWRIGHT_SPEECH_DEADLINE")
    """Seconds in which one speech call must have ended."""
    sarvam_api_key: SecretStr | None = Field(default=None, alias="SARVAM_API_KEY")
    sarvam_base_url: str | None = Field(default=None, alias="SARVAM_BASE_URL")
    sarvam_model: str = Field(default="bulbul:v2", alias="SARVAM_MODEL")

    audio_jobs: int = Field(default=2, ge=1, alias="BOOKWRIGHT_AUDIO_JOBS")
    """Audio jobs that run at once, over all users."""
    jobs_per_user: int | None = Field(default=None, ge=1, alias="BOOKWRIGHT_JOBS_PER_USER")
    request_limit: str = Field(default="6000/minute", alias="BOOKWRIGHT_REQUEST_LIMIT")
    """Requests that one user may make of the web service."""
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

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @cached_property
    def database(self) -> str:
        """The database's URL, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'bookwright.db'}"

    @property
    def assets(self) -> Path:
        return self.home / "assets"

    @property
    def embedded_temporal(self) -> bool:
        return not self.temporal_address

    @classmethod
    def load(cls) -> Self:
        """Read the environment and the settings file. Raises Misconfigured naming the variable and the remedy."""
        home = Path(os.environ.get("BOOKWRIGHT_HOME") or _default_home()).expanduser()
        try:
            settings = cls(_env_file=home / "bookwright.env")
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            raise Misconfigured(f"{name}: {first['msg']}") from None
        if settings.speech is SpeechProvider.SARVAM and not settings.sarvam_api_key:
            raise Misconfigured(
                "SARVAM_API_KEY: BOOKWRIGHT_SPEECH=sarvam needs it; set it or use BOOKWRIGHT_SPEECH=local"
            )
        return settings


def _default_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "bookwright"

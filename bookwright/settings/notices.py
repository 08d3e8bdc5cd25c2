"""Whom Bookwright tells of what happens: users' webhooks, and the operator's chat and mail."""

from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bookwright.contracts.deliveries import Outlet
from bookwright.contracts.errors import Misconfigured

_NO_URL = "give an absolute http or https URL"


class NoticeSettings(BaseSettings):
    """The variables of webhooks and alerts."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    webhook_origins: Annotated[tuple[str, ...], NoDecode] = Field(default=(), alias="BOOKWRIGHT_WEBHOOK_ORIGINS")
    """Origins such as `http://127.0.0.1:9000` that webhooks may be at although they are on this machine or its network:
    for development, and for receivers of the operator's own."""
    webhook_days: int = Field(default=5, ge=1, le=365, alias="BOOKWRIGHT_WEBHOOK_DAYS")
    """After so many days without a message that was taken a webhook is disabled."""
    chat_url: SecretStr | None = Field(default=None, alias="BOOKWRIGHT_ALERT_CHAT_URL")
    """Where alerts are posted as `{"text"}`: an incoming webhook of Slack, Mattermost, Zulip and others."""
    mail_url: SecretStr | None = Field(default=None, alias="BOOKWRIGHT_ALERT_MAIL_URL")
    """A mail gateway that takes `{"to", "subject", "text"}`."""
    mail_to: str = Field(default="", max_length=320, alias="BOOKWRIGHT_ALERT_MAIL_TO")
    mail_token: SecretStr | None = Field(default=None, alias="BOOKWRIGHT_ALERT_MAIL_TOKEN")
    """Sent to the gateway as `Authorization: Bearer`."""
    templates: Path | None = Field(default=None, alias="BOOKWRIGHT_ALERT_TEMPLATES")
    """A folder whose templates come before those that Bookwright ships with."""

    @field_validator("webhook_origins", mode="before")
    @classmethod
    def _origins(cls, wanted: object) -> object:
        if not isinstance(wanted, str):
            return wanted
        origins = tuple(origin.strip().rstrip("/") for origin in wanted.split(",") if origin.strip())
        for origin in origins:
            if not _is_url(origin) or urlsplit(origin).path:
                raise ValueError("name origins, such as http://127.0.0.1:9000, with commas between them")
        return origins

    @field_validator("chat_url", "mail_url", mode="after")
    @classmethod
    def _absolute(cls, wanted: SecretStr | None) -> SecretStr | None:
        if wanted is not None and not _is_url(wanted.get_secret_value()):
            raise ValueError(_NO_URL)
        return wanted

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """Where alerts go."""
        urls = ((Outlet.CHAT, self.chat_url), (Outlet.MAIL, self.mail_url))
        return tuple(outlet for outlet, url in urls if url is not None)

    @classmethod
    def variables(cls) -> list[str]:
        """The names of all variables."""
        return [str(field.alias) for field in cls.model_fields.values()]

    @classmethod
    def load(cls, env_file: Path | None = None) -> Self:
        """Read the environment and the settings file. Raises Misconfigured naming the variable and the remedy."""
        options: dict[str, Any] = {"_env_file": env_file}
        try:
            settings = cls(**options)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise Misconfigured(f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}") from None
        if settings.mail_url and not settings.mail_to:
            raise Misconfigured("BOOKWRIGHT_ALERT_MAIL_TO: BOOKWRIGHT_ALERT_MAIL_URL needs it; say who gets the mails")
        if settings.templates and not settings.templates.is_dir():
            raise Misconfigured("BOOKWRIGHT_ALERT_TEMPLATES: there is no such folder; make it, or unset this")
        return settings


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable() and " " not in text

"""What the accounts of all providers have in common: keys, addresses, and how hard they may be worked."""

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bookwright.settings.capabilities import Provider


def prefixed(prefix: str) -> SettingsConfigDict:
    """The configuration of an account whose variables begin like this."""
    return SettingsConfigDict(env_prefix=prefix, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)


class Account(BaseSettings):
    """What all have in common. A variable is the prefix and the field's name, unless the field has a name of its own
    that the provider's own tools use."""

    provider: ClassVar[Provider]
    remote: ClassVar[bool] = False
    """Whether its limits are those of all workers together; what runs on this machine has its own in each process."""

    concurrency: int | None = Field(default=None, ge=1, le=256)
    """Calls at once; None is the engine's own default."""
    deadline: float = Field(default=60.0, gt=0, le=3600)
    """Seconds in which one call must have ended."""

    @property
    def missing(self) -> str | None:
        """The variable without which nothing can be asked of the provider."""
        return None

    @property
    def pace(self) -> int | None:
        """Calls a minute; None is without limit."""
        return None

    @classmethod
    def variable(cls, field: str) -> str:
        """The variable that sets a field."""
        alias = cls.model_fields[field].alias
        return alias or f"{cls.model_config['env_prefix']}{field.upper()}"

    @classmethod
    def variables(cls) -> list[str]:
        """All variables."""
        return [cls.variable(field) for field in cls.model_fields]


class RemoteAccount(Account):
    """One that is asked over the network."""

    remote = True

    base_url: str | None = None
    """Another address, such as the emulator's; None is the provider's own."""
    rate: int | None = Field(default=None, ge=1, le=1_000_000)
    """Calls a minute; None is without limit."""

    @property
    def pace(self) -> int | None:
        return self.rate


class KeyedAccount(RemoteAccount):
    """One that wants a key."""

    api_key: SecretStr | None = None

    @property
    def key(self) -> str:
        """The key itself; empty when there is none."""
        return self.api_key.get_secret_value() if self.api_key else ""

    @property
    def missing(self) -> str | None:
        return None if self.key else self.variable("api_key")

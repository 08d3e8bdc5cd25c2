"""Where assets are kept and delivered from."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bookwright.contracts.errors import Misconfigured


class AssetPlace(StrEnum):
    """The first three keep all assets. Cloudinary delivers, beside one of them."""

    LOCAL = "local"
    S3 = "s3"
    R2 = "r2"
    CLOUDINARY = "cloudinary"


_CHOICES = "choose local, s3 or r2, and ,cloudinary after it to deliver from there; cloudinary alone keeps all locally"


class StorageSettings(BaseSettings):
    """`BOOKWRIGHT_ASSETS` and the variables of the places it can name."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    places: Annotated[tuple[AssetPlace, ...], NoDecode] = Field(default=(AssetPlace.LOCAL,), alias="BOOKWRIGHT_ASSETS")
    cache_mib: int = Field(default=2048, ge=16, alias="BOOKWRIGHT_ASSET_CACHE_MIB")
    """How much of a bucket is kept on the local disk."""

    s3_bucket: str = Field(default="", alias="S3_BUCKET")
    s3_access_key_id: str = Field(default="", alias="S3_ACCESS_KEY_ID")
    s3_secret_access_key: SecretStr | None = Field(default=None, alias="S3_SECRET_ACCESS_KEY")
    s3_region: str = Field(default="us-east-1", alias="S3_REGION")
    s3_endpoint_url: str = Field(default="", alias="S3_ENDPOINT_URL")
    """Empty is Amazon's own."""
    s3_prefix: str = Field(default="", alias="S3_PREFIX")
    """Before every key, for a bucket that is not Bookwright's alone."""

    r2_account_id: str = Field(default="", alias="R2_ACCOUNT_ID")
    r2_bucket: str = Field(default="", alias="R2_BUCKET")
    r2_access_key_id: str = Field(default="", alias="R2_ACCESS_KEY_ID")
    r2_secret_access_key: SecretStr | None = Field(default=None, alias="R2_SECRET_ACCESS_KEY")
    r2_endpoint_url: str = Field(default="", alias="R2_ENDPOINT_URL")
    """Empty follows from the account; other jurisdictions have addresses of their own."""
    r2_prefix: str = Field(default="", alias="R2_PREFIX")

    cloudinary_cloud_name: str = Field(default="", alias="CLOUDINARY_CLOUD_NAME")
    cloudinary_api_key: str = Field(default="", alias="CLOUDINARY_API_KEY")
    cloudinary_api_secret: SecretStr | None = Field(default=None, alias="CLOUDINARY_API_SECRET")
    cloudinary_base_url: str = Field(default="https://api.cloudinary.com", alias="CLOUDINARY_BASE_URL")
    cloudinary_delivery_url: str = Field(default="https://res.cloudinary.com", alias="CLOUDINARY_DELIVERY_URL")

    @field_validator("places", mode="before")
    @classmethod
    def _places(cls, wanted: object) -> tuple[AssetPlace, ...]:
        names = wanted.split(",") if isinstance(wanted, str) else wanted
        if not isinstance(names, Iterable):
            raise ValueError(_CHOICES)
        try:
            places = tuple(AssetPlace(name.strip().lower()) for name in names if name.strip())
        except ValueError:
            raise ValueError(_CHOICES) from None
        if not places or len(places) - (AssetPlace.CLOUDINARY in places) > 1 or len(set(places)) < len(places):
            raise ValueError(_CHOICES)
        return places

    @property
    def kept_at(self) -> AssetPlace:
        """Who keeps all assets."""
        return next((place for place in self.places if place is not AssetPlace.CLOUDINARY), AssetPlace.LOCAL)

    @property
    def published(self) -> bool:
        """Whether what readers see and hear is delivered by Cloudinary."""
        return AssetPlace.CLOUDINARY in self.places

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
        for place in settings.places:
            for name in _NEEDED[place]:
                if not getattr(settings, name):
                    variable = cls.model_fields[name].alias
                    chosen = ",".join(settings.places)
                    raise Misconfigured(f"{variable}: BOOKWRIGHT_ASSETS={chosen} needs it; set it or use local")
        return settings


_NEEDED: dict[AssetPlace, tuple[str, ...]] = {
    AssetPlace.LOCAL: (),
    AssetPlace.S3: ("s3_bucket", "s3_access_key_id", "s3_secret_access_key"),
    AssetPlace.R2: ("r2_account_id", "r2_bucket", "r2_access_key_id", "r2_secret_access_key"),
    AssetPlace.CLOUDINARY: ("cloudinary_cloud_name", "cloudinary_api_key", "cloudinary_api_secret"),
}

"""`BOOKWRIGHT_ASSETS`: what it names is opened, and what is missing for it is told at the start."""

from pathlib import Path

import pytest

from bookwright.assets import open_assets, open_publisher
from bookwright.contracts.errors import Misconfigured
from bookwright.settings import AssetPlace, Settings
from bookwright.store import BucketAssets, LocalAssets

S3 = {"S3_BUCKET": "books", "S3_ACCESS_KEY_ID": "id", "S3_SECRET_ACCESS_KEY": "hunter2"}
R2 = {"R2_ACCOUNT_ID": "0a1b", "R2_BUCKET": "books", "R2_ACCESS_KEY_ID": "id", "R2_SECRET_ACCESS_KEY": "hunter2"}
CLOUDINARY = {"CLOUDINARY_CLOUD_NAME": "studio", "CLOUDINARY_API_KEY": "id", "CLOUDINARY_API_SECRET": "hunter2"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty environment but for a home."""
    for name in Settings.variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOOKWRIGHT_HOME", str(tmp_path))
    return tmp_path


def loaded(monkeypatch: pytest.MonkeyPatch, assets: str, **variables: str) -> Settings:
    for name, value in {"BOOKWRIGHT_ASSETS": assets, **variables}.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def test_without_a_setting_assets_are_in_the_home_and_delivered_from_there(home: Path) -> None:
    settings = Settings.load()
    assert isinstance(open_assets(settings.storage, settings.assets), LocalAssets) and (home / "assets").is_dir()
    assert open_publisher(settings.storage) is None


@pytest.mark.parametrize(
    ("assets", "variables", "kind", "published"),
    [
        ("local", {}, LocalAssets, False),
        ("s3", S3, BucketAssets, False),
        ("R2", R2, BucketAssets, False),
        ("cloudinary", CLOUDINARY, LocalAssets, True),
        ("s3, cloudinary", S3 | CLOUDINARY, BucketAssets, True),
        ("cloudinary,r2", R2 | CLOUDINARY, BucketAssets, True),
    ],
)
def test_what_is_named_is_opened(
    monkeypatch: pytest.MonkeyPatch, assets: str, variables: dict[str, str], kind: type, published: bool
) -> None:
    settings = loaded(monkeypatch, assets, **variables)
    assert type(open_assets(settings.storage, settings.assets)) is kind
    assert (open_publisher(settings.storage) is not None) is published
    assert "hunter2" not in repr(settings.storage) + settings.storage.model_dump_json()


@pytest.mark.parametrize(
    ("assets", "variables"), [("s3", S3), ("r2", R2), ("cloudinary", CLOUDINARY), ("local,cloudinary", CLOUDINARY)]
)
def test_each_variable_that_is_missing_is_named_at_the_start(
    monkeypatch: pytest.MonkeyPatch, assets: str, variables: dict[str, str]
) -> None:
    for name in variables:
        with pytest.raises(Misconfigured, match=f"^{name}: BOOKWRIGHT_ASSETS={assets} needs it"):
            loaded(monkeypatch, assets, **(variables | {name: ""}))


@pytest.mark.parametrize("assets", ["hunter2", "s3,r2", "local,s3", "s3,s3", ",", "cloudinary,cloudinary"])
def test_what_makes_no_sense_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, assets: str) -> None:
    with pytest.raises(Misconfigured, match=r"^BOOKWRIGHT_ASSETS: choose local, s3 or r2") as refusal:
        loaded(monkeypatch, assets, **(S3 | R2 | CLOUDINARY))
    assert "hunter2" not in str(refusal.value)


def test_a_wrong_number_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match=r"^BOOKWRIGHT_ASSET_CACHE_MIB: "):
        loaded(monkeypatch, "local", BOOKWRIGHT_ASSET_CACHE_MIB="hunter2")


def test_the_settings_file_counts_as_well(home: Path) -> None:
    lines = [f"{name}={value}" for name, value in ({"BOOKWRIGHT_ASSETS": "s3"} | S3).items()]
    (home / "bookwright.env").write_text("\n".join(lines))
    assert Settings.load().storage.kept_at is AssetPlace.S3

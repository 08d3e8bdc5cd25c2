"""Where settings come from, and what is said about wrong ones."""

from pathlib import Path

import pytest

from bookwright.contracts.errors import Misconfigured
from bookwright.settings import Capability, Provider, Settings

VARIABLES = Settings.variables()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty environment but for a home."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOOKWRIGHT_HOME", str(tmp_path))
    return tmp_path


def test_without_any_setting_everything_is_local(home: Path) -> None:
    settings = Settings.load()
    assert settings.home == home and settings.assets == home / "assets"
    assert settings.database == f"sqlite:///{home}/bookwright.db"
    assert settings.embedded_temporal and settings.codec_key is None
    local = {capability for capability in Capability if settings.chain(capability) == (Provider.LOCAL,)}
    assert local == {Capability.SPEECH, Capability.TEXT, Capability.IMAGES, Capability.SOUNDS, Capability.EMBEDDINGS}
    assert not any(settings.chain(capability) for capability in set(Capability) - local)


def test_the_home_without_a_setting_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOOKWRIGHT_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Settings.load().home == tmp_path / "data" / "bookwright"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings.load().home == tmp_path / ".local" / "share" / "bookwright"


def test_an_empty_home_is_the_default_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKWRIGHT_HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Settings.load().home == tmp_path / "data" / "bookwright"


def test_a_home_below_the_user_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BOOKWRIGHT_HOME", "~/books")
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "bookwright.env").write_text("BOOKWRIGHT_AUDIO_JOBS=7\n")
    settings = Settings.load()
    assert (settings.home, settings.audio_jobs) == (tmp_path / "books", 7)


def test_the_file_in_the_home_sets_what_the_environment_does_not(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "bookwright.env").write_text(
        "# who speaks\nBOOKWRIGHT_SPEECH=sarvam\nSARVAM_API_KEY=from-the-file\nSARVAM_DEADLINE=5\n"
        "SOMETHING_ELSE=ignored\n"
    )
    monkeypatch.setenv("SARVAM_DEADLINE", "7.5")
    settings = Settings.load()
    assert settings.speech == (Provider.SARVAM,) and settings.accounts.sarvam.deadline == 7.5
    assert settings.accounts.sarvam.key == "from-the-file"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOOKWRIGHT_SPEECH", "hunter2"),
        ("BOOKWRIGHT_LOCAL_CONCURRENCY", "0"),
        ("BOOKWRIGHT_LOCAL_CONCURRENCY", "257"),
        ("BOOKWRIGHT_LOCAL_CONCURRENCY", "hunter2"),
        ("BOOKWRIGHT_LOCAL_DEADLINE", "0"),
        ("BOOKWRIGHT_LOCAL_DEADLINE", "hunter2"),
        ("BOOKWRIGHT_AUDIO_JOBS", "0"),
        ("BOOKWRIGHT_JOBS_PER_USER", "-1"),
    ],
)
def test_a_wrong_value_is_named_by_its_variable_and_never_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as refusal:
        Settings.load()
    assert str(refusal.value).startswith(f"{name}: ")
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None and refusal.value.__suppress_context__


@pytest.mark.parametrize(
    ("chosen", "providers"),
    [
        ("local", (Provider.LOCAL,)),
        (" Sarvam , local,", (Provider.SARVAM, Provider.LOCAL)),
    ],
)
def test_a_choice_is_a_list_in_order(
    monkeypatch: pytest.MonkeyPatch, chosen: str, providers: tuple[Provider, ...]
) -> None:
    monkeypatch.setenv("SARVAM_API_KEY", "k")
    monkeypatch.setenv("BOOKWRIGHT_SPEECH", chosen)
    settings = Settings.load()
    assert settings.chain(Capability.SPEECH) == providers == tuple(settings.chosen)


@pytest.mark.parametrize("capability", [each for each in Capability if each is not Capability.SPEECH])
def test_what_is_off_needs_nothing(monkeypatch: pytest.MonkeyPatch, capability: Capability) -> None:
    monkeypatch.setenv(capability.variable, "off")
    assert Settings.load().chain(capability) == ()


@pytest.mark.parametrize(
    ("variable", "chosen", "says"),
    [
        ("BOOKWRIGHT_SPEECH", "sarvam,gemini", "choose from local, .*sarvam"),
        ("BOOKWRIGHT_SPEECH", "off", "choose from local"),
        ("BOOKWRIGHT_SPEECH", ",", "choose from local"),
        ("BOOKWRIGHT_SPEECH", "local,local", "named twice"),
        ("BOOKWRIGHT_IMAGES", "sarvam", "choose from local, .*, off"),
        ("BOOKWRIGHT_IMAGES", "gemini,off", "choose from local, gemini"),
    ],
)
def test_a_choice_that_is_none_names_what_there_is(
    monkeypatch: pytest.MonkeyPatch, variable: str, chosen: str, says: str
) -> None:
    monkeypatch.setenv(variable, chosen)
    with pytest.raises(Misconfigured, match=f"^{variable}: .*{says}"):
        Settings.load()


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ("BOOKWRIGHT_SPEECH=local,sarvam", "SARVAM_API_KEY: .*BOOKWRIGHT_SPEECH=local$"),
        ("BOOKWRIGHT_TEXT=gemini", "GEMINI_API_KEY: .*BOOKWRIGHT_TEXT=local$"),
        ("BOOKWRIGHT_IMAGES=replicate", "REPLICATE_API_TOKEN: .*BOOKWRIGHT_IMAGES=local$"),
        ("BOOKWRIGHT_TRANSCRIPTION=whisper,revai", "REVAI_ACCESS_TOKEN: .*BOOKWRIGHT_TRANSCRIPTION=whisper$"),
        ("BOOKWRIGHT_EMBEDDINGS=openai", "OPENAI_API_KEY: .*BOOKWRIGHT_EMBEDDINGS=local$"),
    ],
)
def test_a_key_that_is_missing_anywhere_in_a_chain_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, choice: str, says: str
) -> None:
    monkeypatch.setenv(*choice.split("="))
    with pytest.raises(Misconfigured, match=f"^{says}"):
        Settings.load()


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKWRIGHT_TEXT", "openai")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:11434")
    assert Settings.load().text == (Provider.OPENAI,)


@pytest.mark.parametrize(
    ("name", "value"), [("SARVAM_CONCURRENCY", "0"), ("SARVAM_RATE", "hunter2"), ("SARVAM_DEADLINE", "-1")]
)
def test_a_wrong_value_of_a_provider_that_is_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("BOOKWRIGHT_SPEECH", "sarvam")
    monkeypatch.setenv("SARVAM_API_KEY", "k")
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=f"^{name}: ") as refusal:
        Settings.load()
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("key", [None, ""])
def test_sarvam_without_a_key_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    monkeypatch.setenv("BOOKWRIGHT_SPEECH", "sarvam")
    if key is not None:
        monkeypatch.setenv("SARVAM_API_KEY", key)
    with pytest.raises(Misconfigured, match=r"^SARVAM_API_KEY: .*BOOKWRIGHT_SPEECH=local"):
        Settings.load()


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SARVAM_API_KEY", "BOOKWRIGHT_CODEC_KEY", "TEMPORAL_API_KEY"):
        monkeypatch.setenv(name, "hunter2")
    settings = Settings.load()
    for shown in (settings, settings.accounts.sarvam):
        assert "hunter2" not in repr(shown) and "hunter2" not in str(shown) + shown.model_dump_json()


@pytest.mark.parametrize("name", ["BOOKWRIGHT_CODEC_KEY", "TEMPORAL_API_KEY", "TEMPORAL_TLS_CERT"])
def test_a_variable_that_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """`BOOKWRIGHT_CODEC_KEY= bookwright …` must not encrypt with the empty passphrase."""
    monkeypatch.setenv(name, "")
    field = next(field for field, info in Settings.model_fields.items() if info.alias == name)
    assert getattr(Settings.load(), field) is None


def test_variables_of_other_programs_are_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the documented names count, not the names of the fields behind them (HOME is one of those)."""
    for name, value in (("HOME", "/nowhere"), ("SPEECH", "hunter2"), ("AUDIO_JOBS", "9"), ("FAILPOINTS", "sent=kill")):
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    assert settings.home == home and settings.speech == (Provider.LOCAL,)
    assert settings.audio_jobs == 2 and settings.failpoints == ""

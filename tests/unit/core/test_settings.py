"""Configuration: environment over file, secrets nowhere in it, paths relative to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from importer.errors import ConfigurationError
from importer.settings import Settings, find_config, load_settings, password_of, sample_config

FILE = '[profiles.Test]\nstandard_url = "http://erp/x"\nplant = "P1"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with an importer.toml; the user's own folders lie elsewhere below the test's."""
    for name in ("work", "config", "data"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "work"


def write(folder: Path, text: str = FILE) -> Path:
    path = folder / "importer.toml"
    path.write_text(text, encoding="utf-8")
    return path


# -- which file ----------------------------------------------------------------------------------------------------------


def test_the_file_named_comes_before_all_others(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config, then IMPORTER_CONFIG, then the working directory, then the user's configuration directory, then none."""
    assert find_config(None) is None
    own = tmp_path / "config" / "tiptop-importer"
    own.mkdir()
    user = write(own)
    assert find_config(None) == user.resolve()
    here = write(folder)
    assert find_config(None) == here.resolve()
    named = tmp_path / "named.toml"
    named.write_text(FILE, "utf-8")
    monkeypatch.setenv("IMPORTER_CONFIG", str(named))
    assert find_config(None) == named.resolve()
    assert find_config(user) == user.resolve()


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_file_that_is_named_and_not_there_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    """Never silently another configuration than the one that was meant."""
    write(folder)
    if by == "environment":
        monkeypatch.setenv("IMPORTER_CONFIG", "gone.toml")
    with pytest.raises(ConfigurationError, match=r"gone\.toml"):
        load_settings(Path("gone.toml") if by == "option" else None)


# -- environment over file -------------------------------------------------------------------------------------------------


def test_the_environment_wins_over_the_file_and_leaves_the_rest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One setting by an environment variable, in whatever case the profile's name is written; the file's others stay."""
    write(folder)
    monkeypatch.setenv("IMPORTER_PROFILES__TEST__PLANT", "P2")
    monkeypatch.setenv("IMPORTER_PROFILES__TEST__DIGI__KEY_SALT", "28682266")
    profile = load_settings().profile(None)
    assert (profile.name, profile.plant, profile.standard_url, profile.digi.key_salt) == ("Test", "P2", "http://erp/x", "28682266")


def test_the_environment_alone_is_a_configuration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container needs no file."""
    monkeypatch.setenv("IMPORTER_PROFILES__NIGHT__STANDARD_URL", "http://erp/y")
    assert load_settings().profile("night").standard_url == "http://erp/y"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("IMPORTER_PROFILES__TEST__CONCURRENCY", "many", "concurrency"),
        ("IMPORTER_PROFILES__TEST__PLANTT", "x", "plantt"),
        ("IMPORTER_PROFILES", "{", "IMPORTER"),
    ],
)
def test_a_wrong_variable_is_told_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    """A typing error in the environment is an error, not a setting that is passed over."""
    write(folder)
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=told):
        load_settings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[profiles.t]\ngrace_s = -1\n", "profiles.t: grace_s: at least 0"),
        ("[profiles.t]\nconcurrency = 0\n", "profiles.t: concurrency: at least 1"),
        ("[profiles.t]\ntimeout_s = 0\n", "profiles.t: timeout_s: at least 0.001"),
        ("[profiles.t]\nformat = 'csv'\n", "profiles.t.format"),
        ("[profiles.t]\nstandart_url = 'x'\n", "profiles.t.standart_url"),
        ("[profile.t]\n", "profile"),
        ("x", "cannot be read"),
    ],
)
def test_a_wrong_file_is_told_with_file_and_setting(folder: Path, text: str, told: str) -> None:
    """Where the mistake is, and what."""
    path = write(folder, text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


# -- profiles --------------------------------------------------------------------------------------------------------------


def test_which_profile_is_meant(folder: Path) -> None:
    """The one named, else the default one, else the only one; the erp_id is the name unless it is set."""
    write(folder, "[profiles.a]\nerp_id = 'live'\n[profiles.b]\n")
    settings = load_settings()
    assert (settings.profile("a").erp_id, settings.profile("b").erp_id) == ("live", "b")
    with pytest.raises(ConfigurationError, match="a, b"):
        settings.profile(None)
    with pytest.raises(ConfigurationError, match="There is no profile c"):
        settings.profile("c")
    assert Settings(**{**settings.model_dump(), "default_profile": "b"}).profile(None).name == "b"


# -- the ledger ------------------------------------------------------------------------------------------------------------


def test_a_relative_ledger_lies_beside_the_file_that_named_it(folder: Path, tmp_path: Path) -> None:
    """Whatever directory the command happens to run in (rule 9)."""
    path = write(tmp_path, 'ledger = "sqlite:///state/importer.db"\n')
    assert load_settings(path).ledger_url == f"sqlite:///{tmp_path.resolve()}/state/importer.db"


def test_without_a_setting_the_ledger_lies_in_the_users_data_folder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a relative one that no file named: never in the working directory (rule 9)."""
    where = f"sqlite:///{tmp_path}/data/tiptop-importer/importer.db"
    assert load_settings().ledger_url == where
    write(folder)
    assert load_settings().ledger_url == where
    (folder / "importer.toml").unlink()
    monkeypatch.setenv("IMPORTER_LEDGER", "sqlite:///importer.db")
    assert load_settings().ledger_url == where


@pytest.mark.parametrize("url", ["sqlite:////srv/importer.db", "postgresql+psycopg://me@db/importer"])
def test_an_absolute_ledger_stays_as_it_is(folder: Path, url: str) -> None:
    """Nothing is made of it."""
    write(folder, f'ledger = "{url}"\n')
    assert load_settings().ledger_url == url


# -- secrets ---------------------------------------------------------------------------------------------------------------


def test_a_password_in_the_file_is_refused_and_not_repeated(folder: Path) -> None:
    """The message says where it may stand instead, and does not print it."""
    write(folder, FILE + 'password = "geheim"\n')
    with pytest.raises(ConfigurationError, match="IMPORTER_PROFILES__TEST__PASSWORD") as caught:
        load_settings()
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "variable"),
    [
        ('[web]\nmetrics_token = "geheim"', "IMPORTER_WEB__METRICS_TOKEN"),
        ('[web]\nsecret = "geheim"', "IMPORTER_WEB__SECRET"),
        ('[web.oidc]\nissuer = "https://i"\nclient_id = "c"\nclient_secret = "geheim"', "IMPORTER_WEB__OIDC__CLIENT_SECRET"),
    ],
)
def test_no_secret_of_the_page_stands_in_the_file(folder: Path, setting: str, variable: str) -> None:
    """Told with the variable that it belongs into, and not repeated."""
    write(folder, f"{FILE}\n{setting}\n")
    with pytest.raises(ConfigurationError, match=variable) as caught:
        load_settings()
    assert "geheim" not in str(caught.value)


def test_a_password_comes_from_the_environment_before_any_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile's own variable, then the common one, then the file."""
    secret = folder / "secret"
    secret.write_text("from file\n", "utf-8")
    secret.chmod(0o600)
    write(folder, FILE + 'password_file = "secret"\n')
    assert password_of(load_settings().profile(None)) == "from file"
    monkeypatch.setenv("IMPORTER_PASSWORD", "common")
    assert password_of(load_settings().profile(None)) == "common"
    monkeypatch.setenv("IMPORTER_PROFILES__TEST__PASSWORD", "own")
    profile = load_settings().profile(None)
    assert password_of(profile) == "own"
    assert "own" not in repr(profile)


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_password_file_that_others_may_read_is_refused(folder: Path, mode: int) -> None:
    """The message says how to lock it."""
    secret = folder / "secret"
    secret.write_text("x", "utf-8")
    secret.chmod(mode)
    write(folder, FILE + 'password_file = "secret"\n')
    with pytest.raises(ConfigurationError, match="chmod 600"):
        password_of(load_settings().profile(None))


def test_a_password_file_that_is_not_there_is_told(folder: Path) -> None:
    """Rather than trying without a password."""
    write(folder, FILE + 'password_file = "gone"\n')
    with pytest.raises(ConfigurationError, match="gone"):
        password_of(load_settings().profile(None))


def test_the_sample_is_a_configuration_without_secrets(folder: Path) -> None:
    """What `importer init` writes loads as it is, and each commented line names a setting that there is."""
    text = sample_config()
    write(folder, text)
    assert load_settings().profile(None).name == "test"
    lines = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ") and (" = " in line or line.startswith("# ["))]
    assert len(lines) > 10
    top = [line for line in lines if line.startswith(("mappings", "prune_after_days"))]
    write(folder, "\n".join([*top, "[profiles.test]", *(line for line in lines if line not in top)]))
    with pytest.raises(ConfigurationError, match="/run/secrets/tiptop"):  # its file is not there: so it was read as a setting
        password_of(load_settings().profile("test"))

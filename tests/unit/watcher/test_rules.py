"""Settings of watched folders and of messages: one folder's over all folders', and every mistake named."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.errors import ConfigurationError
from importer.settings import load_settings
from importer.watcher.opening import open_folders

ERP = '[profiles.test]\nstandard_url = "http://127.0.0.1:1/x"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "importer.toml"
    path.write_text(ERP + text, "utf-8")
    return path


def test_a_folders_own_rules_come_first(tmp_path: Path) -> None:
    """The command line over the folder's section over `[watch]` over the defaults."""
    text = '[watch]\nsettle_s = 1\ngive_up_h = 2\n[watch.folders.a]\npath = "a"\nsettle_s = 3\nuntil = "created"\n'
    config = write(tmp_path, text)
    [found] = open_folders([], config, profile=None, language=None, overrides={"until": "approved"})
    rules = found.place.rules
    assert (rules.settle_s, rules.give_up_h, rules.until, rules.retry_s) == (3, 2, "approved", 60)
    assert found.place.root == (tmp_path / "a").resolve()
    [other] = open_folders([tmp_path / "b"], config, profile=None, language=None, overrides={})
    assert other.place.rules.settle_s == 1
    [same] = open_folders([tmp_path / "a"], config, profile=None, language=None, overrides={})
    assert (same.place.rules.settle_s, same.place.id) == (3, found.place.id)


def test_the_folders_id_goes_with_it(tmp_path: Path) -> None:
    """Another machine sees it at another path; the ledger still knows it."""
    config = write(tmp_path, "")
    [found] = open_folders([tmp_path / "a"], config, profile=None, language=None, overrides={})
    (tmp_path / "a").rename(tmp_path / "moved")
    [moved] = open_folders([tmp_path / "moved"], config, profile=None, language=None, overrides={})
    assert moved.place.id == found.place.id


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[watch]\ncron = "every day"\n', "not a cron expression"),
        ('[watch]\nquiet = ["8 to 5"]\n', "write hours as 22:00-06:00"),
        ('[watch]\ninbox = "a/b"\n', "the name of a sub-folder"),
        ('[watch]\ninbox = "Done"\n', "different folders"),
        ('[watch]\npost_at = "0 22 * * *"\n', "needs until"),
        ("[watch]\ngive_up_h = -1\n", "at least 0"),
        ('[watch]\nhealth = "9464x"\n', "host:port"),
        ("[watch]\nsettle = 1\n", "watch.settle"),
        ('[watch]\ndocument_type = "none"\n', "There is no document type none"),
        ('[watch]\nlanguage = "fr"\n', "no language fr"),
        ('[watch]\nprofile = "other"\n', "no profile other"),
        ("[watch.folders.a]\nsettle_s = 1\n", "needs a path"),
        ('[notify.email]\nhost = "x"\n', "needs a sender"),
        ('[notify.email]\npassword = "x"\n', "no secret in this file"),
        ('[notify.webhooks.a]\nshape = "slack"\nurl = "https://hooks"\n', "IMPORTER_NOTIFY__WEBHOOKS__A__URL"),
        ('[notify.webhooks.a]\ntoken = "x"\n', "no secret in this file"),
        ('[notify.webhooks.a]\nshape = "custom"\n', "needs one"),
        ('[notify.webhooks.a]\nurl = "ftp://x"\n', "http or https"),
    ],
)
def test_a_mistake_is_told_by_name(tmp_path: Path, text: str, told: str) -> None:
    """Before the first file comes, not at night."""
    config = write(tmp_path, text)
    folders = [] if "folders" in text else [tmp_path / "a"]
    with pytest.raises(ConfigurationError, match=told):
        open_folders(folders, config, profile=None, language=None, overrides={})


def test_no_folder_at_all(tmp_path: Path) -> None:
    """Neither named nor configured."""
    with pytest.raises(ConfigurationError, match="Name a folder"):
        open_folders([], write(tmp_path, ""), profile=None, language=None, overrides={})


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="cannot be watched"):
        open_folders([tmp_path / "a"], write(tmp_path, ""), profile=None, language=None, overrides={})


def test_the_environment_reaches_folders_and_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for every other setting."""
    monkeypatch.setenv("IMPORTER_WATCH__GIVE_UP_H", "7")
    monkeypatch.setenv("IMPORTER_NOTIFY__WEBHOOKS__OPS__TOKEN", "t")
    settings = load_settings(write(tmp_path, '[notify.webhooks.ops]\nshape = "line"\nto = "G1"\n'))
    assert settings.watch.rules(None).give_up_h == 7
    token = settings.notify.webhooks["ops"].token
    assert token is not None
    assert token.get_secret_value() == "t"

"""The documentation is under test: what it lists is what there is."""

from __future__ import annotations

import pytest
from unit.docs.readme_tables import README, TABLES, generated

from importer.cli.group import COMMANDS
from importer.fieldtypes import FIELD_TYPES
from importer.settings import Profile, Web
from importer.unattended import Watch

TEXT = README.read_text(encoding="utf-8")


def test_tables_are_up_to_date() -> None:
    """README's tables of fields and issue codes are what the mappings and the catalogue say."""
    assert generated(TEXT) == TEXT
    assert all(f"<!-- generated: {name} -->" in TEXT for name in TABLES)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_described(command: str) -> None:
    """Every command of the command line stands in README."""
    assert f"importer {command}" in TEXT


@pytest.mark.parametrize("setting", sorted(set(Profile.model_fields) - {"name", "password", "digi", "wire", "custom"}))
def test_every_setting_is_described(setting: str) -> None:
    """Every setting of a profile stands in README."""
    assert f"`{setting}`" in TEXT


@pytest.mark.parametrize("setting", sorted(set(Watch.model_fields) - {"folders"}))
def test_every_setting_of_a_watched_folder_is_described(setting: str) -> None:
    """Every setting of `[watch]` stands in README."""
    assert f"`{setting}`" in TEXT


@pytest.mark.parametrize("setting", sorted(Web.model_fields))
def test_every_setting_of_the_web_page_is_described(setting: str) -> None:
    """Every setting of `[web]` stands in README."""
    assert f"`{setting}`" in TEXT


@pytest.mark.parametrize("type_name", FIELD_TYPES)
def test_every_field_type_is_described(type_name: str) -> None:
    """Every field type stands in README."""
    assert f"`{type_name}`" in TEXT


def test_two_commands_come_first() -> None:
    """README starts with one command line that imports something and one that runs the tests."""
    demo, test = TEXT.index("<!-- demo-command -->"), TEXT.index("<!-- test-command -->")
    assert demo < test < 3000
    assert "importer demo misc_issue" in TEXT[demo:test]
    assert TEXT[test:].split("```")[1].rstrip().endswith(".venv/bin/pytest -n 4 --dist worksteal")

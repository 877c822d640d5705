"""users."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.language import say
from importer.cli.options import common
from importer.cli.output import print_json, table, tell
from importer.errors import ConfigurationError
from importer.messages import LANGUAGES, N_

if TYPE_CHECKING:
    from importer.ledger import Portal, User

__all__ = ["users"]

HEADINGS = (N_("Name"), N_("Shown as"), N_("Roles"), N_("State"))
PASSWORD_IN = click.option(
    "--password-stdin", is_flag=True, help=say(N_("Read the password from standard input instead of asking for it."))
)


@click.group(help=say(N_("Users of the web page and their roles.")))
def users() -> None:
    """Group of the commands below; for whoever may write the ledger, which is why no password is asked for first."""


@users.command("list", help=say(N_("All users with their roles.")))
@common
def list_users(*, as_json: bool, lang: str | None, config: Path | None) -> int:  # noqa: ARG001 - common options
    """By name."""
    with _portal(config) as (portal, _):
        found = portal.users()
    if as_json:
        print_json([_json(user) for user in found])
    else:
        rows = [[user.name, user.display_name, _roles(user), say(N_("active") if user.active else N_("deactivated"))] for user in found]
        table(rows, [say(text) for text in HEADINGS])
    return 0


@users.command(help=say(N_("Add a user, or give one that is there other roles.")))
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="ROLE[@PROFILE]",
    help=say(N_("uploader, approver or administrator, of one profile or of all; may be repeated.")),
)
@click.option("--display-name", metavar="TEXT", help=say(N_("How the page shows the name.")))
@click.option("--user-language", type=click.Choice(LANGUAGES), help=say(N_("Language of the page for this user.")))
@PASSWORD_IN
@common
def add(
    name: str,
    roles: tuple[str, ...],
    display_name: str | None,
    user_language: str | None,
    *,
    password_stdin: bool,
    as_json: bool,
    lang: str | None,  # noqa: ARG001 - common options
    config: Path | None,
) -> int:
    """A user that is there keeps the password, and with no --role the roles."""
    from importer.ledger import User
    from importer.web.passwords import hashed
    from importer.web.people_desk import checked_name

    name = checked_name(name)
    with _portal(config) as (portal, profiles):
        wanted = frozenset(_role(text, profiles) for text in roles)
        user = portal.user(name)
        action = "user_changed" if user else "user_added"
        user = user or User(name=name, display_name=name, password_hash=hashed(_password(from_stdin=password_stdin)))
        user = replace(
            user,
            display_name=display_name or user.display_name,
            language=user_language or user.language,
            roles=wanted or user.roles,
        )
        _save(portal, user, action, _roles(user))
    return _done(user, as_json=as_json)


@users.command(help=say(N_("Set a password; all sessions of the user end.")))
@click.argument("name")
@PASSWORD_IN
@common
def password(name: str, *, password_stdin: bool, as_json: bool, lang: str | None, config: Path | None) -> int:  # noqa: ARG001 - common options
    """For somebody who has forgotten theirs."""
    from importer.web.passwords import hashed

    with _portal(config) as (portal, _):
        user = _found(portal, name)
        user = replace(user, password_hash=hashed(_password(from_stdin=password_stdin)), epoch=user.epoch + 1)
        _save(portal, user, "password_set", "")
    return _done(user, as_json=as_json)


@users.command(help=say(N_("Keep a user out; sessions and access tokens count no more, the history stays.")))
@click.argument("name")
@click.option("--undo", is_flag=True, help=say(N_("Let the user in again.")))
@common
def deactivate(name: str, *, undo: bool, as_json: bool, lang: str | None, config: Path | None) -> int:  # noqa: ARG001 - common options
    """Users are never deleted: the audit trail names them."""
    with _portal(config) as (portal, _):
        user = _found(portal, name)
        user = replace(user, active=undo, epoch=user.epoch + 1)
        _save(portal, user, "user_activated" if undo else "user_deactivated", "")
    return _done(user, as_json=as_json)


@contextmanager
def _portal(config: Path | None) -> Iterator[tuple[Portal, list[str]]]:
    from importer.ledger import open_ledger
    from importer.settings import load_settings

    settings = load_settings(config)
    with open_ledger(settings.ledger_url) as ledger:
        yield ledger.portal, list(settings.profiles)


def _found(portal: Portal, name: str) -> User:
    user = portal.user(name)
    if user is None:
        raise ConfigurationError(N_("There is no user {name}."), name=name)
    return user


def _role(text: str, profiles: list[str]) -> tuple[str, str]:
    """(profile, role) of ROLE or ROLE@PROFILE. Raises ConfigurationError."""
    from importer.web.people_desk import EVERY_PROFILE, ROLES

    role, _, profile = text.partition("@")
    if role not in ROLES:
        raise ConfigurationError(N_("{role} is no role; there are: {names}."), role=role, names=", ".join(ROLES))
    if profile and profile not in profiles:
        raise ConfigurationError(N_("There is no profile {name}. Configured are: {names}."), name=profile, names=", ".join(profiles))
    return profile or EVERY_PROFILE, role


def _password(*, from_stdin: bool) -> str:
    from importer.web.people_desk import checked_password

    if from_stdin:
        return checked_password(sys.stdin.readline().rstrip("\r\n"))
    return checked_password(click.prompt(say(N_("Password")), hide_input=True, confirmation_prompt=say(N_("The same again")), err=True))


def _save(portal: Portal, user: User, action: str, detail: str) -> None:
    from importer.api.batches import person
    from importer.ledger import AuditEntry

    portal.save_user(user)
    portal.note(AuditEntry(user_name=person(), action=action, target=user.name, detail=detail, address="command line"))


def _done(user: User, *, as_json: bool) -> int:
    if as_json:
        print_json([_json(user)])
    else:
        state = say(N_("active") if user.active else N_("deactivated"))
        tell(N_("{name}: {roles}; {state}"), name=user.name, roles=_roles(user) or "-", state=state)
    return 0


def _roles(user: User) -> str:
    return ", ".join(role if profile == "*" else f"{role}@{profile}" for profile, role in sorted(user.roles))


def _json(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "display_name": user.display_name,
        "language": user.language,
        "active": user.active,
        "roles": [{"profile": profile, "role": role} for profile, role in sorted(user.roles)],
    }

"""Users of the page from the command line."""

from __future__ import annotations

import subprocess

from site_folder import Finished, SiteFolder, command

PASSWORD = "correct horse battery"


def users(site: SiteFolder, *arguments: str, typed: str = "") -> Finished:
    """`importer users ...` with something on standard input."""
    call = command(["users", *arguments])
    done = subprocess.run(
        call,
        input=typed,
        cwd=site.folder,
        env=site.environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return Finished(code=done.returncode, out=done.stdout, err=done.stderr)


def test_users_from_the_command_line(site: SiteFolder) -> None:
    """Added with roles, listed, kept out and let in again; the roles stay when none are given."""
    roles = ("--role", "uploader@test", "--role", "approver")
    added = users(site, "add", "anne", *roles, "--password-stdin", typed=f"{PASSWORD}\n")
    assert added.code == 0, added.err
    assert users(site, "add", "anne", "--display-name", "陳怡君", "--json").json == [
        {
            "name": "anne",
            "display_name": "陳怡君",
            "language": "",
            "active": True,
            "roles": [{"profile": "*", "role": "approver"}, {"profile": "test", "role": "uploader"}],
        }
    ]
    assert users(site, "deactivate", "anne", "--json").json[0]["active"] is False
    assert users(site, "deactivate", "anne", "--undo", "--json").json[0]["active"] is True
    assert [user["name"] for user in users(site, "list", "--json").json] == ["anne"]


def test_what_cannot_be(site: SiteFolder) -> None:
    """Unknown roles, profiles and users, and short passwords are told with what there is; nothing is written."""
    for arguments, told in (
        (["add", "bob", "--role", "boss"], "administrator"),
        (["add", "bob", "--role", "uploader@nowhere"], "test"),
        (["deactivate", "nobody"], "nobody"),
        (["password", "nobody", "--password-stdin"], "nobody"),
        (["add", "bob", "--password-stdin"], "10"),
    ):
        done = users(site, *arguments, typed="short\n")
        assert done.code == 2, arguments
        assert told in done.err
    assert users(site, "list", "--json").json == []

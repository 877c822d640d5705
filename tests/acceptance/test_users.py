"""Users of the page from the command line."""

from __future__ import annotations

from site_folder import SiteFolder

PASSWORD = "correct horse battery"


def test_users_from_the_command_line(site: SiteFolder) -> None:
    """Added with roles, listed, kept out and let in again; the roles stay when none are given."""
    added = site.command("users", "add", "anne", "--role", "uploader@test", "--role", "approver", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert added.code == 0, added.err
    again = site.command("users", "add", "anne", "--display-name", "陳怡君", "--json").json
    assert again == [
        {
            "name": "anne",
            "display_name": "陳怡君",
            "language": "",
            "active": True,
            "roles": [{"profile": "*", "role": "approver"}, {"profile": "test", "role": "uploader"}],
        }
    ]
    assert site.command("users", "deactivate", "anne", "--json").json[0]["active"] is False
    assert site.command("users", "deactivate", "anne", "--undo", "--json").json[0]["active"] is True
    assert [user["name"] for user in site.command("users", "list", "--json").json] == ["anne"]


def test_what_cannot_be(site: SiteFolder) -> None:
    """Unknown roles, profiles and users, and short passwords are told with what there is; nothing is written."""
    for arguments, told in (
        (["add", "bob", "--role", "boss"], "administrator"),
        (["add", "bob", "--role", "uploader@nowhere"], "test"),
        (["deactivate", "nobody"], "nobody"),
        (["password", "nobody", "--password-stdin"], "nobody"),
        (["add", "bob", "--password-stdin"], "10"),
    ):
        done = site.command("users", *arguments, stdin="short\n")
        assert done.code == 2, arguments
        assert told in done.err
    assert site.command("users", "list", "--json").json == []

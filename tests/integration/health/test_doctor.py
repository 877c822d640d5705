"""doctor: says what is wrong and what to change, and writes nothing to the ERP."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from site_folder import SiteFolder

from importer.simulator import Simulator


def subjects(site: SiteFolder) -> dict[str, dict[str, object]]:
    return {item["subject"]: item for item in site.cli("doctor", "--json").json}


def test_all_is_well(make_site: Callable[..., SiteFolder], erp: Simulator) -> None:
    """A sound profile: every document type answers, the custom channel shows its services, and no write was called."""
    site = make_site("well", erp.standard_url, custom_url=erp.custom_url, grace_s=120)
    done = site.cli("doctor", "--json")
    assert done.code == 0
    assert all(item["ok"] for item in done.json)
    assert {"misc_issue", "misc_receipt", "transfer", "completion_receipt", "custom_url", "ledger"} <= set(subjects(site))
    assert set(erp.call_counts()) <= {"query"}


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"plant": "NOWHERE"}, 4, "Check plant"),
        ({"standard_url": "http://127.0.0.1:{free}/CROSS/RESTful"}, 4, "cannot be reached"),
        ({"standard_url": "{erp}/NOT/HERE"}, 4, "Check the address"),
        ({"custom_url": "{erp}/web/ws/r/nothing"}, 2, "WSDL"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, str], code: int, words: str, make_site: Callable[..., SiteFolder], erp: Simulator) -> None:
    """A wrong plant, address or zone is named with what to change."""
    with socket.socket() as listener:  # bound, not listening: nobody answers there
        listener.bind(("127.0.0.1", 0))
        free = listener.getsockname()[1]
        settings = {name: value.format(free=free, erp=erp.base_url) for name, value in wrong.items()}
        done = make_site("wrong", erp.standard_url, **settings).cli("doctor", "--json")
    assert done.code == code
    assert any(not item["ok"] and words in item["message"] for item in done.json)


def test_unwise_settings_are_told(make_site: Callable[..., SiteFolder], erp: Simulator) -> None:
    """A grace period shorter than the time-out is legal, and doctor says what it risks."""
    site = make_site("hasty", erp.standard_url, grace_s=1, timeout_s=60)
    assert subjects(site)["grace_s"]["ok"]

"""The combined route: one custom call, and what becomes of a document when that call is only half of the story."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from site_folder import SiteFolder, clean, moved_in, movements_of, once_each, sound_rows

from importer.errors import ConfigurationError
from importer.models import Stage
from importer.simulator import FaultKind, FaultRule, Simulator

MakeSite = Callable[..., SiteFolder]


def combined_site(make_site: MakeSite, erp: Simulator, **profile: object) -> SiteFolder:
    """A site that sends by the combined route and can read over the standard channel."""
    return make_site("combined", erp.standard_url, custom_url=erp.custom_url, route="combined", **profile)


def custom_only(make_site: MakeSite, erp: Simulator, **profile: object) -> SiteFolder:
    """A site that has the custom channel alone."""
    return make_site("custom_only", "", custom_url=erp.custom_url, route="combined", **profile)


@pytest.mark.parametrize("document_type", ["misc_issue", "transfer", "completion_receipt"])
@pytest.mark.parametrize("make", [combined_site, custom_only])
def test_one_call_posts(document_type: str, make: Callable[..., SiteFolder], make_site: MakeSite, erp: Simulator) -> None:
    """One custom call per document creates, approves and posts it, with or without a standard channel to read back."""
    site = make(make_site, erp)
    rows = sound_rows(document_type)
    report = site.run(site.workbook(rows, document_type=document_type))
    assert report.stages == {"posted": 3}
    assert report.exit_code == 0
    assert erp.call_counts()["combined"] == 3
    assert "create" not in erp.call_counts()
    once_each(erp, movements_of(document_type, rows), 3)


def test_created_not_posted_is_carried_on(make_site: MakeSite, erp: Simulator) -> None:
    """A document that the combined call created and could not post is approved and posted over the standard channel, never re-created."""
    site = combined_site(make_site, erp)
    rows = sound_rows()
    erp.add_faults(FaultRule(kind=FaultKind.AWS_086, operation="combined", times=1))
    report = site.run(site.workbook(rows))
    assert report.stages == {"posted": 3}
    assert erp.call_counts()["combined"] == 3
    assert erp.call_counts()["post"] == 1
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_created_not_posted_is_left_to_a_person(make_site: MakeSite, erp: Simulator) -> None:
    """Without a standard channel such a document is reported as refused, with its number, and a second run creates nothing."""
    site = custom_only(make_site, erp)
    path = site.workbook(sound_rows())
    erp.add_faults(FaultRule(kind=FaultKind.AWS_086, operation="combined", times=1))
    first = site.run(path)
    assert (first.stages, first.rejected, first.exit_code) == ({"created": 1, "posted": 2}, 1, 1)
    refused = [row for row in site.results_rows(first.results) if "refused" in row["_result.status"]]
    assert len(refused) == 2
    assert {row["_result.erp_code"] for row in refused} == {"aws-086"}
    assert all(row["_result.doc_no"] for row in refused)
    second = site.run(path)
    assert second.rejected == 1
    assert erp.call_counts()["combined"] == 3
    site.configure(custom_url=erp.custom_url, route="combined", standard_url=erp.standard_url)


def test_deleted_after_failure_is_refused(make_site: MakeSite, erp: Simulator) -> None:
    """A service that removes what it could not post leaves nothing behind: the row is refused, and a corrected run sends it again."""
    site = combined_site(make_site, erp)
    folder = site.folder / "mappings"
    folder.mkdir()
    site_mapping = "custom: {service: CreateStockInData, on_post_failure: deleted, unread: [], overwritten: []}\n"
    (folder / "completion_receipt.yaml").write_text(site_mapping, encoding="utf-8")
    rows = sound_rows("completion_receipt", documents=1)
    forbidden = [{**row, "warehouse_no": "W8"} for row in rows]  # only user keeper may post there
    first = site.run(site.workbook(forbidden, document_type="completion_receipt"))
    assert (first.stages, first.rejected) == ({"new": 1}, 1)
    assert {row["_result.erp_code"] for row in site.results_rows(first.results)} == {"aws-522"}
    assert erp.documents() == []
    fixed = site.edit(first.results, lambda row: {"warehouse_no": "W1"}, name="fixed.xlsx")
    assert site.run(fixed).stages == {"posted": 1}
    clean(erp)


def test_flow_slip_stays_unposted(make_site: MakeSite, erp: Simulator) -> None:
    """Code 0 for a slip with approval flow is not believed: read back, the document is unposted and its approval is refused."""
    site = combined_site(make_site, erp)
    rows = [{**row, "doc_type_no": "I02"} if "doc_type_no" in row else row for row in sound_rows(documents=1)]
    report = site.run(site.workbook(rows))
    assert (report.stages, report.rejected) == ({"created": 1}, 1)
    assert moved_in(erp) == {}


@pytest.mark.parametrize("document_type", ["misc_issue", "completion_receipt", "transfer"])
@pytest.mark.parametrize("fault", [FaultKind.LOST_ANSWER, FaultKind.HTTP_500_AFTER, FaultKind.TRUNCATED])
def test_lost_answer_is_asked_about(document_type: str, fault: FaultKind, make_site: MakeSite, erp: Simulator) -> None:
    """A lost answer of the combined call is settled over the standard channel: by token, for transfers by header and lines."""
    site = combined_site(make_site, erp)
    rows = sound_rows(document_type)
    erp.add_faults(FaultRule(kind=fault, operation="combined", times=1))
    report = site.run(site.workbook(rows, document_type=document_type))
    assert report.stages == {"posted": 3}
    once_each(erp, movements_of(document_type, rows), 3)


def test_transfer_that_is_not_found_waits_for_a_person(make_site: MakeSite, erp: Simulator) -> None:
    """A transfer carries no token on this route: not finding it proves nothing, so it stays unknown and nothing is sent again."""
    site = combined_site(make_site, erp)
    erp.add_faults(FaultRule(kind=FaultKind.HTTP_500_BEFORE, operation="combined", times=1))
    report = site.run(site.workbook(sound_rows("transfer"), document_type="transfer"))
    assert (report.unknown, report.exit_code) == (1, 3)
    assert report.stages == {"new": 1, "posted": 2}
    clean(erp)


def test_identical_transfers(make_site: MakeSite, erp: Simulator) -> None:
    """Two transfers with one content: one lost answer is settled, as the other's number is known; two lost answers wait for a person."""
    site = combined_site(make_site, erp)
    rows = sound_rows("transfer", documents=1)
    twins = [{**row, **({"doc_key": key} if row.get("doc_key") else {})} for key in ("A", "B") for row in rows]
    erp.add_faults(FaultRule(kind=FaultKind.LOST_ANSWER, operation="combined", times=1, skip=1))
    assert site.run(site.workbook(twins, document_type="transfer")).stages == {"posted": 2}
    erp.clear_faults()
    erp.add_faults(FaultRule(kind=FaultKind.LOST_ANSWER, operation="combined", times=2))
    report = site.run(site.workbook(twins, document_type="transfer"), again="once more")
    assert (report.unknown, report.exit_code) == (2, 3)
    assert site.cli("reconcile").code == 3
    assert len(erp.documents()) == 4
    clean(erp)


def test_custom_alone_cannot_ask(make_site: MakeSite, erp: Simulator) -> None:
    """With the custom channel alone a lost answer stays unknown; a person's word settles it."""
    site = custom_only(make_site, erp)
    erp.add_faults(FaultRule(kind=FaultKind.LOST_ANSWER, operation="combined", times=1))
    report = site.run(site.workbook(sound_rows(documents=1)))
    assert (report.unknown, report.exit_code) == (1, 3)
    story = site.cli("status", report.batch, "--json").json[0]["story"][0]
    number = erp.documents()[0].doc_no
    done = site.cli("resolve", story["token"], "--as", "posted", "--doc-no", number, "--reason", "seen in aimt301", "--json")
    assert done.code == 0
    assert site.run(site.folder / "misc_issue.xlsx").already_imported == 1
    clean(erp)


def test_until_created_by_day(make_site: MakeSite, erp: Simulator) -> None:
    """With --until created the custom call creates only; the next run approves and posts what it created over the standard channel."""
    site = combined_site(make_site, erp)
    rows = sound_rows()
    path = site.workbook(rows)
    assert site.run(path, until=Stage.CREATED).stages == {"created": 3}
    assert moved_in(erp) == {}
    assert site.run(path).stages == {"posted": 3}
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_ignored_cells_are_named(make_site: MakeSite, erp: Simulator) -> None:
    """`check` warns of every cell that the combined service will not read, and of none on the standard route."""
    site = combined_site(make_site, erp)
    rows = sound_rows("transfer", documents=1)
    path = site.workbook([{**row, "remark": "gone"} if "doc_key" in row else row for row in rows], document_type="transfer")
    found = site.cli("check", path, "--route", "combined", "--json")
    assert found.code == 0
    ignored = {(item["field"], item["cell"]) for item in found.json[0]["issues"] if item["code"] == "field_ignored"}
    assert {field for field, _ in ignored} == {"employee_no", "remark"}
    assert site.cli("check", path, "--route", "standard", "--json").json[0]["issues"] == []


def test_no_combined_service(make_site: MakeSite, erp: Simulator) -> None:
    """雜收 has no combined service: asking for it is an error of usage, and nothing is recorded or sent."""
    site = combined_site(make_site, erp)
    path = site.workbook(sound_rows("misc_receipt"), document_type="misc_receipt")
    with pytest.raises(ConfigurationError, match="no combined service"):
        site.run(path)
    assert erp.call_counts() == {}
    assert site.cli("status", "--json").json == []


def test_posts_do_not_overlap(make_site: MakeSite, erp: Simulator) -> None:
    """Posting goes one at a time per ERP user on the custom channel, whatever the profile's concurrency."""
    site = combined_site(make_site, erp, concurrency=8)
    erp.configure(latency_ms=5)
    assert site.run(site.workbook(sound_rows(documents=20, lines=1))).stages == {"posted": 20}
    assert erp.most_calls_at_once("combined") == 1


def test_kept_payloads_hold_no_password(make_site: MakeSite, erp: Simulator) -> None:
    """What the ledger keeps of a call shows everything but the password, however it is escaped on the wire."""
    site = combined_site(make_site, erp, keep_payloads=True)
    path = site.workbook(sound_rows(documents=1))
    secret = "a&b<c>'d\"e"
    assert site.cli("run", path, IMPORTER_PASSWORD=secret).code == 0
    stored = b"".join(item.read_bytes() for item in site.folder.glob("importer.db*"))
    assert b"Authentication" in stored
    assert b"a&amp" not in stored
    assert secret.encode() not in stored

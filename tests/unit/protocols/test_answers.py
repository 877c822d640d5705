"""What an ERP's answer comes to, one data file per behaviour; `answers/README.md` says what stands in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from importer.errors import OutcomeUnknown
from importer.mapping import Mapping, load_mappings
from importer.models import Operation, Refusal, Reply
from importer.protocols import custom_xml, standard_json, standard_xml
from importer.settings import Profile

FOLDER = Path(__file__).parent / "answers"
CASES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
MAPPINGS = load_mappings()
FORMATS = {"json": standard_json, "xml": standard_xml, "custom": custom_xml}


def mapping_of(case: dict[str, Any]) -> Mapping:
    mapping = MAPPINGS[case.get("document_type", "misc_issue")]
    assert mapping.custom
    return mapping.model_copy(update={"custom": mapping.custom.model_copy(update=case.get("custom", {}))})


def body_of(case: dict[str, Any]) -> bytes:
    return str(case["body"]).strip("\n").encode(case.get("encoding", "utf-8"))


def decoded(case: dict[str, Any]) -> Reply:
    profile, mapping, body = Profile.model_validate(case.get("profile", {})), mapping_of(case), body_of(case)
    headers = case.get("headers", {})
    if case["format"] == "custom":
        return custom_xml.decode(headers, body, mapping, profile, post=case.get("post", True))
    assert mapping.standard
    form = standard_xml if case["format"] == "xml" else standard_json
    return form.decode(Operation(case["operation"]), headers, body, mapping.standard, profile, expect=case.get("expect", ""))


def shown(value: Any) -> Any:
    """A reply's value as a data file writes it: numbers as text, lists as lists."""
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    if isinstance(value, Refusal):
        return {name: shown(getattr(value, name)) for name in ("code", "message", "field", "value", "line") if getattr(value, name)}
    return value if isinstance(value, bool) or value is None else str(value)


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_understood_as_it_is_meant(name: str) -> None:
    """Whatever form an ERP answers in, the outcome is the one that its file tells, and never a guess."""
    case = CASES[name]
    if "unknown" in case:
        with pytest.raises(OutcomeUnknown) as caught:
            decoded(case)
        assert case["unknown"] in str(caught.value)
        return
    reply = decoded(case)
    expected = {"accepted": True, "executed": True, "refusals": [], "doc_no": "", "stage": None, **case["reply"]}
    assert {field: shown(getattr(reply, field)) for field in expected} == expected


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "from_erp" in case])
def test_an_answer_of_the_erp_is_told_from_a_page_of_something_before_it(name: str) -> None:
    """A proxy's or a web server's error page is never taken for the ERP's word, nor the other way round."""
    case = CASES[name]
    assert FORMATS[case["format"]].is_answer(body_of(case)) is case["from_erp"]


def test_every_file_says_what_it_promises_and_what_comes_out() -> None:
    """No data file is dead: each states its promise and exactly one outcome."""
    assert CASES
    for name, case in CASES.items():
        assert case["promise"].endswith("."), name
        assert ("unknown" in case) is not ("reply" in case), name

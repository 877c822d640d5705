from __future__ import annotations

import pytest

from importer.simulator import FaultKind, FaultRule, SimulatorSettings
from importer.simulator.faults import Faults, rule_from_json
from importer.simulator.settings import settings_as_json, settings_from_json

LOST = FaultKind.LOST_ANSWER


def _hits(faults: Faults, count: int, operation: str = "create") -> list[bool]:
    return [faults.draw(operation, "tt.oapi.transfer.data.create").kind is not None for _ in range(count)]


def test_a_script_hits_exactly_the_calls_it_names() -> None:
    """The third and fourth create, and no call of another operation before or after."""
    faults = Faults((FaultRule(kind=LOST, operation="create", skip=2, times=2),))
    assert not any(_hits(faults, 5, "approve"))
    assert _hits(faults, 6) == [False, False, True, True, False, False]
    assert faults.rules() == ()


def test_probabilities_repeat_with_their_seed() -> None:
    """The same seed gives the same calls, another seed others, and about the share that was asked for."""
    rule = FaultRule(kind=LOST, probability=0.3)
    first, again, other = (_hits(Faults((rule,), seed=seed), 400) for seed in (1, 1, 2))
    assert first == again != other
    assert 80 < sum(first) < 160


def test_the_first_fault_wins_and_delays_add_up() -> None:
    """A late ERP can lose its answer, too."""
    faults = Faults(
        (
            FaultRule(kind=FaultKind.SLOW_BEFORE, delay_ms=10),
            FaultRule(kind=LOST),
            FaultRule(kind=FaultKind.HTTP_429),
            FaultRule(kind=FaultKind.SLOW, delay_ms=20),
            FaultRule(kind=FaultKind.SLOW, delay_ms=30),
        )
    )
    trouble = faults.draw("post", "")
    assert (trouble.kind, trouble.delay_before_s, trouble.delay_after_s) == (LOST, 0.01, 0.05)


def test_rules_can_be_bound_to_writes_and_to_services() -> None:
    """`write` leaves looking alone; `service` is a part of the service's name."""
    faults = Faults((FaultRule(kind=LOST, operation="write", service="transfer"),))
    assert not any(_hits(faults, 1, "query") + _hits(faults, 1, "read"))
    assert all(_hits(faults, 1, "post"))
    assert faults.draw("post", "tt.oapi.other").kind is None


def test_settings_survive_json() -> None:
    """What GET /admin/settings shows can be sent back; unknown names and wrong types cannot."""
    settings = SimulatorSettings(latency_ms=5, digi_key="strict", faults=(FaultRule(kind=LOST, times=3),))
    assert settings_from_json(SimulatorSettings(), settings_as_json(settings)) == settings
    for wrong in ({"no_such": 1}, {"capacity": "3"}, {"atomic_batch": 1}, {"digi_key": "loose"}, {"faults": [{"kind": "nonsense"}]}):
        with pytest.raises(ValueError, match=r"."):
            settings_from_json(SimulatorSettings(), wrong)
    with pytest.raises(ValueError, match="chance"):
        rule_from_json({"kind": "lost_answer", "chance": 1})

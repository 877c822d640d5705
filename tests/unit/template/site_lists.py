"""Master data of a site with everything that codes can be: leading zeros, wildcards, blanks, operators, other cases."""

from __future__ import annotations

from collections import defaultdict

from importer.models import CodeList

WITHIN = {
    "W1": ["A01", "A02", "B-1"],
    "01": ["A01", "00"],
    "1": ["000", "1"],
    "W*": ["S1"],
    "w1": ["low"],
    ">5": ["cmp"],
    "倉 A-1": ["架1", "架2"],
    "=x": ["eq"],
}
_OUTERS: dict[str, set[str]] = defaultdict(set)
for _outer, _codes in WITHIN.items():
    for _code in _codes:
        _OUTERS[_code].add(_outer)

LISTS = {
    "warehouses": CodeList(name="warehouses", labels={**{code: f"倉 {code}" for code in WITHIN}, "EMPTY": "沒有儲位"}),
    "locations": CodeList(
        name="locations", labels={code: f"儲位 {code}" for code in _OUTERS}, within={code: frozenset(o) for code, o in _OUTERS.items()}
    ),
    "items": CodeList(name="items", labels={"00123": "螺絲", "123": "螺帽", "ITEM-0001": "料件"}),
    "units": CodeList(name="units", labels={"PCS": "", "KG": "公斤"}),
}

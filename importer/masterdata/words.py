"""What people call the columns of their own tables: technical names, and labels in the languages of the field."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["CODE", "LISTS_WITHIN", "NAME", "PARENT", "is_list_sheet", "plain_name", "role_of", "stands_for", "stems_of"]

CODE, NAME, PARENT = "code", "name", "within"

LISTS_WITHIN: Final = {"locations": "warehouses"}
"""Lists whose codes stand under codes of another list."""

STEMS: Final[dict[str, frozenset[str]]] = {
    "items": frozenset(["item", "items", "material", "part", "料", "料號", "料号", "料件", "品號", "品号", "物料", "ima01"]),
    "warehouses": frozenset(["warehouse", "warehouses", "wh", "倉庫", "仓库", "倉", "仓", "倉別", "仓别", "imd01", "ime01", "img02"]),
    "locations": frozenset(["location", "locations", "storagespaces", "儲位", "储位", "庫位", "库位", "ime02", "img03"]),
    "departments": frozenset(["department", "departments", "dept", "部門", "部门", "gem01"]),
    "employees": frozenset(
        ["employee", "employees", "applicant", "staff", "員工", "员工", "工號", "工号", "工", "申請人", "申请人", "人員", "人员", "gen01"]
    ),
    "projects": frozenset(["project", "projects", "專案", "项目", "pja01"]),
    "reasons": frozenset(["reason", "reasons", "理由", "原因", "azf01"]),
    "units": frozenset(["unit", "units", "uom", "單位", "单位", "gfe01"]),
    "lots": frozenset(["lot", "lots", "batch", "批", "批號", "批号", "批次", "img04"]),
    "work_orders": frozenset(["workorder", "workorders", "wo", "工單", "工单", "sfb01"]),
}
"""By list: what its code column may be called, without what only says that it is a code."""

GENERIC: Final = frozenset(["", "key", "value", "值"])
NAMES: Final = frozenset(
    [
        "name",
        "names",
        "description",
        "label",
        "title",
        "text",
        "名稱",
        "名称",
        "品名",
        "說明",
        "说明",
        "規格",
        "规格",
        "姓名",
        "中文名稱",
        "中文名称",
    ]
)
PARENTS: Final = frozenset(["within", "parent", "上層", "上层", "所屬", "所属"])
SAYS_CODE: Final = (
    *("編號", "编号", "編碼", "编码", "代碼", "代码", "代號", "代号", "號碼", "号码", "碼", "码", "號", "号"),
    *("number", "code", "no", "id"),
)


def plain_name(text: str) -> str:
    """A heading without what nobody means by it: width, case, blanks, marks of required columns."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def stems_of(list_name: str) -> frozenset[str]:
    """What the codes of a list are called; for a list of the site's own its name, also in the singular."""
    name = plain_name(list_name)
    return STEMS.get(list_name, frozenset()) | {name, name.removesuffix("s")}


def stands_for(text: str, list_name: str) -> bool:
    """Whether a heading (its `plain_name`) is one for codes of a list."""
    stems = stems_of(list_name)
    return text in stems or any(text.endswith(ending) and text.removesuffix(ending) in stems for ending in SAYS_CODE)


def role_of(heading: str, list_name: str) -> str | None:
    """What a column of a list holds, by its heading: the code, its name, the code that it stands within; None for anything else."""
    text = plain_name(heading)
    if not text:
        return None
    if stands_for(text, list_name) or text in GENERIC or text in SAYS_CODE:
        return CODE
    outer = LISTS_WITHIN.get(list_name)
    if text in PARENTS or (outer and stands_for(text, outer)):
        return PARENT
    return NAME if any(text == name or text.endswith(name) for name in NAMES) else None


def is_list_sheet(sheet: str, list_name: str) -> bool:
    """Whether a sheet of a workbook of lists is this one's."""
    text = plain_name(sheet)
    return text == plain_name(list_name) or stands_for(text, list_name)

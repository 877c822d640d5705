"""What cells of a specification say: types, lengths, yes and no."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from importer.messages import N_

__all__ = ["Limits", "Reading", "is_container", "limits", "yes_or_no"]

Reading = tuple[str, ...]
"""Texts of the message catalogue: what a person has to decide or look up."""

CONTAINERS: Final = re.compile(
    r"array.*|list.*|object.*|collection|struct.*|table|records?|node|group|dataset|map|json|陣列|數組|数组|集合|清單|列表|物件|对象|對象|結構|结构|節點|节点|複合|复合",
    re.IGNORECASE,
)
_TYPES: Final = {  # field type -> words of the vendor; the first that fits counts
    "date": r"date.*|time.*|日期.*|時間.*|时间.*|dt|d",
    "integer": r"int\d*|integer|long|short|smallint|bigint|整數|整数|整型",
    "decimal": r"num(ber|eric)?|dec(imal)?|float|double|real|money|數值|数值|數字|数字|浮點數?|浮点数?|n",
    "boolean": r"bool(ean)?|布林值?|布尔值?|布林|flag",
    "text": r"text|clob|memo|longtext|文本|長文字",
    "code": r"code|n?(var)?char2?|string|str|character|字串|字符串?|文字|c|v|s|x|字元|enum|枚舉|枚举",
}
_LONG: Final = 60  # characters from which a text is no code
_WORDY: Final = re.compile(
    r"備註|备注|說明|说明|名稱|名称|規格|规格|品名|地址|描述|remark|description|memo|note|comment|\bname\b|_name\b|address", re.IGNORECASE
)
_COUNTED: Final = re.compile(r"數量|数量|單價|单价|金額|金额|率|qty|quantity|price|amount|rate", re.IGNORECASE)
_DATED: Final = re.compile(r"日期|\bdate\b|_date\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Type and length of a field, and what is doubtful about them."""

    type: str
    max_length: int | None = None
    digits: tuple[int, int] | None = None
    doubts: Reading = ()
    unclear_type: bool = False  # there is a text, and it says nothing
    unclear_length: bool = False


def is_container(type_text: str) -> bool:
    """Whether a type says that the name holds others."""
    return bool(CONTAINERS.fullmatch(_bare(type_text)))


def limits(type_text: str, length_text: str, about: str) -> Limits:
    """Type and length from their cells; `about` is name, label and description, which tell codes from texts."""
    named, numbers = _named_type(type_text), _numbers(length_text) or _numbers(type_text)
    unclear = bool(type_text) and named is None
    length_unclear = bool(length_text) and not _numbers(length_text) and not _says_nothing(length_text)
    doubts: list[str] = [] if named else [N_("TODO the type is a guess; the specification does not say it clearly")]
    kind = named or _guessed_type(about, numbers)
    found = _limited(kind, numbers, about, doubts)
    return Limits(
        type=found.type,
        max_length=found.max_length,
        digits=found.digits,
        doubts=tuple(doubts),
        unclear_type=unclear,
        unclear_length=length_unclear,
    )


def _limited(kind: str, numbers: list[int], about: str, doubts: list[str]) -> Limits:
    if kind == "date":
        return Limits(type="date")
    if kind == "boolean":
        doubts.append(N_("TODO which values mean yes and no?"))
        return Limits(type="code", max_length=numbers[0] if numbers else 1)
    if kind in ("decimal", "integer"):
        return _number(kind, numbers, about, doubts)
    if not numbers:
        doubts.append(N_("TODO the specification states no length"))
    longest = numbers[0] if numbers and numbers[0] > 0 else None
    wordy = kind == "text" or (longest or 0) > _LONG or bool(_WORDY.search(about))
    return Limits(type="text" if wordy else "code", max_length=longest)


def _number(kind: str, numbers: list[int], about: str, doubts: list[str]) -> Limits:
    scale_known = len(numbers) > 1 and numbers[1] <= numbers[0]
    if kind == "decimal" and scale_known and (numbers[1] > 0 or _COUNTED.search(about)):
        return Limits(type="decimal", digits=(numbers[0], numbers[1]))
    if kind == "integer" or (scale_known and numbers[1] == 0):
        return Limits(type="integer")
    if numbers and not _COUNTED.search(about):
        doubts.append(N_("TODO no decimals are stated; taken as a whole number"))
        return Limits(type="integer")
    doubts.append(N_("TODO how many digits and decimals? The specification does not say it"))
    return Limits(type="decimal")


def _named_type(text: str) -> str | None:
    bare = _bare(text)
    return next((kind for kind, words in _TYPES.items() if bare and re.fullmatch(words, bare)), None)


def _bare(text: str) -> str:
    """A type's name alone: varchar of `VARCHAR2(40)`, n of `N15,3`, string of `字串 String`."""
    plain = re.sub(r"[(（\[<].*", "", unicodedata.normalize("NFKC", text)).strip().lower()
    plain = re.sub(r"^([cnvx])\d[\d.,]*$", r"\1", plain)
    words = re.split(r"[\s/,、]+", plain)
    return next((word for word in words if any(re.fullmatch(kind, word) for kind in _TYPES.values())), plain) if len(words) > 1 else plain


def _guessed_type(about: str, numbers: list[int]) -> str:
    if _DATED.search(about):
        return "date"
    return "decimal" if _COUNTED.search(about) or len(numbers) > 1 else "code"


def _numbers(text: str) -> list[int]:
    """40 of `40`, `varchar(40)`, `40碼`; 15 and 3 of `15,3`, `15.3`, `numeric(15, 3)`, `n(15,3)`."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"varchar2|int\d+|float\d+", "", plain, flags=re.IGNORECASE)
    found = re.search(r"(\d+)(?:\s*[,.、:]\s*(\d+))?", plain)
    return [int(number) for number in found.groups() if number is not None] if found else []


def _says_nothing(text: str) -> bool:
    return text.strip().lower() in (
        "-",
        "--",
        "—",
        "/",
        "n/a",
        "na",
        "無",
        "无",
        "max",
        "yyyymmdd",
        "yyyy-mm-dd",
        "yyyy/mm/dd",
        "date",
        "日期",
    )


_YES: Final = {
    *"yvmr1√✓✔○●◎*★",
    "是",
    "yes",
    "true",
    "required",
    "mandatory",
    "必填",
    "必輸",
    "必输",
    "必須",
    "必须",
    "必要",
    "必傳",
    "必传",
    "必",
    "not null",
    "v",
    "key",
    "pk",
}
_NO: Final = {
    *"nox0×╳-－—",
    "否",
    "no",
    "false",
    "optional",
    "選填",
    "选填",
    "可選",
    "可选",
    "非必填",
    "不必填",
    "可空",
    "null",
    "/",
    "無",
    "无",
    "選擇性",
    "n/a",
}
_SOMETIMES: Final = {*"c△▲", "條件必填", "条件必填", "條件", "条件", "conditional", "視情況", "视情况"}


def yes_or_no(text: str) -> tuple[bool | None, Reading]:
    """Whether a cell says yes; None where it says something else. A blank says no."""
    word = unicodedata.normalize("NFKC", text).strip().lower()
    first = re.split(r"[\s/,.:(（]+", word, maxsplit=1)[0] or word
    for candidate in (word, first):
        if candidate in _SOMETIMES:
            return False, (N_("TODO required under a condition; the importer takes it as optional"),)
        if candidate in _YES:
            return True, ()
        if candidate in _NO or not candidate:
            return False, ()
    return None, (N_("TODO is it required? The specification does not say it clearly"),)

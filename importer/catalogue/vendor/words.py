"""The vocabulary of message specifications: what columns, sections and operations are called, in Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from importer.models import Operation

__all__ = [
    "CUSTOM_NAME",
    "IDENTIFIER",
    "PROGRAM",
    "SERVICE_NAME",
    "TIPTOP_COLUMN",
    "compact",
    "depth_of",
    "direction_in",
    "identifier",
    "operation_in",
    "part_in",
    "role_of",
    "steps",
]

HEADING_LENGTH: Final = 30  # characters; longer texts are no headings
MARK_LENGTH: Final = 60  # longer texts are prose, whose words mark nothing

SERVICE_NAME: Final = re.compile(r"\b[a-z][a-z0-9]{0,4}\.(?:oapi|api)(?:\.[a-z0-9_]+){2,}\b", re.IGNORECASE)
CUSTOM_NAME: Final = re.compile(r"\bCreate[A-Z][A-Za-z]+(?:Data|Note|In|Out)\b")
PROGRAM: Final = re.compile(r"\b[ac][a-z]{2}[a-z]\d{3}\b")
IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")
TIPTOP_COLUMN: Final = re.compile(r"\b[a-z]{3}(?:\d{2,4}|ud\d{2}|conf|post|mksg|acti|plant|legal|user|grup|modu|date|spc)\b")


def compact(text: str) -> str:
    """A heading without case, blanks and decoration."""
    return re.sub(r"[\s*＊:：?？_\-.]+", "", unicodedata.normalize("NFKC", text)).lower()


# -- columns of a table ----------------------------------------------------------------------------------------------

_ROLES: Final = {  # role -> whole compact heading; the first that fits counts
    "number": r"項次|項目|序號|序号|行號|行号|編號|编号|序|no|#|seq|seqno|item|itemno",
    "path": r".*(路徑|路径|path)",
    "direction": r"輸入/?輸出|输入/?输出|方向|i/?o|in/?out|direction|請求/回應|请求/响应",
    "part": r"層級|层级|階層|阶层|層|层|level|區段|区段|區塊|区块|part|section|segment|"
    r"單頭/?單身|单头/?单身|表头/?表[体身]|表頭/?表[體身]|header/?detail|head/?line|h/?d|m/?d",
    "parent": r"(父|上層|上层|上級|上级|所屬|所属|parent).*|節點|节点|node",
    "column": r"(對應|对应|tiptop|t100|erp|資料庫|数据库|資料表|数据表|實體|物理|db|database|table).*|column(name)?|表字段",
    "example": r".*(範例|范例|示例|舉例|举例|樣本|样例|example|sample)(值|value|資料|数据)?",
    "default": r".*(預設|默认|default)(值|value)?",
    "optional": r".*(可空|為空|为空|空值|可空白|允許空白|nullable|null|選填|选填|可選|可选|optional)(否)?",
    "required": r".*(必填|必輸|必输|必須|必须|必要|必傳|必传|必選|必选|必需|required?|mandatory|req|m/o|o/m)(否|與否|与否|項|项|性)?",
    "length": r".*(長度|长度|length|len|size|位數|位数|精度|precision|digits)",
    "type": r".*(型態|型态|型別|型别|類型|类型|類別|类别|格式|type|format)",
    "description": r".*(說明|说明|描述|備註|备注|註解|注释|註記|用途|意義|含义|定義|"
    r"description|desc|remarks?|comments?|notes?|meaning|explanation)",
    "field": r"(api)?(欄位|字段|栏位|欄|參數|参数|field|parameter|param|element|tag|key|屬性|属性)|"
    r"(api|參數|参数|parameter|element|tag|json|xml).*(名稱|名称|名|name|欄位|字段|field)|.*(代號|代号|代碼|代码|英文名稱?|英文名称|fieldid|fieldcode|variable)",
    "label": r"中文.*|名稱|名称|.*(中文名稱?|中文名称)|label|caption|title|display.*|顯示名稱|显示名称|chinese.*",
    "name": r"(欄位|字段|栏位)(名稱|名称|名)|fieldname|name|attribute|欄名|歐名",
}


def role_of(heading: str) -> str | None:
    """What the column below a heading holds; None for a text that is no heading. `name` may be a field or a label."""
    if not heading or len(heading) > HEADING_LENGTH:
        return None
    pieces = [_role(compact(piece)) for piece in re.split(r"[\s/()（）\[\]、,，|]+", heading)]
    if {"type", "length"} <= set(pieces):
        return "type"  # 型態/長度: both stand in its cells
    return _role(compact(heading)) or next((role for role in pieces if role), None)


def _role(text: str) -> str | None:
    return next((role for role, pattern in _ROLES.items() if text and re.fullmatch(pattern, text)), None)


# -- marks -----------------------------------------------------------------------------------------------------------

_LINE: Final = re.compile(r"單身|单身|表身|表体|表體|明細|明细|子表|分錄|分录|details?\b|\blines?\b|\bbody\b|_detail", re.IGNORECASE)
_HEADER: Final = re.compile(r"單頭|单头|表头|表頭|主檔|主档|主表|抬頭|抬头|\bmaster\b|\bheader\b|\bhead\b", re.IGNORECASE)
_ANSWER: Final = re.compile(
    r"回傳|回应|回應|返回|響應|响应|輸出|输出|出參|出参|應答|应答|\bresponse\b|\boutput\b|\breply\b|\banswer\b|\breturns?\b", re.IGNORECASE
)
_REQUEST: Final = re.compile(r"請求|请求|輸入|输入|入參|入参|傳入|传入|\brequest\b|\binput\b", re.IGNORECASE)


def part_in(text: str) -> str | None:
    """header or line, where a short text is such a mark; None where it is neither or both."""
    marks = _plain_marks(text)
    for words in OPERATION_WORDS.values():  # 讀取明細 is an operation, not a mark of lines
        marks = re.sub(words, " ", marks, flags=re.IGNORECASE) if "明" in words else marks
    marks = re.sub(r"(request|response|http|message)\s*body", " ", marks, flags=re.IGNORECASE)
    line, header = bool(_LINE.search(marks)), bool(_HEADER.search(marks)) and not re.search(r"http|headers", marks, re.IGNORECASE)
    return None if line == header else "line" if line else "header"


def direction_in(text: str) -> str | None:
    """request or answer, where a short text is such a mark; None where it is neither or both."""
    marks = _plain_marks(text)
    request, answer = bool(_REQUEST.search(marks)), bool(_ANSWER.search(marks))
    return None if request == answer else "request" if request else "answer"


def _plain_marks(text: str) -> str:
    """The text without service names; nothing where it is prose or a piece of a sample."""
    return "" if len(text) > MARK_LENGTH or re.search(r"[{}<>\"]", text) else SERVICE_NAME.sub(" ", text)


OPERATION_WORDS: Final[Mapping[Operation, str]] = {  # the first that fits counts
    Operation.DISAPPROVE: r"撤[銷销]審?审?核|取消[審审]核|\b(dis|un)approve",
    Operation.DISPOST: r"[過过][帳账]還?还?原|取消[過过][帳账]|\b(dis|un)post",
    Operation.QUERY: r"查[詢询]列表|列表查[詢询]|查[詢询]清[單单]|\blist query\b|\bquery\b",
    Operation.READ: r"[讀读]取明[細细]|[讀读]取|明[細细]查[詢询]|\bread\b",
    Operation.CREATE: r"[創创]建|新增|建立|\bcreate\b|\binsert\b",
    Operation.UPDATE: r"更新|修改|[變变]更|\bupdate\b|\bmodify\b",
    Operation.DELETE: r"[刪删]除|\bdelete\b",
    Operation.APPROVE: r"[審审]核|\bapprove\b",
    Operation.INVALID: r"作[廢废]|\binvalid\b|\bvoid\b",
    Operation.POST: r"[過过][帳账]|\b[Pp]ost\b",
}


def operation_in(text: str) -> Operation | None:
    """The operation that a title names; None where it names none, or several."""
    marks = _plain_marks(text)
    if re.search(r"\bPOST\b|http|method|方法|url", marks):  # HTTP's word
        return None
    found = []
    for operation, words in OPERATION_WORDS.items():
        shorter = re.sub(words, " ", marks, flags=re.IGNORECASE)
        if shorter != marks:
            found.append(operation)
            marks = shorter
    return found[0] if len(found) == 1 else None


# -- names -----------------------------------------------------------------------------------------------------------


def identifier(text: str) -> str | None:
    """The technical name at the start of a cell, of a path its last step; None where there is none."""
    parts = list(steps(text))
    return parts[-1] if parts else None


_MARKER: Final = re.compile(r"^[\s\u3000]*(?:[-–—+>*•·●○◆◇■□▪…．.|│├└┗┣─━↳→]+|\(?\d{1,2}[.)、])?[\s\u3000\-─━>]*")
_QUOTES: Final = "\"'`“”「」"


def steps(text: str) -> Iterator[str]:
    """The names of a path such as `data[].detail[].item_no`; nothing where the text is no name."""
    bare = _MARKER.sub("", unicodedata.normalize("NFKC", text), count=1)
    first = re.split(r"[\s(（（:：,，*＊]", bare.strip(), maxsplit=1)[0]
    named = re.sub(r"[\w:]+\[@name=[\"']([^\"']+)[\"']\]", r"\1", first)
    names = [re.sub(r"\[.*?\]", "", name).strip(_QUOTES + "{}@$") for name in re.split(r"[./>\\]", named)]
    names = [name for name in names if name]
    if names and all(IDENTIFIER.fullmatch(name) for name in names):
        yield from names


def depth_of(text: str) -> int:
    """How far a name is set in by blanks and list markers."""
    marker = _MARKER.match(text)
    return sum(2 if character == "\u3000" else not character.isalnum() for character in marker.group()) if marker else 0

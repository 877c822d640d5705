"""What the operations are called and what they do, in the words of the vendor's list (protocol §0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from importer.mapping import Labels
from importer.models import Operation

__all__ = ["WORDING", "Wording"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """An operation in words; `{title}` stands for the document type's name."""

    name: Labels
    description: Labels


def _wording(zh_tw: str, zh_cn: str, en: str, *, does_tw: str, does_cn: str, does: str) -> Wording:
    return Wording(name={"zh_TW": zh_tw, "zh_CN": zh_cn, "en": en}, description={"zh_TW": does_tw, "zh_CN": does_cn, "en": does})


WORDING: Final[Mapping[Operation, Wording]] = {
    Operation.CREATE: _wording(
        "創建",
        "创建",
        "create",
        does_tw="新增一張{title}，含單頭與單身；單號由 ERP 自動給。",
        does_cn="新增一张{title}，含单头与单身；单号由 ERP 自动给。",
        does="Creates a document of type “{title}” with header and lines; the ERP assigns its number.",
    ),
    Operation.UPDATE: _wording(
        "更新",
        "更新",
        "update",
        does_tw="更改一張尚未審核的{title}；單身依項次對應。",
        does_cn="更改一张尚未审核的{title}；单身依项次对应。",
        does="Changes a document of type “{title}” that is not yet approved; lines are found by their number.",
    ),
    Operation.QUERY: _wording(
        "查詢列表",
        "查询列表",
        "list query",
        does_tw="依條件查詢{title}，分頁傳回單頭。",
        does_cn="依条件查询{title}，分页返回单头。",
        does="Lists documents of type “{title}” that meet the conditions, headers only, page by page.",
    ),
    Operation.READ: _wording(
        "讀取明細",
        "读取明细",
        "read details",
        does_tw="依單號讀取{title}的單頭、單身與狀態。",
        does_cn="依单号读取{title}的单头、单身与状态。",
        does="Reads header, lines and status of a document of type “{title}” by its number.",
    ),
    Operation.DELETE: _wording(
        "刪除",
        "删除",
        "delete",
        does_tw="刪除一張尚未審核的{title}。",
        does_cn="删除一张尚未审核的{title}。",
        does="Deletes a document of type “{title}” that is not yet approved.",
    ),
    Operation.APPROVE: _wording(
        "審核", "审核", "approve", does_tw="審核一張{title}。", does_cn="审核一张{title}。", does="Approves a document of type “{title}”."
    ),
    Operation.DISAPPROVE: _wording(
        "撤銷審核",
        "撤销审核",
        "disapprove",
        does_tw="撤銷一張尚未過帳的{title}的審核。",
        does_cn="撤销一张尚未过账的{title}的审核。",
        does="Takes the approval of a document of type “{title}” back; it must not be posted.",
    ),
    Operation.POST: _wording(
        "過帳",
        "过账",
        "post",
        does_tw="將一張已審核的{title}過帳，庫存隨即異動。",
        does_cn="将一张已审核的{title}过账，库存随即异动。",
        does="Posts an approved document of type “{title}”; stock moves.",
    ),
    Operation.DISPOST: _wording(
        "過帳還原",
        "过账还原",
        "dispost",
        does_tw="將一張已過帳的{title}還原為未過帳，庫存隨即還原。",
        does_cn="将一张已过账的{title}还原为未过账，库存随即还原。",
        does="Reverses the posting of a document of type “{title}”; stock moves back.",
    ),
    Operation.INVALID: _wording(
        "作廢",
        "作废",
        "invalid",
        does_tw="作廢一張{title}；作廢後不再使用。",
        does_cn="作废一张{title}；作废后不再使用。",
        does="Voids a document of type “{title}” for good.",
    ),
    Operation.COMBINED: _wording(
        "創建、審核並過帳",
        "创建、审核并过账",
        "create, approve and post",
        does_tw="一次呼叫完成{title}的創建、審核與過帳。",
        does_cn="一次调用完成{title}的创建、审核与过账。",
        does="Creates, approves and posts a document of type “{title}” in one call.",
    ),
}

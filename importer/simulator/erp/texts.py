"""Texts of the ERP's message codes (protocol §5): official ones where known, else a gloss. Nobody may compare them (§2.3)."""

from __future__ import annotations

from typing import Final

# code: (zh_TW, English)
_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "mfg9999": ("異動日期不可小於關帳日期", "date is not after the stock close date"),
    "mfg6090": ("年度大於目前年度", "year is later than the current one"),
    "mfg6091": ("期間大於目前期間", "period is later than the current one"),
    "sub-142": ("無此期間行事曆", "no calendar for the period"),
    "apm-920": ("自動取號失敗", "no document number could be assigned"),
    "mfg-009": ("無單身資料", "document has no lines"),
    "asm-383": ("使用多單位, 不可執行", "plant uses multiple units"),
    "9023": ("資料已確認", "already confirmed"),
    "9024": ("資料已作廢", "document is void"),
    "aba-100": ("尚未確認不可過帳", "not confirmed, cannot be posted"),
    "asf-812": ("已過帳", "already posted"),
    "aws-078": ("簽核狀況不是已核准", "approval state is not 'approved'"),
    "mfg3557": ("簽核中, 不可刪除", "in approval flow, cannot be deleted"),
    "mfg1312": ("申請人不存在", "applicant not found"),
    "mfg3097": ("部門不屬於此營運中心", "department of another site"),
    "mfg0301": ("部門已停用", "department is inactive"),
    "100": ("查無資料", "not found"),
    "-263": ("資料被鎖定", "row is locked by another user"),
    "-400": ("無鍵值", "no key"),
    "-1106": ("資料檢查錯誤", "data check failed"),
    "aws-086": ("確認過帳程式未執行", "confirm/post program did not run"),
    "aws-522": ("過帳失敗, 單據已刪除", "posting failed, document removed"),
    "aap-099": ("料號不可空白", "item is blank"),
    "mfg1201": ("料號不存在或無效", "item not found or inactive"),
    "mfg1100": ("倉庫不存在", "warehouse not found, of the wrong type or inactive"),
    "art-426": ("倉庫不屬於此營運中心", "warehouse of another plant"),
    "mfg6069": ("無此料倉儲批庫存資料", "no stock record for item, warehouse, location and lot"),
    "mfg1020": ("儲位不存在", "location not found"),
    "aim-034": ("批號必須輸入", "lot is required"),
    "aim-400": ("批號已過期", "lot has expired"),
    "mfg3075": ("無單位換算率", "no unit conversion"),
    "aim-120": ("數量不可空白或為零", "quantity is blank or zero"),
    "aim-989": ("數量不可為負", "quantity is negative"),
    "mfg1303": ("數量大於庫存量", "quantity exceeds stock"),
    "aoo-403": ("理由碼不存在或性質不符", "reason code not found or of another category"),
    "aim-163": ("理由碼無效", "reason code is inactive"),
    "apj-201": ("理由碼必須輸入", "reason code is required"),
    "aim-031": ("單價必須輸入", "cost is required"),
    "aim1167": ("倉庫空白", "warehouse is blank"),
    "aim1168": ("儲位或批號空白", "location or lot is null"),
    "asf-031": ("單位空白", "unit is null"),
    "aim-406": ("過帳時庫存不足", "stock is not sufficient at posting"),
    "aim-407": ("還原後庫存不足", "stock would become negative"),
    "asf-888": ("使用者無此倉庫權限", "user is not authorised for the warehouse"),
    "aim-149": ("倉庫空白", "warehouse is blank"),
    "mfg6101": ("庫存檔中查無資料", "not found in the stock file"),
    "mfg3471": ("庫存已不足, 不可調撥", "no stock any more, cannot transfer"),
    "aim-888": ("調撥理由必須輸入", "transfer reason is required"),
    "mfg9005": ("工單不存在", "work order not found"),
    "9028": ("資料無效", "record is inactive"),
    "mfg9006": ("工單尚未發放", "work order is not released"),
    "mfg3430": ("工單已結案", "work order is closed"),
    "mfg9185": ("委外工單", "work order is outsourced"),
    "asf-677": ("料號與工單不符", "item differs from the work order"),
    "asf-680": ("須輸入FQC單號", "FQC document is required"),
    "asf-824": ("尚未發料", "material is not issued, or later than the receipt"),
    "asf-714": ("入庫量大於可入庫量", "quantity exceeds the work order"),
    "aqc-711": ("倉庫空白", "warehouse is blank"),
    "asf-507": ("無此料倉儲批庫存資料", "no stock record"),
    "aim-997": ("單位換算錯誤", "unit conversion failed"),
    "sim-state": ("[模擬] 單據狀態不允許此操作", "[simulated] not possible in this state of the document"),
    "sim-field": ("[模擬] 未知欄位", "[simulated] unknown field"),
    "sim-length": ("[模擬] 資料超過欄位長度", "[simulated] longer than the column"),
    "sim-value": ("輸入的data并不存在, 請重新輸入", "[simulated] not a value of this field's type"),
}


def text_of(code: str, language: str = "") -> str:
    """English for `en_US`, else Chinese; an unknown code has no text."""
    chinese, english = _TEXTS.get(code, ("", ""))
    return english if language.lower().startswith("en") else chinese

"""SAP's own modules beside RFC_READ_TABLE: open items of a customer, the commit, and the test of a connection."""

from __future__ import annotations

from typing import Any, Final

from duehook.core.testing.book.objects import to_amount
from duehook.plugins.sap_ecc.simulator.tables.schema import NO_DAY, SHAPES

from .module import RETURN, AbapError, Call, Module, Values, done, fields, told

_COLUMNS: Final = {
    "COMP_CODE": "BUKRS", "CUSTOMER": "KUNNR", "SP_GL_IND": "UMSKZ", "CLEAR_DATE": "AUGDT", "CLR_DOC_NO": "AUGBL",
    "ALLOC_NMBR": "ZUONR", "FISC_YEAR": "GJAHR", "DOC_NO": "BELNR", "ITEM_NUM": "BUZEI", "PSTNG_DATE": "BUDAT",
    "DOC_DATE": "BLDAT", "ENTRY_DATE": "CPUDT", "CURRENCY": "WAERS", "REF_DOC_NO": "XBLNR", "DOC_TYPE": "BLART",
    "POST_KEY": "BSCHL", "DB_CR_IND": "SHKZG", "ITEM_TEXT": "SGTXT", "PMNTTRMS": "ZTERM", "BLINE_DATE": "ZFBDT",
    "INV_REF": "REBZG", "INV_YEAR": "REBZJ", "INV_ITEM": "REBZZ", "DUNN_BLOCK": "MANSP", "DUNN_LEVEL": "MANST",
}  # fmt: skip
_AMOUNTS: Final = fields("LC_AMOUNT:P24.4 AMT_DOCCUR:P24.4 LOC_CURRCY:C5")
_LINE: Final = {**{name: SHAPES["BSID"].columns[of] for name, of in _COLUMNS.items()}, **_AMOUNTS}


def _open_items(call: Call) -> Values:
    """Return a customer's lines that are open, posted up to the key date; amounts are shifted already."""
    if "BSID" in call.system.denied:
        return told("E", "F2", "083", "No authorization for company code (F_BKPF_BUK)")
    until, company, customer = _key_date(call), call.text("COMPANYCODE"), call.text("CUSTOMER")
    if call.system.customer_in(customer, company) is None:
        return told("E", "FN", "021", f"Customer {customer} is not defined in company code {company}")
    names = list(SHAPES["BSID"].columns)
    rows = call.system.store.select(
        "BSID", "BUKRS = ? AND KUNNR = ? AND BUDAT <= ?", (company, customer, until),
    )  # fmt: skip
    shown = [_line(call, dict(zip(names, row, strict=True))) for row in rows]
    return {**told("", "", "000", ""), "LINEITEMS": shown}


def _key_date(call: Call) -> str:
    text = call.text("KEYDATE").replace("-", "")
    if len(text) != 8 or not text.isdigit() or text == NO_DAY:
        raise AbapError("CX_SY_CONVERSION_NO_DATE", "KEYDATE is not a date", is_runtime=True)
    return text


def _line(call: Call, row: dict[str, Any]) -> Values:
    own = next(each.currency for code, each in call.system.book.companies.items() if code[-4:] == row["BUKRS"])
    found: Values = {name: row[of] for name, of in _COLUMNS.items()}
    amounts = {
        "LC_AMOUNT": to_amount(row["DMBTR"] or 0, own),
        "AMT_DOCCUR": to_amount(row["WRBTR"] or 0, row["WAERS"]),
    }
    return found | {name: int(amount.scaleb(4)) for name, amount in amounts.items()} | {"LOC_CURRCY": own}


def _commit(call: Call) -> Values:
    call.session.commit()
    return told("", "", "000", "")


def _rollback(call: Call) -> Values:
    call.session.waiting.clear()
    return done("rolled back")


def _connection(call: Call) -> Values:
    now = call.system.now
    said = f"SAP R/3 Rel. 701   Sysid: SIM      Date: {now:%Y%m%d}   Time: {now:%H%M%S}   Logon_Data: 100/DUEHOOK/E"
    return {"ECHOTEXT": call.text("REQUTEXT"), "RESPTEXT": said}


BAPIS: Final = (
    Module(
        "BAPI_AR_ACC_GETOPENITEMS",
        fields("COMPANYCODE:C4 CUSTOMER:C10 KEYDATE:D NOTEDITEMS:C1 SECINDEX:C1"),
        {"RETURN": RETURN},
        {"LINEITEMS": _LINE},
        _open_items,
    ),
    Module("BAPI_TRANSACTION_COMMIT", fields("WAIT:C1"), {"RETURN": RETURN}, {}, _commit),
    Module("BAPI_TRANSACTION_ROLLBACK", {}, {"RETURN": RETURN}, {}, _rollback),
    Module("STFC_CONNECTION", fields("REQUTEXT:C255"), fields("ECHOTEXT:C255 RESPTEXT:C255"), {}, _connection),
)

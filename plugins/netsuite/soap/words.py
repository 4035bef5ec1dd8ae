"""What SuiteTalk's words mean: types of transactions, countries, languages and holds, each with a dash before it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from babel import Locale

INVOICE, CREDIT, PAYMENT, DEPOSIT = "_invoice", "_creditMemo", "_customerPayment", "_customerDeposit"
REFUND, APPLIED_DEPOSIT, JOURNAL = "_customerRefund", "_depositApplication", "_journal"
TYPES: Final = {
    INVOICE: "CustInvc", CREDIT: "CustCred", PAYMENT: "CustPymt", DEPOSIT: "CustDep", REFUND: "CustRfnd",
    APPLIED_DEPOSIT: "DepAppl", JOURNAL: "Journal",
}  # fmt: skip
WORDS: Final = {code: word for word, code in TYPES.items()}
# The records' names in references, by the codes of their types.
RECORDS: Final = {
    "CustInvc": "invoice", "CustCred": "creditMemo", "CustPymt": "customerPayment", "CustDep": "customerDeposit",
    "CustRfnd": "customerRefund", "Journal": "journalEntry",
}  # fmt: skip
RECEIVABLE: Final = "_accountsReceivable"
_VOIDED: Final = "voided"
_SIGNS: Final = re.compile(r"[^A-Za-z]+")
# Countries and languages that SuiteTalk calls otherwise than Unicode's English names do.
_COUNTRIES: Final = {
    "boliviaplurinationalstateof": "BO", "bonairesinteustatiusandsaba": "BQ", "bruneidarussalam": "BN",
    "caboverde": "CV", "congo": "CG", "congothedemocraticrepublicofthe": "CD", "czechrepublic": "CZ",
    "falklandislandsmalvinas": "FK", "heardislandandmcdonaldislands": "HM", "holysee": "VA", "hongkong": "HK",
    "iranislamicrepublicof": "IR", "koreathedemocraticpeoplesrepublicof": "KP", "koreatherepublicof": "KR",
    "laopeoplesdemocraticrepublic": "LA", "macao": "MO", "micronesiafederatedstatesof": "FM",
    "moldovatherepublicof": "MD", "myanmar": "MM", "palestinestateof": "PS", "pitcairn": "PN",
    "russianfederation": "RU", "sainthelenaascensionandtristandacunha": "SH", "saintmartinfrenchpart": "MF",
    "sintmaartendutchpart": "SX", "southgeorgiaandthesouthsandwichislands": "GS", "syrianarabrepublic": "SY",
    "tanzaniatheunitedrepublicof": "TZ", "turkey": "TR", "turkiye": "TR", "unitedstatesminoroutlyingislands": "UM",
    "venezuelabolivarianrepublicof": "VE", "vietnam": "VN", "virginislandsbritish": "VG", "virginislandsus": "VI",
    "canaryislands": "ES", "ceutaandmelilla": "ES", "kosovo": "XK", "antiguaandbarbuda": "AG",
    "saintbarthelemy": "BL", "timorleste": "TL", "cocoskeelingislands": "CC", "cotedivoire": "CI",
    "isleofman": "IM", "saintvincentandthegrenadines": "VC", "wallisandfutunaislands": "WF",
    "swaziland": "SZ", "macedonia": "MK",
}  # fmt: skip
_LANGUAGES: Final = {"latinamericanspanish": "es", "filipino": "fil", "haitian": "ht", "persianiran": "fa",
              "bengali": "bn"}  # fmt: skip


def code_of(word: str | None) -> str:
    """Return a type of transaction as SuiteQL calls it; one that is none of ours as it is."""
    return TYPES.get(word or "", word or "")


def is_voided(status: str | None) -> bool:
    """Say whether a status is that of a voided transaction."""
    return (status or "").lower().endswith(_VOIDED)


def hold_of(word: str | None) -> str | None:
    """Return a hold as SuiteQL has it: ON of `_on`."""
    return word.removeprefix("_").upper() if word else None


def word_of(hold: str) -> str:
    """Return a hold as SuiteTalk has it: `_on` of ON."""
    return f"_{hold.lower()}"


def country_of(word: str | None) -> str | None:
    """Return a country's code of `_unitedStates`; None for one that is not known."""
    return _by_country().get(_plain(word)) if word else None


def language_of(word: str | None) -> str | None:
    """Return a language's code of `_englishUS`; None for one that is not known."""
    name = _plain(word)
    for known in sorted(_by_language(), key=len, reverse=True):
        if name.startswith(known):
            return _by_language()[known]
    return None


def _plain(text: str | None) -> str:
    bare = unicodedata.normalize("NFKD", (text or "").replace("&", "and").replace("St.", "Saint"))
    return _SIGNS.sub("", bare.encode("ascii", "ignore").decode()).lower()


@cache
def _by_country() -> dict[str, str]:
    names = Locale("en").territories.items()
    return {_plain(name): code for code, name in names if len(code) == len("US") and code.isalpha()} | _COUNTRIES


@cache
def _by_language() -> dict[str, str]:
    names = Locale("en").languages.items()
    return {_plain(name): code for code, name in names if len(code) == len("en")} | _LANGUAGES

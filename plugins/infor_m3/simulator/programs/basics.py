"""CRS075MI, payment terms, and CRS055MI, currencies and their rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from duehook.core.money import exponent
from duehook.core.testing.book import Rate, Term
from duehook.core.testing.book.people import DOLLARS
from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.codes import COMPANY, DIVISIONS, RATE_TYPE
from duehook.plugins.infor_m3.simulator.refusal import UNKNOWN, nok
from duehook.plugins.infor_m3.simulator.tables.cells import rate

_LAST: Final = "\uffff"


def term_row(term: Term) -> dict[str, str]:
    """Return a payment term as CRS075 has it."""
    return {
        "TEPY": term.key, "LNCD": "", "TX15": term.text[:15], "TEL1": term.text[:36], "SDAY": "0", "TEFM": "0",
        "TEPD": str(term.net_days), "PDAY": "0", "CAPY": "0", "CCOD": "0", "UOWR": "0", "PAYP": "0",
    }  # fmt: skip


def _list_terms(asked: Asked) -> Iterator[Record]:
    for key, term in sorted(asked.site.book.terms.items()):
        if key >= asked.get("TEPY"):
            yield term_row(term)


def _get_term(asked: Asked) -> Iterator[Record]:
    term = asked.site.book.terms.get(asked.get("TEPY"))
    if term is None:
        raise nok("TEPY", UNKNOWN, f"Payment terms {asked.get('TEPY')}")
    yield term_row(term)


def _currency(asked: Asked) -> Iterator[Record]:
    code = asked.get("CUCD")
    if code not in DOLLARS:
        raise nok("CUCD", UNKNOWN, f"Currency {code}")
    yield {
        "CONO": COMPANY, "DIVI": asked.division, "CUCD": code, "TX40": code, "TX15": code, "RAFA": "1",
        "DCCD": str(exponent(code)), "ADPR": "0", "NPRD": "2",
    }  # fmt: skip


def _rates_of_type(asked: Asked) -> Iterator[Record]:
    """List a currency's rates into that of the division, from a day on."""
    own = _own_currency(asked.division, asked)
    for each in _rates(asked):
        if (each.from_currency, each.to_currency) == (asked.get("CUCD"), own):
            yield _rate(each, asked.division)


def _selected_rates(asked: Asked) -> Iterator[Record]:
    """List the rates of divisions and currencies from one to another, from a day on."""
    divisions = [each for each in DIVISIONS.values() if asked.get("FRDI") <= each <= (asked.get("TODI") or _LAST)]
    for each in _rates(asked):
        if asked.get("FCUR") <= each.from_currency <= (asked.get("TCUR") or _LAST):
            for division in divisions:
                if _own_currency(division, asked) == each.to_currency:
                    yield _rate(each, division)


def _rates(asked: Asked) -> Iterator[Rate]:
    if int(asked.get("CRTP")) == int(RATE_TYPE):
        for each in asked.site.book.exchange_rates:
            if f"{each.valid_on:%Y%m%d}" >= asked.get("CUTD") and _stamp(each) >= int(asked.get("LMTS") or 0):
                yield each


def _stamp(each: Rate) -> int:
    return int(each.changed_at.timestamp() * 1000)


def _rate(each: Rate, division: str) -> Record:
    return {
        "CONO": COMPANY, "DIVI": division, "CUCD": each.from_currency, "CRTP": RATE_TYPE,
        "CUTD": f"{each.valid_on:%Y%m%d}", "ARAT": rate(each.scaled), "LOCD": each.to_currency, "DMCU": "1",
        "RAFA": "1", "TXID": "0",
    }  # fmt: skip


def _own_currency(division: str, asked: Asked) -> str:
    code = next(code for code, name in DIVISIONS.items() if name == division)
    return asked.site.book.companies[code].currency


CRS075MI: Final[Mapping[str, Handler]] = {"List": _list_terms, "Get": _get_term}
CRS055MI: Final[Mapping[str, Handler]] = {
    "GetBasicData": _currency,
    "LstRatesPerType": _rates_of_type,
    "SelExchangeRate": _selected_rates,
}

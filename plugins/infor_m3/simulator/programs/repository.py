"""MRS001MI: which programs there are, their transactions, and the fields of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.layouts import GENERAL, PROGRAMS, Transaction
from duehook.plugins.infor_m3.simulator.options import absent
from duehook.plugins.infor_m3.simulator.refusal import INVALID, UNKNOWN, nok


def _list_programs(asked: Asked) -> Iterator[Record]:
    for name in sorted(PROGRAMS):
        if name not in absent(asked.site.options):
            yield {"MINM": name, "OBNM": name, "MIDS": name, "VERS": "1", "RGDT": "20200601", "LMDT": "20200601"}


def _list_transactions(asked: Asked) -> Iterator[Record]:
    for name, transaction in _program(asked).items():
        there = f"{asked.get('MINM')}/{name}" not in absent(asked.site.options)
        if there and (name not in GENERAL or asked.get("INCG") == "1"):
            yield {
                "MINM": asked.get("MINM"), "TRNM": name, "TRDS": name, "VERS": "1", "STAT": "20",
                "SIMU": "M" if transaction.many else "S",
            }  # fmt: skip


def _list_fields(asked: Asked) -> Iterator[Record]:
    transaction = _program(asked).get(asked.get("TRNM"))
    if transaction is None:
        raise nok("TRNM", UNKNOWN, f"Transaction {asked.get('TRNM')}")
    if asked.get("TRTP") not in ("I", "O"):
        raise nok("TRTP", INVALID, f"Layout type {asked.get('TRTP')}")
    at = 16  # the fields stand behind the transaction's name
    for each in (transaction.inputs if asked.get("TRTP") == "I" else transaction.outputs).values():
        yield {
            "MINM": asked.get("MINM"), "TRNM": transaction.name, "TRTP": asked.get("TRTP"), "FLNM": each.name,
            "FLDS": each.name, "FRPO": str(at), "TOPO": str(at + each.length - 1), "LENG": str(each.length),
            "TYPE": "N" if each.number else "A", "MAND": str(int(each.mandatory)),
        }  # fmt: skip
        at += each.length


def _program(asked: Asked) -> Mapping[str, Transaction]:
    name = asked.get("MINM")
    if name not in PROGRAMS or name in absent(asked.site.options):
        raise nok("MINM", UNKNOWN, f"Program name {name}")
    return PROGRAMS[name]


MRS001MI: Final[Mapping[str, Handler]] = {
    "LstPrograms": _list_programs,
    "LstTransactions": _list_transactions,
    "LstFields": _list_fields,
}

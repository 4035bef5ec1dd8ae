"""What BKPF tells of payments' documents: which take back which."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from duehook.plugins.sap_ecc import tables
from duehook.plugins.sap_ecc.client.tables import Row
from duehook.plugins.sap_ecc.site import EccSite
from duehook.plugins.sap_ecc.where import compare
from duehook.plugins.sap_lines.gathering import Lines
from duehook.plugins.sap_lines.lines import DocumentKey, document_of


def with_reversals(site: EccSite, lines: Lines) -> Lines:
    """Return the lines of documents that take others back with what they take back."""
    reversals = _reversals(site, {document_of(line) for line in lines})
    for line in lines:
        of = reversals.get(document_of(line))
        if of is not None:
            line |= {"IsReversal": True, "ReverseDocument": of[2], "ReverseDocumentFiscalYear": of[1]}
    return lines


def _reversals(site: EccSite, documents: Iterable[DocumentKey]) -> dict[DocumentKey, DocumentKey]:
    """Return what the documents take back: both name each other in STBLG, and the later one is the reversal."""
    there = {_key(row): row for row in _headers(site, documents) if row["STBLG"]}
    named = sorted({(row["BUKRS"], row["STBLG"]) for row in there.values()})
    others: list[Row] = []
    for company, group in groupby(named, key=lambda pair: pair[0]):
        others += site.rows_of(tables.HEADER, "BELNR", [number for _, number in group], compare("BUKRS", "=", company))
    found: dict[DocumentKey, DocumentKey] = {}
    for key, row in there.items():
        for other in others:
            mutual = (other["BUKRS"], other["BELNR"], other["STBLG"]) == (row["BUKRS"], row["STBLG"], row["BELNR"])
            if mutual and _when(row) > _when(other):
                found[key] = _key(other)
    return found


def _headers(site: EccSite, documents: Iterable[DocumentKey]) -> list[Row]:
    found: list[Row] = []
    for (company, year), group in groupby(sorted(documents), key=lambda key: key[:2]):
        within = (compare("BUKRS", "=", company), compare("GJAHR", "=", year), compare("STBLG", "<>", ""))
        found += site.rows_of(tables.HEADER, "BELNR", [key[2] for key in group], *within)
    return found


def _key(row: Row) -> DocumentKey:
    return row["BUKRS"], row["GJAHR"], row["BELNR"]


def _when(row: Row) -> tuple[str, str, str]:
    return row["CPUDT"], row["CPUTM"], row["BELNR"]

"""What `check` tries on an ECC: each table by its name, the currencies' decimals, the site's functions; no writing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from duehook.core.connecting.checking import tried
from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Command, Finding

from . import tables
from .client.faults import KEYS, FunctionFault
from .mapping.values import number
from .settings import FunctionSettings
from .site import EccSite
from .tables import Table
from .writing.functions import read

LOOK = "let the SAP admin look why."
RIGHT = "let the SAP admin grant S_RFC for {function} and S_TABU_NAM (or S_TABU_DIS) with ACTVT 03 for {table}."
SAMPLE = 50


def customers(site: EccSite) -> Iterator[Finding]:
    """Try the function that reads tables, the company codes, currencies and customers."""
    yield from _readable(
        site, (tables.COMPANY, tables.DECIMALS, tables.CUSTOMER, tables.OF_COMPANY, tables.DUNNING, tables.CREDIT,
               tables.ADDRESS, tables.CHANGE)
    )  # fmt: skip
    yield from tried("TCURX", lambda: _decimals(site), otherwise=LOOK)


def contacts(site: EccSite) -> Iterator[Finding]:
    """Try people and mail addresses."""
    yield from _readable(site, (tables.PERSON, tables.EMAIL))


def items(site: EccSite) -> Iterator[Finding]:
    """Try the lines, whether any can be seen, and whether their amounts are numbers."""
    yield from _readable(site, (tables.OPEN, tables.CLEARED, tables.HEADER))
    try:
        rows = site.reader.read(tables.OPEN, site.in_companies(), most=SAMPLE).all()
    except ConnectorError:
        return  # told above
    if not rows:
        yield Finding("open lines", False, "BSID shows no open line", "compare `companies` and `client`; a user who "
                      "may see no company code is shown none.", "warning")  # fmt: skip
        return
    odd = [row["WRBTR"] for row in rows if not hasattr(number("WRBTR", row["WRBTR"]), "scaleb")]
    if odd:
        yield Finding("amounts", False, f"WRBTR holds {odd[0]!r}, which is no number with a point",
                      "let `read_table` name a function that gives packed numbers as RFC_READ_TABLE does.")  # fmt: skip
    else:
        yield Finding("amounts", True, f"{len(rows)} amounts of BSID can be read")


def target(site: EccSite) -> Iterator[Finding]:
    """Try the functions that read back; those that write are tried by the first command alone."""
    functions = site.settings.functions
    named = {name: held for name in type(functions).model_fields if (held := getattr(functions, name)) is not None}
    if not named:
        yield Finding("functions", True, "none is named, so nothing is written")
    for name, function in named.items():
        if name.startswith("read_"):
            yield from tried(f"functions.{name}", partial(_reads, site, function), otherwise=LOOK)
        else:
            yield Finding(f"functions.{name}", True, f"{function.name} is called by the first command; not tried")


def _readable(site: EccSite, wanted: Sequence[Table]) -> Iterator[Finding]:
    for table in wanted:
        subject = f"table {table.name}"
        try:
            site.reader.read(table, most=1)
        except FunctionFault as error:
            yield Finding(subject, False, error.message, _fix(site, table, error))
        except ConnectorError as error:
            yield Finding(subject, False, error.message, error.fix or "let the SAP admin look why.")
        else:
            lacks = site.reader.lacks(table)
            beside = f", without {', '.join(lacks)}, which this system does not have" if lacks else ""
            yield Finding(subject, True, f"can be read by {site.settings.read_table}{beside}")


def _fix(site: EccSite, table: Table, error: FunctionFault) -> str:
    if error.key in KEYS[:2]:
        return RIGHT.format(function=site.settings.read_table, table=table.name)
    return error.fix or "let the SAP admin look why."


def _decimals(site: EccSite) -> str:
    """Say which currencies' amounts are shifted, of those that company codes have."""
    own = {site.currency_of(code) for code in site.companies}
    odd = sorted(own & {each for each, digits in site.decimals.items() if digits != 2})
    if not site.decimals:
        raise ConnectorError(
            "TCURX is empty: amounts of JPY, KWD and the like would be read as if they had two decimals.",
            fix="let the SAP admin look whether the table may be read in full.",
        )
    return f"amounts are shifted for {', '.join(odd) if odd else 'no currency of a company code'}"


def _reads(site: EccSite, function: FunctionSettings) -> str:
    read(site, function, Command("add_note", "check", "", "0"))
    return f"{function.name} can be called"

"""What `check` tries on a site: each table's read right by name, encodings, signs, sums, JDE's own dunning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Finding
from duehook.core.money import exponent

from . import tables
from .mapping.items import ItemMapping
from .reading.reader import Window
from .site import JdeSite, stamp_in
from .tables import Table
from .values import amount, text, whole

SAMPLE: Final = 1_000
_NEARLY_ALL: Final = 0.99
Checked = Callable[[JdeSite], Iterable[Finding]]


def customers(site: JdeSite) -> Iterator[Finding]:
    """Try the masters, the clock, the currencies, and whether JDE duns by itself."""
    masters = (
        tables.COMPANY, tables.CURRENCY, tables.PAYMENT_TERM, tables.EXCHANGE_RATE, tables.ADDRESS_BOOK,
        tables.CUSTOMER, tables.WHO, tables.POSTAL, tables.PARENT, tables.CODE,
    )  # fmt: skip
    yield from _all(site, masters, _clock, _currencies, _own_dunning, _notice_flag)


def contacts(site: JdeSite) -> Iterator[Finding]:
    """Try the who's-who tables, and whether phones say when they changed."""
    yield from _all(site, (tables.WHO, tables.PHONE, tables.EMAIL), _phone_stamps, _contact_types)


def items(site: JdeSite) -> Iterator[Finding]:
    """Try F03B11: its rows, its currencies, its stamps and its sums."""
    yield from _all(site, (tables.ITEM,), _probes, _readable, _stamps, _sums, _purge_files)


def payments(site: JdeSite) -> Iterator[Finding]:
    """Try the receipt tables and prove the sign of F03B14."""
    yield from _all(site, (tables.PAYMENT, tables.ALLOCATION), _sign_by_receipt, _sign_by_item)


def _all(site: JdeSite, needed: Iterable[Table], *checks: Checked) -> Iterator[Finding]:
    """Try the rights first; what needs the tables is tried only when all of them can be read."""
    try:
        site.reader.open()
    except ConnectorError as error:
        yield Finding(site.reader.place, False, error.message, error.fix)
        return
    readable = True
    for table in needed:
        finding = _right(site, table)
        readable = readable and finding.ok
        yield finding
        for problem in site.without(table) if finding.ok else ():
            readable = False
            yield Finding("field mapping", False, f"{problem.where}: {problem.message}", problem.hint)
    for check in checks if readable else ():
        try:
            yield from check(site)
        except ConnectorError as error:
            yield Finding(check.__name__.strip("_").replace("_", " "), False, error.message, error.fix)


def _right(site: JdeSite, table: Table) -> Finding:
    subject = f"read {table.name}"
    try:
        present = site.columns(table)
    except ConnectorError as error:
        return Finding(subject, False, error.message, error.fix)
    absent = [column.name for column in table.columns if column.name not in present]
    return Finding(
        subject, True, f"without {', '.join(absent)}, which stay empty" if absent else "all columns are there"
    )


def _clock(site: JdeSite) -> Iterator[Finding]:
    bound = site.bound()
    local = bound.at.astimezone(site.settings.zone)
    yield Finding(
        "clock", True, f"the {site.reader.place} says {local:%Y-%m-%d %H:%M} {site.settings.timezone}", severity="info"
    )


def _currencies(site: JdeSite) -> Iterator[Finding]:
    decimals = {text(code) or "": whole(places) for code, places in site.reader.whole(tables.CURRENCY)}
    other = {code: places for code, places in decimals.items() if len(code) == 3 and places != exponent(code)}
    if other:
        told = ", ".join(f"{code} {places} (ISO {exponent(code)})" for code, places in sorted(other.items()))
        yield Finding("currency decimals", False, f"F0013 and ISO 4217 differ: {told}",
                      "correct F0013, or override with `currency_decimals`.", "warning")  # fmt: skip
    else:
        yield Finding("currency decimals", True, f"{len(decimals)} currencies of F0013 agree with ISO 4217")
    unknown = sorted({code for code in site.facts.company_currency.values() if code and code not in decimals})
    if unknown:
        yield Finding("company currencies", False, f"F0013 lacks {', '.join(unknown)}", "add them in JDE.")


def _own_dunning(site: JdeSite) -> Iterator[Finding]:
    present = site.columns(tables.CUSTOMER)
    if not present.issuperset({"AIPLY", "AIDNLT"}):
        return
    found = site.reader.facts.dunned()
    if found:
        yield Finding(
            "JDE's own dunning", False, f"{found} customers have a delinquency policy and get notices (AIPLY, AIDNLT)",
            "stop JDE's delinquency run (R03B20/R03B22) for customers that Duehook writes to.", "warning",
        )  # fmt: skip
    else:
        yield Finding("JDE's own dunning", True, "no customer has a delinquency policy with notices")


def _notice_flag(site: JdeSite) -> Iterator[Finding]:
    if not site.settings.notice_flag_blocks or "AIDNLT" not in site.columns(tables.CUSTOMER):
        return
    without, every = site.reader.facts.silenced()
    if without * 2 > every:
        yield Finding(
            "notice flag", False, f"{without} of {every} customers say N in AIDNLT and will get no letter",
            "set `notice_flag_blocks: false` where the site does not keep this flag.", "warning",
        )  # fmt: skip


def _phone_stamps(site: JdeSite) -> Iterator[Finding]:
    for table in (tables.PHONE, tables.EMAIL):
        stamp = table.stamp
        if stamp is None or not site.columns(table).issuperset(stamp):
            yield Finding(f"stamps of {table.name}", False, "the table has no change stamps",
                          "run `duehook import --full` nightly, so that changes are seen.", "warning")  # fmt: skip
            continue
        newest, count = site.reader.facts.newest(table)
        if count and not newest:
            yield Finding(f"stamps of {table.name}", False, "no row was ever stamped",
                          "run `duehook import --full` nightly, so that changes are seen.", "warning")  # fmt: skip


def _contact_types(site: JdeSite) -> Iterator[Finding]:
    rows = site.reader.facts.in_use(tables.WHO, "WWTYC", numbered=True)
    known = dict(site.settings.codes.purpose_by_contact_type)
    unmapped = sorted({code for row in rows if (code := text(row[0])) and code not in known})
    if unmapped:
        yield Finding("contact types", False, f"types without a purpose: {', '.join(unmapped)}",
                      "name them in `codes.purpose_by_contact_type`; without a purpose, only line 0 gets letters.",
                      "warning")  # fmt: skip


def _probes(site: JdeSite) -> Iterable[Finding]:
    return site.reader.facts.probes()


def _readable(site: JdeSite) -> Iterator[Finding]:
    mapping = ItemMapping(site.facts)
    pages = site.reader.open_items(tables.ITEM).pages(Window(), site.settings.page_size)
    raws, _ = next(pages, ([], ()))
    rows, bad = mapping.rows(raws[:SAMPLE])
    if bad:
        yield Finding("open items", False, f"{len(bad)} of {len(raws[:SAMPLE])} rows cannot be read: {bad[0].reason}")
    else:
        yield Finding("open items", True, f"the first {len(rows)} rows can be read")
    kinds = dict(site.settings.codes.kind_by_document_type)
    unmapped = sorted({row["document_type"] for row in rows if row["document_type"] not in kinds})
    if unmapped:
        yield Finding("document types", False, f"taken for invoices by their sign: {', '.join(unmapped)}",
                      "name them in `codes.kind_by_document_type`.", "info")  # fmt: skip


def _stamps(site: JdeSite) -> Iterator[Finding]:
    found, place = site.reader.facts.stamped_past(stamp_in(site.bound().mark)), site.reader.place
    if found:
        yield Finding("change stamps", False, f"{found} rows were changed later than the {place}'s clock says",
                      f"correct `timezone` ({site.settings.timezone}): it is the zone of the JDE servers.",
                      "warning")  # fmt: skip
    else:
        yield Finding("change stamps", True, f"no row is stamped past the {place}'s clock")


def _sums(site: JdeSite) -> Iterator[Finding]:
    for company, currency, total, count in site.reader.facts.sums():
        code = text(currency) or site.facts.company_currency.get(text(company) or "", "")
        factor = site.facts.factors[code] if code in site.facts.factors or not site.facts.factors else None
        told = amount(total, factor) if factor is not None else f"{total} (unscaled: {code} is not in F0013)"
        yield Finding(
            f"sum of company {text(company)}", factor is not None, f"{told} {code} open in {count} pay items",
            "compare it with a printed aging; a factor of 100 means `amounts` is wrong.",
            "info" if factor is not None else "error",
        )  # fmt: skip


def _purge_files(site: JdeSite) -> Iterator[Finding]:
    if "F03B11P" in site.purge_files:
        yield Finding("purge file F03B11P", True, "vanished items can be told apart: deleted or purged")
    else:
        yield Finding("purge file F03B11P", False, "it cannot be read: a vanished item stays `missing`",
                      "let the admin grant the right to read F03B11P where the site purges.", "info")  # fmt: skip


def _sign_by_receipt(site: JdeSite) -> Iterator[Finding]:
    below, above = site.signs()
    sign = site.sign
    fitting, other = (below, above) if sign == "negative" else (above, below)
    told = f"applications are stored {sign}: {fitting} receipts say so, {other} the opposite"
    yield Finding("sign of F03B14 by receipt", not other or fitting / (fitting + other) >= _NEARLY_ALL, told,
                  "set `f03b14_sign` after a look at one receipt.")  # fmt: skip


def _sign_by_item(site: JdeSite) -> Iterator[Finding]:
    """Prove open = original − Σ applications on domestic items with applications in the history."""
    kinds = site.settings.codes.kind_by_document_type
    on_account = [code for code, kind in kinds.items() if kind == "on_account"] or [""]
    day = site.history_from(stamp_in(site.bound().mark))
    negative, positive, every = site.reader.facts.proof(day, on_account)
    fitting = negative if site.sign == "negative" else positive
    yield Finding(
        "open = original − Σ F03B14", every == 0 or fitting / every >= _NEARLY_ALL,
        f"holds for {fitting} of {every} applied items",
        f"try `f03b14_sign: {'positive' if site.sign == 'negative' else 'negative'}`; a few misses are purged lines.",
        "warning",
    )  # fmt: skip

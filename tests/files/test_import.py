"""A drop folder fills real books: placed, swept, quarantined with file and line, taken up after a stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store.imports import quarantine
from duehook.core.books.tables.ledger import allocation, contact, customer, item, payment
from duehook.core.context import Context
from duehook.core.errors import ConfigError, ConnectorGarbled, RunStopped
from duehook.core.runs.check import check_connection
from duehook.core.runs.imports import ImportReport, ImportRules, import_connection
from duehook.core.runs.imports.site import import_by_name
from duehook.core.runs.site import Site
from duehook.core.runs.tie_out import tie_out
from tests.rigs.literal_source import AS_OF, Clock, context

MAPPING = """\
format: {delimiter: ";", date: DD.MM.YYYY, decimal: ",", thousands: ".", empty: ["NULL"]}
streams:
  payment_term:
    files: terms.csv
    fields: {key: Code, text: Text, net_days: Days}
  exchange_rate:
    files: rates.csv
    fields: {from_currency: From, to_currency: To, valid_on: Day, rate: Rate, rate_type: {constant: M}}
  customer:
    files: customers.csv
    snapshot: true
    fields:
      company: Company
      key: No
      name: Name
      state: {column: Block, codes: {L: legal, I: insolvent}, default: active}
      terms: Terms
      credit_limit: Limit
      limit_currency: {constant: EUR}
      address.lines: {columns: [Street, Floor], join: "\\n", as: list, split: "\\n"}
      address.city: City
      address.country: {constant: DE}
      categories.region: Region
  contact:
    files: contacts.csv
    snapshot: true
    fields:
      company: Company
      key: {columns: [Customer, Mail]}
      customer: Customer
      email: Mail
      purposes: {column: Purposes, split: /}
  item:
    files: items.csv
    snapshot: true
    fields:
      company: Company
      key: {columns: [Year, No]}
      customer: Customer
      kind: {column: Type, codes: {RE: invoice, GU: credit_note}}
      currency: Currency
      amount: Amount
      open_amount: Open
      document_on: Date
      due_on: Due
      terms: Terms
      document_no: No
  payment:
    files: payments*.csv
    fields:
      company: Company
      key: No
      customer: Customer
      currency: {constant: EUR}
      amount: Amount
      received_on: Date
  allocation:
    files: payments*.csv
    fields:
      company: Company
      key: No
      item: Item
      payment: No
      kind: {constant: cash}
      currency: {constant: EUR}
      amount: Amount
      allocated_on: Date
"""
FILES = {
    "terms.csv": "Code;Text;Days\nT30;30 days;30\n",
    "rates.csv": "From;To;Day;Rate\nUSD;EUR;01.03.2026;0,92\n",
    "customers.csv": "Company;No;Name;Block;Terms;Limit;Street;Floor;City;Region\n"
    "1000;A;Ähre GmbH;;T30;10.000,00;Hafenstr. 1;2. OG;Hamburg;North\n"
    "1000;B;Beta KG;I;T30;NULL;Weg 2;;Bremen;North\n",
    "contacts.csv": "Company;Customer;Mail;Purposes\n1000;A;ap@aehre.example;dunning/accounts_payable\n",
    "items.csv": "Company;Year;No;Customer;Type;Currency;Amount;Open;Date;Due;Terms\n"
    "1000;2026;R1;A;RE;EUR;1.190,00;1.000,00;05.01.2026;04.02.2026;T30\n"
    "1000;2026;R2;A;RE;EUR;50,00;50,00;06.01.2026;;T30\n"
    "1000;2026;G1;B;GU;EUR;-20,00;-20,00;07.01.2026;07.01.2026;\n",
    "payments1.csv": "Company;No;Customer;Item;Amount;Date\n1000;Z1;A;2026|R1;190,00;01.02.2026\n",
}
YAML = """\
version: 1
database: {file: database.url}
companies:
  "01": {erp: {connection: sheets, code: "1000"}}
connections:
  sheets: {type: files, folder: drop, mapping: map.yaml, settle_seconds: 0}
"""


class Sheets:
    """A site whose ledger is a drop folder."""

    def __init__(self, at: Path, site: Site) -> None:
        self.at, self.site, self.context = at, site, context(Clock())

    def put(self, name: str, text: str) -> None:
        (self.at / "drop" / name).write_text(text, encoding="utf-8")

    def load(self, *, full: bool = False) -> ImportReport:
        used: Context = self.context
        rules = ImportRules(companies=self.site.settings.companies_of("sheets"), bad_rows=1)  # type: ignore[arg-type]
        sources = list(self.site.sources("sheets").values())
        return import_connection(
            self.site.books, "sheets", sources, used, as_of=AS_OF, rules=rules, full=full, accept_drop=True
        )

    def states(self) -> dict[str, str]:
        with self.site.books.read() as tx:
            return {row.key: row.state for row in tx.execute(select(item))}


@pytest.fixture
def sheets(tmp_path: Path, books: Books, database_url: str) -> Iterator[Sheets]:
    (tmp_path / "drop").mkdir()
    (tmp_path / "map.yaml").write_text(MAPPING)
    (tmp_path / "database.url").write_text(database_url)
    (tmp_path / "duehook.yaml").write_text(YAML)
    with Site.open(tmp_path / "duehook.yaml") as site:
        made = Sheets(tmp_path, site)
        for name, text in FILES.items():
            made.put(name, text)
        yield made


def test_every_stream_lands_in_the_books_under_our_company(sheets: Sheets) -> None:
    told = sheets.load()
    assert {name: (part.new, part.parked) for name, part in told.streams.items()} == {
        "payment_term": (1, 0),
        "exchange_rate": (1, 0),
        "customer": (2, 0),
        "contact": (1, 0),
        "item": (3, 0),
        "payment": (1, 0),
        "allocation": (1, 0),
    }
    assert told.open_faults == 0
    with sheets.site.books.read() as tx:
        first, second = tx.execute(select(customer).order_by(customer.c.key)).all()
        items = {row.key: row for row in tx.execute(select(item))}
        (mail,) = tx.execute(select(contact)).all()
        assert [row.amount for row in tx.execute(select(payment)).all()] == [1_900_000]
        assert [row.item for row in tx.execute(select(allocation)).all()] == ["2026|R1"]
    assert (first.company, first.name, first.credit_limit, first.state) == ("01", "Ähre GmbH", 100_000_000, "active")
    assert first.address["lines"] == ["Hafenstr. 1", "2. OG"]
    assert (second.credit_limit, second.state) == (None, "insolvent")
    assert (mail.email, list(mail.purposes)) == ("ap@aehre.example", ["dunning", "accounts_payable"])
    assert str(items["2026|R2"].due_on) == "2026-02-05"  # no due date: the document's and the terms' 30 days
    assert (items["2026|R1"].amount, items["2026|R1"].open_amount) == (11_900_000, 10_000_000)


def test_what_the_newest_snapshot_lacks_is_gone_and_what_comes_back_is_reopened(sheets: Sheets) -> None:
    sheets.load()
    lines = FILES["items.csv"].splitlines(keepends=True)
    sheets.put("items.csv", "".join([lines[0], lines[1]]))
    told = sheets.load()
    assert told.sweep is not None
    assert (told.sweep.vanished, told.sweep.deleted_or_purged) == (2, 2)
    assert sheets.states() == {"2026|R1": "open", "2026|R2": "deleted_or_purged", "2026|G1": "deleted_or_purged"}
    sheets.put("items.csv", FILES["items.csv"])
    sheets.load()
    assert set(sheets.states().values()) == {"open"}


def test_bad_rows_and_twins_wait_in_quarantine_with_file_and_line(sheets: Sheets) -> None:
    more = (
        "1000;2026;R3;A;RE;EUR;5,00;5,00;31.02.2026;;\n"
        "1000;2026;R4;A;RE;EUR;5,00;5,00;01.02.2026;;\n"
        "1000;2026;R4;A;RE;EUR;6,00;6,00;01.02.2026;;\n"
        "1000;2026;R5;A;XX;EUR;6,00;6,00;01.02.2026;;\n"
    )
    sheets.put("items.csv", FILES["items.csv"] + more)
    told = sheets.load()
    assert (told.streams["item"].new, told.streams["item"].parked) == (3, 4)
    with sheets.site.books.read() as tx:
        waiting = {row.key: row.reason for row in quarantine.rows(tx, "sheets")}
    assert waiting["2026|R3"].startswith("items.csv:5: column 'Date' (document_on): '31.02.2026' is no day")
    assert "items.csv:6 and items.csv:7" in waiting["2026|R4"]
    assert "the code 'XX' is not in `codes`" in waiting["2026|R5"]
    good = more.replace("31.02.2026", "28.02.2026").splitlines(keepends=True)[0]
    sheets.put("items.csv", FILES["items.csv"] + good)
    assert sheets.load().resolved == 1
    assert sheets.states()["2026|R3"] == "open"


def test_equal_rows_count_once_in_the_import_and_in_the_tie_out(sheets: Sheets) -> None:
    lines = FILES["items.csv"].splitlines(keepends=True)
    sheets.put("items.csv", "".join([*lines, lines[1], lines[3], lines[1]]))
    told = sheets.load()
    assert (told.streams["item"].read, told.streams["item"].new, told.streams["item"].parked) == (3, 3, 0)
    assert "items.csv: 3 rows skipped: equal to a row before them" in told.streams["item"].notes
    (found,) = tie_out(sheets.site, sheets.context, "01").parts
    assert (found.state, found.documents) == ("balanced", 3)
    assert [(one.currency, str(one.ours), str(one.theirs)) for one in found.headings] == [("EUR", "1030.00", "1030.00")]


def test_a_file_that_is_cut_off_changes_nothing(sheets: Sheets) -> None:
    sheets.load()
    before = sheets.states()
    sheets.put("items.csv", FILES["items.csv"][:-30])
    with pytest.raises(ConnectorGarbled, match=r"items.csv:4: the file is cut off"):
        sheets.load()
    (failed,) = [each for each in check_connection(sheets.site, "sheets") if not each.ok]
    assert failed.message.startswith("items.csv:4: the file is cut off")
    assert sheets.states() == before
    sheets.put("items.csv", FILES["items.csv"])
    told = sheets.load()
    assert (told.written, sheets.states()) == (0, before)


def test_news_are_read_once_and_a_full_import_writes_nothing_twice(sheets: Sheets) -> None:
    sheets.load()
    sheets.put("payments2.csv", FILES["payments1.csv"].replace("Z1", "Z2").replace("190,00", "10,00"))
    told = sheets.load()
    assert (told.streams["payment"].read, told.streams["payment"].new) == (1, 1)
    assert told.streams["item"].read == 0
    full = sheets.load(full=True)
    assert full.written == 0
    assert full.streams["payment"].unchanged == 2


def test_a_faulty_mapping_is_told_by_check_and_by_import(sheets: Sheets) -> None:
    (sheets.at / "map.yaml").write_text(MAPPING.replace("credit_limit: Limit", "credit_limits: Limit"))
    with pytest.raises(ConfigError, match=r"map.yaml:18:7: customer has no field 'credit_limits' .did you mean"):
        sheets.load()


def test_check_fails_where_an_import_would_stop_for_bad_rows(sheets: Sheets) -> None:
    good = [f"1000;2026;Q{number};A;RE;EUR;5,00;5,00;01.02.2026;;\n" for number in range(2)]
    bad = [f"1000;2026;X{number};A;RE;EUR;5,00;5,00;31.02.2026;;\n" for number in range(11)]
    sheets.put("items.csv", FILES["items.csv"] + "".join(good + bad))
    told = [each for each in check_connection(sheets.site, "sheets") if not each.ok]
    (rows,) = [each for each in told if each.severity == "error"]
    assert (rows.subject, rows.message) == (
        "item rows",
        "11 of 16 cannot be read; 1.00% of 16 may be, so that an import would stop",
    )
    assert rows.advice is not None
    assert "defaults.bad_rows" in rows.advice
    assert [each.message[:13] for each in told if each.subject == "item items.csv"] == [
        *(f"items.csv:{line}: " for line in (7, 8, 9)),
        *(f"items.csv:{line}:" for line in (10, 11)),
        "… and 6 more ",
    ]
    with pytest.raises(RunStopped, match=r"11 of 16 item rows of sheets are bad; 1.00% of 16 are allowed"):
        import_by_name(sheets.site, sheets.context, "sheets", as_of=AS_OF)


def test_check_only_points_at_bad_rows_that_an_import_would_park(sheets: Sheets) -> None:
    good = [f"1000;2026;Q{number};A;RE;EUR;5,00;5,00;01.02.2026;;\n" for number in range(200)]
    sheets.put("items.csv", FILES["items.csv"] + "".join(good) + "1000;2026;X;A;RE;EUR;5,00;5,00;31.02.2026;;\n")
    told = [each for each in check_connection(sheets.site, "sheets") if not each.ok]
    assert [(each.subject, each.severity) for each in told] == [("item items.csv", "warning"), ("item rows", "warning")]
    assert told[1].message == "1 of 204 cannot be read and would wait in quarantine"


def test_a_newer_snapshot_closes_the_bad_rows_that_it_lacks(sheets: Sheets) -> None:
    bad = "1000;2026;X{};A;RE;EUR;5,00;5,00;31.02.2026;;\n"
    sheets.put("items.csv", FILES["items.csv"] + bad.format(1) + bad.format(2))
    assert sheets.load().waiting_in_quarantine == 2
    again = sheets.load()  # the file is known and not read again
    assert (again.superseded, again.waiting_in_quarantine) == (0, 2)
    sheets.put("items.csv", FILES["items.csv"] + bad.format(2))
    told = sheets.load()
    assert (told.superseded, told.waiting_in_quarantine) == (1, 1)
    with sheets.site.books.read() as tx:
        assert [row.key for row in quarantine.rows(tx, "sheets")] == ["2026|X2"]

"""The tables and columns that SuiteQL may name: those of SuiteAnalytics Connect that receivables need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

Kind = Literal["id", "number", "text", "date"]
_LETTERS: Final[Mapping[str, Kind]] = {"#": "id", "%": "number", "@": "date"}

# A column's first sign says what it holds: # an internal id, % a number, @ a date, else text ('T' or 'F' too).
_TABLES: Final[Mapping[str, str]] = {
    "account": "#id acctnumber accttype fullname isinactive #parent description @lastmodifieddate",
    "accountingbook": "#id name isprimary isconsolidated isadjustmentonly @lastmodifieddate",
    "contact": "#id entityid firstname lastname email phone title #company #contactrole isinactive @datecreated "
    "@lastmodifieddate externalid",
    "contactrole": "#id name description isinactive",
    "currency": "#id name symbol displaysymbol %currencyprecision isbasecurrency isinactive %exchangerate "
    "@lastmodifieddate",
    "customer": "#id entityid accountnumber externalid companyname isperson firstname lastname altname email phone "
    "altemail altphone comments #terms #currency #salesrep #parent %creditlimit creditholdoverride oncredithold "
    "%balancesearch %overduebalancesearch %consolbalancesearch %consoloverduebalancesearch %consoldaysoverduesearch "
    "%unbilledorderssearch #category #entitystatus searchstage language isinactive @datecreated @lastmodifieddate "
    "#defaultbillingaddress vatregnumber",
    "customersubsidiaryrelationship": "#id #entity #subsidiary isprimarysub #primarycurrency",
    "deletedrecord": "type #recordid name @deleteddate deletedby context",
    "dual": "dummy",
    "entityaddress": "#nkey addressee addr1 addr2 addr3 city state zip country @lastmodifieddate",
    "entitystatus": "#id name inactive",
    "nexttransactionlinelink": "#previousdoc #previousline previoustype #nextdoc #nextline nexttype linktype "
    "%foreignamount",
    "subsidiary": "#id name fullname legalname #currency #parent iselimination isinactive country #fiscalcalendar "
    "federalidnumber @lastmodifieddate",
    "term": "#id name %daysuntilnetdue %discountpercent %daysuntilexpiry datedriven isinactive",
    "transaction": "#id tranid transactionnumber type #entity @trandate @duedate @closedate #currency %exchangerate "
    "%foreigntotal %total #terms status posting voided approvalstatus #postingperiod isreversal #reversal "
    "@reversaldate otherrefnum memo @lastmodifieddate @createddate externalid "
    "custbody_due_class %custbody_due_dunning_level @custbody_due_dunned_on",
    "transactionaccountingline": "#transaction #transactionline #accountingbook #account %amount %amountpaid "
    "%amountunpaid %paymentamountused %paymentamountunused %amountlinked %debit %credit posting %exchangerate "
    "%netamount @lastmodifieddate",
    "transactionline": "#id #transaction #uniquekey #linesequencenumber mainline taxline #entity #subsidiary "
    "#expenseaccount %foreignamount %foreignamountpaid %foreignamountunpaid %foreignpaymentamountunused "
    "%foreignpaymentamountused %netamount %debitforeignamount %creditforeignamount #createdfrom #item memo "
    "@linelastmodifieddate",
}
INSTALMENTS: Final = "transactioninstallment"
_INSTALMENT_COLUMNS: Final = "#transaction #seqnum #installmentnumber @duedate %amount %amountdue status"
RATES: Final = "currencyrate"
_RATE_COLUMNS: Final = "#id #basecurrency #transactioncurrency @effectivedate %exchangerate @lastmodifieddate"
TAX_ID: Final = "vatregnumber"
CUSTOM_FIELDS: Final = ("@custbody_due_promise_date", "%custbody_due_promise_amount", "custbody_due_dispute")
SUBSIDIARY: Final = "subsidiary"  # the table, and the column in others, that OneWorld alone has
OF_ONEWORLD: Final = (SUBSIDIARY, "customersubsidiaryrelationship")
MIRRORS: Final = {"previoustransactionlinelink": "nexttransactionlinelink"}  # the same links under another name
# How a table's rows lie, where not by their id: windows over transactions find the lines beside each other.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "transactionline": ("transaction", "id"),
    "transactionaccountingline": ("transaction", "transactionline", "accountingbook"),
    "nexttransactionlinelink": ("nextdoc", "nextline", "previousdoc", "previousline"),
    "entityaddress": ("nkey",),
    INSTALMENTS: ("transaction", "seqnum"),
}
_INDEXES: Final = (
    ("transaction", "lastmodifieddate"), ("transaction", "entity"), ("nexttransactionlinelink", "previousdoc"),
    ("customer", "lastmodifieddate"), ("customersubsidiaryrelationship", "entity"), ("contact", "company"),
    ("contact", "lastmodifieddate"), ("deletedrecord", "deleteddate"),
)  # fmt: skip
# Whose rows a role does not see without the right to view the record.
SEEN_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("customer", "customersubsidiaryrelationship", "entityaddress"),
    "contact": ("contact",),
    "transaction": (
        "transaction", "transactionline", "transactionaccountingline", "nexttransactionlinelink",
        "previoustransactionlinelink", INSTALMENTS,
    ),
    "subsidiary": ("subsidiary",),
    "currency": ("currency", RATES),
    "term": ("term",),
}  # fmt: skip

Columns = Mapping[str, Kind]


class Schema:
    """The tables of one account, each with the kinds of its columns; features and custom fields add to them."""

    def __init__(
        self,
        *,
        instalments: bool,
        custom_fields: bool,
        tax_ids: bool = True,
        oneworld: bool = True,
        rates: bool = False,
    ) -> None:
        """Take what is switched on in the account."""
        self.oneworld = oneworld
        self.tables: dict[str, Columns] = {name: _columns(text.split()) for name, text in _TABLES.items()}
        if instalments:
            self.tables[INSTALMENTS] = _columns(_INSTALMENT_COLUMNS.split())
        if rates:
            self.tables[RATES] = _columns(_RATE_COLUMNS.split())
        if custom_fields:
            self.tables["transaction"] = {**self.tables["transaction"], **_columns(CUSTOM_FIELDS)}
        if not tax_ids:
            self.tables["customer"] = {name: kind for name, kind in self.tables["customer"].items() if name != TAX_ID}
        self.tables |= {name: self.tables[other] for name, other in MIRRORS.items()}

    def kinds(self, table: str) -> Columns:
        """Return a table's columns; none for one that there is not."""
        return self.tables.get(table, {})

    def serves(self, table: str) -> bool:
        """Say whether a query may name a table."""
        return table in self.tables and (self.oneworld or table not in OF_ONEWORLD)

    def statements(self) -> Iterable[str]:
        """Yield the SQL that makes the tables and their indexes."""
        for name, columns in self.tables.items():
            if name in MIRRORS:
                yield f"CREATE VIEW {name} AS SELECT * FROM {MIRRORS[name]}"
            else:
                yield f"CREATE TABLE `{name}` ({', '.join(_declared(name, columns))}{'' if name in _KEYS else ')'}"
        for place, (table, column) in enumerate(_INDEXES):
            yield f"CREATE INDEX ix_{place} ON `{table}` (`{column}`)"


def _columns(words: Sequence[str]) -> dict[str, Kind]:
    return {word.lstrip("#%@"): _LETTERS.get(word[0], "text") for word in words}


def _declared(table: str, columns: Columns) -> Iterable[str]:
    names = {"id": "INTEGER", "number": "NUMERIC", "text": "TEXT", "date": "TEXT"}
    for name, kind in columns.items():
        own = " PRIMARY KEY" if name == "id" and table not in _KEYS else ""
        yield f"`{name}` {names[kind]}{own}"
    if table in _KEYS:
        yield f"PRIMARY KEY ({', '.join(f'`{name}`' for name in _KEYS[table])})) WITHOUT ROWID"

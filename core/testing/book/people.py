"""The people of a book: companies, terms, rates, customers and their contacts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random
from typing import Final

from duehook.core.records import CustomerState, Purpose

from .knobs import Knobs
from .objects import Account, Company, Contact, Customer, Rate, Term

COMPANIES: Final = (
    Company(
        "00001", "Halden Supply Inc.", "USD", "US", "America/New_York",
        "400 Foundry Street", "02110", "Boston", "US-47-1100245", "MA 0012245", 0.50,
    ),
    Company(
        "00010", "Halden Europa GmbH", "EUR", "DE", "Europe/Berlin",
        "Werftstraße 12", "20457", "Hamburg", "DE811204117", "HRB 40217", 0.32,
    ),
    Company(
        "00020", "Halden Nihon KK", "JPY", "JP", "Asia/Tokyo",
        "2-4-1 Shiba", "105-0014", "Tokyo", "T5010401012345", "0104-01-012345", 0.12,
    ),
    Company(
        "00030", "Halden Gulf WLL", "KWD", "KW", "Asia/Kuwait",
        "Block 7, Street 12", "70051", "Shuwaikh", "KW-300112", "CR 300112", 0.06,
    ),
)  # fmt: skip
TERMS: Final = (
    Term("N14", "Net 14 days", 14),
    Term("N30", "Net 30 days", 30),
    Term("D30", "2 % 10 days, net 30", 30, 10, Decimal("2")),
    Term("N45", "Net 45 days", 45),
    Term("N60", "Net 60 days", 60),
    Term("N90", "Net 90 days", 90),
    Term("S3", "3 instalments, 30 days apart", 30, instalments=(40, 30, 30)),
)
TERM_SHARES: Final = (5, 18, 10, 15, 25, 17, 10)
DOLLARS: Final = {"USD": 1.0, "EUR": 1.09, "GBP": 1.27, "JPY": 0.0067, "KWD": 3.26}
COLLECTORS: Final = ("KLEIN", "ORTEGA", "SATO", "WEBER")
MANAGERS: Final = ("BRANDT", "HAYES")
STATES: Final[tuple[CustomerState, ...]] = (
    "legal", "insolvent", "deceased", "intercompany", "one_time", "do_not_contact",
)  # fmt: skip
FIRST_STATE: Final = 2
WITHOUT_MAIL: Final = 8
CYCLE: Final = (9, 10)
FIRST_CUSTOMER: Final = 1001
_TRADES = ("Tools", "Foods", "Textiles", "Marine", "Paper", "Optics", "Motors", "Glass", "Chemicals", "Timber")
_ROOTS = ("Alder", "Birk", "Corva", "Dorn", "Elm", "Falk", "Grav", "Holm", "Ivar", "Jura", "Kest", "Lind", "Marl")
_FORMS = {"US": "Inc.", "DE": "GmbH", "AT": "GmbH", "JP": "KK", "KW": "WLL", "GB": "Ltd", "FR": "SARL", "NL": "BV"}
_CITIES = {
    "US": ("Denver", "80202"), "DE": ("Köln", "50667"), "AT": ("Wien", "1010"), "JP": ("Osaka", "530-0001"),
    "KW": ("Hawalli", "32001"), "GB": ("Leeds", "LS1 4AP"), "FR": ("Lyon", "69002"), "NL": ("Utrecht", "3511 AB"),
}  # fmt: skip
_LANDS = {"USD": ("US",), "EUR": ("DE", "DE", "AT", "FR", "NL"), "JPY": ("JP",), "KWD": ("KW",), "GBP": ("GB",)}
_GIVEN = ("Ada", "Ben", "Clara", "Dario", "Emi", "Fatima", "Georg", "Hana", "Ines", "Jonas")
_FAMILY = ("Abel", "Brenner", "Castell", "Doyle", "Endo", "Fischer", "Gray", "Huber", "Ito", "Jansen")
_ROLES: tuple[tuple[str, tuple[Purpose, ...], float], ...] = (
    ("Accounts payable", ("accounts_payable",), 0.75),
    ("Dunning desk", ("dunning",), 0.15),
    ("Purchasing", ("sales",), 0.30),
    ("Statements", ("statement",), 0.10),
    ("Legal counsel", ("legal",), 0.03),
)


def make_rates(rng: Random, start_on: date, days: int) -> list[Rate]:
    """Return monthly rates into every company's currency, back over that many days."""
    first = (start_on - timedelta(days=days)).replace(day=1)
    found: list[Rate] = []
    while first <= start_on:
        found += rates_of(rng, first)
        first = (first + timedelta(days=32)).replace(day=1)
    return found


def rates_of(rng: Random, valid_on: date) -> list[Rate]:
    """Return one day's rates of every currency into every company's."""
    at = datetime(valid_on.year, valid_on.month, valid_on.day, 5, tzinfo=UTC)
    drift = {code: worth * (0.97 + 0.06 * rng.random()) for code, worth in DOLLARS.items()}
    return [
        Rate(source, company.currency, valid_on, round(drift[source] / drift[company.currency] * 10_000_000), at)
        for company in COMPANIES
        for source in DOLLARS
        if source != company.currency
    ]


def make_customers(rng: Random, count: int, start_on: date, *, knobs: Knobs) -> list[Customer]:
    """Return customers of every state and habit; the first dozen hold one oddity each."""
    names = list(knobs.characters)
    weights = list(accumulate(knobs.characters[name].share for name in names))
    habits = rng.choices(names, cum_weights=weights, k=count)
    homes = rng.choices(COMPANIES, cum_weights=list(accumulate(c.share for c in COMPANIES)), k=count)
    made: list[Customer] = []
    for number, (habit, home) in enumerate(zip(habits, homes, strict=True)):
        customer = _customer(rng, number, habit, home=home, start_on=start_on, knobs=knobs)
        _place(rng, customer, number, made)
        made.append(customer)
    if count > CYCLE[1]:
        one, other = (made[number] for number in CYCLE)
        one.parent, other.parent = other.key, one.key
    return made


def _customer(rng: Random, number: int, habit: str, *, home: Company, start_on: date, knobs: Knobs) -> Customer:
    currency = home.currency
    if rng.random() < knobs.foreign_share:
        currency = rng.choice([code for code in DOLLARS if code != home.currency])
    country = rng.choice(_LANDS[currency])
    city, postal = _CITIES[country]
    root = _ROOTS[number % len(_ROOTS)] + ("", "en", "ia", "o")[number // len(_ROOTS) % 4]
    days_ago = rng.randrange(30, 900)
    at = datetime(start_on.year, start_on.month, start_on.day, 8, tzinfo=UTC) - timedelta(days=days_ago)
    state: CustomerState = "active"
    if FIRST_STATE <= number < FIRST_STATE + len(STATES):
        state = STATES[number - FIRST_STATE]
    elif rng.random() < 0.004:
        state = rng.choice(STATES)
    customer = Customer(
        key=str(FIRST_CUSTOMER + number),
        name=f"{root} {_TRADES[number // 7 % len(_TRADES)]} {_FORMS[country]}",
        character="prompt" if state in ("one_time", "intercompany") else habit,
        company=home.code,
        currency=currency,
        language="de" if country in ("DE", "AT") else "en",
        country=country,
        street=f"{1 + number % 180} Mill Lane" if country != "DE" else f"Mühlenweg {1 + number % 180}",
        postal_code=postal,
        city=city,
        tax_id=f"{country}{100000000 + number * 37}",
        accounts={},
        changed_at=at,
        made_at=at,
        state=state,
        state_since=None if state == "active" else start_on - timedelta(days=rng.randrange(1, 90)),
        direct_debit=rng.random() < 0.04,
    )
    _open_accounts(rng, customer, home, at)
    return customer


def _open_accounts(rng: Random, customer: Customer, home: Company, at: datetime) -> None:
    factor = 100 if customer.currency == "JPY" else 1
    for company in (None, home.code) if rng.random() < 0.3 else (None,):
        limit = rng.choice((None, 0, 5_000, 20_000, 50_000, 100_000, 250_000))
        customer.accounts[company] = Account(
            company,
            terms=rng.choices(TERMS, TERM_SHARES)[0].key,
            collector=rng.choice(COLLECTORS),
            credit_manager=rng.choice(MANAGERS),
            credit_limit=None if limit is None else limit * factor,
            changed_at=at,
            hold=rng.choice(("C2", "H9")) if rng.random() < 0.006 else None,
            dunning_block="N" if rng.random() < 0.006 else None,
        )


def _place(rng: Random, customer: Customer, number: int, made: list[Customer]) -> None:
    if number < FIRST_STATE + len(STATES) + 4:
        return
    head = made[rng.randrange(len(made))]
    draw = rng.random()
    if draw < 0.05 and head.payer is None:
        customer.payer = head.key
    if draw < 0.12:
        customer.parent = head.key
        customer.group = head.group or f"G{head.key}"
        head.group = customer.group


def make_contacts(rng: Random, customer: Customer, number: int) -> list[Contact]:
    """Return the customer's own address as line 0, then its people; a few have no e-mail at all."""
    reachable = number != WITHOUT_MAIL and rng.random() > 0.02
    domain = f"c{customer.key}.example"
    main = Contact(
        f"{customer.key}-0", customer.key, 0, customer.name, ("main",),
        f"office@{domain}" if reachable else None,
        f"+{30 + number % 60} {1000000 + number * 13}",
        customer.language, "", customer.changed_at,
    )  # fmt: skip
    made = [main]
    for role, purposes, share in _ROLES:
        if rng.random() >= share:
            continue
        name = f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"
        mail = f"{name.lower().replace(' ', '.')}@{domain}" if reachable else None
        made.append(
            Contact(
                f"{customer.key}-{len(made)}",
                customer.key,
                len(made),
                name,
                purposes,
                mail,
                None,
                customer.language,
                role,
                customer.changed_at,
            )
        )
    return made

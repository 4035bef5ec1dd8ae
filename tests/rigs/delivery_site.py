"""A site over the small ERP: imported, its notices decided and approved, ready to deliver."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from duehook.core.books.store import facts
from duehook.core.books.store.accounts import load_accounts
from duehook.core.books.store.delivery import outbox, tasks
from duehook.core.books.tables.dunning import hold, item_dunning, notice, notice_line, policy_version
from duehook.core.books.upsert import insert_new
from duehook.core.calendar import Span
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Terms
from duehook.core.collect.notice import Notice, needs_person
from duehook.core.context import Actor, Context
from duehook.core.deliver import letter_file, mail
from duehook.core.plugins import Plugins
from duehook.core.policy.model import Level, Policy, PreDue
from duehook.core.runs.days import calendar_of, day_at
from duehook.core.runs.deliver.round import DeliveryReport
from duehook.core.runs.deliver.run import GO_LIVE, deliver
from duehook.core.runs.dunning.proposals import approve_row
from duehook.core.runs.imports import import_connection
from duehook.core.runs.site import Site

from .mail_catcher import Catcher, catching
from .small_erp import SmallErp, SmallPlugin, SmallSource

EUR = 10_000
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
MINIMUM = {"EUR": 10 * EUR}
YAML = """\
version: 1
mode: {mode}
{catch_all}
database: {{file: database.url}}
companies:
  "01":
    erp: {{connection: small, code: "01"}}
    legal_name: Nordwind Handel GmbH
    address: {{lines: [Hafenstr. 1], postal_code: "20457", city: Hamburg, country: DE}}
    mailbox: {{address: credit@nordwind.example, name: Ina Kern}}
    bank_accounts: [{{currency: EUR, bank: Hausbank, iban: DE89370400440532013000}}]
    hold: {{value: D}}
connections:
  small: {{type: small}}
mail: {{host: 127.0.0.1, port: {port}, security: none, timeout: 5}}
letters: {{folder: letters}}
{more}
"""


def due(days: int) -> date:
    """Return the due date of an item that many days past due today."""
    return TODAY - timedelta(days=days)


def level(number: int, days: int, template: str, **more: Any) -> Level:
    return Level(number, template, days, Span(7), more.pop("channel", "mail"), template, MINIMUM, **more)


def policy(**more: Any) -> Policy:
    """Return a policy of three levels at 7, 21 and 35 days, the last with a hold."""
    last = level(3, 35, "final", hold_min_days=35)
    levels = more.pop("levels", (level(1, 7, "friendly"), level(2, 21, "firm"), last))
    plain: dict[str, Any] = {"reopen_grace": Span(0), "unblock_grace": Span(0), "clearing": Span(0)}
    return Policy("test", "for tests", levels, MINIMUM, **{**plain, **more})


LETTERS_ONLY = policy(levels=(level(1, 7, "friendly", channel="letter"),))
PRE_DUE = policy(pre_due=PreDue(5, "mail", "reminder"))


@dataclass
class Clock:
    """A clock that stands until it is set."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Rig:
    """The site and everything around it."""

    site: Site
    erp: SmallErp
    plugin: SmallPlugin
    catcher: Catcher
    clock: Clock = field(default_factory=Clock)
    policy: Policy = field(default_factory=policy)

    @property
    def context(self) -> Context:
        return Context(Actor("person", "ann", "test"), self.clock, "c-1")

    @property
    def today(self) -> date:
        return day_at(self.site.settings, "01", self.clock.at)

    def load(self, *, ahead: timedelta = timedelta(0)) -> None:
        """Import the ERP as it is now; its clock is so far ahead of ours."""
        self.erp.at = self.clock.at + ahead
        source = SmallSource(self.erp)
        import_connection(self.site.books, "small", [source], self.context, as_of=self.today, accept_drop=True)

    def propose(self, company: str = "01") -> list[int]:
        """Decide every debtor and write the proposals, as a dunning run does."""
        with self.site.books.write() as tx:
            insert_new(tx, policy_version, _adopted(self.policy))
            debtors = {("small", key) for key in self.erp.customers}
            terms = Terms(self.policy, self.today, calendar_of(self.site.settings, company))
            accounts = load_accounts(tx, company, debtors, self.today)
            made = [one for account in accounts for one in decide(account, terms).notices]
            return [_propose(tx, one, terms) for one in made]

    def approve(self, company: str = "01") -> list[int]:
        """Propose and approve everything of a company."""
        numbers = self.propose(company)
        with self.site.books.write() as tx:
            for row in tx.execute(select(notice).where(notice.c.id.in_(numbers)).order_by(notice.c.id)).all():
                approve_row(tx, self.context, row, self.site.settings)
        return numbers

    def deliver(self, **how: Any) -> DeliveryReport:
        return deliver(self.site, self.context, **how)

    def run(self) -> DeliveryReport:
        """Import, dun, approve and deliver."""
        self.load()
        self.approve()
        return self.deliver()

    def notices(self) -> list[Row[Any]]:
        with self.site.books.read() as tx:
            return list(tx.execute(select(notice).order_by(notice.c.id)).all())

    def only(self) -> Row[Any]:
        (row,) = self.notices()
        return row

    def levels(self) -> dict[str, int]:
        with self.site.books.read() as tx:
            return {row.item: row.level for row in tx.execute(select(item_dunning))}

    def effects(self, kinds: Collection[str] = ()) -> list[tuple[str, str]]:
        """Return (kind, state) of the outbox's rows, oldest first."""
        with self.site.books.read() as tx:
            return [(row.kind, row.state) for row in reversed(outbox.listed(tx, kinds=kinds, most=10_000))]

    def key(self, kind: str = "notice") -> str:
        with self.site.books.read() as tx:
            return str(outbox.listed(tx, kinds={kind})[0].key)

    def tasks(self) -> dict[str, str]:
        """Return the open tasks' texts by kind."""
        with self.site.books.read() as tx:
            return {row.kind: row.text for row in tasks.listed(tx)}

    def hold(self) -> Row[Any]:
        with self.site.books.read() as tx:
            return tx.execute(select(hold).order_by(hold.c.id.desc())).first()  # type: ignore[return-value]

    def govern(self, used: Policy) -> None:
        """Let the company be dunned by this policy, in runs too."""
        self.policy = used
        rules = self.site.settings.path(self.site.settings.rules)
        rules.mkdir(exist_ok=True)
        (rules / "test.yaml").write_text(used.canonical)
        company = self.site.settings.companies["01"].model_copy(update={"policy": "test"})
        self.set(companies={"01": company})

    def set(self, **settings: Any) -> None:
        """Change settings, as editing duehook.yaml would."""
        self.site.settings = self.site.settings.model_copy(update=settings)


@contextmanager
def rigged(folder: Path, database: str, *, mode: str = "live", more: str = "", **given: Any) -> Iterator[Rig]:
    """Write duehook.yaml, open the site, and catch its mails; the books have to be migrated already."""
    erp = given.pop("erp", None) or SmallErp()
    plugin = SmallPlugin(erp)
    catch_all = "catch_all: caught@site.example" if given.pop("catch_all", True) else ""
    file = folder / "duehook.yaml"
    with catching() as catcher:
        file.write_text(YAML.format(mode=mode, port=catcher.port, more=more, catch_all=catch_all))
        (folder / "database.url").write_text(database)
        with Site.open(file, plugins=Plugins.of(small=plugin, mail=mail, letter=letter_file)) as site:
            rig = Rig(site, erp, plugin, catcher, **given)
            with site.books.write() as tx:
                facts.put(tx, GO_LIVE, {"first_run_notices": 100}, NOW)
            yield rig


def _adopted(used: Policy) -> Mapping[str, Any]:
    return {"hash": used.hash, "name": used.name, "body": used.canonical, "adopted_at": NOW, "actor": "ann"}


def _propose(tx: Connection, made: Notice, terms: Terms) -> int:
    step = terms.policy.level(made.level) if made.level else terms.policy.pre_due
    assert step is not None
    row = {
        **{name: getattr(made, name) for name in ("company", "connection", "debtor", "currency", "item", "kind")},
        **{name: getattr(made, name) for name in ("level", "overdue", "credits", "disputed", "demanded")},
        "state": "proposed",
        "run_id": 1,
        "as_of": terms.as_of,
        "policy_hash": terms.policy.hash,
        "level_name": step.name if isinstance(step, Level) else "reminder",
        "channel": step.channel,
        "template": step.template,
        "hold": isinstance(step, Level) and step.hold_min_days is not None,
        "needs_person": needs_person(terms.policy, made.level, made.currency, made.demanded),
        "made_at": NOW,
    }
    number = int(tx.execute(notice.insert().returning(notice.c.id), row).scalar_one())
    for line in made.lines:
        names = ("item", "role", "old_level", "new_level", "due_on", "open_amount", "disputed_amount", "rises")
        tx.execute(notice_line.insert(), {"notice_id": number, **{name: getattr(line, name) for name in names}})
    return number

"""A site of two companies on one connection, and processes of `duehook serve` over it that look often."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import Row, select

from duehook.core.books import Books
from duehook.core.books.store import facts
from duehook.core.books.store.delivery import outbox
from duehook.core.books.tables.dunning import dun_run, notice
from duehook.core.books.tables.imports import tie_out
from duehook.core.books.tables.ops import audit, job
from duehook.core.cli import main
from duehook.core.hookspecs import Row as ErpRow
from duehook.core.policy.model import AutoApprove
from duehook.core.records import Stream
from duehook.core.runs.deliver.run import GO_LIVE
from tests.rigs.delivery_site import EUR, level, policy
from tests.rigs.mail_catcher import Catcher, catching
from tests.rigs.small_erp import SmallErp

from .erp_server import serving
from .nursery import ROOT

COMPANIES = ("01", "02")
DEBTORS = ("A", "B", "C", "D", "E", "F")
STEPS = ("import", "tie_out", "aging", "dun")
PATIENCE = 90.0
YAML = """\
version: 1
mode: live
database: {{file: database.url}}
companies:
{companies}
connections:
  small: {{type: small}}
mail: {{host: 127.0.0.1, port: {port}, security: none, timeout: 5}}
letters: {{folder: letters}}
schedule: {{nightly: "{slot}", deliver_every: 10 s}}
"""
COMPANY = """\
  "{code}":
    erp: {{connection: small, code: "{code}"}}
    legal_name: Nordwind Handel GmbH
    address: {{lines: [Hafenstr. 1], postal_code: "20457", city: Hamburg, country: DE}}
    mailbox: {{address: credit@nordwind.example, name: Ina Kern}}
    bank_accounts: [{{currency: EUR, bank: Hausbank, iban: DE89370400440532013000}}]
    calendar: {{weekend: []}}
    policy: test
"""
PLUGIN = """\
from tests.crash import erp_server
from tests.rigs.small_erp import SmallPlugin

erp_server.TIMEOUT = {patience}  # the ERP keeps its callers waiting until the test lets it go on
_small = SmallPlugin(erp_server.RemoteErp({port}))
connection_settings = _small.connection_settings
customer_source = _small.customer_source
contact_source = _small.contact_source
invoice_source = _small.invoice_source
payment_source = _small.payment_source
write_back_target = _small.write_back_target
notice_issued = _small.notice_issued
"""


class GatedErp(SmallErp):
    """Two companies, half of the debtors each, one overdue invoice a debtor; it answers once its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Event()
        today = datetime.now(UTC).date()
        for number, key in enumerate(DEBTORS):
            company = COMPANIES[number % 2]
            self.customer(key, company=company)
            self.contacts[f"{key}-1"]["company"] = company
            self.invoice(f"{key}1", key, f"{100 + number}.00", today - timedelta(10), company=company)

    def now(self) -> datetime:
        assert self.gate.wait(PATIENCE)
        return datetime.now(UTC)

    def rows(self, stream: Stream) -> list[ErpRow]:
        if stream == "company":
            return [{"company": code, "name": f"Nordwind {code}", "currency": "EUR"} for code in COMPANIES]
        return super().rows(stream)


@dataclass
class Server:
    """One `duehook serve` and what it prints."""

    process: subprocess.Popen[bytes]
    out: Path

    @property
    def told(self) -> str:
        return self.out.read_text()

    def works_at(self, row: Row[Any]) -> bool:
        """Say whether a job is claimed by this process."""
        return f":{self.process.pid}:" in (row.claimed_by or "")

    def kill(self) -> None:
        """Kill it as a machine would, and wait until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@dataclass
class ServedSite:
    """The site's folder with everything around it."""

    folder: Path
    books: Books
    erp: GatedErp
    catcher: Catcher
    servers: list[Server] = field(default_factory=list)

    def type(self, *words: str) -> int:
        """Type a command line, beside the servers."""
        return main(["--config", str(self.folder / "duehook.yaml"), "--actor", "ann", *words])

    def serve(self, count: int) -> list[Server]:
        """Start as many `duehook serve` at once and wait until each says so."""
        config = str(self.folder / "duehook.yaml")
        command = [sys.executable, "-m", "tests.crash.quick_serve", "--config", config, "serve"]
        for number in range(count):
            out = self.folder / f"serve{number}.txt"
            with out.open("wb") as file:
                process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
            self.servers.append(Server(process, out))
        self.until(lambda: all("Serving 2 companies" in server.told for server in self.servers))
        return self.servers

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, while every server that was not killed lives."""
        end = time.monotonic() + PATIENCE
        while not holds():
            told = "\n".join(server.told for server in self.servers)
            assert time.monotonic() < end, told
            assert ": failed: " not in told, told
            assert all(server.process.poll() in {None, -signal.SIGKILL} for server in self.servers), told
            time.sleep(0.05)

    def jobs(self, name: str, company: str | None = None) -> list[Row[Any]]:
        """Return the rows of a job."""
        wanted = select(job).where(job.c.job == name)
        with self.books.read() as tx:
            return list(tx.execute(wanted if company is None else wanted.where(job.c.company == company)))

    def is_done(self) -> bool:
        """Say whether the night's every step is done and nothing is left to send or to write back."""
        steps = [row.state for step in STEPS for row in self.jobs(f"nightly {step}")]
        told = Counter(self.effects())
        kinds = ("notice", "add_note", "notice_issued")
        return steps == ["done"] * 8 and all(told[kind, "sent"] == len(DEBTORS) for kind in kinds)

    def effects(self) -> list[tuple[str, str]]:
        with self.books.read() as tx:
            return [(row.kind, row.state) for row in outbox.listed(tx, most=1000)]

    def happened(self) -> dict[str, Any]:
        """Count what was done, in the books, in the mailbox and in the ERP."""
        with self.books.read() as tx:
            acts = [(row.act, row.subject) for row in tx.execute(select(audit.c.act, audit.c.subject))]
            ties = [(row.company, row.state) for row in tx.execute(select(tie_out.c.company, tie_out.c.state))]
            duns = [row.company for row in tx.execute(select(dun_run.c.company))]
            notices = [(row.debtor, row.state) for row in tx.execute(select(notice.c.debtor, notice.c.state))]
        counted = ("import.run", "tie_out.run", "aging.run", "dun.run")
        return {
            "acts": Counter(act for act in acts if act[0] in counted),
            "tie-outs": sorted(ties),
            "dun runs": sorted(duns),
            "notices": sorted(notices),
            "mails": sorted(recipients[0] for _, recipients, _ in self.catcher.mails),
            "notes": sorted(customer for _, customer, _ in self.erp.notes),
            "effects": Counter(self.effects()),
        }


ONCE = {
    "acts": Counter(
        {
            ("import.run", "small"): 1,
            **dict.fromkeys(((f"{step}.run", code) for step in ("aging", "dun") for code in COMPANIES), 1),
            ("tie_out.run", "small"): 1,  # one for both companies
        }
    ),
    "tie-outs": [(code, "balanced") for code in COMPANIES],
    "dun runs": list(COMPANIES),
    "notices": [(key, "sent") for key in DEBTORS],
    "mails": [f"{key.lower()}@debtor.example" for key in DEBTORS],
    "notes": list(DEBTORS),
    "effects": Counter(
        dict.fromkeys(((kind, "sent") for kind in ("notice", "add_note", "notice_issued")), len(DEBTORS))
    ),
}


@contextmanager
def served_site(folder: Path, books: Books, database: str) -> Iterator[ServedSite]:
    """Write the site, with a slot that came two hours ago, and end the servers behind the block."""
    with serving() as served, catching() as catcher:
        served.erp = erp = GatedErp()
        slot = f"{datetime.now(UTC) - timedelta(hours=2):%H:%M}"
        companies = "".join(COMPANY.format(code=code) for code in COMPANIES)
        (folder / "duehook.yaml").write_text(YAML.format(companies=companies, port=catcher.port, slot=slot))
        (folder / "database.url").write_text(database)
        for name, file, text in (
            ("plugins", "small.py", PLUGIN.format(port=served.port, patience=PATIENCE)),
            ("rules", "test.yaml", _policy()),
        ):
            (folder / name).mkdir()
            (folder / name / file).write_text(text)
        with books.write() as tx:
            facts.put(tx, GO_LIVE, {"first_run_notices": 100}, datetime.now(UTC))
        site = ServedSite(folder, books, erp, catcher)
        try:
            yield site
        finally:
            erp.gate.set()
            for server in site.servers:
                server.process.kill()
                server.process.wait(PATIENCE)


def _policy() -> str:
    """Return a policy of one level that needs no person."""
    return policy(levels=(level(1, 7, "friendly"),), auto_approve=AutoApprove(1, {"EUR": 1000 * EUR})).canonical

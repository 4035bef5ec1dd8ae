"""Set the stage: the simulator, the catcher, and a site's folder with its duehook.yaml."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from duehook.core.plugins import Plugins
from duehook.core.runs.site import Site, open_books
from duehook.core.settings import load
from duehook.plugins.jde.simulator import JdeSimulator

from .catcher import Catcher

CONFIG: Final = "duehook.yaml"
START_ON: Final = date(2026, 1, 2)
CURRENCIES: Final = ("EUR", "GBP", "JPY", "KWD", "USD")
HOLD: Final = "C1"
PASSWORD: Final = "DEMO_AIS_PASSWORD"
# What the codes of this JD Edwards site mean, as its consultant would say.
CODES: Final = {
    "class_by_document_type": {
        "IC": "intercompany",
        "DP": "down_payment",
        "RB": "chargeback",
        "R5": "chargeback",
        "R1": "draft",
    },
    "class_by_instrument": {"B": "direct_debit"},
    "state_by_search_type": {"IC": "intercompany", "OT": "one_time"},
    "state_by_credit_message": {"D": "deceased", "I": "insolvent", "L": "legal", "N": "do_not_contact"},
    "purpose_by_contact_type": {
        "A": "accounts_payable",
        "D": "dunning",
        "L": "legal",
        "S": "sales",
        "T": "statement",
    },
}


@dataclass
class Stage:
    """Everything the play needs; `close` ends it."""

    folder: Path
    simulator: JdeSimulator
    catcher: Catcher
    site: Site

    def close(self) -> None:
        """End servers, let go of the books."""
        self.site.close()
        self.simulator.stop()
        self.catcher.stop()


def set_stage(folder: Path, *, customers: int, items: int) -> Stage:
    """Make the folder anew and start everything in it."""
    make_anew(folder)
    plugins = Plugins.load(None)
    simulator = JdeSimulator(
        {"folder": str(folder / "erp"), "seed": 7, "customers": customers, "items": items, "start_on": START_ON}
    )
    given = simulator.start()
    catcher = Catcher()
    port = catcher.start()
    write(folder, _settings(simulator, given, port), {PASSWORD: given["ais_password"]})
    return Stage(folder, simulator, catcher, opened(folder, plugins))


def make_anew(folder: Path) -> None:
    """Empty the folder of a play that was."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def write(folder: Path, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """Write duehook.yaml, and what is secret in it beside it."""
    with (folder / CONFIG).open("w") as file:
        YAML().dump(settings, file)
    (folder / ".env").write_text("".join(f"{name}={secret}\n" for name, secret in secrets.items()))
    (folder / ".env").chmod(0o600)


def opened(folder: Path, plugins: Plugins) -> Site:
    """Make the books and open the site."""
    books = open_books(load(folder / CONFIG, plugins))
    books.migrate()
    books.close()
    gc.collect()
    gc.freeze()  # the drawn book stays to the end: looking through it again and again for garbage is vain
    return Site.open(folder / CONFIG, plugins=plugins)


def _settings(simulator: JdeSimulator, given: Mapping[str, str], port: int) -> dict[str, Any]:
    connection = {name: value for name, value in given.items() if name != "ais_password"}
    return {
        **common(port),
        "companies": {
            code: creditor(company, connection="jde", code=code, hold=HOLD)
            for code, company in simulator.book.companies.items()
        },
        "connections": {
            "jde": {
                "type": "jde",
                **connection,
                "ais_password": {"env": PASSWORD},
                "ais.calls_per_second": 1000,
                "codes": CODES,
            }
        },
    }


def common(port: int) -> dict[str, Any]:
    """What every site of a play has."""
    return {
        "version": 1,
        "mode": "live",
        "database": "sqlite:///duehook.db",
        "mail": {"host": "127.0.0.1", "port": port, "security": "none"},
        "letters": {"folder": "print"},
        "schedule": {"nightly": "05:30 Mon-Fri"},
    }


def creditor(company: Any, *, connection: str, code: str, hold: str) -> dict[str, Any]:
    """What the ERP lacks of a creditor; everybody's calendar is UTC's, so that one day is one day."""
    language = "de" if company.country == "DE" else "en"
    return {
        "erp": {"connection": connection, "code": code},
        "legal_name": company.name,
        "address": {
            "lines": [company.street],
            "postal_code": company.postal_code,
            "city": company.city,
            "country": company.country,
        },
        "vat_id": company.vat_id,
        "register_number": company.register_number,
        "timezone": "UTC",
        "language": language,
        "calendar": {"weekend": [5, 6]},
        "mailbox": {"address": f"collections.{code}@halden.example", "name": "Halden Collections"},
        "bank_accounts": [
            {"currency": currency, "bank": "Demo Bank", "account": f"{code}-{currency}"} for currency in CURRENCIES
        ],
        "hold": {"value": hold},
    }

"""A live site on the small ERP with a mail catcher, to type commands at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.rigs import small_erp
from tests.rigs.delivery_site import YAML, policy
from tests.rigs.mail_catcher import Catcher, catching
from tests.rigs.small_erp import SmallErp

from .typed import run

PLUGIN = """\
from tests.rigs import small_erp

plugin = small_erp.SmallPlugin(small_erp.SHARED)
duehook_api = 1
connection_settings = plugin.connection_settings
customer_source = plugin.customer_source
contact_source = plugin.contact_source
invoice_source = plugin.invoice_source
payment_source = plugin.payment_source
write_back_target = plugin.write_back_target
notice_issued = plugin.notice_issued
"""


@pytest.fixture
def erp(monkeypatch: pytest.MonkeyPatch) -> SmallErp:
    made = SmallErp(at=datetime.now(UTC))
    monkeypatch.setattr(small_erp, "SHARED", made)
    made.customer("A")
    made.invoice("1", "A", "100.00", datetime.now(UTC).date() - timedelta(days=40), dunning_level=2)
    return made


@pytest.fixture
def catcher(erp: SmallErp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated_file: Path) -> Iterator[Catcher]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "books.db").write_bytes(migrated_file.read_bytes())
    (tmp_path / "database.url").write_text("sqlite:///books.db")
    for folder, file, content in (("rules", "test.yaml", policy().canonical), ("plugins", "small.py", PLUGIN)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text(content)
    with catching() as caught:
        company = "    policy: test\n    calendar: {weekend: []}\n    hold:"
        written = YAML.format(mode="live", port=caught.port, more="", catch_all="").replace("    hold:", company)
        (tmp_path / "duehook.yaml").write_text(written)
        yield caught


@pytest.fixture
def approved(catcher: Catcher) -> Catcher:
    run("go-live", "--yes", "--first-run-notices", "5")
    run("import", "small")
    run("dun")
    run("proposal", "approve", "--all", "--yes")
    return catcher

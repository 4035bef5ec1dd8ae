"""Letters: guarded wording against plain Jinja2, and the PDF against WeasyPrint's.

Both compare CPU time within one process, the cases taking turns. The wording is the shipped one
with a list of the items, as a site would write it. WeasyPrint prints our own HTML mail, set for
A4; it carries the same figures and words as the PDF.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from jinja2 import Environment, StrictUndefined

from duehook.core.deliver.guard import guarded
from duehook.core.deliver.mime import bodies
from duehook.core.deliver.notice import Creditor, Debtor, Line, NoticeLetter, Sender
from duehook.core.deliver.press import Press
from duehook.core.deliver.sheet import sheet
from duehook.core.deliver.wording import BLOCKS, Templates, allowed
from duehook.core.records import Address, BankAccount

LISTED = """
{% block subject %}Second reminder: please pay {{ notice.demanded|money }} ({{ notice.number }}){% endblock %}
{% block opening %}
Dear Sir or Madam,

according to our books {{ notice.demanded|money }} is unpaid{% if notice.pay_by_on %}; we await it by
{{ notice.pay_by_on|day }}{% endif %}.

{% for line in notice.overdue %}
{{ line.document_no }} of {{ line.document_on|day }}, due {{ line.due_on|day }}
{% if line.purchase_order %}({{ line.purchase_order }}){% endif %}: {{ line.demanded|money }}
{% endfor %}
{% endblock %}
{% block closing %}Please quote {{ notice.number }}.

{{ notice.sender.name }}{% endblock %}
"""
LINES = 30


def letter(number: int) -> NoticeLetter:
    """Return a notice over thirty items, two pages in print."""
    home = Address(lines=("Hafenstraße 12",), postal_code="20457", city="Hamburg", country="DE")
    account = BankAccount(currency="EUR", bank="Beispielbank", iban="DE89370400440532013000", bic="COBADEFFXXX")
    return NoticeLetter(
        key=f"00070|4711|EUR|{number}",
        number=f"N-{number:06d}",
        level=2,
        level_name="Second reminder",
        language="en",
        letter_on=date(2026, 3, 14),
        data_at=datetime(2026, 3, 14, 5, 30, tzinfo=UTC),
        timezone="Europe/Berlin",
        currency="EUR",
        creditor=Creditor(company="00070", legal_name="Pumpen GmbH", address=home, bank_account=account),
        sender=Sender(name="Anke Petersen", email="ar@pumpen.example", phone="+49 40 5550117"),
        debtor=Debtor(customer="4711", name="Müller Anlagenbau KG", address=home),
        payment_reference=f"4711 N-{number:06d}",
        pay_by_on=date(2026, 3, 24),
        overdue=tuple(_line(number, index) for index in range(LINES)),
    )


def _line(number: int, index: int) -> Line:
    amount = Decimal(number * 100 + index * 977) + Decimal("1234.50")
    return Line(
        document_no=str(100_400 + number * LINES + index),
        document_type="RI",
        document_on=date(2026, 1, 3) + timedelta(days=index),
        due_on=date(2026, 2, 2) + timedelta(days=index),
        days_past_due=40 - index,
        purchase_order=f"PO-{450_000 + index}",
        amount=amount,
        open_amount=amount,
        level=1 + index % 2,
    )


def _cpu(work: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    started = time.process_time()
    work()
    spent = time.process_time() - started
    gc.enable()
    return spent


def _wording(rounds: int = 15, batch: int = 100) -> tuple[float, float, float]:
    """Return the median CPU seconds of a guarded and of a plain rendering, and plain : guarded."""
    rules = allowed("en", BLOCKS)
    safe = guarded(LISTED, "bench.en.j2", rules)
    plain = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
    plain.filters.update({name: rule.function for name, rule in rules.filters.items()})
    template = plain.from_string(LISTED)
    notice = letter(1)
    values = {"notice": notice}

    def as_plain() -> dict[str, str]:
        context = template.new_context(values)
        return {name: "".join(block(context)) for name, block in template.blocks.items()}

    assert as_plain() == safe.blocks(values, rounds=LINES)
    pairs = []
    for _ in range(rounds):
        ours = _cpu(lambda: [safe.blocks(values, rounds=LINES) for _ in range(batch)])
        theirs = _cpu(lambda: [as_plain() for _ in range(batch)])
        pairs.append((ours / batch, theirs / batch))
    return _summed_up(pairs)


def _pdf(rounds: int = 12) -> tuple[float, float, float]:
    """Return the median CPU seconds of one letter by Typst and by WeasyPrint, and their ratio."""
    from weasyprint import CSS, HTML  # type: ignore[import-untyped]  # it and its system libraries are the bench's alone
    from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]

    templates, fonts = Templates(), FontConfiguration()
    page = CSS(string="@page { size: A4; margin: 20mm } body { background: none }", font_config=fonts)
    pairs = []
    with Press(templates) as press:
        for number in range(rounds + 1):
            notice = letter(number)
            laid = sheet(notice, templates.wording("firm", ["en"]).text(notice))
            shown = bodies(laid, templates)[1]
            ours = _cpu(lambda notice=notice, laid=laid: press.pdf(notice, laid))  # type: ignore[misc]
            html = HTML(string=shown)
            theirs = _cpu(lambda html=html: html.write_pdf(stylesheets=[page], font_config=fonts))  # type: ignore[misc]
            pairs.append((ours, theirs))
    return _summed_up(pairs[1:])


def _summed_up(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the median of ours, of theirs, and of theirs : ours turn by turn."""
    ours, theirs = zip(*pairs, strict=True)
    return median(ours), median(theirs), median(b / a for a, b in pairs)


def run() -> list[dict[str, Any]]:
    """Measure both and return each figure with its bar."""
    safe, plain, slack = _wording()
    ours, theirs, pdf = _pdf()
    print(f"wording: guarded {safe * 1000:.3f} ms, plain Jinja2 {plain * 1000:.3f} ms CPU a letter of {LINES} items")
    print(f"PDF: Typst {ours * 1000:.1f} ms, WeasyPrint {theirs * 1000:.1f} ms CPU a letter of {LINES} items")
    wording = 1 / slack
    return [
        {
            "name": "letters: guarded wording",
            "figure": round(wording, 2),
            "unit": "× plain Jinja2, CPU",
            "bar": "≤ 1.2",
            "held": wording <= 1.2,
        },
        {
            "name": "letters: PDF",
            "figure": round(pdf, 1),
            "unit": "× less CPU than WeasyPrint",
            "bar": "≥ 5",
            "held": pdf >= 5,
        },
    ]


if __name__ == "__main__":
    for measured in run():
        print(
            "{name}: {figure} {unit} (bar {bar}): {verdict}".format(
                verdict="held" if measured["held"] else "MISSED", **measured
            )
        )

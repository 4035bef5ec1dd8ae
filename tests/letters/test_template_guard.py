"""What a site's template may do and, above all, what it may not: told by file:line:col."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.deliver.allowed import Allowed, FilterRule, fields_of
from duehook.core.deliver.guard import Guarded, guarded
from duehook.core.deliver.mime import bodies
from duehook.core.deliver.sheet import sheet
from duehook.core.deliver.wording import BLOCKS, Templates, allowed
from duehook.core.errors import ConfigError
from tests.rigs.notice_letter import DEBTOR, letter, line

WHERE = "letters/firm.en.j2"


def wording(inside: str) -> str:
    """Return a wording whose opening, from line 3 column 3 on, is this."""
    subject, closing = "{% block subject %}s{% endblock %}", "{% block closing %}c{% endblock %}"
    return f"{subject}\n{{% block opening %}}\n  {inside}{{% endblock %}}\n{closing}\n"


def load(inside: str) -> Guarded:
    return guarded(wording(inside), WHERE, allowed("en", BLOCKS))


def opening(inside: str) -> str:
    return load(inside).blocks({"notice": letter()})["opening"].strip().replace("\xa0", " ")


@pytest.mark.parametrize(
    ("inside", "column", "says"),
    [
        # reaching into Python
        ("{{ ''.__class__ }}", 9, "no field '__class__'"),
        ("{{ notice.__class__.__mro__ }}", 13, "no field '__class__'"),
        ("{{ notice.model_dump }}", 13, "no field 'model_dump'"),
        ("{{ notice.model_dump() }}", 23, "calls nothing"),
        ("{{ notice['__class__'] }}", 12, "reads no position"),
        ("{{ notice|attr('__class__') }}", 13, "no filter 'attr'"),
        ("{{ notice.number.format }}", 20, "no field 'format'"),
        ("{{ '%s'|format(1) }}", 11, "no filter 'format'"),
        ("{{ self.opening() }}", 18, "calls nothing"),
        ("{{ self }}", 6, "no name 'self'"),
        ("{{ super() }}", 11, "calls nothing"),
        ("{{ lipsum.__globals__ }}", 6, "no name 'lipsum'"),
        ("{{ cycler }}", 6, "no name 'cycler'"),
        ("{{ config }}", 6, "no name 'config'"),
        ("{{ loop.first }}", 6, "no name 'loop'"),
        ("{{ notice is defined }}", 13, "knows no tests"),
        # eating memory or time
        ("{{ 'a'*10**9 }}", 9, "computes nothing"),
        ("{{ 9**9**9 }}", 7, "computes nothing"),
        ("{{ '%099999999d' % 1 }}", 20, "computes nothing"),
        ("{{ 'a' ~ 'b' }}", 10, "joins nothing"),
        ("{{ 1 + 1 }}", 8, "computes nothing"),
        ("{{ -1 }}", 6, "computes nothing"),
        ("{{ [1, 2] }}", 6, "makes no lists"),
        ("{{ {'a': 1} }}", 6, "makes no lists"),
        ("{{ (1, 2) }}", 8, "makes no lists"),
        ("{{ notice.number[:2] }}", 19, "reads no position"),
        ("{% for x in range(9) %}{% endfor %}", 20, "calls nothing"),
        ("{% for x in range %}{% endfor %}", 15, "no name 'range'"),
        ("{% for x in 'abc' %}{% endfor %}", 3, "given lists only"),
        ("{% for x in notice.number %}{% endfor %}", 3, "given lists only"),
        ("{% for x in notice.overdue recursive %}{% endfor %}", 30, "never call themselves"),
        ("{% for notice in notice.overdue %}{% endfor %}", 6, "name is taken"),
        ("{% for loop in notice.overdue %}{% endfor %}", 6, "name is taken"),
        ("{% for a, b in notice.overdue %}{% endfor %}", 6, "not a single one"),
        (
            "{% for a in notice.overdue %}{% for b in notice.credits %}{% for c in notice.overdue %}"
            "{% endfor %}{% endfor %}{% endfor %}",
            6,
            "nested too deeply",
        ),
        # other files and definitions
        ("{% include 'x' %}", 6, "takes in no other file"),
        ("{% import 'x' as y %}", 6, "takes in no other file"),
        ("{% from 'x' import y %}", 6, "takes in no other file"),
        ("{% macro m() %}{% endmacro %}", 6, "defines and calls nothing"),
        ("{% call x() %}{% endcall %}", 6, "defines and calls nothing"),
        ("{% filter upper %}{% endfilter %}", 6, "filters no blocks"),
        ("{% set x = 1 %}", 6, "sets nothing"),
        ("{% set x %}1{% endset %}", 6, "sets nothing"),
        ("{% with x = 1 %}{% endwith %}", 6, "sets nothing"),
        ("{% autoescape false %}{% endautoescape %}", 6, "leaves escaping as it is"),
        ("{% block inner %}{% endblock %}", 6, "a block stands here"),
        # what would go wrong on sending
        ("{{ notice.demandet|money }}", 13, "no field 'demandet' here. Fix: use demanded."),
        ("{{ notize.number }}", 6, "no name 'notize' here. Fix: use notice."),
        ("{{ notice.demanded }}", 3, "a decimal needs its format. Fix: add |money"),
        ("{{ notice.letter_on }}", 3, "a date needs its format. Fix: add |day"),
        ("{{ notice.letter_on|money }}", 23, "money formats a decimal"),
        ("{{ notice.demanded|money(2) }}", 22, "takes 0 fixed values"),
        ("{{ notice.debtor }}", 3, "only a single value"),
        ("{{ notice.overdue }}", 3, "only a single value"),
        ("{{ notice.pay_by_on|day }}", 3, "notice.pay_by_on may be missing. Fix: write {% if notice.pay_by_on %}"),
        ("{% if notice.hold_on %}{{ notice.pay_by_on|day }}{% endif %}", 3, "notice.pay_by_on may be missing"),
        ("{% if notice.pay_by_on %}{% endif %}{{ notice.pay_by_on|day }}", 3, "may be missing"),
        ("{% if not notice.pay_by_on %}{{ notice.pay_by_on|day }}{% endif %}", 3, "may be missing"),
        ("{{ notice.number if notice.test }}", 20, "the choice has no else"),
        ("{{ notice.number if notice.test else 1 }}", 20, "of one kind"),
        ("{% if 'a' in notice.number %}{% endif %}", 13, "compares nothing by `in`"),
    ],
)
def test_what_is_not_on_the_list_is_refused_by_its_place(inside: str, column: int, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(inside)
    assert says in str(refused.value)
    assert refused.value.where == f"{WHERE}:3:{column}"
    assert refused.value.fix


@pytest.mark.parametrize(
    ("source", "where", "says"),
    [
        ("text", "1:1", "text outside of the blocks is never printed"),
        ("{% extends 'x' %}", "1:1", "text outside of the blocks"),
        ("", "1:1", "block closing is missing. Fix: add {% block closing %}"),
        ("{% block subjekt %}{% endblock %}", "1:10", "no block 'subjekt' here. Fix: use subject."),
        ("\n\n {% block subject", "3:2", "cannot be read"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "1:1", "nested too deeply"),
        ("{{ 1" + "9" * 5000 + " }}", "1:1", "too long a number"),
        (wording("{% if notice.test %}" * 99 + "{% endif %}" * 99), "1:1", "nested too deeply"),
        (wording("{% if notice.test %}" * 200 + "{% endif %}" * 200), "1:1", "nested too deeply"),
        ("a" * 70_000, "1:1", "is longer than 64,000 characters"),
    ],
)
def test_a_file_that_is_no_wording_is_refused(source: str, where: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        guarded(source, WHERE, allowed("en", BLOCKS))
    assert says in str(refused.value)
    assert refused.value.where == f"{WHERE}:{where}"


def test_a_deep_expression_is_refused_before_it_is_compiled() -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        load("{% if " + "not " * 300 + "notice.test %}{% endif %}")


@pytest.mark.parametrize(
    ("inside", "printed"),
    [
        ("{{ notice.demanded|money }}", "EUR 1,400.00"),
        ("{{ notice.letter_on|day }}", "14 March 2026"),
        ("{{ notice.data_at|moment }}", "14 March 2026, 06:30 CET"),
        ("{{ notice.debtor.name|plain }}", "Müller Anlagenbau KG"),
        ("{% if notice.pay_by_on %}{{ notice.pay_by_on|day }}{% endif %}", "24 March 2026"),
        ("{% if notice.test and notice.hold_on %}{{ notice.hold_on|day }}{% else %}no{% endif %}", "no"),
        ("{{ 'many' if notice.level > 1 else 'one' }}", "many"),
        (
            "{% for x in notice.overdue %}{{ x.document_no }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1001, 1002",
        ),
        ("{% for x in notice.overdue if x.level == 3 %}{{ x.document_no }}{% else %}none{% endfor %}", "none"),
        ("{% if notice.kind == 'reminder' %}a{% elif notice.level >= 2 %}b{% endif %}", "b"),
        ("{# {{ evil() }} #}{% raw %}{{ evil() }}{% endraw %}", "{{ evil() }}"),
    ],
)
def test_what_is_on_the_list_works(inside: str, printed: str) -> None:
    assert opening(inside) == printed


def test_what_a_customer_is_called_is_not_read_as_a_template() -> None:
    notice = letter(debtor=DEBTOR.model_copy(update={"name": "{{ notice.key }}{% for %}"}))
    assert load("{{ notice.debtor.name }}").blocks({"notice": notice})["opening"].strip() == "{{ notice.key }}{% for %}"


def test_output_is_capped() -> None:
    template = load("{% for x in notice.overdue %}{% if x.reference %}{{ x.reference }}{% endif %}{% endfor %}")
    notice = letter(overdue=tuple(line(str(number), reference="x" * 10_000) for number in range(50)))
    with pytest.raises(ConfigError, match=r"firm\.en\.j2: the text grows beyond 100,000 characters. Fix"):
        template.blocks({"notice": notice}, longest=100_000)


def test_a_loop_in_a_loop_over_many_lines_is_refused_before_it_runs() -> None:
    template = load("{% for x in notice.overdue %}{% for y in notice.overdue %}{% endfor %}{% endfor %}")
    assert template.blocks({"notice": letter()}, rounds=500)
    with pytest.raises(ConfigError, match="a loop in a loop over 501 lines is too much"):
        template.blocks({"notice": letter()}, rounds=501)


def test_a_comparison_that_cannot_be_made_names_the_file() -> None:
    with pytest.raises(ConfigError, match=r"firm\.en\.j2: cannot be filled in: '>' not supported"):
        opening("{% if notice.hold_on > 3 %}{% endif %}")


def test_compiled_once_per_content() -> None:
    first = load("Once {{ notice.number }}")
    assert load("Once {{ notice.number }}") is first
    assert load("Twice {{ notice.number }}") is not first


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b"])
def test_html_in_a_name_is_escaped_in_the_html_mail_and_plain_in_the_text(name: str) -> None:
    templates = Templates()
    notice = letter(sender=letter().sender.model_copy(update={"name": name}))
    text, page = bodies(sheet(notice, templates.wording("firm", ["en"]).text(notice)), templates)
    assert name in text
    assert name not in page
    assert "<script" not in page
    assert "<img" not in page


@dataclass(frozen=True)
class Thing:
    """A thing to print."""

    name: str
    price: Decimal
    due_on: date | None = None
    _secret: str = "hidden"


@given(st.text(max_size=60))
def test_no_text_in_braces_ever_reaches_python(inside: str) -> None:
    rules = Allowed(names={"it": fields_of(Thing)}, filters={"loud": FilterRule(str.upper, (str,))})
    values = {"it": Thing("a", Decimal(1))}
    shown = "A "
    with suppress(ConfigError):
        shown = guarded("{{ it.name|loud }} {{ " + inside + " }}", "x.j2", rules).render(values)
    assert shown.startswith("A ")
    assert "hidden" not in shown


def test_private_fields_are_not_given() -> None:
    with pytest.raises(ConfigError, match="no field '_secret'"):
        guarded("{{ it._secret }}", "x.j2", Allowed(names={"it": fields_of(Thing)}, filters={}))

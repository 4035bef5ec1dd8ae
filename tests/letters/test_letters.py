"""What a notice says in print: figures, wording by language, the sheet and the PDF."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from babel.numbers import format_decimal
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from duehook.core.deliver import formats
from duehook.core.deliver.mime import bodies
from duehook.core.deliver.notice import NoticeLetter
from duehook.core.deliver.press import Press
from duehook.core.deliver.sheet import Sheet, address_lines, sheet
from duehook.core.deliver.wording import Templates
from duehook.core.errors import BadRecord, ConfigError
from duehook.core.money import exponent
from duehook.core.records import Address, BankAccount
from tests.rigs.notice_letter import CREDITOR, DEBTOR, letter, line, site


def picture() -> bytes:
    """Return a PNG of one blue pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\x1f\x4e\x6b")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def laid(notice: NoticeLetter, name: str = "firm", templates: Templates | None = None) -> Sheet:
    wording = (templates or Templates()).wording(name, [notice.language])
    return sheet(notice, wording.text(notice))


def said(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(page.extract_text() for page in pages).replace("\xa0", " ")


def test_the_demanded_sum_is_overdue_less_the_disputed_part_and_the_credits() -> None:
    notice = letter()
    assert notice.overdue_total == Decimal("1484.50")
    assert notice.credits_total == Decimal("-84.50")
    assert notice.disputed_total == Decimal("249.00")
    assert notice.demanded == Decimal("1400.00")


def test_credits_shown_apart_are_not_deducted() -> None:
    assert letter(deduct_credits=False).demanded == Decimal("1484.50")


def test_a_reminder_names_what_falls_due() -> None:
    notice = letter(kind="reminder", level=0, overdue=(), credits=(), disputed=(), not_yet_due=(line(),))
    assert notice.demanded == Decimal("1234.50")


@pytest.mark.parametrize("credit", ["-1484.50", "-2000.00"])
def test_a_letter_for_nothing_or_less_is_refused(credit: str) -> None:
    with pytest.raises(BadRecord, match="N-000123 would demand"):
        letter(credits=(line("2001", credit),))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"credits": (line("2001", "84.50"),)}, "a credit is negative"),
        ({"overdue": (line(disputed=Decimal("1234.50")),)}, "without anything to demand"),
        ({"disputed": (line(),)}, "names no disputed part"),
        ({"overdue": (line(amount="1.005"),)}, "more decimals than EUR"),
        ({"currency": "USD"}, "bank account is not for USD"),
    ],
)
def test_a_notice_that_does_not_hold_together_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(BadRecord, match=says):
        letter(**change)


@pytest.mark.parametrize(
    ("amount", "currency", "language", "written"),
    [
        ("1234567.5", "EUR", "en", "EUR 1,234,567.50"),
        ("1234567.5", "EUR", "de", "1.234.567,50 EUR"),
        ("-250", "EUR", "de", "-250,00 EUR"),
        ("1234567.5", "CHF", "de-CH", "CHF 1’234’567.50"),
        ("5000", "JPY", "en", "JPY 5,000"),
        ("0.5", "KWD", "en", "KWD 0.500"),
        ("1234567.5", "INR", "en-IN", "INR 12,34,567.50"),
    ],
)
def test_money_is_written_as_the_language_does(amount: str, currency: str, language: str, written: str) -> None:
    assert formats.money(Decimal(amount), currency, language).replace("\xa0", " ") == written


@given(
    st.decimals(min_value=-(10**14), max_value=10**14, places=3, allow_nan=False),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from(["en", "de", "fr", "es", "pl", "sv", "nl", "de-CH", "en-IN"]),
)
def test_figures_equal_babels(amount: Decimal, currency: str, language: str) -> None:
    places = exponent(currency)
    amount = amount.quantize(Decimal(1).scaleb(-places)) + 0
    pattern = ("#,##,##0." if language == "en-IN" else "#,##0.") + "0" * places
    theirs = format_decimal(amount, format=pattern.rstrip("."), locale=formats.locale(language))
    # babel writes the pattern's own hyphen; the minus sign of the language is what CLDR asks for
    assert formats.figure(amount, currency, language).replace("−", "-") == theirs


def test_days_and_moments_are_written_in_words() -> None:
    when = datetime(2026, 7, 4, 5, 30, tzinfo=UTC)
    assert formats.day(date(2026, 3, 4), "en") == "4 March 2026"
    assert formats.day(date(2026, 3, 4), "de") == "4. März 2026"
    assert formats.short_day(date(2026, 3, 4), "de") == "04.03.2026"
    assert formats.moment(when, "de", "Europe/Berlin").replace("\xa0", " ") == "4. Juli 2026, 07:30 MESZ"


def test_an_unknown_language_or_time_zone_names_the_fix() -> None:
    with pytest.raises(ConfigError, match="no language. Fix"):
        formats.day(date(2026, 3, 4), "klingon")
    with pytest.raises(ConfigError, match="no time zone. Fix"):
        formats.moment(datetime(2026, 7, 4, tzinfo=UTC), "de", "Mars/Olympus")


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (Address(lines=("Weg 1",), postal_code="28199", city="Bremen", country="DE"), ("Weg 1", "28199 Bremen")),
        (
            Address(lines=("1 Main St",), postal_code="73301", city="Austin", region="TX", country="US"),
            ("1 Main St", "Austin, TX 73301"),
        ),
        (Address(lines=("1 High St", ""), postal_code="SW1A 1AA", city="London", country="GB"), None),
        (Address(), ()),
    ],
)
def test_addresses_are_written_as_their_country_does(address: Address, lines: tuple[str, ...] | None) -> None:
    assert address_lines(address) == (lines if lines is not None else ("1 High St", "London SW1A 1AA"))


def test_a_letter_abroad_names_the_country_in_capitals() -> None:
    abroad = DEBTOR.model_copy(update={"address": Address(lines=("1 Main St",), city="Austin", country="US")})
    assert laid(letter(debtor=abroad)).addressee[-1] == "UNITED STATES"
    assert laid(letter(debtor=abroad, language="de")).addressee[-1] == "VEREINIGTE STAATEN"


def test_the_sheet_keeps_sections_and_their_sums_apart() -> None:
    sections = laid(letter()).sections
    shown = [(each.title, [row.amount for row in each.rows], each.total.replace("\xa0", " ")) for each in sections]
    assert shown == [
        ("Overdue", ["1,234.50", "250.00"], "EUR 1,484.50"),
        ("Credits, deducted", ["-84.50"], "EUR -84.50"),
        ("In dispute, not demanded here", ["99.00", "150.00"], "EUR 249.00"),
    ]
    assert sections[0].rows[1].reference == "PO-77 / Lot 3"


GOLDEN = {
    "en": """\
Dear Sir or Madam,

we have already written to you about overdue items. According to our books EUR 1,400.00 is still unpaid. \
Please transfer this sum by 24 March 2026, or tell us by reply when we may expect it.

Overdue
- RI 1001 · Dated 3 Jan 2026 · Due 2 Feb 2026 · Days late: 40 · Level: 2 · PO-77 · 1,234.50 EUR
- RI 1002 · Dated 3 Jan 2026 · Due 2 Feb 2026 · Days late: 40 · Level: 2 · PO-77 / Lot 3 · 250.00 EUR
  Subtotal: EUR 1,484.50

Credits, deducted
- RM 2001 · Dated 3 Jan 2026 · Due 2 Feb 2026 · -84.50 EUR
  Credits: EUR -84.50

In dispute, not demanded here
- RI 1003 · Dated 3 Jan 2026 · Due 2 Feb 2026 · Days late: 40 · Level: 2 · PO-77 · 99.00 EUR
- RI 1002 · Dated 3 Jan 2026 · Due 2 Feb 2026 · Days late: 40 · Level: 2 · PO-77 / Lot 3 · 150.00 EUR
  In dispute: EUR 249.00

Total to pay by 24 March 2026: EUR 1,400.00

Please pay to
  Beneficiary: Pumpen GmbH
  Bank: Beispielbank
  IBAN: DE89 3704 0044 0532 0130 00
  BIC: COBADEFFXXX
  Reference: 4711 N-000123
  Amount: EUR 1,400.00

Our books as of 14 March 2026, 06:30 CET. If you have paid on or after that, please disregard this letter \
for the items you paid.

If there is a reason why an item cannot be paid, please name it to us now and quote N-000123, so that it can \
be clarified and does not hold up the rest.

Yours faithfully

Anke Petersen
Pumpen GmbH

The letter is attached as a PDF.

-- \n\
Notice no.: N-000123
Date: 14 March 2026
Customer no.: 4711
Level: Second reminder
Contact: Anke Petersen
Phone: +49 40 5550117
Mail: mahnwesen@pumpen.example
Pumpen GmbH · Hafenstraße 12 · 20457 Hamburg · VAT ID DE123456789 · Register no. HRB 12345""",
    "de": """\
Sehr geehrte Damen und Herren,

wir haben Sie bereits an überfällige Posten erinnert. Nach unseren Büchern sind noch 1.400,00 EUR offen. \
Bitte überweisen Sie diesen Betrag bis zum 24. März 2026 oder teilen Sie uns mit, wann wir mit der Zahlung \
rechnen dürfen.

Überfällig
- RI 1001 · Vom 03.01.2026 · Fällig 02.02.2026 · Tage Verzug: 40 · Stufe: 2 · PO-77 · 1.234,50 EUR
- RI 1002 · Vom 03.01.2026 · Fällig 02.02.2026 · Tage Verzug: 40 · Stufe: 2 · PO-77 / Lot 3 · 250,00 EUR
  Zwischensumme: 1.484,50 EUR

Gutschriften, abgezogen
- RM 2001 · Vom 03.01.2026 · Fällig 02.02.2026 · -84,50 EUR
  Gutschriften: -84,50 EUR

In Klärung, hier nicht gefordert
- RI 1003 · Vom 03.01.2026 · Fällig 02.02.2026 · Tage Verzug: 40 · Stufe: 2 · PO-77 · 99,00 EUR
- RI 1002 · Vom 03.01.2026 · Fällig 02.02.2026 · Tage Verzug: 40 · Stufe: 2 · PO-77 / Lot 3 · 150,00 EUR
  In Klärung: 249,00 EUR

Zu zahlen bis zum 24. März 2026: 1.400,00 EUR

Bitte überweisen Sie an
  Empfänger: Pumpen GmbH
  Bank: Beispielbank
  IBAN: DE89 3704 0044 0532 0130 00
  BIC: COBADEFFXXX
  Verwendungszweck: 4711 N-000123
  Betrag: 1.400,00 EUR

Stand unserer Bücher: 14. März 2026, 06:30 MEZ. Haben Sie zu diesem Zeitpunkt oder danach gezahlt, betrachten \
Sie dieses Schreiben für die bezahlten Posten bitte als gegenstandslos.

Steht der Zahlung eines Postens etwas entgegen, so nennen Sie uns den Grund bitte jetzt unter Angabe von \
N-000123, damit er geklärt werden kann und die übrigen nicht aufhält.

Mit freundlichen Grüßen

Anke Petersen
Pumpen GmbH

Das Schreiben liegt als PDF bei.

-- \n\
Schreiben-Nr.: N-000123
Datum: 14. März 2026
Kunden-Nr.: 4711
Stufe: Second reminder
Kontakt: Anke Petersen
Telefon: +49 40 5550117
E-Mail: mahnwesen@pumpen.example
Pumpen GmbH · Hafenstraße 12 · 20457 Hamburg · USt-IdNr. DE123456789 · Reg.-Nr. HRB 12345""",
}


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_mails_text_is_this_to_the_letter(language: str) -> None:
    text, _ = bodies(laid(letter(language=language)), Templates())
    assert text.replace("\xa0", " ").strip() == GOLDEN[language]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_pdf_says_what_the_mail_says(language: str) -> None:
    notice = letter(language=language)
    shown = laid(notice)
    with Press(Templates()) as press:
        words = " ".join(said(press.pdf(notice, shown)).split())
    bank = [fact.text for fact in shown.bank]
    rows = [row.amount for section in shown.sections for row in section.rows]
    for part in (shown.demanded, *bank, *rows, *shown.addressee, shown.closing[-1], *shown.signature):
        assert " ".join(part.split()) in words
    assert ("Page 1 of 1" if language == "en" else "Seite 1 von 1") in words


def test_a_long_letter_runs_over_three_numbered_pages() -> None:
    notice = letter(overdue=tuple(line(str(number)) for number in range(75)))
    with Press(Templates()) as press:
        pdf = press.pdf(notice, laid(notice))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) == 3
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of 3" in page
        assert "N-000123" in page
        assert "Open EUR" in page.replace("\n", " ")


def test_the_same_letter_gives_the_same_bytes_whichever_press_prints_it() -> None:
    notice = letter()
    with Press(Templates()) as press:
        first = press.pdf(notice, laid(notice))
        press.pdf(letter(number="N-000124"), laid(letter(number="N-000124")))
        again = press.pdf(notice, laid(notice))
    with Press(Templates()) as press:
        other = press.pdf(notice, laid(notice))
    assert first == again == other


@pytest.mark.parametrize(
    "name", ['#read("/etc/passwd")', "$x^2$ *bold* _it_ <b>", '#eval("1+1")', "\\ @ref <label> // gone", "#{1+1}"]
)
def test_a_customers_name_is_never_evaluated(name: str) -> None:
    notice = letter(debtor=DEBTOR.model_copy(update={"name": name}))
    with Press(Templates()) as press:
        pdf = press.pdf(notice, laid(notice))
    assert name in said(pdf).replace("“", '"').replace("”", '"')


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("株式会社", "会 (U+4F1A), 式 (U+5F0F), 株 (U+682A), 社 (U+793E)"),
        ("ไทย", "ท (U+0E17), ย (U+0E22), ไ (U+0E44)"),
        ("한국 Pumpen", "국 (U+AD6D), 한 (U+D55C)"),
        ("Pumpen \U0001f600", "\U0001f600 (U+1F600)"),
    ],
)
def test_a_letter_whose_characters_no_font_has_is_refused_with_what_to_do(name: str, told: str) -> None:
    notice = letter(debtor=DEBTOR.model_copy(update={"name": name}))
    with Press(Templates()) as press:
        with pytest.raises(ConfigError, match=re.escape(f"no font for {told}")) as refused:
            press.pdf(notice, laid(notice))
        assert press.pdf(letter(), laid(letter())).startswith(b"%PDF")
    assert "templates/fonts" in str(refused.value)


@pytest.mark.parametrize(
    "name", ["Ελλάδα", "Россия", "Łódź Đặng Nguyễn", "שלום", "شركة الخليج", "₹ € ½ – “ﬁ”", "e\u0301\u00ad\u200d"]
)
def test_what_the_fonts_have_is_printed(name: str) -> None:
    notice = letter(debtor=DEBTOR.model_copy(update={"name": name}))
    with Press(Templates()) as press:
        assert press.pdf(notice, laid(notice)).startswith(b"%PDF")


def test_a_font_of_the_sites_own_gives_the_characters_it_has(tmp_path: Path) -> None:
    font_of("山田", tmp_path / "own.ttf")
    notice = letter(debtor=DEBTOR.model_copy(update={"name": "山田"}))
    with Press(Templates(), fonts=tmp_path) as press:
        assert press.pdf(notice, laid(notice)).startswith(b"%PDF")
        with pytest.raises(ConfigError, match=r"no font for 商 \(U\+5546\): empty boxes"):
            press.pdf(notice, laid(letter(debtor=DEBTOR.model_copy(update={"name": "山田商"}))))


def font_of(characters: str, file: Path) -> None:
    """Make a font of squares for these characters."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 700), (700, 700), (700, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square, names = pen.glyph(), {ord(each): f"c{ord(each):x}" for each in characters}
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef", *names.values()])
    made.setupCharacterMap(names)
    made.setupGlyf({".notdef": TTGlyphPen(None).glyph(), **dict.fromkeys(names.values(), square)})
    made.setupHorizontalMetrics(dict.fromkeys([".notdef", *names.values()], (800, 0)))
    made.setupHorizontalHeader(ascent=800, descent=-200)
    made.setupNameTable({"familyName": "Squares", "styleName": "Regular", "psName": "Squares-Regular"})
    made.setupOS2()
    made.setupPost()
    made.save(file)


def test_a_test_letter_says_so_and_names_who_it_was_for() -> None:
    notice = letter(test=True, intended=("kreditoren@mueller.example",))
    with Press(Templates()) as press:
        words = said(press.pdf(notice, laid(notice)))
    assert "TEST" in words
    assert "asks nobody to pay" in words
    assert "kreditoren@mueller.example" in words
    with Press(Templates()) as press:
        assert "TEST" not in said(press.pdf(letter(), laid(letter())))


def test_a_reminder_lists_what_falls_due_without_days_or_levels() -> None:
    later = line(days_past_due=-5, level=0)
    notice = letter(kind="reminder", level=0, overdue=(), credits=(), disputed=(), not_yet_due=(later,))
    shown = laid(notice, "reminder")
    assert [section.title for section in shown.sections] == ["Falling due"]
    assert (shown.heads.days, shown.heads.level, shown.sections[0].rows[0].days) == ("", "", "")
    assert "Level" not in [fact.label for fact in shown.facts]
    assert shown.demanded_label == "Total falling due"


def test_yen_and_dinars_and_american_paper() -> None:
    yen = BankAccount(currency="JPY", bank="Bank", account="123")
    home = Address(lines=("1 Main St",), city="Austin", region="TX", postal_code="73301", country="US")
    creditor = CREDITOR.model_copy(update={"bank_account": yen, "address": home})
    notice = letter(currency="JPY", creditor=creditor, overdue=(line(amount="50000"),), credits=(), disputed=())
    with Press(Templates()) as press:
        pdf = press.pdf(notice, laid(notice))
    assert "JPY 50,000" in said(pdf)
    assert PdfReader(io.BytesIO(pdf)).pages[0].mediabox.width == 612


def test_a_logo_is_printed_and_a_missing_one_is_named(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(picture())
    with Press(Templates()) as press:
        notice = letter(creditor=CREDITOR.model_copy(update={"logo": str(logo)}))
        pdf = press.pdf(notice, laid(notice))
        assert len(PdfReader(io.BytesIO(pdf)).pages[0].images) == 1
        assert press.pdf(notice, laid(notice)) == pdf
        (tmp_path / "huge.png").write_bytes(picture() + bytes(1_000_000))
        bad = {"none.png": "cannot be read", "logo.exe": "is no picture", "huge.png": "is too large"}
        for wrong, says in ((tmp_path / name, says) for name, says in bad.items()):
            notice = letter(creditor=CREDITOR.model_copy(update={"logo": str(wrong)}))
            with pytest.raises(ConfigError, match=says):
                press.pdf(notice, laid(notice))


def test_a_bad_layout_is_named_by_line_and_column(tmp_path: Path) -> None:
    notice = letter()
    with (
        Press(site(tmp_path, "layout/letter.typ", "Hello\n#sheet.nothing")) as press,
        pytest.raises(ConfigError, match=rf"{tmp_path}/layout/letter\.typ:2:2: unknown variable: sheet"),
    ):
        press.pdf(notice, laid(notice))


def test_a_layout_reads_nothing_of_the_machine_and_loads_no_package(tmp_path: Path) -> None:
    notice = letter()
    with (
        Press(site(tmp_path, "layout/letter.typ", '#read("/etc/passwd")')) as press,
        pytest.raises(ConfigError, match="file not found"),
    ):
        press.pdf(notice, laid(notice))
    with (
        Press(site(tmp_path, "layout/letter.typ", '#read("../../../../../../etc/passwd")')) as press,
        pytest.raises(ConfigError, match="letter.typ"),
    ):
        press.pdf(notice, laid(notice))
    with pytest.raises(ConfigError, match=r"letter\.typ:2:9: imports a Typst package"):
        Press(site(tmp_path, "layout/letter.typ", '\n#import "@preview/x:1.0.0": y'))


def test_a_press_leaves_nothing_and_removes_what_a_killed_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    day = 24 * 3600
    for name, age in {"duehook-press-old": day + 60, "duehook-press-busy": day - 60, "other-old": 9 * day}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "letter.typ").write_text("kept")
        past = tmp_path.stat().st_mtime - age
        os.utime(tmp_path / name, (past, past))
    (tmp_path / "duehook-press-link").symlink_to(tmp_path / "other-old")
    with Press(Templates()) as press:
        press.pdf(letter(), laid(letter()))
    left = {"duehook-press-busy", "duehook-press-link", "other-old"}
    assert {each.name for each in tmp_path.iterdir()} == left
    assert (tmp_path / "other-old" / "letter.typ").exists()


def test_a_press_that_nobody_closed_leaves_nothing_either(tmp_path: Path) -> None:
    script = "from duehook.core.deliver.press import Press, Templates; kept = Press(Templates()); raise SystemExit(3)"
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", script], env=environ, check=False).returncode == 3
    assert list(tmp_path.iterdir()) == []

"""duehook.yaml: what it says, every fault with its place, secrets by reference only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from duehook.core import hookimpl
from duehook.core.errors import ConfigError, NotFound
from duehook.core.hookspecs import Finding, Message, Sent
from duehook.core.plugins import Plugins
from duehook.core.redaction import mask_secrets
from duehook.core.settings import Settings, Slot, load
from duehook.core.settings.live import before_live
from duehook.core.settings.model import CompanyCalendar
from duehook.core.settings.schema import json_schema
from duehook.core.yaml_source import BadFile


class SignIn(BaseModel):
    """How the toy ERP is signed in to."""

    model_config = ConfigDict(extra="forbid")
    user: str = "me"
    password: SecretStr


class ToySettings(BaseModel):
    """Settings that would let unknown keys pass by themselves."""

    host: str
    port: int = 1
    dsn: str = ""
    sign_in: SignIn | None = None
    headers: dict[str, SecretStr] = {}
    lookback: timedelta = timedelta(0)


class PostSettings(BaseModel):
    """Settings of the mail channel."""

    model_config = ConfigDict(extra="forbid")
    host: str
    password: SecretStr | None = None


class Post:
    """A mail channel that only knows its settings."""

    name = "mail"
    needs_address = True

    def __init__(self, settings: PostSettings) -> None:
        self.settings = settings

    def check(self) -> Iterable[Finding]:
        return []

    def send(self, message: Message) -> Sent:
        return Sent("sent")

    def close(self) -> None:
        return None


class Toy:
    """Claims the type `toy` and the channel `mail`."""

    @hookimpl
    def connection_settings(self, type: str) -> type[BaseModel] | None:
        return ToySettings if type == "toy" else None

    @hookimpl
    def channel(self, name: str, settings: Mapping[str, Any]) -> Any:
        return Post(PostSettings.model_validate(dict(settings))) if name == "mail" else None


PLUGINS = Plugins.of(toy=Toy())
WHOLE = """\
version: 1
mode: pilot
pilot: [{company: "00001", customer: "4242"}]
catch_all: ar-test@example.com
database: sqlite:///books.db
timezone: Europe/Berlin
defaults: {fresh_for: 90 min, bad_rows: 2 %, balance_drop: 0.3, lookback: 2d, first_live_notices: 50}
companies:
  00001:
    erp: {connection: erp, code: 00001}
    codes: {crm: ACME}
    legal_name: Example GmbH
    address: {lines: [Street 1], postal_code: 01234, city: Town, country: DE}
    language: de
    calendar: {country: DE, subdivision: BY, closed: [2026-12-24]}
    mailbox: {address: ar@example.com, name: Receivables, phone: 49301234}
    bank_accounts: [{currency: EUR, bank: Bank, iban: DE89 3704 0044 0532 0130 00}]
    hold: {value: C1}
  2nd: {erp: {connection: erp, code: 7}, timezone: Asia/Tokyo}
policies: {groups: {K1: strict}, debtors: {erp/00001/4242: gentle}}
connections:
  erp: {type: toy, host: {env: TOY_HOST}, sign_in: {password: {env: TOY_PASSWORD}}}
  crm: {type: toy, serves: [contacts], host: 10.0.0.1, lookback: 3600}
mail: {host: mx, password: {file: mail.secret}}
letters: {}
schedule: {nightly: 05:30 Mon-Fri, import: "23:00", deliver_every: 2 min}
"""
ERP = "connections: {erp: {type: toy, host: x}}\n"
ENVIRON = {"TOY_HOST": "erp.example.com", "TOY_PASSWORD": "hunter2-toy"}


def read(folder: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> Settings:
    file = folder / "duehook.yaml"
    file.write_text(text, encoding="utf-8")
    (folder / "mail.secret").write_text("mail-pass-1\n")
    return load(file, PLUGINS, environ=environ)


def faults(folder: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    """Return the faults, the folder's name taken off."""
    with pytest.raises(BadFile) as caught:
        read(folder, text, environ)
    return [str(each).removeprefix(f"{folder}/") for each in caught.value.problems]


def test_a_whole_file_is_read_as_it_was_meant(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    first, second = settings.company("00001"), settings.company("2nd")
    assert (settings.mode, settings.in_pilot("00001", "4242"), settings.in_pilot("2nd", "4242")) == (
        "pilot",
        True,
        False,
    )
    assert (first.erp.code, second.erp.code) == ("00001", "7")
    assert (settings.zone("00001"), settings.zone("2nd")) == ("Europe/Berlin", "Asia/Tokyo")
    assert first.address is not None
    assert first.address.postal_code == "01234"
    assert first.mailbox is not None
    assert (first.mailbox.address, first.mailbox.phone) == ("ar@example.com", "49301234")
    account = first.bank_account("EUR")
    assert account is not None
    assert account.iban == "DE89370400440532013000"
    assert first.bank_account("USD") is None
    assert not first.calendar.build().is_open(date(2026, 12, 24))
    assert settings.policies.debtors == {"erp/00001/4242": "gentle"}
    assert settings.schedule.nightly == Slot(time(5, 30), frozenset(range(5)))
    assert str(settings.schedule.import_) == "23:00"
    assert settings.schedule.deliver_every == timedelta(minutes=2)
    assert settings.path("print") == tmp_path / "print"


def test_defaults_are_those_of_the_rules(tmp_path: Path) -> None:
    found = read(tmp_path, "version: 1\n").defaults
    assert (found.grace_days, found.reopen_grace, found.clearing_days, found.hold_grace_days) == (0, 5, 5, 10)
    assert (found.notice_waits, found.notice_valid_for, found.first_live_notices) == (3, 3, 100)
    assert (found.fresh_for, found.lookback) == (timedelta(hours=4), timedelta(days=1))
    assert (found.bad_rows, found.balance_drop) == (Decimal("0.01"), Decimal("0.2"))
    assert read(tmp_path, "version: 1\n").mode == "shadow"


def test_stated_defaults_are_read_by_their_units(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE).defaults
    assert (found.fresh_for, found.bad_rows, found.balance_drop) == (
        timedelta(minutes=90),
        Decimal("0.02"),
        Decimal("0.3"),
    )


def test_a_connection_is_given_to_its_plugin_with_its_own_settings(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    given = settings.connection("erp")
    assert (given.name, given.type, given.base) == ("erp", "toy", str(tmp_path))
    assert isinstance(given.settings, ToySettings)
    assert (given.settings.host, given.settings.lookback) == ("erp.example.com", timedelta(days=2))
    assert given.settings.sign_in is not None
    assert given.settings.sign_in.password.get_secret_value() == "hunter2-toy"
    assert settings.used_connection("crm").serves == ("contacts",)
    assert len(settings.used_connection("erp").serves) == 5
    assert settings.companies_of("erp") == {"00001": "00001", "7": "2nd"}
    assert settings.companies_of("crm") == {"ACME": "00001"}
    assert settings.code_in("crm", "00001") == "ACME"


def test_a_channels_secret_comes_wrapped(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE).channel("mail")["password"].get_secret_value() == "mail-pass-1"


def test_names_that_are_not_there_say_which_are(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    with pytest.raises(NotFound, match="no company '3'.*00001, 2nd"):
        settings.company("3")
    with pytest.raises(NotFound, match="no connection 'sap'.*erp, crm"):
        settings.connection("sap")


def test_a_missing_file_says_init(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="duehook init"):
        load(tmp_path / "duehook.yaml", PLUGINS)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = """\
mode: shadwo
catchall: x@example.com
timezone: Mars/North
defaults: {grace: 1, fresh_for: soon, bad_rows: 120 %}
companies:
  "1": {erp: {connection: epr, code: 1}, mailbox: {address: nobody}, calendar: {country: XX}}
  "2": {erp: {code: 1}, bank_accounts: [{currency: eur, bank: B, iban: DE00370400440532013000}]}
connections:
  erp: {type: toy, hots: x}
  x: {type: tyo}
  y: 3
schedule: {nightly: 25:00, deliver_every: 1 s}
"""
    assert faults(tmp_path, text) == [
        "duehook.yaml:1:7: `mode`: input should be 'shadow', 'pilot' or 'live'",
        "duehook.yaml:2:1: unknown key 'catchall' (did you mean catch_all?)",
        "duehook.yaml:3:11: `timezone`: 'Mars/North' is no time zone; write one such as Europe/Berlin",
        "duehook.yaml:4:12: unknown key 'grace' (did you mean grace_days?)",
        "duehook.yaml:4:33: `defaults.fresh_for`: write a number and s, min, h or d, such as 4h",
        "duehook.yaml:4:49: `defaults.bad_rows`: a share lies between 0 % and 100 %",
        "duehook.yaml:6:27: there is no connection 'epr' (did you mean erp?)",
        "duehook.yaml:6:61: `companies.1.mailbox.address`: this is no mail address; write it as name@example.com",
        "duehook.yaml:6:80: `companies.1.calendar`: no holiday calendar is known: Country XX not available. "
        "Fix: give `country` as ISO 3166 alpha-2 and `subdivision` as its ISO 3166-2 code, or leave both out.",
        "duehook.yaml:7:9: `companies.2.erp.connection` is missing (write connection: …)",
        "duehook.yaml:7:52: `companies.2.bank_accounts.0.currency`: write the ISO code, such as EUR",
        "duehook.yaml:7:72: `companies.2.bank_accounts.0.iban`: "
        "the check digits of this IBAN are wrong; a digit is mistyped",
        "duehook.yaml:9:3: `connections.erp.host` is missing (write host: …)",
        "duehook.yaml:9:20: unknown key 'hots' (did you mean host?)",
        "duehook.yaml:10:13: no plugin offers the type 'tyo': did you mean toy? (see `duehook plugins`.)",
        "duehook.yaml:11:6: `connections.y`: write its type and settings below it",
        'duehook.yaml:12:21: `schedule.nightly`: write a time and perhaps days in quotes, such as "05:30 Mon-Fri"',
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("mode: pilot\n", "duehook.yaml:1:7: mode: pilot needs the customers it is for (list them under pilot)"),
        (
            "mail: {host: mx}\n",
            "duehook.yaml:1:1: in shadow mode mail goes to one catch-all, which is missing "
            "(write catch_all: an address of your own)",
        ),
        ("- a\n", "duehook.yaml:1:1: the file must be a mapping: keys, each with a value"),
        (
            "mode: pilot\npilot: [{company: x, customer: 1}]\ncompanies: {y: {erp: {connection: e, code: 1}}}\n",
            "duehook.yaml:2:19: there is no company 'x' (known here: y)",
        ),
        (
            f"{ERP}companies: {{a: {{erp: {{connection: erp, code: 1}}, bank_accounts: "
            "[{currency: EUR, bank: A, account: 1}, {currency: EUR, bank: B, account: 2}]}}\n",
            "duehook.yaml:2:104: a second bank account in EUR (letters name one a currency)",
        ),
        (
            "companies: {a: {erp: {connection: e, code: 1}, bank_accounts: [{currency: EUR, bank: A}]}}\n",
            "duehook.yaml:1:64: `companies.a.bank_accounts.0`: write `iban`, or `account` where there is none",
        ),
        (
            "companies: {a: {erp: {connection: e, code: 1}, bank_accounts: [{currency: EUR, bank: A, iban: DE89}]}}\n",
            "duehook.yaml:1:95: `companies.a.bank_accounts.0.iban`: this is no IBAN",
        ),
        ("schedule: {deliver_every: 1 s}\n", "duehook.yaml:1:11: `schedule`: deliver_every is at least 10 s"),
        ("defaults: {bad_rows: few}\n", "duehook.yaml:1:22: `defaults.bad_rows`: write a share such as 1 %"),
        (
            "connections: {erp: {host: x}}\n",
            "duehook.yaml:1:15: `connections.erp.type` is missing (write the ERP's plugin, such as type: jde)",
        ),
        (
            "letters: {folder: x}\n",
            "duehook.yaml:1:1: no plugin offers the channel 'letter'. Fix: see `duehook plugins`.",
        ),
        ("base: /\n", "duehook.yaml:1:1: unknown key 'base'"),
        ("connections: [a]\n", "duehook.yaml:1:14: `connections`: write name: {type: …} for each"),
        (
            "connections: {a/b: {type: toy, host: x}}\n",
            "duehook.yaml:1:15: 'a/b' is no name (use letters, digits, . _ and -)",
        ),
        (
            "connections: {a: {type: toy, host: x, serves: [invoice]}}\n",
            "duehook.yaml:1:48: `serves`: 'invoice' is nothing to serve (did you mean invoices?)",
        ),
        (
            "policies: {debtors: {4242: strict}}\n",
            "duehook.yaml:1:11: `policies`: '4242' names no debtor; write connection/company/customer",
        ),
        (
            "catch_all: a@example.com\nmail: {hots: mx}\n",
            "duehook.yaml:2:1: `mail.host` is missing (write host: …)",
        ),
    ],
)
def test_each_fault_names_its_place_and_fix(tmp_path: Path, text: str, fault: str) -> None:
    assert fault in faults(tmp_path, text)


def test_a_policy_or_aging_scheme_that_is_none_is_told_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "own" / "aging").mkdir(parents=True)
    (tmp_path / "own" / "mild.yaml").write_text('# policy: comment\npolicy: "mild"  # ours\nabout: policy: x\n')
    (tmp_path / "own" / "aging" / "ours.yaml").write_text("scheme: monthly\n")
    text = """\
rules: own
connections: {erp: {type: toy, host: x}}
companies:
  a: {erp: {connection: erp, code: 1}, policy: nosuch, aging: month}
  b: {erp: {connection: erp, code: 2}, policy: mild, aging: monthly}
policies: {groups: {K1: defalt, K2: gentle}, debtors: {erp/1/4242: strct}}
"""
    there = "there are default, gentle, mild, strict"
    assert faults(tmp_path, text) == [
        f"duehook.yaml:4:48: there is no policy 'nosuch'; {there}",
        "duehook.yaml:4:63: there is no aging scheme 'month'; there are monthly, standard, weekly "
        "(did you mean monthly?)",
        f"duehook.yaml:6:25: there is no policy 'defalt'; {there} (did you mean default?)",
        f"duehook.yaml:6:68: there is no policy 'strct'; {there} (did you mean strict?)",
    ]


@pytest.mark.parametrize("text", ["", "\n", "# all of it to come\n"])
def test_an_empty_file_says_init(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"duehook\.yaml is empty\. Fix: delete it, then run `duehook init`"):
        read(tmp_path, text)


@pytest.mark.parametrize("day", [7, -1])
def test_a_day_that_no_week_has_is_no_weekend(day: int) -> None:
    with pytest.raises(ValidationError, match="write 0 for Monday to 6 for Sunday"):
        CompanyCalendar(weekend=(5, day))


def test_two_companies_never_share_a_ledger(tmp_path: Path) -> None:
    company = "{erp: {connection: erp, code: 1}}"
    text = f"connections: {{erp: {{type: toy, host: x}}}}\ncompanies:\n  a: {company}\n  b: {company}\n"
    assert faults(tmp_path, text) == ["duehook.yaml:4:36: company a has the code '1' in 'erp' already"]


@pytest.mark.parametrize(
    ("connection", "fault"),
    [
        ("sign_in: {password: hunter2-plain}", "a secret is written here in plain text"),
        ("sign_in: {password: 12345678}", "a secret is written here in plain text"),
        ("headers: {X-Key: hunter2-plain}", "a secret is written here in plain text"),
        ("dsn: DRIVER=x;PWD=hunter2-plain", "a password is written here in plain text"),
        ("dsn: odbc://u:hunter2-plain@h", "a password is written here in plain text"),
        ("sign_in: {password: {env: NOT_SET}}", "the environment variable NOT_SET is not set"),
        ("sign_in: {password: {file: none.secret}}", "the file none.secret cannot be read: No such file or directory"),
        ("sign_in: {password: {file: empty.secret}}", "the file empty.secret is empty"),
        ("sign_in: {password: {credential: toy}}", "systemd handed over no credentials"),
    ],
)
def test_secrets_in_plain_text_and_dead_references_are_refused(tmp_path: Path, connection: str, fault: str) -> None:
    (tmp_path / "empty.secret").touch()
    (found,) = faults(tmp_path, f"connections:\n  erp: {{type: toy, host: x, {connection}}}\n")
    assert fault in found
    assert found.startswith("duehook.yaml:2:")
    assert "hunter2-plain" not in found
    assert "12345678" not in found


def test_a_password_inside_the_database_url_is_refused(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, "database: postgresql://me:hunter2-db@host/books\n")
    assert found.startswith("duehook.yaml:1:11: `database`: a password is written here in plain text")


@pytest.mark.parametrize("password", ["p@ss", "p@ss/word", "p@/x", "@"])
def test_a_raw_at_in_a_database_password_says_how_to_write_it(tmp_path: Path, password: str) -> None:
    environ = {**ENVIRON, "URL": f"postgresql://me:{password}@db.example.com/books"}
    (found,) = faults(tmp_path, "database: {env: URL}\n", environ)
    assert found == (
        "duehook.yaml:1:11: `database`: more than one @ stands in this address; in a user or password write "
        "@ as %40, / as %2F, : as %3A, # as %23, ? as %3F and % as %25"
    )


@pytest.mark.parametrize("password", ["p/slashed", "p[bracketed", "p%40rcent", "p#hashed", "p?asked"])
def test_a_password_that_is_taken_apart_rightly_is_taken_and_never_shown(tmp_path: Path, password: str) -> None:
    url = f"postgresql://me:{password}@db.example.com/books?application_name=a@b"
    assert read(tmp_path, "database: {env: URL}\n", {**ENVIRON, "URL": url}).database == url
    assert password not in mask_secrets(f"connection failed for me with {password}")


def test_secrets_come_from_env_file_dotenv_and_systemd(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# secrets\nexport FROM_DOTENV='dot env'\nTOY=loses\n")
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "toy").write_text("from systemd\n")
    text = "connections:\n" + "".join(
        f"  {name}: {{type: toy, host: x, sign_in: {{password: {reference}}}}}\n"
        for name, reference in {
            "a": "{env: FROM_DOTENV}",
            "b": "{env: TOY}",
            "c": "{credential: toy}",
            "d": "{file: mail.secret}",
        }.items()
    )
    settings = read(tmp_path, text, {"TOY": "wins", "CREDENTIALS_DIRECTORY": str(credentials)})
    found = [each.settings.sign_in.password.get_secret_value() for each in settings.connections.values()]  # type: ignore[attr-defined]
    assert found == ["dot env", "wins", "from systemd", "mail-pass-1"]


def test_a_secret_that_is_left_empty_is_none(tmp_path: Path) -> None:
    settings = read(tmp_path, "catch_all: a@example.com\nmail: {host: mx, password: }\n")
    assert settings.mail == {"host": "mx", "password": None}


def test_a_credential_cannot_leave_its_folder(tmp_path: Path) -> None:
    text = "connections: {a: {type: toy, host: x, sign_in: {password: {credential: ../mail.secret}}}}\n"
    (found,) = faults(tmp_path, text, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert "'../mail.secret' is no name of a credential" in found


def test_settings_are_frozen_and_never_show_secrets(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    with pytest.raises(ValueError, match="frozen"):
        settings.mode = "live"  # type: ignore[misc]
    shown = repr(settings) + settings.model_dump_json()
    assert "hunter2-toy" not in shown
    assert "mail-pass-1" not in shown


def test_the_schema_knows_every_type_and_asks_for_references(tmp_path: Path) -> None:
    schema = json_schema(PLUGINS)
    (branch,) = schema["$defs"]["Connection"]["oneOf"]
    assert branch["properties"]["type"] == {"const": "toy"}
    assert branch["required"] == ["type", "host"]
    assert branch["additionalProperties"] is False
    assert schema["$defs"]["toy.SignIn"]["properties"]["password"]["$ref"] == "#/$defs/Reference"
    assert "base" not in schema["properties"]
    assert "password" not in json.dumps(schema["$defs"]["Reference"])


@pytest.mark.parametrize(
    ("text", "days", "shown"),
    [
        ("5:30", range(7), "05:30"),
        ("05:30 Sat-Mon", (5, 6, 0), "05:30 Mon,Sat,Sun"),
        ("05:30 tuesday, Thu", (1, 3), "05:30 Tue,Thu"),
    ],
)
def test_slots_are_read_and_shown(text: str, days: Iterable[int], shown: str) -> None:
    slot = Slot.read(text)
    assert (slot.at, slot.days, str(slot)) == (time(5, 30), frozenset(days), shown)


@pytest.mark.parametrize("text", ["5", "24:00", "05:60", "05:30 Xyz", "05:30 Mon-"])
def test_what_is_no_slot_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        Slot.read(text)


def test_live_needs_a_mailbox_and_an_account_for_each_currency_that_is_owed(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    found = before_live(settings, {"00001": {"EUR", "USD"}})
    bad = {each.subject: (each.severity, each.advice) for each in found if not each.ok}
    assert bad == {
        "company 00001: bank account USD": ("warning", "add USD to companies.00001.bank_accounts"),
        "company 2nd: mailbox": ("warning", "write companies.2nd.mailbox.address"),
        "company 2nd: bank accounts": ("warning", "write companies.2nd.bank_accounts"),
        "company 2nd: legal name and address": ("warning", "write companies.2nd.legal_name and companies.2nd.address"),
    }
    live = before_live(read(tmp_path, WHOLE.replace("mode: pilot", "mode: live")), {})
    assert {each.severity for each in live} == {"error"}


def test_a_site_without_companies_is_not_ready() -> None:
    assert [each.ok for each in before_live(Settings(), {})] == [False]

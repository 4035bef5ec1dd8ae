"""Load duehook.yaml: read, fetch the secrets, check against the models, all faults at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from duehook.core.errors import ConfigError
from duehook.core.policy.names import Kind, known_names
from duehook.core.yaml_source import Document, Steps, check, closest, collect, known_keys, nearest, read_file

from .asked import Asked
from .model import ALL_SERVES, OURS, Connection, Defaults, Serves, Settings
from .secrets import ENV, Places, read_env_file, resolve

_NAMED: Final = ("connections", "companies")
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.\-]{0,99}\Z")
_RULES: Final[Mapping[Kind, str]] = {"policy": "policy", "scheme": "aging scheme"}
_RULE_KEYS: Final[Mapping[str, Kind]] = {"policy": "policy", "aging": "scheme"}
INIT: Final = "run `duehook init` to make one, or name yours with --config."


def load(path: Path, plugins: Asked, *, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a file.

    Raises ConfigError for a missing file or one that is no YAML, and BadFile, which has every
    other fault with its position. Secrets come from `environ` (the process's own by default),
    `.env` beside the file, files and systemd credentials.
    """
    document = read_file(path, missing=INIT)
    if document.data is None:
        raise ConfigError(f"{path} is empty.", fix=f"delete it, then {INIT}")
    base = path.resolve().parent
    places = Places({**read_env_file(base / ENV), **(os.environ if environ is None else environ)}, base)
    settings = _settings(document, plugins, places)
    document.raise_problems()
    assert settings is not None
    return settings


def _settings(document: Document, plugins: Asked, places: Places) -> Settings | None:
    data = document.data
    if not isinstance(data, Mapping):
        document.report((), "the file must be a mapping: keys, each with a value")
        return None
    written = {key: part for key, part in data.items() if key not in {"connections", *OURS}}
    for key in OURS:
        if key in data:
            document.report((key,), f"unknown key {key!r}", key=True)
    resolved = resolve(document, written, Settings, at=(), places=places)
    connections = dict(_connections(document, data.get("connections"), plugins, places))
    _check_names(document, data)
    _check_rules(document, data, places.base)
    own = {"base": places.base, "files": tuple(places.files)}
    settings = check(document, Settings, {**resolved, "connections": connections, **own})
    if settings is not None:
        _check_together(document, settings)
        _check_channels(document, settings, plugins)
    return settings


def _connections(document: Document, data: Any, plugins: Asked, places: Places) -> Iterator[tuple[str, Connection]]:
    if data is not None and not isinstance(data, Mapping):
        document.report(("connections",), "`connections`: write name: {type: …} for each")
        return
    for name, written in (data or {}).items():
        if isinstance(written, Mapping):
            connection = _connection(document, name, written, plugins=plugins, places=places)
            if connection is not None:
                yield name, connection
        else:
            document.report(("connections", name), f"`connections.{name}`: write its type and settings below it")


def _connection(
    document: Document, name: str, written: Mapping[str, Any], *, plugins: Asked, places: Places
) -> Connection | None:
    at = ("connections", name)
    serves = _serves(document, written.get("serves"), at)
    if not isinstance(written.get("type"), str):
        document.report(
            at, f"`connections.{name}.type` is missing", "write the ERP's plugin, such as type: jde", key=True
        )
        return None
    try:
        model = plugins.connection_settings(written["type"])
    except ConfigError as error:
        document.report((*at, "type"), error.message, error.fix)
        return None
    own = {key: part for key, part in written.items() if key not in {"type", "serves"}}
    if "lookback" in model.model_fields:
        own.setdefault("lookback", _lookback(document))
    _refuse_unknown(document, own, model, at)
    settings = check(document, model, resolve(document, own, model, at=at, places=places), at=at)
    if settings is None:
        return None
    return Connection(name=name, type=written["type"], serves=serves, settings=settings)


def _lookback(document: Document) -> timedelta:
    """Return the site's lookback, which a connection follows that has one and states none."""
    defaults = document.data.get("defaults")
    try:
        return Defaults.model_validate(defaults or {}).lookback
    except ValidationError:
        return Defaults().lookback  # the fault is reported at its own place


def _serves(document: Document, written: Any, at: tuple[str, str]) -> tuple[Serves, ...]:
    if written is None:
        return ALL_SERVES
    named = written if isinstance(written, list) else [written]
    for index, each in enumerate(named):
        if each not in get_args(Serves):
            place = (*at, "serves", index) if isinstance(written, list) else (*at, "serves")
            document.report(place, f"`serves`: {each!r} is nothing to serve", closest(str(each), ALL_SERVES))
    return tuple(each for each in ALL_SERVES if each in named)


def _refuse_unknown(document: Document, own: Mapping[str, Any], model: type[BaseModel], at: tuple[str, str]) -> None:
    """Refuse unknown keys also where the plugin's model would let them pass."""
    if model.model_config.get("extra") != "forbid":
        known = set(known_keys(model, ()))
        for key in own:
            if key not in known:
                document.report((*at, key), f"unknown key {key!r}", closest(key, known), key=True)


def _check_names(document: Document, data: Mapping[str, Any]) -> None:
    """Check that names are names and that connections which are named exist; works on faulty files too."""
    held = {key: _mapping(data, key) for key in _NAMED}
    for key, names in held.items():
        for name in names:
            if not _NAME.match(name):
                document.report((key, name), f"{name!r} is no name", "use letters, digits, . _ and -", key=True)
    for at, name in _references(held["companies"], data.get("policies")):
        if name not in held["connections"]:
            hint = closest(name, held["connections"]) or "write it under connections"
            document.report(at, f"there is no connection {name!r}", hint)


def _references(companies: Mapping[str, Any], policies: Any) -> Iterator[tuple[Steps, str]]:
    """Yield each place that names a connection, and the name."""
    for code, company in companies.items():
        for section in ("erp", "hold"):
            part = company.get(section) if isinstance(company, Mapping) else None
            name = part.get("connection") if isinstance(part, Mapping) else None
            if name is not None:
                yield ("companies", code, section, "connection"), str(name)
        codes = company.get("codes") if isinstance(company, Mapping) else None
        for name in codes if isinstance(codes, Mapping) else ():
            yield ("companies", code, "codes", name), name
    debtors = policies.get("debtors") if isinstance(policies, Mapping) else None
    for key in debtors if isinstance(debtors, Mapping) else ():
        yield ("policies", "debtors", key), key.split("/", 1)[0]


def _check_rules(document: Document, data: Mapping[str, Any], base: Path) -> None:
    """Check that the policies and aging schemes which are named exist; works on faulty files too."""
    written = data.get("rules")
    own = base / (written if isinstance(written, str) else Settings.model_fields["rules"].default)
    for at, kind, name in _rules_named(data):
        known = known_names(kind, own)
        if name not in known:
            text = f"there is no {_RULES[kind]} {name!r}; there are {', '.join(sorted(known))}"
            document.report(at, text, nearest(name, known))


def _rules_named(data: Mapping[str, Any]) -> Iterator[tuple[Steps, Kind, str]]:
    """Yield each place that names a policy or an aging scheme, and the name."""
    for code, company in _mapping(data, "companies").items():
        for key, kind in _RULE_KEYS.items():
            if isinstance(company, Mapping) and company.get(key) is not None:
                yield ("companies", code, key), kind, str(company[key])
    policies = _mapping(data, "policies")
    for part in ("groups", "debtors"):
        for key, name in _mapping(policies, part).items():
            yield ("policies", part, key), "policy", str(name)


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if isinstance(found, Mapping) else {}


def _check_together(document: Document, settings: Settings) -> None:
    """Check what no key can tell alone."""
    for code in settings.companies:
        _one_account_a_currency(document, settings, code)
    _one_company_a_code(document, settings)
    _check_mode(document, settings)


def _one_account_a_currency(document: Document, settings: Settings, code: str) -> None:
    seen: set[str] = set()
    for index, account in enumerate(settings.companies[code].bank_accounts):
        if account.currency in seen:
            at = ("companies", code, "bank_accounts", index)
            document.report(at, f"a second bank account in {account.currency}", "letters name one a currency")
        seen.add(account.currency)


def _one_company_a_code(document: Document, settings: Settings) -> None:
    seen: dict[tuple[str, str], str] = {}
    for code, company in settings.companies.items():
        place = (company.erp.connection, company.erp.code)
        if place in seen:
            text = f"company {seen[place]} has the code {company.erp.code!r} in {company.erp.connection!r} already"
            document.report(("companies", code, "erp", "code"), text)
        seen.setdefault(place, code)


def _check_mode(document: Document, settings: Settings) -> None:
    if settings.mode == "pilot" and not settings.pilot:
        document.report(("mode",), "mode: pilot needs the customers it is for", "list them under pilot")
    for index, each in enumerate(settings.pilot):
        if each.company not in settings.companies:
            at = ("pilot", index, "company")
            document.report(at, f"there is no company {each.company!r}", closest(each.company, settings.companies))
    if settings.mode != "live" and settings.mail and settings.catch_all is None:
        hint = "write catch_all: an address of your own"
        document.report(("mode",), f"in {settings.mode} mode mail goes to one catch-all, which is missing", hint)


def _check_channels(document: Document, settings: Settings, plugins: Asked) -> None:
    """Let each configured channel read its settings, so that its faults have positions too."""
    for key, name in (("mail", "mail"), ("letters", "letter")):
        if not settings.channel(name):
            continue
        try:
            plugins.channel(name, settings.channel(name)).close()
        except (ValidationError, ConfigError) as error:
            cause = error if isinstance(error, ValidationError) else error.__cause__
            if isinstance(cause, ValidationError):
                collect(document, cause, BaseModel, at=(key,))
            else:
                document.report((key,), str(error), key=True)

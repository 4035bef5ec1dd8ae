"""Set a site up: write a commented duehook.yaml from answers, and make its books.

Running it again changes no file that is there: it adds names that `.env` lacks and brings the
books to this version. Secrets in the answers go to `.env`, the configuration only names them.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator

from duehook.core.books.books import address_of
from duehook.core.errors import ConfigError
from duehook.core.plugins import Plugins
from duehook.core.redaction import holds_secret, is_secret_name, remember
from duehook.core.settings import load
from duehook.core.settings.values import MailAddress, Model, Zone
from duehook.core.yaml_source import check, parts, read_file, step_into

from .site import open_books

_SCHEMES: Final = {"smtp": "none", "smtps": "tls"}


class Answers(Model):
    """What `duehook init` needs to know; an answers file has the same keys."""

    erp: str = Field(min_length=1, description="the ERP's type, such as jde")
    connection: dict[str, Any] = Field({}, description="the connection's settings, as its plugin names them")
    companies: dict[str, dict[str, Any]] = Field({}, description="our code: settings as in duehook.yaml")
    timezone: Zone = "UTC"
    database: str = "sqlite:///duehook.db"
    mail: dict[str, Any] = Field({}, description="the mail channel's settings, or one address of a server")
    mailbox: MailAddress | None = Field(None, description="sender of every company that names none")
    catch_all: MailAddress | None = Field(None, description="where all mail goes until go-live")

    @field_validator("companies", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Read `00001, 00002` or a list of codes as companies without more settings."""
        codes = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
        return {str(code): {} for code in codes if str(code)} if isinstance(codes, list) else codes

    @field_validator("mail", mode="before")
    @classmethod
    def _server(cls, value: Any) -> Any:
        """Read host, host:port, smtp://host:port (no TLS) or smtps://host:port as settings."""
        return mail_server(value) if isinstance(value, str) else value

    @field_validator("connection", mode="before")
    @classmethod
    def _without_type(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if k != "type"} if isinstance(value, Mapping) else value


@dataclass
class Made:
    """What init did: the files it wrote, and those it left as they were."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def mail_server(text: str) -> dict[str, Any]:
    """Return the mail settings that an address of a server stands for."""
    try:
        address = urlsplit(text if "://" in text else f"starttls://{text}")
        host, port = address.hostname, address.port
    except ValueError:  # some of its messages show a part of the text
        host = None
    if not host:
        raise ValueError("write a server as host, host:port, smtp://host:port or smtps://host:port")
    if address.username is not None:
        raise ValueError("user and password are told apart: mail: {host: …, user: …, password: …}; they go to .env")
    found: dict[str, Any] = {"host": host} | ({"port": port} if port else {})
    return found | ({"security": _SCHEMES[address.scheme]} if address.scheme in _SCHEMES else {})


def read_answers(file: Path, *, given: Mapping[str, Any] | None = None) -> Answers:
    """Return the answers of a file; `given` ones win. A relative `connection: file` is read too."""
    document = read_file(file, missing="name an answers file that exists.")
    data = {**(document.data if isinstance(document.data, Mapping) else {}), **(given or {})}
    if isinstance(data.get("connection"), str):
        data["connection"] = read_connection(file.parent / data["connection"])
    answers = check(document, Answers, data)
    document.raise_problems()
    assert answers is not None
    return answers


def read_connection(file: Path) -> dict[str, Any]:
    """Return a connection's settings from a file such as the simulator writes."""
    document = read_file(file, missing="start the simulator first, or name the settings' file.")
    document.raise_problems()
    if not isinstance(document.data, dict):
        raise ConfigError("these are no settings: keys, each with a value.", where=str(file))
    return document.data


def init(config: Path, plugins: Plugins, answers: Answers | None) -> Made:
    """Write the files that are missing and make the books; `answers` are needed for a new file only.

    Raises BadFile when the configuration has faults, also those of the answers: the file stays,
    correct it and run init again.
    """
    made = Made()
    if answers is None or config.exists():
        made.kept.append(str(config))
    else:
        _write_new(config, plugins, answers, made)
    settings = load(config, plugins)
    books = open_books(settings)
    try:
        books.migrate()
    finally:
        books.close()
    made.written.append("the books in the database")
    return made


def _write_new(config: Path, plugins: Plugins, answers: Answers, made: Made) -> None:
    model = plugins.connection_settings(answers.erp)
    vault = _Vault()
    text = "".join(_config(answers, model, vault))
    config.parent.mkdir(parents=True, exist_ok=True)
    vault.write(config.parent / ".env", made)
    with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w", encoding="utf-8") as opened:
        opened.write(text)
    made.written.append(str(config))


class _Vault:
    """The secrets that were met while writing, by the name each gets in `.env`."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def keep(self, name: str, value: str) -> dict[str, str]:
        """Keep a secret and return the reference that stands in its place.

        Raises ConfigError for one of several lines, which `.env` has no way to write.
        """
        name = re.sub(r"\W+", "_", name).upper()
        value = value.rstrip("\r\n")
        remember(value)
        if len(value.splitlines()) > 1:
            raise ConfigError(
                f"the secret for {name} has several lines; nothing was written.",
                fix="leave it out, put it into a file, and write {file: path} for it in duehook.yaml.",
            )
        self._values[name] = value
        return {"env": name}

    def write(self, file: Path, made: Made) -> None:
        """Add what `.env` lacks; a name that is there keeps its value."""
        old = file.read_text(encoding="utf-8") if file.exists() else ""
        there = {line.split("=", 1)[0].strip() for line in old.splitlines() if "=" in line}
        new = [f"{name}={_quoted(value)}\n" for name, value in self._values.items() if name not in there]
        if not new:
            return
        head = "" if old else "# Secrets of duehook.yaml. Keep this file from others, and out of version control.\n"
        gap = "\n" if old and not old.endswith("\n") else ""
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as opened:
            _close_to_others(opened.fileno(), file)
            opened.write(head + gap + "".join(new))
        made.written.append(str(file))


def _close_to_others(opened: int, file: Path) -> None:
    """Take everybody's rights off a file that secrets are about to be added to; one that only a group reads stays."""
    mode = stat.S_IMODE(os.fstat(opened).st_mode)
    if not mode & stat.S_IRWXO:
        return
    try:
        os.fchmod(opened, mode & stat.S_IRWXU)
    except PermissionError:
        fix = f"let its owner run `chmod 600 {file}`, and run init again."
        raise ConfigError(f"{file} may be read by everybody and is not ours; no secret was added.", fix=fix) from None


def _config(answers: Answers, model: type[BaseModel], vault: _Vault) -> Iterator[str]:
    """Yield the file's text, part by part, each key with its comment."""
    name = answers.erp
    database: Any = answers.database
    if address_of(database).password or holds_secret(database):
        database = vault.keep("duehook_database", database)
    yield "# Duehook's configuration. `duehook config check` tells every fault with its place;\n"
    yield "# `duehook config schema` gives editors the keys; docs/reference/config.md explains each.\n"
    yield "version: 1\n\n"
    yield "# shadow: nothing is written to the ERP and all mail goes to catch_all, until `duehook go-live`.\n"
    yield "mode: shadow\n"
    yield _line("catch_all", answers.catch_all, "name@example.com")
    yield f"\ndatabase: {_scalar(database)}  # or postgresql://user@host/name\n"
    yield "archive: archive  # letters and mails exactly as they went out\n"
    yield f"timezone: {_scalar(answers.timezone)}\n\n"
    yield f"connections:\n  {name}:\n    type: {name}\n"
    yield from _connection(name, answers.connection, model, vault)
    yield "\n# What the ERP lacks of each company. Letters name all of it.\ncompanies:"
    yield from _companies(answers, name)
    yield "\n# The server that mail goes out by, and the folder that letters are printed from.\n"
    yield from _section("mail", answers.mail, vault)
    yield "letters:\n  folder: print\n\n"
    yield "# Import, tie-out, aging, dunning and delivery, one after the other, in each company's own time.\n"
    yield 'schedule:\n  nightly: "05:30 Mon-Fri"\n  deliver_every: 5 min\n'


def _connection(name: str, given: Mapping[str, Any], model: type[BaseModel], vault: _Vault) -> Iterator[str]:
    for key, value in given.items():
        yield from _pair(key, value, _types(model, key), vault, path=(name, key), depth=2)
    whole = _is_whole(given, model)
    for key, info in model.model_fields.items():
        written = info.alias or key
        if any(each == written or str(each).startswith(f"{written}.") for each in given):
            continue
        if info.is_required() and SecretStr in parts(info.annotation):
            yield f"    {written}: {_scalar(vault.keep(f'{name}_{written}', ''))}\n"
        elif info.is_required() and not whole:
            yield f"    # {written}:  # needed{'; ' + info.description if info.description else ''}\n"


def _is_whole(given: Mapping[str, Any], model: type[BaseModel]) -> bool:
    """Say whether the plugin finds all it needs in what was given, such as a dialect from the driver's name."""
    try:
        model.model_validate(dict(given))
    except ValidationError:
        return False
    return True


def _types(model: Any, key: str) -> list[Any]:
    """Return the types of a key; `ais.password` is the key `password` inside `ais`."""
    found = parts(model)
    for step in key.split("."):
        found = [part for each in found for part in step_into(each, step)]
    return found


def _pair(key: str, value: Any, types: list[Any], vault: _Vault, *, path: tuple[str, ...], depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, Mapping) and set(value) - {"env", "file", "credential"}:
        yield f"{indent}{_scalar(key)}:\n"
        for inner, part in value.items():
            deeper = [each for annotation in types for each in step_into(annotation, inner)]
            yield from _pair(inner, part, deeper, vault, path=(*path, inner), depth=depth + 1)
        return
    secret = SecretStr in types or (not types and is_secret_name(key)) or holds_secret(str(value))
    if secret and isinstance(value, (str, int)) and not isinstance(value, bool):
        value = vault.keep("_".join(path), str(value))
    yield f"{indent}{_scalar(key)}: {_scalar(value)}\n"


def _section(key: str, given: Mapping[str, Any], vault: _Vault) -> Iterator[str]:
    if not given:
        yield f"# {key}: {{host: mail.example.com, port: 587, user: duehook, password: {{env: MAIL_PASSWORD}}}}\n"
        return
    yield f"{key}:\n"
    for name, value in given.items():
        yield from _pair(name, value, [], vault, path=(key, name), depth=1)


def _companies(answers: Answers, connection: str) -> Iterator[str]:
    if not answers.companies:
        yield ' {}\n  # "00001":  # our code\n  #   erp: {connection: NAME, code: "00001"}\n'
        return
    yield "\n"
    for code, given in answers.companies.items():
        settings = {"erp": {"connection": connection, "code": code}, **given}
        if answers.mailbox and "mailbox" not in settings:
            settings["mailbox"] = {"address": answers.mailbox}
        yield f"  {json.dumps(code)}:\n"
        for key, value in settings.items():
            yield f"    {key}: {_scalar(value)}\n"
        if "legal_name" not in settings:
            yield "    # legal_name: Example GmbH\n"
            yield '    # address: {lines: [Street 1], postal_code: "12345", city: Town}\n'
        if "bank_accounts" not in settings:
            yield "    # bank_accounts: [{currency: EUR, bank: Bank, iban: DE…, bic: …}]  # one a currency\n"


def _quoted(value: str) -> str:
    """Return a value as `.env` has it: in quotes where it has blanks or quotes at its ends."""
    return f'"{value}"' if value != value.strip() or value[:1] in {'"', "'"} else value


def _line(key: str, value: Any, example: str) -> str:
    return f"# {key}: {example}\n" if value is None else f"{key}: {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    """Write a value as YAML on one line; JSON is YAML, plain words need no quotes."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w/.@+-]*", value) and not _WORD.fullmatch(value):
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(str(key))}: {_scalar(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_scalar, value)) + "]"
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False)


_WORD: Final = re.compile(r"true|false|null|yes|no|on|off|y|n", re.IGNORECASE)

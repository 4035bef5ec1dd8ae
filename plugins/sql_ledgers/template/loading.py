"""Load a template for a site: its names and code lists put in, what the site does not have left out, faults told."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from duehook.core.records import RECORDS, Stream
from duehook.core.table_mapping.lint import check_fields
from duehook.core.yaml_source import Document, check, closest, read_file
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings

from .model import KEY, Named, Part, Template

_NAME: Final = re.compile(r"\{(\w+)\}")
COMPANIES: Final = "companies"  # the list of the settings' companies with their currencies


@dataclass(frozen=True)
class Loaded:
    """A template that is well, as this site has it; the digest changes with whatever it says."""

    template: Template
    document: Document
    digest: str


def load_template(path: Path, settings: SqlLedgerSettings) -> Loaded:
    """Read a template. Raises ConfigError when it is no YAML, BadFile with every other fault."""
    document = read_file(path, missing="copy the one beside the connector's README.")
    given = document.data if isinstance(document.data, dict) else {}
    made = _Site(document, given, settings).made()
    template = check(document, Template, made)
    if template is not None:
        for stream, parts in template.streams.items():
            _check_parts(document, template, stream, parts)
    document.raise_problems()
    assert template is not None
    told = json.dumps(template.model_dump(mode="json"), sort_keys=True)
    return Loaded(template, document, hashlib.sha256(told.encode()).hexdigest()[:16])


def _check_parts(document: Document, template: Template, stream: Stream, parts: tuple[Part, ...]) -> None:
    for part in parts:
        given = {name: value.model_dump(by_alias=True, exclude_unset=True) for name, value in part.fields.items()}
        check_fields(document, stream, given, template.format)
        known = {*part.select, *part.cells}
        for cell in map(str, (*part.named(), *(name for made in part.cells.values() for name in made.of))):
            alias = cell.partition(".")[0]
            if cell not in known and ("." not in cell or alias not in part.tables):
                told = f"{cell!r} is no ALIAS.COLUMN of `tables`, and not in `select` or `cells`"
                document.report(("streams", stream), told, closest(alias, [*part.tables, *known]), key=True)


class _Site:
    """A template's data with a site's names and lists in the place of what stands for them."""

    def __init__(self, document: Document, given: dict[str, Any], settings: SqlLedgerSettings) -> None:
        self._document, self._given, self._settings = document, given, settings
        self._names = (
            dict(settings.names())
            | self._named("columns")
            | {f"table.{k}": v for k, v in self._named("tables").items()}
        )
        self._lists = self._all_lists()

    def made(self) -> dict[str, Any]:
        """Return the data, without the streams, fields and conditions that need what the site does not have."""
        streams = self._given.get("streams")
        if not isinstance(streams, dict):
            return self._given
        made = {name: self._stream(name, parts) for name, parts in streams.items()}
        return self._given | {
            "streams": {name: parts for name, parts in made.items() if parts},
            "lists": self._lists,
            "proofs": self._asked("proofs"),
            "offers": self._asked("offers"),
        }

    def _asked(self, kind: str) -> Any:
        """Return the statements of the template's own that the site has what they need for."""
        given: Mapping[str, Any] = self._given.get(kind) or {}
        return self._filled({name: held for name, held in given.items() if not self._is_missing(str(held))})

    def _named(self, kind: str) -> dict[str, str]:
        known: Mapping[str, Any] = ((self._given.get("names") or {}).get(kind)) or {}
        usual = {name: _usual(given) for name, given in known.items()}
        own: Mapping[str, str] = getattr(self._settings, kind)
        for name in own.keys() - usual.keys():
            told = f"`{kind}.{name}` of the connection names nothing of this template"
            self._document.report(("names", kind), told, closest(name, usual), key=True)
        return usual | dict(own)

    def _all_lists(self) -> dict[str, Any]:
        given: Mapping[str, Any] = self._given.get("lists") or {}
        own = self._settings.codes
        for name in own.keys() - given.keys():
            told = f"`codes.{name}` of the connection is no list of this template"
            self._document.report(("lists",), told, closest(name, given), key=True)
        lists = {name: {**held, **own.get(name, {})} for name, held in given.items()}
        return lists | {COMPANIES: {company.code: company.currency for company in self._settings.companies}}

    def _stream(self, name: str, parts: Any) -> Any:
        found = [self._part(part) for part in (parts if isinstance(parts, list) else [parts])]
        keyed = name in RECORDS and "key" in RECORDS[name].model_fields
        return [self._with_key(part) if keyed else part for part in found if part]

    def _part(self, part: Any) -> Any:
        if not isinstance(part, dict) or not isinstance(part.get("tables"), dict):
            return part
        tables = {alias: self._table(str(name)) for alias, name in part["tables"].items()}
        away = {alias for alias, name in tables.items() if not name}
        if next(iter(tables)) in away or self._is_missing(json.dumps(part.get("needs"))):
            return None
        made = {name: self._kept(name, held, away) for name, held in part.items() if name not in ("tables", "needs")}
        made["tables"] = {alias: name for alias, name in tables.items() if name}
        return {name: held for name, held in made.items() if held is not None}

    def _table(self, name: str) -> str:
        return _NAME.sub(lambda found: self._names.get(f"table.{found[1]}", found[0]), name)

    def _kept(self, name: str, held: Any, away: set[str]) -> Any:
        """Return a part's entry, or of a list or mapping those within it that the site has what they need for."""
        if name in ("joins", "where", "skip") and isinstance(held, list):
            return self._filled(self._there(held, away))
        if name in ("fields", "select", "cells") and isinstance(held, dict):
            return {key: self._filled(each) for key, each in held.items() if not self._needs(each, away)}
        if name == "changed" and isinstance(held, dict):
            held = {key: self._there(each, away) for key, each in held.items()}
        return None if name != "key" and self._needs(held, away) else self._filled(held)

    def _there(self, held: Any, away: set[str]) -> Any:
        """Return of a list what the site has what it needs for."""
        return [each for each in held if not self._needs(each, away)] if isinstance(held, list) else held

    def _needs(self, given: Any, away: set[str]) -> bool:
        """Say whether what is written names a column or table that the site does not have."""
        text = json.dumps(given)
        return self._is_missing(text) or any(re.search(rf"\b{alias}\.|\{{{alias}\}}", text) for alias in away)

    def _is_missing(self, text: str) -> bool:
        return any(self._names.get(name) == "" for name in _NAME.findall(text))

    def _filled(self, given: Any) -> Any:
        """Return what is written with the site's names, and code lists by their names."""
        if isinstance(given, dict):
            return {name: self._list(held) if name == "codes" else self._filled(held) for name, held in given.items()}
        if isinstance(given, list):
            return [self._filled(each) for each in given]
        return _NAME.sub(self._own_name, given) if isinstance(given, str) else given

    def _own_name(self, found: re.Match[str]) -> str:
        return self._names.get(found[1], found[0])

    def _list(self, given: Any) -> Any:
        return self._lists.get(given, given) if isinstance(given, str) else given

    @staticmethod
    def _with_key(part: Any) -> Any:
        """Add the key as a field, where the template makes none of its own."""
        if not isinstance(part, dict):
            return part
        fields, key = part.get("fields"), part.get("key")
        if not isinstance(fields, dict) or "key" in fields or not key:
            return part
        made = {"join": [key] if isinstance(key, str) else [*key], "ending": part.get("ending")}
        return part | {"fields": {"key": KEY, **fields}, "cells": {**(part.get("cells") or {}), KEY: made}}


def _usual(given: Any) -> str:
    if isinstance(given, dict):
        return cast(str, given.get("usual", ""))
    return given.usual if isinstance(given, Named) else str(given or "")

"""Try everything outside that the site needs, and say what is missing before users find out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from duehook.core.books.store.currencies import open_currencies
from duehook.core.errors import ConnectorError, DuehookError
from duehook.core.hookspecs import Discovery, Finding, Source
from duehook.core.plugins import guarded
from duehook.core.redaction import mask_secrets as _masked
from duehook.core.settings.live import before_live
from duehook.core.yaml_source import nearest

from .imports import guards
from .imports.site import rules_of
from .packs import CHANNELS, own_policies
from .site import Site

MOST_NAMED = 20


@dataclass(frozen=True)
class Checked:
    """One finding, and the part of the site it is about: a connection, a channel, `plugins`, `policy`, `live`."""

    part: str
    subject: str
    ok: bool
    message: str
    advice: str | None
    severity: str


@dataclass(frozen=True)
class Discovered:
    """One thing that was found in a connection."""

    connection: str
    kind: str
    name: str
    text: str
    samples: tuple[str, ...]
    suggests: str | None


def check(site: Site, connections: Sequence[str] = ()) -> list[Checked]:
    """Check the connections named, else everything: plugins, connections, channels, policies, readiness for live."""
    found = [each for name in connections or site.settings.connections for each in check_connection(site, name)]
    if connections:
        return found
    with site.books.read() as tx:
        currencies = open_currencies(tx)
    channels = [each for name in CHANNELS for each in _check_channel(site, name)]
    live = [_checked("live", finding) for finding in before_live(site.settings, currencies)]
    return [*_check_plugins(site), *found, *channels, *_check_policies(site), *live]


def check_connection(site: Site, name: str) -> list[Checked]:
    """Check one connection: each right that its sources and its target need, once."""
    part = f"connection {name}"
    try:
        givers: list[tuple[str, Any]] = list(site.sources(name).items())
        target = site.target(name)
    except ConnectorError as error:
        return [_failed(part, "plugin", error)]
    givers += [("write_back", target)] if target is not None else []
    if not givers:
        text = "the plugin offers nothing that this connection serves"
        return [Checked(part, "serves", False, text, f"correct connections.{name}.serves", "error")]
    seen: dict[Checked, None] = {}
    for serves, giver in givers:
        with closing(giver):
            found = _asked(part, serves, partial(_findings, site, name, giver))
            if serves == "customers" and all(each.ok or each.severity != "error" for each in found):
                found += _asked(part, "companies", partial(_companies, site, name, giver))
            seen.update(dict.fromkeys(found))
    return list(seen)


def _companies(site: Site, connection: str, source: Source) -> Iterator[Finding]:
    """Yield the companies of duehook.yaml that the ERP does not have; nothing where it lists none."""
    there: list[str] = []
    for found in source.discover():
        if found.kind == "company":
            there.append(found.name)
        elif there:  # those of one kind stand together, and what follows is dear to count
            break
    apart = rules_of(site, connection).apart(connection)
    for code in filter(apart.get, there):
        yield Finding(
            f"company {apart[code]}", False,
            f"the ERP's company {code!r} is not in duehook.yaml, whose {code!r} is another one; "
            f"it is kept apart and not dunned",
            f"name it, should it be dunned: companies: {{… : {{erp: {{connection: {connection}, code: {code!r}}}}}}}",
            "warning",
        )  # fmt: skip
    for code, ours in site.settings.companies_of(connection).items() if there else ():
        if code not in there:
            own = site.settings.companies[ours].codes
            key = f"codes.{connection}" if connection in own else "erp.code"
            more = f" and {len(there) - MOST_NAMED} more" if len(there) > MOST_NAMED else ""
            yield Finding(
                f"company {ours}", False,
                f"the ERP has no company {code!r}; it has {', '.join(there[:MOST_NAMED])}{more}",
                f"correct companies.{ours}.{key}{f': {near}' if (near := nearest(code, there)) else ''}",
            )  # fmt: skip


def _findings(site: Site, name: str, giver: Any) -> Iterator[Finding]:
    for finding in giver.check():
        yield _judged(site, name, finding)


def _judged(site: Site, name: str, finding: Finding) -> Finding:
    """Make a finding of bad rows an error where they are so many that an import would stop."""
    allowed = site.settings.defaults.bad_rows
    measured = finding.counted and guards.too_many(site.books, name, finding.counted, allowed)
    if finding.counted is None or measured is None:
        return finding
    _, read, bad = finding.counted
    return replace(
        finding,
        message=f"{bad:,} of {read:,} cannot be read; {allowed:.2%} of {measured:,} may be, "
        "so that an import would stop",
        advice=f"{finding.advice or 'correct the rows'}; what is allowed is `defaults.bad_rows`",
        severity="error",
    )


def _asked(part: str, serves: str, ask: Callable[[], Iterable[Finding]]) -> list[Checked]:
    """Return what a giver found, and behind it the error that ended it, where one did."""
    found: list[Checked] = []
    try:
        with guarded(f"{part}, {serves}"):
            for finding in ask():
                found.append(_checked(part, finding))  # noqa: PERF401 - what was found before an error stays
    except ConnectorError as error:
        found.append(_failed(part, serves, error))
    return found


def _check_channel(site: Site, name: str) -> list[Checked]:
    part = f"channel {name}"
    if not site.settings.channel(name):
        key = {"mail": "mail", "letter": "letters"}[name]
        return [Checked(part, "settings", False, "not configured", f"write {key}: in duehook.yaml", "warning")]
    with closing(site.channel(name)) as channel:
        return _asked(part, name, channel.check)


def _check_plugins(site: Site) -> list[Checked]:
    return [
        Checked("plugins", each.name, False, f"{each.state}: {each.reason}", "correct or uninstall it", "warning")
        for each in site.plugins.report
        if each.state != "ok"
    ]


def _check_policies(site: Site) -> list[Checked]:
    count, problems = own_policies(site)
    if count and not problems:
        return [Checked("policy", "rules", True, f"{count} of the site's own, without a mistake", None, "error")]
    return [Checked("policy", each.where, False, each.message, each.fix, "error") for each in problems]


def _checked(part: str, finding: Finding) -> Checked:
    return Checked(
        part, _masked(finding.subject), finding.ok, _masked(finding.message), _advice(finding.advice), finding.severity
    )


def _failed(part: str, subject: str, error: DuehookError) -> Checked:
    return Checked(part, subject, False, _masked(error.message), _advice(error.fix), "error")


def _advice(text: str | None) -> str | None:
    return None if text is None else _masked(text)


def discover(site: Site, connections: Sequence[str] = ()) -> list[Discovered]:
    """List what the connections have: companies, tables, code lists, settings that follow."""
    found: dict[tuple[str, str, str], Discovered] = {}
    for name in connections or site.settings.connections:
        for source in site.sources(name).values():
            with closing(source):
                for each in source.discover():
                    found.setdefault((name, each.kind, each.name), _discovered(name, each))
    return list(found.values())


def _discovered(connection: str, found: Discovery) -> Discovered:
    samples = tuple(map(_masked, found.samples))
    return Discovered(connection, found.kind, found.name, _masked(found.text), samples, _advice(found.suggests))

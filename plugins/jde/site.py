"""One EnterpriseOne site: the way it is read, and what of it has been learned so far."""

from __future__ import annotations

from functools import cached_property
from typing import Final, Literal

from duehook.core.errors import BadRecord, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.core.records import Stream
from duehook.core.settings.connector import with_codes
from duehook.core.yaml_source import Problem

from . import tables, user_fields
from .fields import LISTS, TABLES, fields_of, more
from .mapping.site import People, Site
from .odbc.reader import OdbcReader
from .reading.reader import Reader
from .settings import JdeSettings
from .tables import Column, Table
from .values import Stamp, days_before, stamp_of, text, whole

MOST_DECIMALS: Final = 9
_NOTHING_IMPLIED: Final = {
    "amounts": "plain", "rate_decimals": 0, "discount_percent_decimals": 0, "credit_limit_decimals": 0,
}  # fmt: skip
BATCH: Final = 100  # keys asked for at once: three hundred values stay far below every driver's limit


class JdeSite:
    """Connects on first use; asks for each fact of the site once."""

    def __init__(self, settings: JdeSettings, name: str = "jde") -> None:
        """Take the connection's settings, and its name for the messages.

        Raises ConfigError with all faults of its field mapping.
        """
        self.fields = fields_of(settings)
        self.settings = with_codes(settings, self.fields, LISTS)
        self.reader = self._reader(name)
        if self.reader.applied:
            self.settings = self.settings.model_copy(update=_NOTHING_IMPLIED)
        self._columns: dict[str, frozenset[str]] = {}

    def _reader(self, name: str) -> Reader:
        settings = self.settings
        if settings.read_by == "ais" and settings.ais is not None:
            from .dataservice.reader import AisReader  # what speaks HTTP is loaded where it is used

            return AisReader(settings.ais, name, self.columns, self.more, structure=settings.parent_structure)
        return OdbcReader(settings, name, self.columns, self.more)

    def columns(self, table: Table) -> frozenset[str]:
        """Return the columns that the site's table has; refuse one that lacks what is needed."""
        if table.name not in self._columns:
            found = self.reader.columns(table, control=table is tables.CODE)
            missing = [column.name for column in table.columns if not column.optional and column.name not in found]
            if missing:
                raise ConnectorRefused(
                    f"{table.name} of this site has no column {', '.join(missing)}.",
                    fix="point `data_schema` at EnterpriseOne's business data; other releases are not supported.",
                )
            self._columns[table.name] = found
        return self._columns[table.name]

    def more(self, stream: Stream) -> tuple[Column, ...]:
        """Return the columns that are read beside the stream's own, as settings and field mapping name them.

        Refuse those there are not.
        """
        problems = [problem for table in TABLES.get(stream, ()) for problem in self.without(table)]
        if problems:
            raise ConnectorRefused("\n".join(map(str, problems)), fix="correct these settings.")
        by_file = more(self.fields, stream)
        named = {column.name for column in by_file}
        beside = user_fields.columns(self.settings) if stream == "item" else ()
        return (*by_file, *(column for column in beside if column.name not in named))

    @property
    def digest(self) -> str:
        """Return a mark of all that says which columns make a row; "" where nothing does but the connector."""
        return "|".join(filter(None, (self.fields.digest, *user_fields.named(self.settings).values())))

    def without(self, table: Table) -> list[Problem]:
        """Return what settings and field mapping take from a table and the site's table does not have."""
        present = self.columns(table)
        named = user_fields.named(self.settings) if table is tables.ITEM else {}
        absent = [Problem(name, f"F03B11 of this site has no column {column}", "name one that it has")
                  for name, column in named.items() if column not in present]  # fmt: skip
        return [*self.fields.missing(table.name, present), *absent]

    def has_table(self, name: str) -> bool:
        """Say whether a table is there and may be read."""
        try:
            self.reader.columns(name)
        except ConnectorRefused:
            return False
        return True

    @cached_property
    def facts(self) -> Site:
        """Return what the mappings need: F0013's decimals and F0010's currencies."""
        currencies = self.reader.whole(tables.CURRENCY)
        decimals = {text(code) or "": whole(places) for code, places in currencies if _is_count(places)}
        companies = {text(row[0]) or "": text(row[2]) or "" for row in self.reader.whole(tables.COMPANY)}
        return Site.of(self.settings, decimals, companies, fields=self.fields)

    def codes(self, system: str, kind: str) -> dict[str, str]:
        """Return one user-defined code list of F0005 as {code: text}."""
        where = {"DRSY": (system, system.ljust(4)), "DRRT": (kind,)}
        found = self.reader.look(tables.CODE, ("DRKY", "DRDL01"), where, control=True)
        return {text(key) or "": text(told) or "" for key, told in found}

    @cached_property
    def people(self) -> People:
        """Return who stands behind the codes of collectors and credit managers; nobody where F0005 may not be read."""
        return People(self._named(self.settings.collector_codes), self._named(self.settings.credit_manager_codes))

    def _named(self, codes: str | None) -> dict[str, str]:
        try:
            return self.codes(*codes.split("/")) if codes else {}
        except ConnectorRefused:  # `check` names the missing right; the codes themselves are read all the same
            return {}

    @cached_property
    def purge_files(self) -> frozenset[str]:
        """Return the purge files that are there."""
        return frozenset(name for name in tables.PURGED.values() if self.has_table(name))

    @cached_property
    def sign(self) -> Literal["negative", "positive"]:
        """Return how F03B14 stores an application, proved on the receipts where the settings say `auto`."""
        if self.settings.f03b14_sign != "auto":
            return self.settings.f03b14_sign
        below, above = self.signs()
        if below and above and min(below, above) * 20 > max(below, above):
            raise ConnectorRefused(
                f"F03B14's sign cannot be told: {below} receipts are applied by negative lines, {above} by positive.",
                fix="look at a receipt in P03B102 and set `f03b14_sign` to negative or positive.",
            )
        return "positive" if above > below else "negative"

    def signs(self) -> tuple[int, int]:
        """Return how many receipts have applications summing below and above zero: last year's, else all."""
        facts = self.reader.facts
        recent = facts.signs(days_before(stamp_in(self.bound().mark), 365)[0])
        return recent if any(recent) else facts.signs(0)

    def bound(self) -> UpperBound:
        """Return the site's clock as the mark that change stamps are compared with."""
        now = self.reader.now()
        day, time = stamp_of(now, self.settings.zone)
        return UpperBound({"upmj": day, "upmt": time}, now)

    def history_from(self, bound: Stamp) -> int:
        """Return the first day of the history as CYYDDD."""
        return days_before(bound, self.settings.history_days)[0]

    def close(self) -> None:
        """Hang up."""
        self.reader.close()


def _is_count(places: object) -> bool:
    """Say whether these are a currency's decimals; without them its rows wait in quarantine."""
    try:
        return 0 <= whole(places) <= MOST_DECIMALS
    except BadRecord:
        return False


def stamp_in(mark: object) -> Stamp:
    """Return the stamp in a bound's mark or a position; raise ConnectorGarbled when it is none."""
    if isinstance(mark, dict):
        try:
            return whole(mark["upmj"]), whole(mark["upmt"])
        except (KeyError, BadRecord):
            pass
    raise ConnectorGarbled(f"{mark!r} is no mark of this connector.", fix="run `duehook import --full`.")

"""Write the script that gives a database user the right to read what is read of EnterpriseOne, and nothing else.

`python -m duehook.plugins.jde.rights oracle --user DUEHOOK > duehook-rights.sql` makes it from the tables
that the connector reads; the DBA looks through it and runs it. Names stand in it as they are given.
"""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from duehook.core.wire.sql import DIALECTS, DialectName

from . import tables
from .settings import SCHEMA
from .tables import Table
from .writing.notes import ACTIVITY_LOG

DATA: Final[tuple[Table, ...]] = (
    tables.COMPANY, tables.CURRENCY, tables.PAYMENT_TERM, tables.EXCHANGE_RATE, tables.ADDRESS_BOOK, tables.CUSTOMER,
    tables.WHO, tables.PHONE, tables.EMAIL, tables.POSTAL, tables.PARENT, tables.ITEM, tables.PAYMENT,
    tables.ALLOCATION,
)  # fmt: skip
CONTROL: Final = (tables.CODE.name,)
_ENTRY: Final[Mapping[DialectName, str]] = {  # what a schema asks for beside its tables
    "postgresql": "GRANT USAGE ON SCHEMA {schema} TO {user};\n",
    "db2i": "-- The user also needs the library itself:  GRTOBJAUT OBJ({bare}) OBJTYPE(*LIB) USER({name}) AUT(*USE)\n",
}


def script(
    dialect: DialectName, user: str, *, data: str, control: str, purged: bool = True, activities: bool = False
) -> Iterator[str]:
    """Yield the script's lines: SELECT on each table, those of purged rows and the activity log where they are read.

    `data` and `control` are the schemas as the connection's settings have them.
    """
    names = [table.name for table in DATA]
    names += tables.PURGED.values() if purged else ()
    names += [ACTIVITY_LOG] if activities else []
    yield f"-- What Duehook reads of JD Edwards EnterpriseOne, for {dialect}: SELECT, and nothing else.\n"
    if dialect == "oracle":
        yield f"GRANT CREATE SESSION TO {DIALECTS[dialect].quoted(user)};\n"
    yield from _of_schema(dialect, user, data, names)
    yield from _of_schema(dialect, user, control, CONTROL)


def _of_schema(dialect: DialectName, user: str, schema: str, names: Sequence[str]) -> Iterator[str]:
    spoken = DIALECTS[dialect]
    database, _, bare = schema.rpartition(".")
    quoted, who = spoken.quoted(bare), spoken.quoted(user)
    if database:
        yield f"USE {spoken.quoted(database)};\n"
    yield _ENTRY.get(dialect, "").format(user=who, schema=quoted, bare=bare, name=user)
    for name in names:
        yield f"GRANT SELECT ON {quoted}.{spoken.quoted(name)} TO {who};\n"


def _name(given: str) -> str:
    """Take a name that can stand in a script; ValueError for one that would end its quotes."""
    if not re.fullmatch(SCHEMA, given):
        raise ValueError(given)
    return given


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the script to the standard output."""
    parser = ArgumentParser(prog="python -m duehook.plugins.jde.rights", description=__doc__)
    parser.add_argument("dialect", choices=("db2i", "oracle", "sqlserver", "postgresql"))
    parser.add_argument("--user", required=True, type=_name, help="the database user of the connection")
    parser.add_argument("--data-schema", type=_name, default="PRODDTA", help="as `data_schema` of the connection")
    parser.add_argument("--control-schema", type=_name, default="PRODCTL", help="as `control_schema` of the connection")
    parser.add_argument("--no-purge", action="store_true", help="where the site never purges: the files are not there")
    parser.add_argument("--activity-log", action="store_true", help="where `notes.by` is activity")
    said = parser.parse_args(arguments)
    sys.stdout.writelines(
        script(
            said.dialect, said.user, data=said.data_schema, control=said.control_schema, purged=not said.no_purge,
            activities=said.activity_log,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()

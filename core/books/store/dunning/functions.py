"""The few expressions that the two databases spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Date, String, case
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class utc_day(FunctionElement[Any]):  # noqa: N801 - it reads as a function
    """The UTC day of an instant."""

    type = Date()
    inherit_cache = True
    name = "utc_day"


class iso_day(FunctionElement[Any]):  # noqa: N801
    """A day as text, 2026-03-10."""

    type = String()
    inherit_cache = True
    name = "iso_day"


class bytewise(FunctionElement[Any]):  # noqa: N801
    """A text that sorts by its bytes, as Python sorts it."""

    type = String()
    inherit_cache = True
    name = "bytewise"


@compiles(utc_day)
def _utc_day(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(timezone('UTC', {compiler.process(element.clauses, **options)}) AS DATE)"


@compiles(utc_day, "sqlite")
def _utc_day_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)})"


@compiles(iso_day)
def _iso_day(element: Any, compiler: Any, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM-DD')"


@compiles(iso_day, "sqlite")
@compiles(bytewise, "sqlite")
def _plain(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(bytewise)
def _bytewise(element: Any, compiler: Any, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)}) COLLATE "C"'


def larger(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the larger of two values, the one that is there when the other is null."""
    return case((other.is_(None), one), (one.is_(None), other), (one > other, one), else_=other)


def smaller(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the smaller of two values, the one that is there when the other is null."""
    return case((other.is_(None), one), (one.is_(None), other), (one < other, one), else_=other)

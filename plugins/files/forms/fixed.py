"""A file of fixed width: columns by where they begin and how long they are, kinds of lines by how they begin."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final, Literal

from duehook.core.errors import ConnectorGarbled
from duehook.core.table_mapping.cells import Cells
from duehook.core.table_mapping.values import Unreadable, whole
from duehook.plugins.files.mapping.form import Trailer

from .encoding import TextTable

_END_OF_FILE: Final = "\x1a"  # what DOS and some midrange transfers put behind the last line
LineKind = Literal["row", "other", "trailer"]
_REFUSED: Final = "The whole file is refused; nothing of it was kept."


class FixedTable(TextTable):
    """A file of lines whose columns stand at fixed places, counted in characters."""

    @property
    def header(self) -> tuple[str, ...]:
        """Return the names that the mapping gives the columns."""
        return tuple(self.form.columns)

    def told(self) -> str:
        """Name the encoding."""
        return f"{self.form.encoding}, fixed width"

    def lines(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows as (line, cells). Raises ConnectorGarbled for a line of no known kind and a wrong trailer."""
        spans = [slice(span.start - 1, span.end) for span in self.form.columns.values()]
        rows, lines, closed = 0, 0, False
        for number, text in self._texts():
            if closed:
                raise self._garbled(number, f"a line stands behind the trailer: {text[:20]!r}")
            kind, lines = self._kind(number, text), lines + 1
            if kind == "row":
                rows += 1
                yield number, [text[span].strip() for span in spans]
            elif kind == "trailer" and self.form.trailer is not None:
                closed = True
                self._count(number, text, {"rows": rows, "lines": lines}[self.form.trailer.counts])
        if self.form.trailer is not None and not closed:
            told = f"the file is cut off: it has no trailer, a line that begins with {self.form.trailer.prefix!r}"
            raise self._garbled(None, told)

    def _texts(self) -> Iterator[tuple[int, str]]:
        """Yield the lines that are not blank. Raises ConnectorGarbled where the last one is cut off."""
        width = max(span.end for span in self.form.columns.values())
        with self.readable(), self.path.open(encoding=self.encoding) as file:
            for number, line in enumerate(file, 1):
                text = line.rstrip("\n").rstrip(_END_OF_FILE)
                if number <= self.form.skip_lines or not text.strip():
                    continue
                if not line.endswith("\n") and len(text) < width and self.form.trailer is None:
                    told = f"the file is cut off: its last line has {len(text)} of {width} characters and no end"
                    raise self._garbled(number, told)
                yield number, text

    @cached_property
    def _beginnings(self) -> list[tuple[str, LineKind]]:
        """Return how lines begin, the longest first: of `1` and `19` the one that says more."""
        form = self.form
        found: list[tuple[str, LineKind]] = [(prefix, "other") for prefix in form.others]
        found += [(form.trailer.prefix, "trailer")] if form.trailer else []
        found += [(form.rows or "", "row")]
        return sorted(found, key=lambda each: -len(each[0]))

    def _kind(self, number: int, text: str) -> LineKind:
        found = next((kind for prefix, kind in self._beginnings if text.startswith(prefix)), None)
        if found is None:
            known = ", ".join(repr(prefix) for prefix, _ in self._beginnings)
            told = f"the line begins with {text[:8]!r} and is of no kind that the mapping knows ({known})"
            raise self._garbled(number, told, fix="add how it begins to `others` of the `format`, or correct `rows`.")
        return found

    def _count(self, number: int, text: str, counted: int) -> None:
        """Compare the trailer's figure with what was counted."""
        trailer: Trailer | None = self.form.trailer
        if trailer is None or trailer.count is None:
            return
        span = trailer.count
        try:
            told = whole(text[span.start - 1 : span.end].strip())
        except Unreadable as error:
            raise self._garbled(number, f"the trailer's count cannot be read: {error}") from None
        if told != counted:
            raise self._garbled(number, f"the file has {counted:,} {trailer.counts}, its trailer says {told:,}")

    def _garbled(self, number: int | None, why: str, *, fix: str | None = None) -> ConnectorGarbled:
        place = self.name if number is None else f"{self.name}:{number}"
        usual = "export or copy it again, as NAME.part first and renamed when it is whole."
        return ConnectorGarbled(f"{place}: {why}. {_REFUSED}", fix=fix or usual)

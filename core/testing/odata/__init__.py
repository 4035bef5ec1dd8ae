"""The OData half of a simulated ERP, V2 and V4: a model of entity sets in memory, and what answers for it.

    line = EntityType.read("LineType", "Company Number", "Company:String(4)! Number:Int64! Amount:Decimal(24,3)")
    table = Table()
    table.put(("1010", 7), {"Company": "1010", "Number": 7, "Amount": Decimal("1.5")})
    service = ODataService.of("/data/", "ACME", Dialect(4), sets=[EntitySet("Lines", line, lambda: table)])
    reply = service.answer(request)

- `model`: Field, Navigation, EntityType, EntitySet; `EntitySet.write` carries PATCH and POST out, and refuses
  by raising ODataError. Rows are dicts, or objects with `get` that work out a field when it is asked for.
- `table`: rows by key. Keep one over the book and say `put`, `drop` and `touch` when `carried(changes)` says
  so: what a filter chose is then worked out once for all pages.
- `asked.filters.Dialect`: how the ERP speaks (version, functions, wildcards, blank dates, depth of $expand).
- `service.ODataService`: `answer(request)`; derive to word errors (`error_body`), to hide rows from a request
  (`scope`), to refuse readings (`look_at`), to tell warnings (`warned`), to let a part of a $batch fail
  (`part`). `shrunk(reply)` is for the fault of that name.
- `asked`: what a request's address says, taken apart, and the rows that it chooses.
- Paging: `page_size` on the service; the next link goes on behind the last row's key, so that rows that come
  or go between two pages neither repeat nor hide others.
"""

from __future__ import annotations

from .asked.choosing import Scope
from .asked.filters import Dialect
from .asked.literals import Version, parameters_of
from .asked.query import Query
from .errors import ODataError
from .model import EntitySet, EntityType, Field, Navigation, Written, fields
from .service import ODataService, header
from .table import Key, Row, Table

__all__ = [
    "Dialect",
    "EntitySet",
    "EntityType",
    "Field",
    "Key",
    "Navigation",
    "ODataError",
    "ODataService",
    "Query",
    "Row",
    "Scope",
    "Table",
    "Version",
    "Written",
    "fields",
    "header",
    "parameters_of",
]

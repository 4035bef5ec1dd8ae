"""The site's own program: it takes what is put into CMOUT, carries it out in the ERP, and says so in the row.

A row goes N → P → D, or E with a message. Faults hit the program, as there is no other wire: `status` makes it
refuse; `lost_reply`, `half_page` and `charset` let it do its work and die before it has said so; `reset`, `repeat`,
`html` and `garbage` let it die before its work. A program that died comes round again after `LATE` seconds, or when
somebody looks what the ERP holds, and then says in the row what became of it. `slow` lets it begin late.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from duehook.core.testing.faults import Calls, Fault, Faults

from .store import Store

PATH: Final = "CMOUT/"
LATE: Final = 1.0
OFTEN: Final = 0.02
NONSENSE: Final = ("html", "garbage", "charset")  # these leave a status that there is not
UNDONE: Final = ("reset", "repeat", "html", "garbage")
DIED: Final = (*UNDONE, "lost_reply", "half_page", "charset")


class Event(NamedTuple):
    """A row of CMOUT."""

    id: str
    kind: str
    company: str
    customer: str
    document: str
    code: str
    day: int
    amount: str
    currency: str
    text: str


class Refused(Exception):
    """The ERP's programs do not take an event; the message is what the row says."""


class Program:
    """Looks into CMOUT again and again, in a thread of its own.

    `carry_out` does what an event asks for, or raises Refused; it is called under no lock of ours. `meanwhile` holds
    what shall happen once, just before an event that fits is carried out.
    """

    def __init__(self, store: Store, carry_out: Callable[[Event], None], faults: Faults, *, wait: float) -> None:
        """Take the store; `wait` is how long a row lies there before the program comes to it."""
        self._store, self._carry_out, self._faults, self._wait = store, carry_out, faults, wait
        self.meanwhile: tuple[Callable[[], None], Calls] | None = None
        self._turn = threading.RLock()
        self._ended = threading.Event()
        self._seen: dict[str, float] = {}
        self._died: dict[str, tuple[float, str, str]] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def catch_up(self, *, everything: bool = False) -> int:
        """Let the program come round now, and finish what it left; return how many rows it took."""
        with self._turn:
            self._come_back(time.monotonic() + LATE)
            return self._round(time.monotonic(), everything=everything)

    def _run(self) -> None:
        version = None
        while not self._ended.wait(OFTEN):
            with self._turn:
                found = self._store.query("PRAGMA data_version")
                if found != version or self._seen or self._died:
                    version = found
                    self._come_back(time.monotonic())
                    self._round(time.monotonic())

    def _round(self, now: float, *, everything: bool = False) -> int:
        """Take every row that has lain there long enough, or simply every one."""
        taken = 0
        if self._store.hidden("CMOUT"):
            return taken
        for row in self._store.query(f"SELECT {_COLUMNS} FROM CMOUT WHERE STATUS = 'N' ORDER BY rowid"):
            cells: list[Any] = [part.strip() if isinstance(part, str) else part for part in row]
            event = Event(*cells)
            due = self._seen.setdefault(event.id, now + self._wait)
            if now < due and not everything:
                continue
            if self._claim(event):
                taken += 1
                self._take(event)
        return taken

    def _claim(self, event: Event) -> bool:
        """Take a row for oneself: the program may be at work twice."""
        with self._store.writing():
            mine = self._store.query("SELECT 1 FROM CMOUT WHERE EVENTID = ? AND STATUS = 'N'", event.id)
            self._store.query("UPDATE CMOUT SET STATUS = 'P' WHERE EVENTID = ? AND STATUS = 'N'", event.id)
        return bool(mine)

    def _take(self, event: Event) -> None:
        fault = self._faults.take(PATH + event.kind, "POST")
        if fault and fault.kind == "slow":
            self._seen[event.id] = time.monotonic() + fault.seconds
            return self._say(event, "N", "")
        self._seen.pop(event.id, None)
        self._happen_before(event)
        if fault and fault.kind == "status":
            return self._say(event, "E", f"status {fault.status}: the program did not carry it out")
        if fault and fault.kind in DIED:
            return self._die(event, fault)
        return self._say(event, *self._outcome(event))

    def _outcome(self, event: Event) -> tuple[str, str]:
        try:
            self._carry_out(event)
        except Refused as refused:
            return "E", str(refused)[:200]
        return "D", ""

    def _die(self, event: Event, fault: Fault) -> None:
        """Leave the row as the fault has it, and remember what is true."""
        undone = ("E", f"{fault.kind}: the program ended before it carried it out")
        truth = undone if fault.kind in UNDONE else self._outcome(event)
        self._died[event.id] = (time.monotonic() + LATE, *truth)
        if fault.kind in NONSENSE:
            self._say(event, "?", "<html>" if fault.kind == "html" else "\ufffd\ufffd")

    def _come_back(self, now: float) -> None:
        for id, (due, status, message) in list(self._died.items()):
            if due <= now:
                del self._died[id]
                self._store.query("UPDATE CMOUT SET STATUS = ?, MSG = ? WHERE EVENTID = ?", status, message, id)

    def _happen_before(self, event: Event) -> None:
        """Let what waits for this event happen; the program takes other rows meanwhile."""
        if not self.meanwhile or not self.meanwhile[1].fits("POST", PATH + event.kind):
            return
        act, self.meanwhile = self.meanwhile[0], None
        other = threading.Thread(target=act, daemon=True)
        other.start()
        while other.is_alive() and not self._ended.is_set():
            self._round(time.monotonic())
            other.join(OFTEN)
        self._round(time.monotonic())

    def _say(self, event: Event, status: str, message: str) -> None:
        self._store.query("UPDATE CMOUT SET STATUS = ?, MSG = ? WHERE EVENTID = ?", status, message, event.id)


_COLUMNS: Final = "EVENTID, EVTYPE, COMPANY, CUSTNO, DOCKEY, CODE, DUEDATE8, AMOUNT, CURR, TEXT"


def settings(events: tuple[str, ...], look: float) -> dict[str, Any]:
    """Return the settings of a connection that writes by this program."""
    return {"staging.table": "CMOUT", "staging.events": ", ".join(events), "staging.look_seconds": str(look)}

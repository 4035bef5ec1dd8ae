"""What every program answers: who is asking, and what time it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.codes import COMPANY, USER


def _current_user(asked: Asked) -> Iterator[Record]:
    yield {"TEID": "DUEHOOK_TST", "USER": USER, "PRUS": "duehook"}


def _user_info(asked: Asked) -> Iterator[Record]:
    yield {
        "ZZUSID": USER, "ZDCONO": COMPANY, "ZDDIVI": str(asked.site.options["division"]), "ZDFACI": "A01",
        "ZZWHLO": "001", "ZDREPF": "0", "ZDLANC": "GB", "ZDDTFM": str(asked.site.options["date_format"]),
        "DSEP": "/", "TSEP": ":", "TIZO": "UTC", "USFN": "Duehook",
    }  # fmt: skip


def _server_time(asked: Asked) -> Iterator[Record]:
    at = asked.site.clock()
    yield {"DATE": f"{at:%Y%m%d}", "TIME": f"{at:%H%M%S}", "LMTS": str(asked.site.now)}


def _build(asked: Asked) -> Iterator[Record]:
    yield {"VERS": "16", "PTFS": "1", "MBLD": "20200601", "SYID": "M3BE", "PGNM": asked.program}


def _message(asked: Asked) -> Iterator[Record]:
    yield {"MSGT": f"{asked.get('MSID')} {asked.get('PARM')}".strip()}


EVERY: Final[Mapping[str, Handler]] = {
    "GetCurrentUser": _current_user,
    "GetUserInfo": _user_info,
    "GetServerTime": _server_time,
    "GetMIBuild": _build,
    "GetMessageText": _message,
}

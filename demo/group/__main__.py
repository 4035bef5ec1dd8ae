"""Run the group's demonstration: `python -m demo.group`. It ends by itself; the exit code is 0 when all of it held."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from demo.play import SUPERVISOR
from duehook.core.ops import logs
from duehook.core.runs.go_live import go_live
from duehook.core.runs.health.worklist import Work
from duehook.core.runs.parties import Told

from .play import GroupPlay
from .stage import ERPS, set_stage

FOLDER: Final = Path("build/demo-group")
DAYS: Final = 5
SHOWN: Final = 8
WORDS: Final = {"vat_id": "VAT id", "duns": "DUNS number", "bank_account": "bank account", "name": "name and place"}


def main() -> int:
    """Play, show, and return 0 when everything held."""
    logs.configure("error")
    sizes = ", ".join(f"{name} with {each['customers']} customers" for name, each in ERPS.items())
    print(f"Drawing three ERPs: {sizes} …", flush=True)
    stage = set_stage(FOLDER)
    try:
        faults = _play(GroupPlay(stage))
    finally:
        stage.close()
    print("\n".join([*(f"DID NOT HOLD: {fault}" for fault in faults)] or ["Everything held."]))
    return 1 if faults else 0


def _play(played: GroupPlay) -> list[str]:
    """Play the days, show what came of them, and say what did not hold."""
    played.read()
    go_live(played.stage.site, played.context(SUPERVISOR), first_run_notices=200)
    matches = played.find_parties()
    played.decide(matches)
    for number in range(1, DAYS + 1):
        played.next_day()
        if number < DAYS:  # the last day's proposals are left for the list of work
            print(f"  day {number}  {played.today:%a %d %b}  {played.send():>4} mails", flush=True)
    joined = played.work()
    lines = [{*each.members} for each in joined]
    one = next(each for each in matches if {each.one, each.other} in lines)  # of two ERPs: of three it would stay one
    played.undo(one)
    apart = played.work()
    print(_told(matches, joined), flush=True)
    return [*_unmatched(matches), *_faults(played, joined, apart=apart, undone=one)]


def _told(matches: Sequence[Told], work: Sequence[Work]) -> str:
    said = Counter(" and ".join(WORDS[kind] for kind in match.evidence) for match in matches)
    confirmed = sum("vat_id" in match.evidence for match in matches)
    lines = ["", f"  Matches         {len(matches)}: {', '.join(f'{many} by {words}' for words, many in said.items())}"]
    lines += [
        f"                  {confirmed} confirmed by the supervisor, {len(matches) - confirmed} wait for a person",
        "",
    ]
    several = [each for each in work if len(each.members) > 1]
    whole = sum(len({member.partition("/")[0] for member in each.members}) == len(ERPS) for each in several)
    told = f"{len(work)} debtors, {len(several)} of them in several ERPs, {whole} in all; the first of these:"
    lines += [f"  Work            {told}", ""]
    for each in several[:SHOWN]:
        waits = ", ".join(f"{many} {kind}" for kind, many in each.waits.items())
        owed = ", ".join(f"{amount:,} {currency}" for currency, amount in each.overdue.items())
        lines.append(f"  {each.party:<22}{' + '.join(each.members):<42}{waits:<24}{owed}")
    return "\n".join([*lines, ""])


def _unmatched(matches: Sequence[Told]) -> list[str]:
    """Name the ERPs of which no debtor was found in another one by its VAT id."""
    by_vat = [each for each in matches if "vat_id" in each.evidence]
    seen = {name.partition("/")[0] for each in by_vat for name in (each.one, each.other)}
    return [f"no VAT id of {name} is known to another ERP" for name in ERPS if name not in seen]


def _faults(played: GroupPlay, joined: Sequence[Work], *, apart: Sequence[Work], undone: Told) -> list[str]:
    twice = [key for key, times in played.stage.catcher.caught.items() if times > 1]
    members = {undone.one, undone.other}
    checks = {
        "a balance differs from an ERP's": played.ours() != played.theirs(),
        f"tie-outs did not balance: {', '.join(played.unbalanced)}": bool(played.unbalanced),
        "no debtor of several ERPs is on the list of work": not any(len(each.members) > 1 for each in joined),
        "a match that was undone is still one line": any(members <= {*each.members} for each in apart),
        "no mail went out": not played.stage.catcher.caught,
        f"caught twice: {', '.join(twice)}": bool(twice),
    }
    return [words for words, broken in checks.items() if broken]


if __name__ == "__main__":
    sys.exit(main())

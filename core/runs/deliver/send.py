"""Send what is queued: claim, gate, make, archive, mark, hand over, settle; each step committed alone.

A process that dies before `sending` leaves a row that is claimed again when its lease is over; one
that dies after it leaves a row that `settle_stalled` puts in doubt. Nothing is ever handed over twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from duehook.core.books.store.delivery import outbox, sending
from duehook.core.books.store.delivery.outbox import Entry
from duehook.core.errors import BadRecord, DuehookError
from duehook.core.hookspecs import Sent
from duehook.core.redaction import redact

from .gate import Batch, Verdict, judge, read_batches
from .letter import LETTER, Going, Made, Parties, addresses, make, read_parties
from .outcome import notice_ended, notice_in_doubt, notice_sent, person_needed
from .queue import NOTICE
from .round import Round

BATCH: Final = 500
BACKOFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
COMPLETED_AGAIN: Final = timedelta(hours=1)
DIED: Final = "the process ended while it was being handed over"


def send_notices(round_: Round, *, most: int | None = None) -> None:
    """Send the notices that are due, in batches of at most 500, until none is left or the round is stopped."""
    left = most
    while (left is None or left > 0) and not round_.is_stopped:
        size = BATCH if left is None else min(BATCH, left)
        with round_.books.write() as tx:
            entries = outbox.claim(tx, round_.worker, round_.now, kinds={NOTICE}, most=size)
        if not entries:
            return
        if left is not None:
            left -= len(entries)
        _send_batch(round_, entries)


def settle_stalled(round_: Round) -> None:
    """Put notices in doubt whose worker died between marking and settling them."""
    while True:
        with round_.books.write() as tx:
            entries = outbox.claim_stalled(tx, round_.worker, round_.now, kinds={NOTICE}, most=BATCH)
            for entry in entries:
                paper = entry.payload.get("channel") == LETTER
                notice_in_doubt(tx, round_.context, entry=entry, why=DIED, paper=paper)
        if not entries:
            return
        round_.report.in_doubt += len(entries)


def _send_batch(round_: Round, entries: Sequence[Entry]) -> None:
    with round_.books.read() as tx:
        batches = read_batches(tx, entries)
    for batch in batches:
        verdicts = judge(round_, batch)
        for number, verdict in verdicts.items():
            if verdict.what != "pass":
                _stop(round_, batch.entries[number], verdict)
        for going in _goings(round_, batch, verdicts):
            if round_.is_stopped:
                _give_back(round_, entries)
                return
            _send(round_, going)


def _give_back(round_: Round, entries: Sequence[Entry]) -> None:
    """Let whoever comes next have what was claimed and not begun."""
    with round_.books.write() as tx:
        outbox.release(tx, entries, round_.worker)


def _stop(round_: Round, entry: Entry, verdict: Verdict) -> None:
    """Cancel a notice or let it wait, as the gate said."""
    with round_.books.write() as tx:
        if verdict.what == "cancel":
            notice_ended(tx, round_.context, entry=entry, state="cancelled", why=verdict.why)
            round_.report.cancelled += 1
        else:
            assert verdict.until is not None
            outbox.postpone(tx, entry, verdict.until, outcome=redact(verdict.why))
            round_.report.held += 1
            round_.report.unreachable += verdict.unasked
    _say(round_, entry, verdict.why)


def _goings(round_: Round, batch: Batch, verdicts: Mapping[int, Verdict]) -> list[Going]:
    """Give the notices that pass their numbers, for good, and read who they go to, as they were queued."""
    passing = [number for number in batch.entries if verdicts[number].what == "pass"]
    if not passing:
        return []
    with round_.books.write() as tx:
        rows = [batch.notices[number] for number in passing]
        named = sending.numbers_of(tx, rows, f"{batch.company}-")
        parties = read_parties(tx, batch.company, rows)
    return [_going(round_, batch, verdicts[number], (named[number], parties), number=number) for number in passing]


def _going(round_: Round, batch: Batch, verdict: Verdict, given: tuple[str, Parties], *, number: int) -> Going:
    row = batch.notices[number]
    named, parties = given
    debtor = (row.connection, row.debtor)
    return Going(
        batch.entries[number],
        row,
        batch.lines[number],
        batch.policies[row.policy_hash],
        named,
        letter_on=round_.today(batch.company),
        data_at=verdict.data_at or round_.now,
        test=round_.is_test(batch.company, row.debtor),
        customer=parties.customers.get(debtor),
        erp_company=parties.creditors[row.connection],
        recipients=addresses(parties.contacts.get(debtor, ())),
    )


def _send(round_: Round, going: Going) -> None:
    entry = going.entry
    try:
        made = make(round_, going)
        round_.outside.channel(made.channel)  # opened before anything is marked as on its way
        round_.outside.target(going.notice.connection)  # what follows the letter is written there
    except BadRecord as error:
        _fail(round_, entry, error.message)
        return
    except DuehookError as error:
        _hold_incomplete(round_, entry, error)
        return
    except Exception as error:  # noqa: BLE001 - one letter that cannot be made must not keep the others back
        _fail(round_, entry, f"it could not be made: {type(error).__name__}: {error}")
        return
    digest = round_.outside.archive.put(made.message.content)
    if _mark(round_, going, made, digest):
        _settle(round_, going, made, _hand_over(round_, made))


def _fail(round_: Round, entry: Entry, why: str) -> None:
    """End a notice that can never be made as it is."""
    with round_.books.write() as tx:
        notice_ended(tx, round_.context, entry=entry, state="failed", why=why)
    round_.report.failed += 1
    _say(round_, entry, why)


def _mark(round_: Round, going: Going, made: Made, digest: str) -> bool:
    """Commit that the notice goes out now; False when somebody else has it."""
    more = {"channel": made.channel, "test": going.test, "number": going.number}
    with round_.books.write() as tx:
        begun = outbox.begin_sending(
            tx,
            going.entry,
            round_.worker,
            now=round_.now,
            archive_sha=digest,
            message_id=made.message.id,
            more=more,
        )
        if begun:
            sent_to = {"recipients": list(made.message.recipients), "archive_sha": digest}
            if not sending.move(tx, going.notice.id, sent_to, of=["approved"]):
                tx.rollback()  # somebody cancelled it after the gate
                return False
        return begun


def _hand_over(round_: Round, made: Made) -> Sent:
    """Hand over once; whatever breaks in the channel leaves the notice in doubt."""
    try:
        return round_.outside.channel(made.channel).send(made.message)
    except Exception as error:  # noqa: BLE001 - a channel is foreign code, and the mail may be out
        return Sent("in_doubt", f"the channel {made.channel} broke: {type(error).__name__}: {error}")


def _settle(round_: Round, going: Going, made: Made, sent: Sent) -> None:
    report, context = round_.report, round_.context
    with round_.books.write() as tx:
        entry = outbox.get(tx, going.entry.id)
        if sent.outcome == "retry":
            _try_again(tx, round_, entry, sent.message)
        elif sent.outcome == "sent" or (going.test and made.channel == LETTER and sent.outcome == "in_doubt"):
            report.sent += notice_sent(tx, context, round_.outside, entry=entry, outcome=sent.message)
        elif sent.outcome == "failed":
            notice_ended(tx, context, entry=entry, state="failed", why=sent.message)
            report.failed += 1
        else:
            paper = made.channel == LETTER
            notice_in_doubt(tx, context, entry=entry, why=sent.message, paper=paper)
            report.to_post += paper
            report.in_doubt += not paper
        if made.fallback and not going.test:
            why = f"{made.fallback}; it was made as a letter. Fix: add a contact with the purpose dunning."
            person_needed(tx, context, entry=entry, kind="no_address", why=why)
    if sent.outcome != "sent":
        _say(round_, entry, sent.message)


def _try_again(tx: Connection, round_: Round, entry: Entry, why: str) -> None:
    """Let a notice that certainly did not go out wait, longer each time, and fail it at last."""
    if entry.attempts > len(BACKOFF):
        notice_ended(tx, round_.context, entry=entry, state="failed", why=f"{entry.attempts} attempts: {why}")
        round_.report.failed += 1
    else:
        outbox.postpone(tx, entry, round_.now + BACKOFF[entry.attempts - 1], outcome=redact(why))
        round_.report.retried += 1


def _hold_incomplete(round_: Round, entry: Entry, error: DuehookError) -> None:
    """Hold a notice that the site's settings, wordings or ERP do not let out yet."""
    with round_.books.write() as tx:
        if outbox.postpone(tx, entry, round_.now + COMPLETED_AGAIN, outcome=redact(str(error))):
            person_needed(tx, round_.context, entry=entry, kind="notice_held", why=f"held: {error}")
    round_.report.held += 1
    _say(round_, entry, str(error))


def _say(round_: Round, entry: Entry, why: str) -> None:
    round_.report.reasons.append(f"{entry.company}/{entry.customer}: {redact(why)}")

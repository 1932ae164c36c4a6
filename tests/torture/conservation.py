"""The one check after every run: the company's books against ours, and ours against themselves."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from hotline.telephony import inbound
from hotline.telephony.inbound import Kind
from hotline.telephony.spool import count_put_aside
from hotline.tickets import ledger_check
from models import (
    Call,
    Callback,
    CallbackKind,
    CallState,
    Channel,
    MessageStatus,
    OutboxDoubt,
    OutboxMessage,
    Recording,
    Ticket,
    Webhook,
    db,
)
from tests.torture.house import House
from tests.torture.provider import Provider

OURS = ("us", "fallback")
LEFT = (MessageStatus.SENT, MessageStatus.DELIVERED)


@dataclass(frozen=True)
class Line:
    """One law of conservation: over how many things it was asked, and which of them broke it."""

    law: str
    asked: int
    broken: tuple[str, ...]

    def __str__(self) -> str:
        some = f"  {', '.join(self.broken[:3])}" if self.broken else ""
        return f"{self.law:<66}{self.asked:>8}{len(self.broken):>8}{some}"


def check(provider: Provider, house: House, *, answered_within: float = 15.0) -> list[Line]:
    """Every law, within the application of `house`; those that hold are in the table too."""
    db.session.rollback()
    return [
        *_calls(provider),
        *_tickets(),
        *_messages(provider),
        *_kept(provider, house),
        *_ledgers(),
        *_answers(provider, answered_within),
    ]


def broken(table: Iterable[Line]) -> list[Line]:
    return [line for line in table if line.broken]


def told(table: Iterable[Line]) -> str:
    head = f"{'law':<66}{'asked':>8}{'broken':>8}"
    return "\n".join([head, *map(str, table)])


def _calls(provider: Provider) -> list[Line]:
    theirs = [call.sid for call in provider.all_calls()]
    ours = list(db.session.scalars(sa.select(Call.call_ref).where(Call.provider == "twilio")))
    recordings = list(db.session.scalars(sa.select(Recording.recording_ref)))
    unended = sa.select(Call.call_ref).where(Call.state != CallState.ENDED)
    return [
        same("each call of the company is one of ours, once", theirs, ours),
        same("each recording is known, once", provider.books.made_recordings, recordings),
        Line("each call has ended", len(ours), tuple(db.session.scalars(unended))),
    ]


def _tickets() -> list[Line]:
    calls = dict(db.session.execute(sa.select(Call.call_ref, Call.ticket_id)).tuples().all())
    tickets = list(db.session.scalars(sa.select(Ticket.id)))
    of_calls = list(calls.values())
    missed = sa.select(Call.ticket_id).where(Call.answered_at.is_(None), Call.number != "")
    promises = sa.select(Callback.ticket_id).where(Callback.kind == CallbackKind.RETURN_CALL)
    owed, promised = set(db.session.scalars(missed)), list(db.session.scalars(promises))
    return [
        same("each call has one ticket, each ticket one call", of_calls, tickets),
        same("each missed call is promised one ring", owed, promised),
    ]


def _messages(provider: Provider) -> list[Line]:
    """Every message of ours is at the company once; or it is flagged, and then at most once."""
    rows = db.session.execute(
        sa.select(OutboxMessage.address, OutboxMessage.body, OutboxMessage.status).where(
            OutboxMessage.channel == Channel.SMS
        )
    ).all()
    ours = Counter((row.address, row.body) for row in rows)
    sent = Counter((one.to, one.text.partition("】")[2]) for one in provider.books.messages())
    flagged = {(r.address, r.body) for r in rows if r.status is MessageStatus.UNKNOWN}
    twice = [what[0] for what, number in sent.items() if number > ours[what]]
    unsent = [
        what[0] for what, number in ours.items() if sent[what] < number and what not in flagged
    ]
    stuck = [r.address for r in rows if r.status not in (*LEFT, MessageStatus.UNKNOWN)]
    return [
        Line("each message promised is at the company, or flagged", len(rows), tuple(unsent)),
        Line("no message is at the company twice, or unknown to us", sent.total(), tuple(twice)),
        Line("no message is left between", len(rows), tuple(stuck)),
    ]


def doubtful() -> dict[str, int]:
    """Messages whose sending was cut off, and those of them that are left to a person."""
    ids = sa.select(sa.func.count(sa.distinct(OutboxDoubt.message_id)))
    left = sa.select(sa.func.count()).where(OutboxMessage.status == MessageStatus.UNKNOWN)
    return {
        "cut off": db.session.scalar(ids) or 0,
        "left to a person": db.session.scalar(left) or 0,
    }


def _kept(provider: Provider, house: House) -> list[Line]:
    """What we answered well is ours to keep, before anybody reconciles anything."""
    promised = {
        inbound.parse(Kind(one.route), _lists(one.fields), _query(one.query)).event_key
        for one in provider.books.acknowledged
        if one.route != Kind.FALLBACK
    }
    kept = list(db.session.scalars(sa.select(Webhook.event_key)))
    waiting = [path.name for path in (house.data_dir / "spool").glob("*.json")]
    aside = count_put_aside(house.data_dir / "spool")
    return [
        Line("each request we answered is kept", len(promised),
             tuple(sorted(promised - set(kept)))),
        Line("each kept request is understood", len(kept), tuple(_unread(provider))),
        Line("nothing waits on the disk", len(waiting), tuple(waiting)),
        Line("nothing on the disk is put aside", aside, ("put aside",) * aside),
    ]  # fmt: skip


def _unread(provider: Provider) -> Iterator[str]:
    """What nobody could read, but for the receipts of messages of which we know that we do not
    know whether they left.
    """
    unread = sa.select(Webhook).where(Webhook.interpreted_at.is_(None))
    unsure = OutboxMessage.status == MessageStatus.UNKNOWN
    flagged = set(db.session.scalars(sa.select(OutboxMessage.address).where(unsure)))
    to = {one.sid: one.to for one in provider.books.messages()}
    for row in db.session.scalars(unread):
        if row.kind != Kind.SMS or to.get(row.form["MessageSid"]) not in flagged:
            yield row.event_key


def _ledgers() -> list[Line]:
    ids = list(db.session.scalars(sa.select(Ticket.id)))
    differing = [one.number for some in _portions(ids) for one in ledger_check.differences(some)]
    return [Line("the ledger of holds is the age of each ticket", len(ids), tuple(differing))]


def _answers(provider: Provider, within: float) -> list[Line]:
    heard = provider.books.heard
    invalid = tuple(f"{one.route} by {one.by}" for one in heard if not one.is_valid)
    ours = [one for one in heard if one.by in OURS]
    late = tuple(f"{one.route} {one.seconds:.1f} s" for one in ours if one.seconds > within)
    return [
        Line("each caller heard valid TwiML", len(heard), invalid),
        Line(f"within {within:g} seconds, where we answered", len(ours), late),
    ]


def same(law: str, theirs: Collection, ours: Collection) -> Line:
    """Each of `theirs` is among `ours` once, and nothing else is."""
    expected, found = Counter(theirs), Counter(ours)
    for key in expected:
        expected[key] = 1
    missing = [f"missing {key}" for key in expected - found]
    return Line(law, len(expected), tuple(missing + [f"too many {k}" for k in found - expected]))


def _portions(ids: list[int], size: int = 500) -> Iterable[list[int]]:
    return (ids[place : place + size] for place in range(0, len(ids), size))


def _lists(fields: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    return {name: [value] for name, value in fields}


def _query(query: str) -> dict[str, list[str]]:
    return {"step": [query.partition("=")[2]]} if query else {}

"""The audit sheet of one ticket in the reader's words: exact times, every clock, every signature.

What this viewer may not know of the caller is hidden as on the ticket page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import floor
from typing import Any

from flask import current_app, g
from flask_babel import gettext as _

from hotline import access, clock, wall_clock
from hotline.audit.pages import amount_of
from hotline.handoffs import clocks
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.sla import deadlines
from hotline.sla.policy_table import Unit
from hotline.template_filters import label, name_of
from hotline.tickets import holds, holds_bar, pages, reading, sheet, timeline
from hotline.tickets.holds_bar import Mark, Segment, Tick
from hotline.tickets.sheet import Kept, between, kept
from hotline.tickets.timeline_words import NOT_SHOWN, Moved
from models import (
    Callback,
    CallbackKind,
    Feedback,
    Handoff,
    HandoffRole,
    Hold,
    Holder,
    How,
    Ticket,
    TicketEvent,
    Urgency,
    db,
)

HOLDERS = {
    Holder.HOTLINE: N_("The hotline"),
    Holder.CALLER: N_("Waiting for the caller"),
    Holder.SUSPENDED: N_("Suspended"),
}
WHY_MOVED = {
    "pause": N_("the clock stood still"),
    "hasten": N_("more urgent"),
    "ease": N_("less urgent"),
    "extension": N_("a later day was granted"),
    "level": N_("a higher level was granted"),
    "calendar": N_("the calendar changed"),
}


@dataclass(frozen=True)
class Stretch:
    """One line of the table of holds."""

    mark: Mark
    holder: str
    began_at: datetime
    ended_at: datetime | None
    wall: timedelta
    business: timedelta


@dataclass(frozen=True)
class Share:
    """What one party had in all."""

    mark: Mark
    holder: str
    wall: timedelta
    business: timedelta
    part: float  # of the whole, by the wall clock


@dataclass(frozen=True)
class Ledger:
    """The bars of a ticket's holds, and what stands below them."""

    wall_bar: Sequence[Segment]
    business_bar: Sequence[Segment]
    ticks: Sequence[Tick]
    stretches: Sequence[Stretch]
    shares: Sequence[Share]
    begin: datetime
    end: datetime
    is_open: bool
    wall: timedelta
    business: timedelta
    closed: timedelta  # in between, charged to nobody

    @property
    def differs_by(self) -> timedelta:
        """By how much the sum of all holds is not the age of the ticket: nothing, ever."""
        return between(self.begin, self.end) - self.closed - self.wall


@dataclass(frozen=True)
class Clock:
    """One limit of a handoff or callback, as a line of a table."""

    name: str
    limit: str
    kept: Kept
    spent: timedelta | None
    stood_still: timedelta
    by_the_wall: bool = False


@dataclass(frozen=True)
class Signature:
    """What one person asked for and another one decided."""

    what: str
    asked_by: str
    signed_by: str
    at: datetime | None


def sheet_of(ticket: Ticket) -> dict[str, Any]:
    """Everything the sheet of `ticket` shows to who is signed in."""
    at, viewer = clock.now(), g.user
    handoffs, promised = sheet.handoffs_of(ticket), sheet.callbacks_of(ticket)
    told, rings = sheet.feedback_of(ticket), sheet.signed_rings_of(ticket)
    names = sheet.names_of(_people(handoffs, promised, told, rings))
    story = timeline.of(ticket, viewer=viewer, handoffs=handoffs, callbacks=promised)
    return {
        "ticket": ticket,
        "title": reading.title_for(viewer, ticket),
        "question": reading.question_for(viewer, ticket),
        "knows_caller": access.may_know_caller(viewer, ticket),
        "is_hotline": has(viewer, Permission.HANDLE_CALLS),
        "ledger": ledger_of(ticket, at),
        "handoffs": handoffs,
        "clocks": {one.id: clocks_of(one, at) for one in handoffs},
        "moves": {one.id: moves_of(one) for one in handoffs},
        "callbacks": promised,
        "promises": {one.id: promise_of(one, at) for one in promised},
        "calls": sheet.calls_of(ticket),
        "told": told,
        "moved_to": _numbers(told),
        "signatures": list(signatures_of(handoffs, told, rings, names)),
        "names": names,
        "story": story[::-1],
        "union": current_app.config["UNION_NAME"],
        "printed_at": at,
        "hidden": lambda text: reading.hidden_for(viewer, text, ticket),
        "hotlines": lambda text: _hotlines(text, ticket),
        "exact": exact,
        "day": lambda at: f"{_local(at):%m-%d}",
        "hour": lambda at: f"{_local(at):%H:%M}",
        "stretch": stretch,
        "between": between,
        "spoken": lambda values: {name: said(value) for name, value in values.items()},
    }


def ledger_of(ticket: Ticket, at: datetime) -> Ledger:
    """Who had `ticket` when, from its opening until it was closed, or until now."""
    rows = holds.of(ticket.id)
    begin, end = ticket.opened_at, ticket.closed_at or at
    known = holds_bar.marks(rows)
    stretches = [_stretch(hold, known[holds_bar.party_of(hold)], end) for hold in rows]
    return Ledger(
        wall_bar=holds_bar.by_the_wall(rows, begin, end),
        business_bar=holds_bar.by_business(rows, end),
        ticks=holds_bar.ticks(begin, end, wall_clock.zone()),
        stretches=stretches,
        shares=_shares(stretches),
        begin=begin,
        end=end,
        is_open=ticket.closed_at is None,
        wall=sum((one.wall for one in stretches), timedelta(0)),
        business=sum((one.business for one in stretches), timedelta(0)),
        closed=holds_bar.closed_in_between(rows),
    )


def _stretch(hold: Hold, mark: Mark, end: datetime) -> Stretch:
    wall = max(between(hold.began_at, hold.ended_at or end), timedelta(0))
    business = timedelta(seconds=round(holds.business_of(hold, end).total_seconds()))
    return Stretch(mark, holder_of(hold), hold.began_at, hold.ended_at, wall, business)


def _shares(stretches: Sequence[Stretch]) -> list[Share]:
    """What each party had, in the order in which they came."""
    whole = sum((one.wall for one in stretches), timedelta(0))
    shares: dict[Mark, Share] = {}
    for one in stretches:
        had = shares.get(one.mark, Share(one.mark, one.holder, timedelta(0), timedelta(0), 0.0))
        wall, business = had.wall + one.wall, had.business + one.business
        shares[one.mark] = Share(one.mark, one.holder, wall, business, 0.0)
    parts = in_thousandths([one.wall / whole if whole else 0.0 for one in shares.values()])
    return [replace(one, part=part) for one, part in zip(shares.values(), parts, strict=True)]


def in_thousandths(parts: Sequence[float]) -> list[float]:
    """Parts of a whole, rounded so that they add up to it: the rest goes to the largest rests."""
    cut = [floor(part * 1000) for part in parts]
    left = round(sum(parts) * 1000) - sum(cut)
    by_rest = sorted(range(len(cut)), key=lambda place: cut[place] - parts[place] * 1000)
    return [(one + (place in by_rest[:left])) / 1000 for place, one in enumerate(cut)]


def holder_of(hold: Hold) -> str:
    """What a party is called."""
    return name_of(hold.department) if hold.department else _(HOLDERS[hold.holder])


def clocks_of(handoff: Handoff, at: datetime) -> list[Clock]:
    """To accept and to answer: until when, when it was, and what of the time counts."""
    over_at = handoff.ended_at if handoff.answered_at is None else None
    by_the_wall = handoff.ticket.urgency is Urgency.CRITICAL
    answer = Clock(
        _("Limit to answer"),
        amount_of(clocks.limit_of(handoff).unit, clocks.limit_of(handoff).amount),
        kept(
            handoff.handle_due_at,
            handoff.answered_at,
            at=at,
            over_at=over_at,
            is_paused=handoff.paused_at is not None,
        ),
        _spent(handoff.handle_seconds, handoff, at),
        timedelta(seconds=handoff.paused_seconds) + _paused_now(handoff, at),
        by_the_wall,
    )
    if handoff.role is not HandoffRole.LEAD or handoff.round > 1:
        return [answer]  # there is nothing to accept
    accept = Clock(
        _("Limit to accept"),
        _allowed(handoff, handoff.accept_due_at),
        kept(handoff.accept_due_at, handoff.accepted_at, at=at, over_at=over_at),
        _spent(handoff.accept_seconds, handoff, at) if _is_accepting(handoff) else None,
        timedelta(0),
        by_the_wall,
    )
    return [accept, answer]


def _allowed(handoff: Handoff, due_at: datetime) -> str:
    """How long there was from the hand-off to `due_at`, counted as what was used is counted."""
    minutes = _counted(handoff, handoff.handed_off_at, due_at) // timedelta(minutes=1)
    by_the_wall = handoff.ticket.urgency is Urgency.CRITICAL
    return amount_of(Unit.MINUTES if by_the_wall else Unit.WORKING_MINUTES, minutes)


def _is_accepting(handoff: Handoff) -> bool:
    return handoff.accept_seconds is not None or handoff.ended_at is None


def _spent(measured: int | None, handoff: Handoff, at: datetime) -> timedelta:
    """What was measured when the clock stopped; what has counted so far while it runs."""
    if measured is not None:
        return timedelta(seconds=measured)
    whole = _counted(handoff, handoff.handed_off_at, at)
    return whole - timedelta(seconds=handoff.paused_seconds) - _paused_now(handoff, at)


def _paused_now(handoff: Handoff, at: datetime) -> timedelta:
    return _counted(handoff, handoff.paused_at, at) if handoff.paused_at else timedelta(0)


def _counted(handoff: Handoff, begin: datetime, end: datetime) -> timedelta:
    by_the_wall = handoff.ticket.urgency is Urgency.CRITICAL
    seconds = deadlines.spent(begin, end, handoff.department, by_the_wall=by_the_wall)
    return timedelta(seconds=seconds)


def moves_of(handoff: Handoff) -> list[tuple[str, str, str]]:
    """Why the limit to answer is not where it began: when, why, from when to when."""
    found = []
    for step in handoff.moves:
        why = WHY_MOVED[step["why"]]
        found.append((_iso(step["at"]), _(why), f"{_iso(step['from'])} → {_iso(step['to'])}"))
    return found


def _iso(text: str) -> str:
    return exact(datetime.fromisoformat(text))


def promise_of(callback: Callback, at: datetime) -> Clock:
    """Whether the caller was rung in time, and how long it took in business time."""
    rung = kept(
        callback.first_due_at,
        callback.first_attempt_at or (callback.ended_at if _was_kept(callback) else None),
        at=at,
        over_at=callback.ended_at,
    )
    seconds = callback.told_seconds if callback.told_seconds is not None else callback.ring_seconds
    spent = None if seconds is None else timedelta(seconds=seconds)
    return Clock(label(callback.kind), "", rung, spent, timedelta(0))


def _was_kept(callback: Callback) -> bool:
    return callback.end is not None and callback.end.value == "kept"


def signatures_of(
    handoffs: Sequence[Handoff],
    told: Sequence[Feedback],
    rings: Sequence[TicketEvent],
    names: dict[int, str],
) -> Iterator[Signature]:
    """Everything that needed a second person."""
    for handoff in handoffs:
        if handoff.return_asked_at:
            yield Signature(
                _("Return refused") if handoff.is_final else _("Return"),
                names.get(handoff.return_asked_by_id or 0, ""),
                names.get(handoff.return_decided_by_id or 0, ""),
                handoff.return_decided_at,
            )
        for asked in handoff.extensions:
            what = _("Higher level") if asked.level else _("Extension")
            yield Signature(
                what if asked.is_granted is not False else _("%(what)s, refused", what=what),
                asked.asked_by.display_name,
                asked.decided_by.display_name if asked.decided_by else "",
                asked.decided_at,
            )
    for ring in rings:
        yield Signature(
            _("Rung in vain: %(kind)s", kind=label(CallbackKind(ring.data["callback_kind"]))),
            names.get(ring.data["asked_by"], ""),
            names.get(ring.actor_id or 0, ""),
            ring.at,
        )
    for row in told:
        if row.asked_by_id:
            yield Signature(
                _("Explained, not satisfied") if row.how is How.IN_CALL else label(row.how),
                names.get(row.asked_by_id, ""),
                names.get(row.signed_by_id or 0, ""),
                row.signed_at,
            )


def _people(
    handoffs: Sequence[Handoff],
    promised: Sequence[Callback],
    told: Sequence[Feedback],
    rings: Sequence[TicketEvent],
) -> Iterator[int | None]:
    for handoff in handoffs:
        yield from (
            handoff.handed_off_by_id,
            handoff.answered_by_id,
            handoff.return_asked_by_id,
            handoff.return_decided_by_id,
        )
    for callback in promised:
        yield callback.exhausted_by_id
    for ring in rings:
        yield from (ring.data["asked_by"], ring.actor_id)
    for row in told:
        yield from (row.asked_by_id, row.signed_by_id)


def _numbers(told: Sequence[Feedback]) -> dict[int, str]:
    """The numbers of the tickets into which this one was merged."""
    ids = [row.moved_to_id for row in told if row.moved_to_id]
    tickets = (db.session.get(Ticket, one) for one in ids)
    return {one.id: one.number for one in tickets if one is not None}


def _hotlines(text: str, ticket: Ticket) -> str:
    """Free text of the hotline, which may name the caller."""
    if not text or access.may_know_caller(g.user, ticket):
        return text
    return _(NOT_SHOWN)


def exact(at: datetime | None) -> str:
    """Day and time to the second, by the clock on the wall."""
    return f"{_local(at):%Y-%m-%d %H:%M:%S}" if at else ""


def _local(at: datetime) -> datetime:
    return at.astimezone(wall_clock.zone())


def stretch(span: timedelta | None) -> str:
    """A length of time to the second: 26:15:07."""
    if span is None:
        return ""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def said(value: Any) -> str:
    """A value of the story in the reader's words; instants exactly."""
    if isinstance(value, Moved):
        return f"{said(value.before)} → {said(value.after)}"
    return exact(value) if isinstance(value, datetime) else pages.said(value)

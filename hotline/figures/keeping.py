"""Keeping the figures of days that are over, and looking whether they still fit their rows.

Reading takes long and writing a moment, so a day is counted outside the transaction that keeps it.
Nothing is lost in between: what is written meanwhile has left a note (`touched`), and the notes
are swept in turns, each of which makes a count that began before it worthless.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import and_, delete, func, or_, select

from hotline import turns
from hotline.calendars.chinese import ZONE
from hotline.figures import counting, kept, touched
from hotline.figures.kept import CUTS, HOUR, Cut
from hotline.figures.packing import Key, Line, Packed, Pool, pack, unpack
from hotline.figures.period import ONE_DAY, Period
from hotline.figures.sources import By, Scope
from hotline.i18n import N_
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from models import Call, Counter, FigureDay, Ticket, db

TURN = "figures_kept"


def sweep_touched(limit: int) -> int:
    """Throw away the days that `limit` notes are about; return how many notes there were."""
    turns.take(TURN)
    notes = touched.notes(limit)
    if not notes:
        return 0
    days = touched.days_of([one.ticket_id for one in notes])
    days |= {one.day for one in notes if one.day is not None}
    throw_away(days)
    touched.forget(one.id for one in notes)
    return len(notes)


def throw_away(days: set[date]) -> None:
    """Keep nothing of these days: they are counted live until they are kept anew."""
    db.session.execute(delete(FigureDay).where(FigureDay.day.in_(days)))
    db.session.merge(Counter(name=TURN, value=turn() + 1))
    db.session.flush()


def turn() -> int:
    """How often days were thrown away until now."""
    return db.session.scalar(select(Counter.value).where(Counter.name == TURN)) or 0


def missing(at: datetime, limit: int) -> list[date]:
    """Up to `limit` days that are over and not kept as the questions are now, the latest first."""
    began = [
        db.session.scalar(select(func.min(one))) for one in (Ticket.opened_at, Call.started_at)
    ]
    first = min((one for one in began if one is not None), default=at)
    there: set[date] = set(kept_days())
    found: list[date] = []
    day = at.astimezone(ZONE).date() - ONE_DAY
    while day >= first.astimezone(ZONE).date() and len(found) < limit:
        if day not in there:
            found.append(day)
        day -= ONE_DAY
    return found


def kept_days() -> Sequence[date]:
    """The days of which everything is kept, as the questions are now."""
    made = (and_(FigureDay.by == name, FigureDay.made_of == kept.made_of(name)) for name in CUTS)
    found = select(FigureDay.day).where(or_(*made)).group_by(FigureDay.day)
    return db.session.scalars(found.having(func.count() == len(CUTS)).order_by(FigureDay.day)).all()


def count(day: date, at: datetime) -> list[FigureDay]:
    """All that is to be kept of a day, counted now; `at` is after its end."""
    scope = Scope(Period(day, day), None, at)
    return [
        _row(day, cut, pack(_lines(scope, cut), cut.counts, cut.clocks)) for cut in CUTS.values()
    ]


def keep(rows: Sequence[FigureDay], as_of: int) -> bool:
    """Keep what `count` found; False, and nothing, when days were thrown away since `as_of`."""
    turns.take(TURN)
    if turn() != as_of:
        return False
    db.session.execute(delete(FigureDay).where(FigureDay.day.in_({row.day for row in rows})))
    db.session.add_all(rows)
    return True


def fits(day: date, at: datetime) -> bool:
    """Whether what was kept of a day is what its rows say."""
    stored = {row.by: row for row in db.session.scalars(select(FigureDay).filter_by(day=day))}
    return all(
        _unpacked(CUTS[row.by], row) == _unpacked(CUTS[row.by], stored[row.by])
        for row in count(day, at)
    )


def report(day: date, *, at: datetime) -> None:
    """Tell the supervisors that figures of theirs may have been wrong."""
    for person in recipients.supervisors():
        outbox.notify(
            person,
            text=N_("The kept figures of %(day)s did not fit their rows; they are counted anew."),
            at=at,
            dedupe_key=f"kept_figures_differ:{day}:{at.isoformat()}",
            day=day.isoformat(),
        )


def _lines(scope: Scope, cut: Cut) -> dict[Key, Line]:
    if cut is HOUR:
        hours = counting.calls_by_hour(scope).items()
        return {
            kept.hour_key(department_id, at.hour): Line(Tally(calls=number))
            for (department_id, at), number in hours
        }
    pool = Pool(cut.counts, cut.clocks)
    counting.into(pool, scope, By(cut.name))
    return pool.lines()


def _row(day: date, cut: Cut, packed: Packed) -> FigureDay:
    return FigureDay(
        day=day,
        by=cut.name,
        made_of=kept.made_of(cut.name),
        keys=list(packed.keys),
        counts=packed.counts,
        lengths=packed.lengths,
        seconds=packed.seconds,
    )


def _unpacked(cut: Cut, row: FigureDay) -> dict[Key, Line]:
    packed = Packed(row.keys, row.counts, row.lengths, row.seconds)
    return unpack(packed, cut.counts, cut.clocks)

"""Handing a shift over (交接班): signed by the one, taken over by the other, frozen as it was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import joinedload

from hotline import access, turns
from hotline.accounts import roster
from hotline.accounts import service as accounts
from hotline.audit import service as audit
from hotline.callbacks import end_of_duty
from hotline.errors import Forbidden, NotFound, TransitionRefused
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.rhythm import sheet_lines
from hotline.sla import policies
from models import Callback, SheetLine, ShiftSheet, Ticket, User, db

PAGE = 30


def draft(user: User, *, at: datetime) -> ShiftSheet:
    """The sheet as `user` would sign it now; nothing is written."""
    until = sheet_lines.next_end(user, at)
    lines = sheet_lines.of(user, until=until, at=at)
    return ShiftSheet(from_id=user.id, signed_at=at, until_at=until, note="", lines=lines)


def sign(user: User, note: str, *, at: datetime) -> ShiftSheet:
    """Hand over: freeze what is owed until the next shift ends, and tell who may take it over.

    The work stays with `user` until somebody takes it. Raises TransitionRefused while an earlier
    sheet of the same person waits.
    """
    _take_turn(user.id)
    if waiting_of(user) is not None:
        raise TransitionRefused(N_("Your sheet waits already: take it back first."))
    sheet = freeze(user, note, at=at)
    _written("sign_sheet", sheet, user, at, lines=len(sheet.lines))
    outbox.notify_all(
        _who_may_come(user, at),
        N_("%(name)s has signed the hand-over sheet: it waits to be taken over."),
        at=at,
        dedupe_key=f"sheet:{sheet.id}",
        name=user.display_name,
        channels=(),
    )
    return sheet


def freeze(user: User, note: str, *, at: datetime) -> ShiftSheet:
    """The sheet of `user` as it stands at `at`, kept; nobody is told."""
    sheet = draft(user, at=at)
    sheet.signed_by, sheet.note = user, note.strip()
    db.session.add(sheet)
    db.session.flush()
    return sheet


def take(sheet: ShiftSheet, *, actor: User, at: datetime) -> int:
    """`actor` takes over: what the other still holds of it is theirs now. Return how much it was.

    Raises Forbidden for one's own sheet, TransitionRefused when it is no longer there to be taken.
    """
    if sheet.from_id == actor.id:
        raise Forbidden(N_("Somebody else takes your sheet over."))
    if not accounts.takes_calls(actor):
        raise Forbidden
    sheet = _still_waiting(sheet)
    giver = sheet.signed_by
    passed = [line for line in sheet.lines if line.is_passed_on]
    count = end_of_duty.take_over(
        giver,
        actor,
        ticket_ids={line.ticket_id for line in passed if line.callback_id is None},
        callback_ids={line.callback_id for line in passed if line.callback_id is not None},
        at=at,
    )
    sheet.taken_at, sheet.taken_by_id = at, actor.id
    _written("take_sheet", sheet, actor, at, passed_on=count)
    outbox.notify(
        giver,
        N_("%(name)s has taken your hand-over sheet over."),
        at=at,
        dedupe_key=f"sheet:{sheet.id}:taken",
        name=actor.display_name,
        channels=(),
    )
    return count


def withdraw(sheet: ShiftSheet, *, actor: User, at: datetime) -> None:
    """Who has signed takes it back, as long as nobody has taken it over."""
    if sheet.from_id != actor.id:
        raise TransitionRefused(N_("Who has signed it takes it back."))
    sheet = _still_waiting(sheet)
    sheet.withdrawn_at = at
    _written("withdraw_sheet", sheet, actor, at)


def is_waited_for(user: User, ended_at: datetime, at: datetime) -> bool:
    """Whether the sheet of `user`, whose duty ended at `ended_at`, may still find its taker."""
    sheet = waiting_of(user)
    if sheet is None:
        return False
    return at < max(ended_at, sheet.signed_at) + policies.span("take_over_minutes")


def let_go(user: User, *, at: datetime) -> int:
    """Nobody took over from `user`: everything goes to the pool, and whoever leads hears of it.

    Returns how much it was.
    """
    _take_turn(user.id)
    sheet = waiting_of(user)
    count = end_of_duty.release_all(user, at=at, because="end_of_duty")
    if sheet is not None:
        sheet.pooled_at = at
        _written("pool_sheet", sheet, None, at, passed_on=count)
    if count:
        outbox.notify_all(
            recipients.leaders(at),
            N_("Nobody took over from %(name)s: %(count)d went to the pool."),
            at=at,
            dedupe_key=f"nobody_took_over:{user.id}:{at.isoformat()}",
            name=user.display_name,
            count=count,
            channels=(),
        )
    return count


def waiting_of(user: User) -> ShiftSheet | None:
    """The sheet that `user` has signed and nobody has taken over yet."""
    found = select(ShiftSheet).where(ShiftSheet.from_id == user.id, _waits())
    return db.session.scalar(turns.anew(found.order_by(ShiftSheet.id.desc()).limit(1)))


def waiting_for(user: User) -> Sequence[ShiftSheet]:
    """The sheets of others that `user` may take over, the one signed first first."""
    found = _shown().where(ShiftSheet.from_id != user.id, _waits())
    return db.session.scalars(found.order_by(ShiftSheet.signed_at, ShiftSheet.id)).all()


def earlier(*, before: int | None = None) -> Sequence[ShiftSheet]:
    """A page of sheets that wait no more, the newest first, older than the sheet `before`."""
    found = _shown().where(~_waits())
    if before is not None:
        found = found.where(ShiftSheet.id < before)
    return db.session.scalars(found.order_by(ShiftSheet.id.desc()).limit(PAGE)).all()


def get(sheet_id: int) -> ShiftSheet:
    """The sheet with this id. Raises NotFound."""
    sheet = db.session.scalar(_shown().where(ShiftSheet.id == sheet_id))
    if sheet is None:
        raise NotFound
    return sheet


def lines_of(sheet: ShiftSheet, *, viewer: User) -> Sequence[SheetLine]:
    """The lines as `viewer` may read them, with all that tells what became of each."""
    found = (
        select(SheetLine)
        .join(SheetLine.ticket)
        .where(SheetLine.sheet_id == sheet.id, access.visible(viewer))
        .options(
            joinedload(SheetLine.ticket).joinedload(Ticket.owner).lazyload(User.role_rows),
            joinedload(SheetLine.ticket).joinedload(Ticket.department),
            joinedload(SheetLine.callback).joinedload(Callback.owner).lazyload(User.role_rows),
            joinedload(SheetLine.recording),
        )
        .order_by(SheetLine.id)
    )
    return db.session.scalars(found).all()


def _waits() -> ColumnElement[bool]:
    return and_(
        ShiftSheet.taken_at.is_(None),
        ShiftSheet.withdrawn_at.is_(None),
        ShiftSheet.pooled_at.is_(None),
    )


def _shown() -> Select[tuple[ShiftSheet]]:
    return select(ShiftSheet).options(
        joinedload(ShiftSheet.signed_by).lazyload(User.role_rows),
        joinedload(ShiftSheet.taken_by).lazyload(User.role_rows),
    )


def _take_turn(giver_id: int) -> None:
    """Whoever signs, takes or lets go the sheet of one person does so after the other."""
    turns.take(f"sheet of {giver_id}")


def _still_waiting(sheet: ShiftSheet) -> ShiftSheet:
    """The sheet as it is now that it is our turn. Raises TransitionRefused when it is gone."""
    _take_turn(sheet.from_id)
    db.session.refresh(sheet)
    if sheet.taken_by is not None:
        name = sheet.taken_by.display_name
        raise TransitionRefused(N_("%(name)s has taken it over already."), name=name)
    if sheet.withdrawn_at is not None:
        raise TransitionRefused(N_("It was taken back."))
    if sheet.pooled_at is not None:
        raise TransitionRefused(N_("Nobody came in time: what was open is in the pool."))
    return sheet


def _who_may_come(user: User, at: datetime) -> list[User]:
    """Who is on duty, and who leads where nobody is."""
    here = [one for one in roster.on_duty(at) if one.id != user.id]
    return here or [one for one in recipients.supervisors() if one.id != user.id]


def _written(kind: str, sheet: ShiftSheet, actor: User | None, at: datetime, **data: int) -> None:
    name = sheet.signed_by.display_name if sheet.signed_by else ""
    said: dict[str, Any] = {"sheet": sheet.id, **data}
    audit.record(kind, actor=actor, at=at, subject=name, **said)
    live_updates.post("hotline", "sheet", at, sheet=sheet.id)

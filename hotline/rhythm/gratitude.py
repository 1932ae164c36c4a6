"""Thanks of callers, written down in a callback: for those they are meant for, and no score."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from hotline import access
from hotline.handoffs import queries as handoffs
from hotline.i18n import N_
from hotline.outbox import service as outbox
from hotline.tickets import service as tickets
from hotline.tickets.reading import hidden_for
from models import CallbackAttempt, Caller, Thanks, Ticket, User, db

FEW = 3


@dataclass(frozen=True)
class Heard:
    """Thanks as somebody may read them: without the caller where the caller is not theirs."""

    thanks: Thanks
    words: str


def write(
    ticket: Ticket, words: str, *, actor: User, at: datetime, attempt: CallbackAttempt | None = None
) -> Thanks | None:
    """Write down the caller's own `words`, and let those hear of it who took the call and did the
    work; None without words.
    """
    words = words.strip()
    if not words:
        return None
    handoff = handoffs.last_lead_of(ticket)
    row = Thanks(
        ticket_id=ticket.id,
        attempt_id=attempt.id if attempt else None,
        words=words,
        at=at,
        recorded_by_id=actor.id,
        operator_id=ticket.operator_id,
        handler_id=(handoff.answered_by_id or handoff.handler_id) if handoff else None,
        department_id=handoff.department_id if handoff else None,
    )
    db.session.add(row)
    db.session.flush()
    tickets.note_fact(ticket, "thank", at=at, actor=actor, text=words)
    meant = {row.operator_id, row.handler_id} - {None, actor.id}
    people = db.session.scalars(select(User).where(User.id.in_(meant)).order_by(User.id)).all()
    outbox.notify_all(
        people,
        N_("A caller thanks you: %(number)s."),
        at=at,
        dedupe_key=f"thanks:{row.id}",
        ticket=ticket,
        number=ticket.number,
        channels=(),
    )
    return row


def latest_for(user: User, *, at_most: int = FEW) -> list[Heard]:
    """The latest thanks to `user` or to a department of theirs, as `user` may read them."""
    mine = or_(
        Thanks.operator_id == user.id,
        Thanks.handler_id == user.id,
        Thanks.recorded_by_id == user.id,
        Thanks.department_id.in_(access.departments_of(user)),
    )
    found = (
        select(Thanks)
        .join(Thanks.ticket)
        .where(mine, access.visible(user))
        .options(
            joinedload(Thanks.ticket).joinedload(Ticket.caller).selectinload(Caller.numbers),
            joinedload(Thanks.department),
        )
        .order_by(Thanks.at.desc(), Thanks.id.desc())
        .limit(at_most)
    )
    return [
        Heard(one, hidden_for(user, one.words, one.ticket)) for one in db.session.scalars(found)
    ]

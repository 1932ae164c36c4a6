"""Nobody inspects their own work: who had a part in a ticket, and who is given which to inspect."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import CompoundSelect, select, union_all

from hotline import access
from hotline.accounts import queries as accounts
from hotline.permissions import Permission
from models import (
    Call,
    Callback,
    CallbackAttempt,
    Feedback,
    Handoff,
    Inspection,
    Role,
    Ticket,
    User,
    db,
)

AT_ONCE = 500  # ids in one question


def parts_in(ticket_ids: Sequence[int]) -> dict[int, set[int]]:
    """Who took a call, worked, answered, rang or told, by the id of the ticket."""
    had: dict[int, set[int]] = defaultdict(set)
    for some in in_pieces(ticket_ids):
        rang = select(Callback.ticket_id, CallbackAttempt.by_id).join(CallbackAttempt.callback)
        found: CompoundSelect[tuple[int, int | None]] = union_all(
            select(Ticket.id, Ticket.operator_id).where(Ticket.id.in_(some)),
            select(Call.ticket_id, Call.operator_id).where(Call.ticket_id.in_(some)),
            select(Handoff.ticket_id, Handoff.handler_id).where(Handoff.ticket_id.in_(some)),
            select(Handoff.ticket_id, Handoff.answered_by_id).where(Handoff.ticket_id.in_(some)),
            select(Feedback.ticket_id, Feedback.recorded_by_id).where(Feedback.ticket_id.in_(some)),
            rang.where(Callback.ticket_id.in_(some)),
        )
        for ticket_id, user_id in db.session.execute(found).tuples():
            if user_id is not None:
                had[ticket_id].add(user_id)
    return had


def inspectors() -> tuple[list[User], list[User]]:
    """The quality reviewers, and the others who may stand in: supervisors."""
    may = sorted(accounts.who_may(Permission.REVIEW), key=lambda user: user.id)
    reviewers = [user for user in may if Role.REVIEWER in user.roles]
    return reviewers, [user for user in may if user not in reviewers]


def assign(ticket_ids: Sequence[int]) -> dict[int, int | None]:
    """Who inspects each of these tickets; None where everybody had a part in it.

    Reviewers first, evenly; a supervisor where no reviewer is free of it.
    """
    had = parts_in(ticket_ids)
    allowed: list[dict[int, set[int]]] = []
    for group in inspectors():
        allowed.append({user.id: _seen_by(user, ticket_ids) - _of(user.id, had) for user in group})
    return spread(ticket_ids, allowed)


def spread(
    ticket_ids: Sequence[int], groups: Sequence[Mapping[int, Collection[int]]]
) -> dict[int, int | None]:
    """Give each ticket to whoever of the first possible group has the fewest.

    A group maps each person to the tickets which that person may inspect.
    """
    load: dict[int, int] = defaultdict(int)
    given: dict[int, int | None] = {}
    for ticket_id in ticket_ids:
        given[ticket_id] = None
        for group in groups:
            free = [person for person, may in group.items() if ticket_id in may]
            if free:
                chosen = min(free, key=lambda person: (load[person], person))
                load[chosen] += 1
                given[ticket_id] = chosen
                break
    return given


def kept_from_deciding(appealed: Sequence[Inspection]) -> dict[int, set[int]]:
    """Who may not decide about the appeals on these sheets, by the id of each sheet."""
    had = parts_in([one.ticket_id for one in appealed])
    return {
        one.id: had[one.ticket_id]
        | {one.person_id, one.scored_by_id or 0, one.ticket.about_user_id or 0}
        for one in appealed
    }


def has_part(user: User, ticket: Ticket) -> bool:
    """Whether `user` had any part in `ticket`."""
    return user.id in parts_in([ticket.id])[ticket.id]


def _seen_by(user: User, ticket_ids: Sequence[int]) -> set[int]:
    seen: set[int] = set()
    for some in in_pieces(ticket_ids):
        found = select(Ticket.id).where(Ticket.id.in_(some), access.visible(user))
        seen.update(db.session.scalars(found))
    return seen


def _of(user_id: int, had: Mapping[int, set[int]]) -> set[int]:
    return {ticket_id for ticket_id, people in had.items() if user_id in people}


def in_pieces(ids: Sequence[int]) -> list[Sequence[int]]:
    """The same ids, as many at a time as one question holds."""
    return [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]

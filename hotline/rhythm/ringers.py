"""Who rang in a night as the morning page shows them: each call, its matter, what is owed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from hotline.rhythm.nights import Ringer
from models import Call, Callback, Ticket, User, db


@dataclass(frozen=True)
class Shown:
    """A ringer with everything that stands in the card or the line."""

    number: str
    calls: Sequence[Call]  # in the order in which they came
    words: Sequence[str]  # the urgent ones
    promises: Sequence[Callback]  # the nearest limit first
    is_emergency: bool

    @property
    def tickets(self) -> list[Ticket]:
        """The matters of these calls, the last one first."""
        return list(dict.fromkeys(call.ticket for call in reversed(self.calls)))

    @property
    def owed(self) -> list[Callback]:
        """What is still to be kept."""
        return [one for one in self.promises if one.ended_at is None]

    @property
    def is_urgent(self) -> bool:
        return self.is_emergency or bool(self.words)


def shown(ringers: Sequence[Ringer]) -> list[Shown]:
    """These of a night, read whole, in their order."""
    calls = _calls([call.id for one in ringers for call in one.calls])
    promises = _promises([promise.id for one in ringers for promise in one.promises])
    return [
        Shown(
            one.number,
            [calls[call.id] for call in one.calls],
            one.words,
            [promises[promise.id] for promise in one.promises],
            one.is_emergency,
        )
        for one in ringers
    ]


def _calls(ids: Sequence[int]) -> dict[int, Call]:
    found = (
        select(Call)
        .where(Call.id.in_(ids))
        .options(
            selectinload(Call.recordings),
            joinedload(Call.ticket).joinedload(Ticket.caller),
            joinedload(Call.operator).lazyload(User.role_rows),
        )
    )
    return {call.id: call for call in db.session.scalars(found)}


def _promises(ids: Sequence[int]) -> dict[int, Callback]:
    found = (
        select(Callback)
        .where(Callback.id.in_(ids))
        .options(joinedload(Callback.owner).lazyload(User.role_rows))
    )
    return {promise.id: promise for promise in db.session.scalars(found)}

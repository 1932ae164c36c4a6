"""A ticket of the demo and what befell it, as rows: calls, words, events."""

from datetime import datetime, timedelta
from typing import Any, Self

from hotline.demo.book import Row
from hotline.demo.people import half_day, slots
from hotline.demo.world import Guest, World
from models import (
    Call,
    CallLeg,
    CallResult,
    CallState,
    Category,
    Department,
    Direction,
    NumberKind,
    Source,
    Ticket,
    TicketEvent,
    TicketStatus,
    User,
)

PROVIDER = "simulator"
SUBJECT_LENGTH = 60


class Tale:
    """Rows about one ticket. Nothing is in the book before `tell` puts it there."""

    def __init__(
        self,
        world: World,
        guest: Guest,
        at: datetime,
        *,
        source: Source = Source.PHONE,
        by: User | None = None,
        desk: Department | None = None,
    ) -> None:
        self.world, self.guest, self.person = world, guest, guest.person
        self.slots = slots(guest.person, at, world.rng)
        self.rows: list[Row] = []
        self.ticket = self.row(
            Ticket,
            number="",
            query_code=f"{world.rng.randrange(10_000):04d}",
            status=TicketStatus.OPEN,
            caller_id=guest.caller,
            callback_number=guest.person.number,
            source=source,
            opened_at=at,
            operator_id=by.id if by else None,
            owner_id=by.id if by else None,
            desk_department_id=desk.id if desk else None,
            version=1,
        )
        self.fact("open", at, by, source=source.value)

    @property
    def status(self) -> TicketStatus:
        return TicketStatus(self.ticket["status"])

    def tell(self) -> Self:
        """Put all rows into the book."""
        self.world.welcome(self.guest)
        for row in self.rows:
            self.world.book.add(row)
        return self

    def text(self, words: str, at: datetime | None = None) -> str:
        """`words` with their braces filled for this ticket."""
        return words.format_map(self.slots | ({"when": half_day(at)} if at else {}))

    def fact(
        self,
        kind: str,
        at: datetime,
        actor: User | None = None,
        *,
        to: TicketStatus | None = None,
        reason: str = "",
        **data: Any,
    ) -> None:
        """Write an event, and move the status if `to` says so."""
        before = self.status
        self.row(
            TicketEvent,
            ticket_id=self.ticket,
            kind=kind,
            at=at,
            actor_id=actor.id if actor else None,
            from_status=before.value,
            to_status=(to or before).value,
            reason=reason,
            data=data,
        )
        self.ticket["status"] = to or before
        self.ticket["version"] += 1

    def rings(
        self,
        at: datetime,
        result: CallResult = CallResult.ANSWERED,
        *,
        by: User | None = None,
        lasts: timedelta = timedelta(minutes=3),
        rang: timedelta = timedelta(seconds=6),
    ) -> Row:
        """A call of this ticket: `rang` until somebody answered or the caller gave up."""
        answered_at = at + rang if by is not None else None
        ended_at = at + rang + (lasts if by is not None else timedelta(0))
        has_number = bool(self.person.number)
        call = self.row(
            Call,
            provider=PROVIDER,
            call_ref=f"CA{self.world.rng.getrandbits(128):032x}",
            direction=Direction.INBOUND,
            ticket_id=self.ticket,
            caller_id=self.guest.caller,
            from_raw=self.person.number or "anonymous",
            number=self.person.number,
            number_kind=NumberKind.MOBILE if has_number else NumberKind.WITHHELD,
            dialled="12351",
            state=CallState.ENDED,
            result=result,
            operator_id=by.id if by else None,
            started_at=at,
            answered_at=answered_at,
            ended_at=ended_at,
            heard_at=ended_at,
        )
        if by is not None:
            leg = {"call_id": call, "step": 1, "user_id": by.id, "rang_at": at}
            self.row(CallLeg, **leg, answered_at=answered_at, ended_at=ended_at)
        self.fact("call", at, call=call)
        return call

    def describe(self, at: datetime, by: User, category: Category, question: str) -> None:
        """The form was filled in."""
        words = self.text(question)
        self.ticket.values |= {
            "category_id": category.id,
            "demand_kind": category.demand_kind,
            "level": category.level,
            "question": words,
            "subject": words[:SUBJECT_LENGTH],
            "caller_confirmed_at": at,
            "operator_id": self.ticket["operator_id"] or by.id,
            "owner_id": by.id,
        }
        self.fact("describe", at, by)

    def note(self, at: datetime, by: User, words: str) -> None:
        self.fact("note", at, by, text=self.text(words, at))

    def row(self, model: Any, **values: Any) -> Row:
        row = Row(model, values)
        self.rows.append(row)
        return row

"""One ticket as it goes on: rows as the services would write them, in the order of events."""

from typing import Any

from bench.seconds import MINUTE
from bench.tables import Row
from bench.words import Matter
from bench.world import Guest, NotYet, World
from models import (
    BY_TELEPHONE,
    CallResult,
    CallState,
    Direction,
    Holder,
    NumberKind,
    Source,
    TicketStatus,
)

PROVIDER = "simulator"
HOTLINE_NUMBER = "12351"
OPEN, CLOSED = TicketStatus.OPEN, TicketStatus.CLOSED


class Tale:
    """The ticket, its calls, its events, and who had it when.

    Whatever lies in the future raises NotYet, and the ticket stays as it is.
    """

    def __init__(
        self, world: World, at: int, guest: Guest, source: Source, by: int | None = None
    ) -> None:
        self.world, self.guest, self.book = world, guest, world.book
        self.status: TicketStatus = OPEN
        self.facts = 0
        self.ticket = self.book.tickets.add(
            number=world.number_ticket(at),
            query_code=f"{int(world.rng.random() * 10_000):04d}",
            caller_id=guest.id,
            callback_number=guest.number,
            source=source,
            opened_at=at,
            operator_id=by,
            owner_id=by,
        )
        self.id: int = self.ticket["id"]
        self.holds: list[Row] = []
        self.charge(at, Holder.HOTLINE)
        self.fact("open", at, by, source=source)

    def finish(self) -> None:
        """Write down how far it came."""
        ticket, whole = self.ticket, 0
        ticket["status"], ticket["version"] = self.status, 1 + self.facts
        for hold in self.holds:
            if (ended_at := hold["ended_at"]) is not None:
                began_at = hold["began_at"]
                hold["business_seconds"] = self.world.hours.between(began_at, ended_at)
                whole += ended_at - began_at
            self.book.holds.add(**hold)
        if self.status is CLOSED:
            ticket["whole_seconds"] = whole

    def fact(
        self,
        kind: str,
        at: int,
        actor: int | None = None,
        *,
        to: TicketStatus | None = None,
        reason: str = "",
        **data: Any,
    ) -> None:
        """An event, which moves the status if `to` says so."""
        if at > self.world.end:
            raise NotYet
        before = self.status
        self.status = to or before
        self.facts += 1
        self.book.events.add(
            ticket_id=self.id,
            kind=kind,
            at=at,
            actor_id=actor,
            from_status=before.value,
            to_status=self.status.value,
            reason=reason,
            data=data,
        )

    def charge(self, at: int, holder: Holder | None, department: int | None = None) -> None:
        """Charge the time from `at` on to `holder`, or to nobody."""
        party, last = (holder, department), self.holds[-1] if self.holds else None
        if last is not None and last["ended_at"] is None:
            if party == _party(last):
                return
            if at <= last["began_at"]:  # it had it for no time at all
                self.holds.pop()
                last = self.holds[-1] if self.holds else None
            else:
                last["ended_at"] = at
        if holder is None:
            return
        if last is not None and last["ended_at"] == at and party == _party(last):
            last["ended_at"] = None  # it goes on
            return
        self.holds.append(
            {
                "ticket_id": self.id,
                "holder": holder,
                "department_id": department,
                "began_at": at,
                "ended_at": None,
            }
        )

    def rings(self, at: int, by: int, *, rang: int, lasts: int) -> Row:
        """A call that `by` answers after `rang` seconds; it may be under way at the end."""
        call = self._call(at, CallState.WAITING)
        answered_at, ended_at = at + rang, at + rang + lasts
        leg = self.book.legs.add(call_id=call["id"], step=1, user_id=by, rang_at=at)
        if answered_at > self.world.end:
            raise NotYet
        leg["answered_at"] = answered_at
        call.update(
            state=CallState.TALKING,
            operator_id=by,
            answered_at=answered_at,
            pickup_seconds=rang,
            heard_at=answered_at,
        )
        if ended_at > self.world.end:
            self.world.talking[by] = (answered_at, call["id"])
            raise NotYet
        leg["ended_at"] = ended_at
        call.update(
            state=CallState.ENDED,
            result=CallResult.ANSWERED,
            ended_at=ended_at,
            heard_at=ended_at,
            written_up_at=min(ended_at + MINUTE, self.world.end),
        )
        return call

    def taken(self, at: int, matter: Matter) -> tuple[int, int, Row]:
        """A call is answered and written down: by whom, when it ended, the call."""
        world = self.world
        for _ in range(world.chance(0.1) + world.chance(0.03)):  # could not wait, or was cut off
            self.rings_in_vain(at, CallResult.HUNG_UP_EARLY, world.within(2, 5))
            at += world.within(20, 200)
        by = world.operator_at(at)
        rang = world.within(3, 14) if world.chance(0.92) else world.within(16, 48)
        call = self.rings(at, by, rang=rang, lasts=world.within(70, 460))
        self.describe(call["ended_at"] - 10, by, matter)
        return by, call["ended_at"], call

    def rings_in_vain(self, at: int, result: CallResult, lasts: int) -> Row:
        """A call that nobody answers."""
        call = self._call(at, CallState.RINGING)
        if at + lasts > self.world.end:
            raise NotYet
        call.update(state=CallState.ENDED, result=result, ended_at=at + lasts, heard_at=at + lasts)
        return call

    def rung(self, at: int, by: int) -> Row:
        """A call of ours in which the caller was reached, as its maker logs it."""
        if at > self.world.end:
            raise NotYet
        return self.book.calls.add(
            provider=BY_TELEPHONE,
            call_ref=self._reference(),
            direction=Direction.OUTBOUND,
            ticket_id=self.id,
            caller_id=self.guest.id,
            number=self.guest.number,
            number_kind=NumberKind.MOBILE,
            state=CallState.ENDED,
            result=CallResult.ANSWERED,
            operator_id=by,
            started_at=at,
            answered_at=at,
            ended_at=at,
            heard_at=at,
        )

    def describe(self, at: int, by: int, matter: Matter) -> None:
        """The form was filled in."""
        self.fact("describe", at, by)
        category = matter.category
        self.ticket.update(
            category_id=category.id,
            demand_kind=category.demand_kind,
            level=category.level,
            question=matter.question,
            subject=matter.subject,
            caller_confirmed_at=at,
            operator_id=self.ticket["operator_id"] or by,
            owner_id=by,
        )

    def _call(self, at: int, state: CallState) -> Row:
        if at > self.world.end:
            raise NotYet
        number = self.guest.number
        call = self.book.calls.add(
            provider=PROVIDER,
            call_ref=self._reference(),
            direction=Direction.INBOUND,
            ticket_id=self.id,
            caller_id=self.guest.id,
            from_raw=number or "anonymous",
            number=number,
            number_kind=NumberKind.MOBILE if number else NumberKind.WITHHELD,
            dialled=HOTLINE_NUMBER,
            state=state,
            started_at=at,
            heard_at=at,
        )
        self.fact("call", at, call=call["id"])
        return call

    def _reference(self) -> str:
        return f"CA{self.book.calls.count + 1:032x}"


def _party(hold: Row) -> tuple[Holder, int | None]:
    return hold["holder"], hold["department_id"]

"""What has to hold after every step."""

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

from hypothesis.stateful import invariant

from hotline.sla.clocks import RUNS_WHILE, ClockKind
from hotline.tickets import holds, ledger_check
from hotline.tickets.filters import Asked, Filter, conditions
from models import (
    Call,
    Callback,
    CallbackAttempt,
    Feedback,
    Handoff,
    HandoffRole,
    Hold,
    How,
    Outcome,
    Resolution,
    Satisfaction,
    Ticket,
    TicketEvent,
    db,
)
from tests.stories.any_day.trying import S, Trying


class Rows:
    """All there is after a step, read once; what belongs to a ticket by its id."""

    def __init__(self):
        self.tickets = self._all(Ticket)
        self.handoffs = self._all(Handoff)
        self.calls = self._all(Call)
        self.callbacks = self._by_ticket(self._all(Callback))
        self.feedbacks = self._by_ticket(self._all(Feedback))
        self.events = self._by_ticket(self._all(TicketEvent))
        self.holds = self._by_ticket(self._all(Hold, Hold.began_at))
        self.attempts = defaultdict(list)
        for attempt in self._all(CallbackAttempt):
            self.attempts[attempt.callback_id].append(attempt)

    def owed(self, ticket):
        return [debt for debt in self.callbacks[ticket.id] if debt.ended_at is None]

    def leads(self, ticket):
        return [
            one
            for one in self.handoffs
            if one.ticket_id == ticket.id and one.role is HandoffRole.LEAD and not one.ended_at
        ]

    def reached(self, ticket):
        attempts = (a for debt in self.callbacks[ticket.id] for a in self.attempts[debt.id])
        return [a for a in attempts if a.outcome in (Outcome.REACHED, Outcome.DECLINED_SURVEY)]

    def _all(self, table, *first):
        return db.session.scalars(db.select(table).order_by(*first, table.id)).all()

    def _by_ticket(self, rows):
        found = defaultdict(list)
        for row in rows:
            found[row.ticket_id].append(row)
        return found


class Promises(Trying):
    """Closed means told; one accountable owner; every second is charged to one party."""

    @invariant()
    def every_promise_is_kept(self):
        there = Rows()
        self.closed_means_told(there)
        self.one_accountable_owner(there)
        self.an_answer_is_owed(there)
        self.every_call_has_a_ticket(there)
        self.nobody_decides_their_own_return(there)
        self.merged_into_the_same_caller(there)
        self.every_second_is_charged_to_one_party(there)
        self.a_clock_runs_as_the_table_says(there)
        self.every_list_holds_only_what_its_viewer_may_see()

    def closed_means_told(self, there):
        for ticket in there.tickets:
            proofs = [f for f in there.feedbacks[ticket.id] if f.id == ticket.closing_feedback_id]
            assert (ticket.closing_feedback_id is None) == (proofs == [])
            assert (ticket.status is S.CLOSED) == (proofs != [])
            for proof in proofs:
                if proof.how in (How.UNREACHABLE, How.NO_WAY_TO_REACH):
                    assert proof.signed_by_id not in (None, proof.asked_by_id)
                if proof.satisfaction is Satisfaction.NOT_SATISFIED:
                    assert proof.signed_by_id not in (None, proof.asked_by_id)
                if proof.how is How.IN_CALL:
                    assert proof.call_id or proof.attempt_id
                assert there.owed(ticket) == []

    def one_accountable_owner(self, there):
        for ticket in there.tickets:
            leads = there.leads(ticket)
            if ticket.status in (S.QUEUED, S.ACCEPTED):
                assert [h.department_id for h in leads] == [ticket.department_id]
            else:
                assert ticket.department_id is None
                assert len(leads) == (
                    ticket.status is S.SUSPENDED and ticket.suspended_from is S.ACCEPTED
                )
            if ticket.status is S.ACCEPTED:
                assert ticket.owner_id is not None
            if ticket.status is S.SUSPENDED:
                assert ticket.owner_id == self.house["supervisor"].id

    def an_answer_is_owed(self, there):
        """Answered and reachable: somebody is to ring, or it waits for a signature."""
        for ticket in there.tickets:
            if ticket.status is S.ANSWERED and ticket.callback_number:
                told = there.feedbacks[ticket.id]
                assert there.owed(ticket) or told or there.reached(ticket)

    def every_call_has_a_ticket(self, there):
        assert all(call.ticket_id for call in there.calls)

    def nobody_decides_their_own_return(self, there):
        for handoff in there.handoffs:
            if handoff.return_decided_by_id is not None:
                assert handoff.return_decided_by_id != handoff.return_asked_by_id

    def merged_into_the_same_caller(self, there):
        by_id = {ticket.id: ticket for ticket in there.tickets}
        for ticket in there.tickets:
            if ticket.merged_into_id is not None and ticket.resolution is Resolution.MERGED:
                into = by_id[ticket.merged_into_id]
                assert into.caller_id == ticket.caller_id
                assert into.id != ticket.id

    def every_second_is_charged_to_one_party(self, there):
        """Stretch after stretch without a gap; together they are the age; the events agree."""
        now = self.clock()
        for ticket in there.tickets:
            ledger = there.holds[ticket.id]
            closed, age = None, timedelta(0)  # the age, from nothing but the events
            opened = ticket.opened_at
            for event in there.events[ticket.id]:
                if event.to_status == "closed" and closed is None:
                    closed, age = event.at, age + (event.at - opened)
                elif event.to_status != "closed" and closed is not None:
                    closed, opened = None, event.at
            if closed is None:
                age += now - opened
            spent = holds.spent(ledger, now)
            assert sum((one.wall for one in spent), timedelta(0)) == age
            assert [hold.ended_at is None for hold in ledger] == [False] * (len(ledger) - 1) + (
                [ticket.status is not S.CLOSED] if ledger else []
            )
            for before, after in pairwise(ledger):
                assert before.ended_at <= after.began_at
        assert ledger_check.differences([ticket.id for ticket in there.tickets]) == []

    def a_clock_runs_as_the_table_says(self, there):
        for handoff in there.handoffs:
            ticket = handoff.ticket
            if handoff.role is HandoffRole.LEAD and handoff.ended_at is None:
                waits = ticket.waiting_since_at is not None
                should_run = ticket.status in RUNS_WHILE[ClockKind.HANDLE] and not waits
                assert (handoff.paused_at is None) == should_run
            assert (handoff.handle_seconds is None) == (handoff.ended_at is None)

    def every_list_holds_only_what_its_viewer_may_see(self):
        asked = Asked(self.house["stranger"], self.clock())
        query = db.select(Ticket.id).where(*conditions(Filter(), asked))
        assert db.session.scalars(query).all() == []

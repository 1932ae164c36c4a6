"""What has to hold after every step."""

from datetime import timedelta
from itertools import pairwise

from hypothesis.stateful import invariant

from hotline.sla.clocks import RUNS_WHILE, ClockKind
from hotline.tickets import holds, ledger_check
from hotline.tickets.filters import Asked, Filter, conditions
from models import (
    Call,
    Callback,
    Feedback,
    Handoff,
    HandoffRole,
    How,
    Outcome,
    Resolution,
    Satisfaction,
    Ticket,
    TicketEvent,
    db,
)
from tests.stories.any_day.trying import S, Trying


class Promises(Trying):
    """Closed means told; one accountable owner; every second is charged to one party."""

    @invariant()
    def closed_means_told(self):
        for ticket in self.all(Ticket):
            proof = db.session.get(Feedback, ticket.closing_feedback_id or 0)
            assert (ticket.status is S.CLOSED) == (proof is not None)
            if proof is None:
                continue
            assert proof.ticket_id == ticket.id
            if proof.how in (How.UNREACHABLE, How.NO_WAY_TO_REACH):
                assert proof.signed_by_id not in (None, proof.asked_by_id)
            if proof.satisfaction is Satisfaction.NOT_SATISFIED:
                assert proof.signed_by_id not in (None, proof.asked_by_id)
            if proof.how is How.IN_CALL:
                assert proof.call_id or proof.attempt_id
            debts = db.select(Callback).where(
                Callback.ticket_id == ticket.id, Callback.ended_at.is_(None)
            )
            assert db.session.scalars(debts).all() == []

    @invariant()
    def one_accountable_owner(self):
        for ticket in self.all(Ticket):
            leads = [
                h
                for h in self.all(Handoff)
                if h.ticket_id == ticket.id and h.role is HandoffRole.LEAD and not h.ended_at
            ]
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

    @invariant()
    def an_answer_is_owed(self):
        """Answered and reachable: somebody is to ring, or it waits for a signature."""
        for ticket in self.all(Ticket):
            if ticket.status is not S.ANSWERED or not ticket.callback_number:
                continue
            debts = db.select(Callback.id).where(
                Callback.ticket_id == ticket.id, Callback.ended_at.is_(None)
            )
            told = db.select(Feedback.id).where(Feedback.ticket_id == ticket.id)
            reached = [
                a.id
                for d in self.all(Callback)
                if d.ticket_id == ticket.id
                for a in d.attempts
                if a.outcome in (Outcome.REACHED, Outcome.DECLINED_SURVEY)
            ]
            assert db.session.scalars(debts.union_all(told)).first() or reached

    @invariant()
    def every_call_has_a_ticket(self):
        assert all(call.ticket_id for call in self.all(Call))

    @invariant()
    def nobody_decides_their_own_return(self):
        for handoff in self.all(Handoff):
            if handoff.return_decided_by_id is not None:
                assert handoff.return_decided_by_id != handoff.return_asked_by_id

    @invariant()
    def merged_into_the_same_caller(self):
        for ticket in self.all(Ticket):
            if ticket.merged_into_id is not None and ticket.resolution is Resolution.MERGED:
                into = db.session.get_one(Ticket, ticket.merged_into_id)
                assert into.caller_id == ticket.caller_id
                assert into.id != ticket.id

    @invariant()
    def every_second_is_charged_to_one_party(self):
        """Stretch after stretch without a gap; together they are the age; the events agree."""
        now = self.clock()
        for ticket in self.all(Ticket):
            ledger = holds.of(ticket.id)
            closed, age = None, timedelta(0)  # the age, from nothing but the events
            opened = ticket.opened_at
            for event in db.session.scalars(
                db.select(TicketEvent)
                .where(TicketEvent.ticket_id == ticket.id)
                .order_by(TicketEvent.id)
            ):
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
        ids = [ticket.id for ticket in self.all(Ticket)]
        assert ledger_check.differences(ids) == []

    @invariant()
    def a_clock_runs_as_the_table_says(self):
        for handoff in self.all(Handoff):
            ticket = handoff.ticket
            if handoff.role is HandoffRole.LEAD and handoff.ended_at is None:
                waits = ticket.waiting_since_at is not None
                should_run = ticket.status in RUNS_WHILE[ClockKind.HANDLE] and not waits
                assert (handoff.paused_at is None) == should_run
            assert (handoff.handle_seconds is None) == (handoff.ended_at is None)

    @invariant()
    def every_list_holds_only_what_its_viewer_may_see(self):
        asked = Asked(self.house["stranger"], self.clock())
        query = db.select(Ticket.id).where(*conditions(Filter(), asked))
        assert db.session.scalars(query).all() == []

"""Any order of anything anybody may try: what has to hold holds after every step.

Closed means told. Every ticket has exactly one accountable owner. Every call has a ticket. Nobody
approves their own act. A merged ticket leads to one of the same caller.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from hotline.callbacks import service as callbacks
from hotline.calls import service as calls
from hotline.errors import HotlineError
from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.handoffs import jobs as handoff_jobs
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.sla.clocks import RUNS_WHILE, ClockKind
from hotline.tickets import holds, ledger_check, linking
from hotline.tickets import service as tickets
from hotline.tickets.filters import Asked, Filter, conditions
from hotline.tickets.lifecycle import RULES, Action, may
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    Feedback,
    Handoff,
    HandoffRole,
    How,
    NoMatterKind,
    Outcome,
    Resolution,
    ReturnReason,
    Satisfaction,
    Ticket,
    TicketEvent,
    TicketStatus,
    db,
)
from tests.stages import log_call, make_house

PHONES = ("13912345678", "13800138001", "anonymous")
WHO = st.sampled_from(
    [
        "operator",
        "colleague",
        "supervisor",
        "reviewer",
        "handler",
        "head",
        "assistant",
        "stranger",
        "auditor",
    ]
)
NTH = st.integers(0, 5)
S = TicketStatus
STATIONS = {"hand_off:queued", "accept:accepted", "answer:answered", "close:closed"}


class AnyDay(RuleBasedStateMachine):
    """People of the house try things in any order; refusals are fine, broken promises are not."""

    house = None  # set by the test, with a fresh database
    clock = None

    def pick(self, table, nth):
        ids = db.session.scalars(db.select(table.id).order_by(table.id)).all()
        return db.session.get_one(table, ids[nth % len(ids)]) if ids else None

    def choose(self, action, nth, who):
        """A ticket and a person: mostly such as could do `action` now, sometimes anybody."""
        ids = db.session.scalars(
            db.select(Ticket.id).where(Ticket.status.in_(RULES[action].sources)).order_by(Ticket.id)
        ).all()
        if not ids or nth % 5 == 4:
            return self.pick(Ticket, nth), self.house[who]
        ticket = db.session.get_one(Ticket, ids[nth % len(ids)])
        able = [p for p in self.house.people.values() if may(action, ticket, p)]
        return ticket, able[nth % len(able)] if able and nth % 5 else self.house[who]

    def attempt(self, act):
        """Do `act(at)` whole or not at all; that it was refused is fine."""
        with suppress(HotlineError), unit_of_work():
            act(self.clock())

    @initialize()
    def two_people_ring(self):
        for phone in PHONES[:2]:
            self.attempt(lambda at, phone=phone: log_call(self.house, at, phone))

    @rule(phone=st.sampled_from(PHONES))
    def somebody_rings(self, phone):
        self.attempt(lambda at: log_call(self.house, at, phone))

    @rule(minutes=st.sampled_from((1, 45, 60 * 5, 60 * 24, 60 * 24 * 9)))
    def time_passes(self, minutes):
        self.clock.advance(minutes=minutes)

    @rule()
    def the_sweeps_run(self):
        handoff_jobs.end_waits_that_are_over()

    @rule(nth=NTH, who=WHO)
    def hand_off(self, nth, who):
        def act(at):
            ticket, actor = self.choose(Action.HAND_OFF, nth, who)
            handoffs.hand_off(ticket, self.house.legal, actor=actor, at=at)

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def accept(self, nth, who):
        def act(at):
            ticket, actor = self.choose(Action.ACCEPT, nth, who)
            handoffs.accept(ticket, actor=actor, at=at)

        self.attempt(act)

    @rule(nth=NTH, who=WHO, solved=st.booleans())
    def answer(self, nth, who, solved):
        what = Answer(is_solved=solved, report="办了", words="请放心", why_not_solved="没有依据")

        def act(at):
            ticket, actor = self.choose(Action.ANSWER, nth, who)
            handoffs.answer(ticket, what, actor=actor, at=at)

        self.attempt(act)

    @rule(nth=NTH, until=st.integers(1, 4))
    def the_usual_way(self, nth, until):
        """The right people do the right things, so that the rest happens at every station."""
        what = Answer(is_solved=True, report="办了", words="请放心")

        def act(at):
            ticket, operator = self.choose(Action.HAND_OFF, nth or 1, "operator")
            handler = self.house["handler"]
            handoffs.hand_off(ticket, self.house.legal, actor=operator, at=at)
            if until > 1:
                handoffs.accept(ticket, actor=handler, at=at)
            if until > 2:
                handoffs.answer(ticket, what, actor=handler, at=at)
            if until > 3:
                debt = db.session.scalars(
                    db.select(Callback).where(
                        Callback.ticket_id == ticket.id, Callback.ended_at.is_(None)
                    )
                ).first()
                if debt is not None:
                    reached = callbacks.record_attempt(debt, Outcome.REACHED, actor=operator, at=at)
                    feedback.close_in_call(
                        ticket,
                        reached,
                        actor=operator,
                        at=at,
                        told="请放心",
                        resolution=Resolution.SOLVED,
                    )

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def ask_return(self, nth, who):
        def act(at):
            ticket, actor = self.choose(Action.ASK_RETURN, nth, who)
            reason = ReturnReason.NOT_OUR_DUTY
            handoffs.ask_return(ticket, actor=actor, at=at, reason=reason, basis="三定方案")

        self.attempt(act)

    @rule(nth=NTH, who=WHO, agree=st.booleans())
    def decide_return(self, nth, who, agree):
        decide = handoffs.agree_return if agree else handoffs.refuse_return

        def act(at):
            ticket, actor = self.choose(Action.SEND_BACK, nth, who)
            asked = db.select(Handoff.ticket_id).where(
                Handoff.return_asked_at.is_not(None), Handoff.return_decided_at.is_(None)
            )
            if nth and (ids := db.session.scalars(asked).all()):
                ticket = db.session.get_one(Ticket, ids[nth % len(ids)])
            decide(ticket, actor=actor, at=at, reason="职责")

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def recall(self, nth, who):
        def act(at):
            ticket, actor = self.choose(Action.RECALL, nth, who)
            handoffs.recall(ticket, actor=actor, at=at, reason="转错了")

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def rework(self, nth, who):
        def act(at):
            ticket, actor = self.choose(Action.REWORK, nth, who)
            handoffs.rework(ticket, actor=actor, at=at, reason="答非所问")

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def wait(self, nth, who):
        def act(at):
            ticket, actor = self.choose(Action.WAIT, nth, who)
            until = at + timedelta(days=2)
            handoffs.wait(ticket, actor=actor, at=at, what="劳动合同", until=until, has_told=True)

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def suspend(self, nth, who):
        def act(at):
            ticket, actor = self.choose(Action.SUSPEND, nth, who)
            handoffs.suspend(
                ticket,
                actor=actor,
                at=at,
                reason="暂无依据",
                measures="等政策",
                review_on=at.date() + timedelta(days=20),
            )

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def resume(self, nth, who):
        def act(at):
            ticket, actor = self.choose(Action.RESUME, nth, who)
            handoffs.resume(ticket, actor=actor, at=at)

        self.attempt(act)

    @rule(nth=NTH, who=WHO, outcome=st.sampled_from(Outcome))
    def ring_back(self, nth, who, outcome):
        def act(at):
            debt = self.pick(Callback, nth)
            later = "noon" if outcome is Outcome.LATER else None
            if debt is not None:
                callbacks.record_attempt(debt, outcome, actor=self.house[who], at=at, later=later)

        self.attempt(act)

    @rule(nth=NTH, who=WHO, how=st.sampled_from(Resolution), happy=st.booleans())
    def close(self, nth, who, how, happy):
        verdict = Verdict(
            satisfaction=Satisfaction.SATISFIED if happy else Satisfaction.NOT_SATISFIED
        )

        def act(at):
            ticket, actor = self.choose(Action.CLOSE, nth, who)
            mine = db.session.scalars(db.select(Call).where(Call.ticket_id == ticket.id)).first()
            fits = feedback.resolutions_for(ticket)
            feedback.close_in_call(
                ticket,
                mine if mine and nth else self.pick(Call, nth),
                actor=actor,
                at=at,
                told="已告知",
                resolution=fits[nth % len(fits)] if nth else how,
                verdict=verdict,
            )

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def explain(self, nth, who):
        def act(at):
            call = self.pick(Call, nth)
            verdict = Verdict(satisfaction=Satisfaction.NOT_SATISFIED, dissatisfaction="慢")
            feedback.explain(
                call.ticket, call, actor=self.house[who], at=at, told="已解释", verdict=verdict
            )

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def sign(self, nth, who):
        def act(at):
            row, debt = self.pick(Feedback, nth), self.pick(Callback, nth)
            if row is not None and nth % 2:
                feedback.sign_explanation(row, actor=self.house[who], at=at)
            elif debt is not None:
                feedback.sign_unreachable(debt, actor=self.house[who], at=at)

        self.attempt(act)

    @rule(nth=NTH, who=WHO)
    def sign_without_number(self, nth, who):
        self.attempt(
            lambda at: feedback.sign_no_way_to_reach(
                self.pick(Ticket, nth), actor=self.house[who], at=at
            )
        )

    @rule(nth=NTH, who=WHO, way=st.integers(0, 2))
    def end_otherwise(self, nth, who, way):
        def act(at):
            call, actor = self.pick(Call, nth), self.house[who]
            if way == 0:
                ticket, actor = self.choose(Action.WITHDRAW, nth, who)
                mine = db.select(Call).where(Call.ticket_id == ticket.id)
                call = db.session.scalars(mine).first() or call
                feedback.withdraw(ticket, call, actor=actor, at=at, words="不办了")
            elif way == 1:
                feedback.close_no_matter(call.ticket, call, NoMatterKind.TEST, actor=actor, at=at)
            else:
                feedback.close_not_wanted(
                    call.ticket, actor=actor, at=at, words="别打了", resolution=Resolution.EXPLAINED
                )

        self.attempt(act)

    @rule(nth=NTH, mth=NTH, who=WHO)
    def merge(self, nth, mth, who):
        def act(at):
            ticket, actor = self.choose(Action.MERGE, nth, who)
            same = db.select(Ticket.id).where(
                Ticket.caller_id == ticket.caller_id, Ticket.id != ticket.id
            )
            ids = db.session.scalars(same.order_by(Ticket.id)).all()
            into = db.session.get(Ticket, ids[mth % len(ids)]) if ids and mth else None
            feedback.merge(ticket, into or self.pick(Ticket, mth), actor=actor, at=at)

        self.attempt(act)

    @rule(nth=NTH, mth=NTH, who=WHO)
    def same_matter(self, nth, mth, who):
        self.attempt(
            lambda at: calls.point_to(
                self.pick(Call, nth), self.pick(Ticket, mth), actor=self.house[who], at=at
            )
        )

    @rule(nth=NTH, mth=NTH, who=WHO)
    def link(self, nth, mth, who):
        self.attempt(
            lambda at: linking.link(
                self.pick(Ticket, nth), self.pick(Ticket, mth), actor=self.house[who], at=at
            )
        )

    @rule(nth=NTH, who=WHO)
    def reopen(self, nth, who):
        def act(at):
            ticket, actor = self.choose(Action.REOPEN, nth, who)
            feedback.reopen(ticket, actor=actor, at=at, reason="没兑现")

        self.attempt(act)

    @rule(nth=NTH, who=WHO, verb=st.sampled_from((tickets.claim, tickets.release)))
    def take_or_leave(self, nth, who, verb):
        self.attempt(lambda at: verb(self.pick(Ticket, nth), actor=self.house[who], at=at))

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

    def all(self, table):
        return db.session.scalars(db.select(table)).all()


def test_any_day(app, clock):
    """Every example begins with an empty house; the people stay, their tickets go."""
    house = make_house()
    start = clock()
    seen: Counter[str] = Counter()
    tables = [
        t
        for t in reversed(db.metadata.sorted_tables)
        if t.name not in ("users", "user_roles", "departments", "categories")
    ]

    class Today(AnyDay):
        def __init__(self):
            super().__init__()
            self.house, self.clock = house, clock
            clock.set(start)
            with unit_of_work():
                db.session.execute(
                    db.text(
                        "UPDATE tickets SET status = 'open', closing_feedback_id = NULL,"
                        " closed_at = NULL, resolution = NULL, department_id = NULL,"
                        " review_on = NULL, merged_into_id = NULL"
                    )
                )
                for table in tables:
                    db.session.execute(table.delete())
            db.session.expire_all()

        def teardown(self):
            seen.update(f"{e.kind}:{e.to_status}" for e in self.all(TicketEvent) if e.from_status)
            seen.update(row.how.value for row in self.all(Feedback))
            db.session.rollback()

    run_state_machine_as_test(
        Today,
        settings=settings(
            max_examples=40,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # The days led somewhere, or nothing was tried.
    assert set(seen) >= STATIONS, STATIONS - set(seen)

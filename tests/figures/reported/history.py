"""A hotline's random weeks, made by the services alone, for figures to be counted on."""

from contextlib import suppress
from datetime import timedelta
from random import Random

from hotline.callbacks import service as callbacks
from hotline.calls import service as calls
from hotline.errors import HotlineError
from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.handoffs import jobs as handoff_jobs
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallbackKind,
    CallerKind,
    CallResult,
    CallState,
    Direction,
    Level,
    NoMatterKind,
    Outcome,
    ReturnReason,
    Role,
    Satisfaction,
    Source,
    Ticket,
    TicketStatus,
    Urgency,
    db,
)
from tests.makers import make_category, make_department, make_user
from tests.stages import make_house

S = TicketStatus
ACTS = (
    "ring", "ring", "ring", "miss", "hand_off", "hand_off", "accept", "accept", "answer", "answer",
    "finish", "finish", "finish", "recall", "give_back", "wait", "end_wait", "suspend", "resume",
    "rework", "attempt", "attempt", "attempt", "close", "close", "withdraw", "merge", "urgent",
    "exclude", "reopen", "no_matter",
)  # fmt: skip


class Weeks:
    """Who works there, and `live(steps)`."""

    def __init__(self, clock, seed: int) -> None:
        self.clock, self.rng = clock, Random(seed)
        self.house = make_house()
        self.second = make_department("women", name_zh="女职工部")
        make_user(Role.HANDLER, department=self.second)
        pay = make_category("pay", self.house.legal)
        self.categories = [
            make_category("arrears", self.house.legal, parent_id=pay.id),
            make_category("overtime", self.second, parent_id=pay.id, level=Level.CONSULTATION),
            make_category("join", self.second, level=Level.CONSULTATION),
        ]

    def live(self, steps: int) -> None:
        for _ in range(steps):
            minutes = self.rng.choice((2, 9, 31, 55, 140, 400, 950))
            self.clock.advance(minutes=minutes, seconds=self.rng.randrange(60))
            act = self.rng.choice(ACTS)
            with suppress(HotlineError), unit_of_work():
                getattr(self, act)(self.clock())
            if self.rng.random() < 0.3:
                handoff_jobs.end_waits_that_are_over()
        db.session.rollback()

    def who(self, *names: str):
        return self.house[self.rng.choice(names)]

    def pick(self, *statuses: TicketStatus) -> Ticket:
        found = db.select(Ticket.id).where(Ticket.status.in_(statuses)).order_by(Ticket.id)
        ids = db.session.scalars(found).all()
        if not ids:
            raise HotlineError("nothing to do")
        return db.session.get_one(Ticket, self.rng.choice(ids))

    def at_department(self, *statuses: TicketStatus):
        ticket = self.pick(*statuses)
        staff = [
            one
            for one in db.session.scalars(db.select(type(self.house["handler"])))
            if one.department_id == (ticket.department_id or self.house.legal.id)
        ]
        return ticket, staff[0]

    def ring(self, at) -> None:
        operator = self.who("operator", "colleague")
        number = normalise(f"139{self.rng.randrange(30):08d}")
        ticket = calls.log_manually(actor=operator, at=at, source=Source.PHONE, number=number)
        call = self.call_of(ticket)
        call.provider, call.pickup_seconds = "twilio", self.rng.randrange(1, 40)
        what = tickets.Description(
            caller_kind=self.rng.choice((CallerKind.WORKER, CallerKind.EMPLOYER)),
            category=self.rng.choice(self.categories),
            question="工地三个月没发工资",
            is_confidential=self.rng.random() < 0.1,
            safe_summary="一名职工反映工资问题",
        )
        tickets.describe(ticket, what, actor=operator, at=at)

    def miss(self, at) -> None:
        self.ring(at)
        ticket = db.session.scalars(db.select(Ticket).order_by(Ticket.id.desc())).first()
        call = self.call_of(ticket)
        call.state, call.result = CallState.ENDED, CallResult.MISSED
        call.operator_id, call.answered_at, call.pickup_seconds = None, None, None
        callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=at)

    def hand_off(self, at) -> None:
        department = self.rng.choice((self.house.legal, self.house.legal, self.second))
        handoffs.hand_off(self.pick(S.OPEN), department, actor=self.house["operator"], at=at)

    def accept(self, at) -> None:
        ticket, handler = self.at_department(S.QUEUED)
        handoffs.accept(ticket, actor=handler, at=at)

    def answer(self, at) -> None:
        ticket, handler = self.at_department(S.QUEUED, S.ACCEPTED, S.ACCEPTED)
        what = Answer(is_solved=True, report="办了", words="请放心", money_recovered_fen=100)
        handoffs.answer(ticket, what, actor=handler, at=at)

    def recall(self, at) -> None:
        ticket = self.pick(S.QUEUED, S.ACCEPTED)
        handoffs.recall(ticket, actor=self.house["operator"], at=at, reason="转错")

    def give_back(self, at) -> None:
        ticket, handler = self.at_department(S.QUEUED, S.ACCEPTED)
        why = ReturnReason.NOT_OUR_DUTY
        handoffs.ask_return(ticket, actor=handler, at=at, reason=why, basis="三定方案")
        if self.rng.random() < 0.6:
            handoffs.agree_return(ticket, actor=self.house["operator"], at=at)

    def wait(self, at) -> None:
        ticket, handler = self.at_department(S.ACCEPTED)
        until = at + timedelta(days=self.rng.choice((1, 2, 3)))
        handoffs.wait(ticket, actor=handler, at=at, what="合同", until=until, has_told=True)

    def end_wait(self, at) -> None:
        handoffs.end_wait(self.pick(S.ACCEPTED), actor=self.house["operator"], at=at)

    def suspend(self, at) -> None:
        day = (at + timedelta(days=20)).date()
        handoffs.suspend(
            self.pick(S.ACCEPTED, S.OPEN), actor=self.house["supervisor"], at=at, reason="清算",
            measures="登记", review_on=day,
        )  # fmt: skip

    def resume(self, at) -> None:
        handoffs.resume(self.pick(S.SUSPENDED), actor=self.house["supervisor"], at=at)

    def rework(self, at) -> None:
        handoffs.rework(self.pick(S.ANSWERED), actor=self.house["supervisor"], at=at, reason="重查")

    def attempt(self, at) -> None:
        debts = db.session.scalars(
            db.select(Callback).where(Callback.ended_at.is_(None)).order_by(Callback.id)
        ).all()
        if not debts:
            return
        outcome = self.rng.choice((Outcome.REACHED, Outcome.REACHED, Outcome.NO_ANSWER))
        callbacks.record_attempt(
            self.rng.choice(debts), outcome, actor=self.who("operator", "colleague"), at=at
        )

    def close(self, at, ticket=None) -> None:
        ticket = ticket or self.pick(S.OPEN)
        attempts = [
            one
            for debt in db.session.scalars(
                db.select(Callback).where(Callback.ticket_id == ticket.id)
            )
            for one in debt.attempts
            if one.outcome is Outcome.REACHED
        ]
        proof = attempts[-1] if attempts else self.call_of(ticket)
        verdict = Verdict(
            was_contacted=self.rng.choice((True, False, None)),
            is_solved=self.rng.choice((True, True, False)),
            satisfaction=self.rng.choice(
                (Satisfaction.SATISFIED, Satisfaction.BASICALLY, Satisfaction.UNRATED)
            ),
        )
        feedback.close_in_call(
            ticket, proof, actor=self.house["operator"], at=at, told="已告知",
            resolution=feedback.resolutions_for(ticket)[0], verdict=verdict,
        )  # fmt: skip

    def finish(self, at) -> None:
        """A department has answered: the caller is rung, hears it, and says what it was worth."""
        ticket = self.pick(S.ANSWERED)
        debts = db.select(Callback).where(
            Callback.ticket_id == ticket.id, Callback.ended_at.is_(None)
        )
        operator = self.house["operator"]
        for debt in db.session.scalars(debts.order_by(Callback.id)).all()[:1]:
            callbacks.record_attempt(debt, Outcome.REACHED, actor=operator, at=at)
        self.close(at, ticket)

    def withdraw(self, at) -> None:
        ticket = self.pick(S.OPEN, S.ACCEPTED)
        feedback.withdraw(
            ticket, self.call_of(ticket), actor=self.house["operator"], at=at, words="不办了"
        )

    def merge(self, at) -> None:
        ticket = self.pick(S.OPEN)
        others = db.session.scalars(
            db.select(Ticket).where(
                Ticket.caller_id == ticket.caller_id,
                Ticket.id != ticket.id,
                Ticket.status != S.CLOSED,
            )
        ).all()
        if others:
            feedback.merge(ticket, others[0], actor=self.house["operator"], at=at)

    def urgent(self, at) -> None:
        ticket = self.pick(S.OPEN)
        ticket.urgency = self.rng.choice((Urgency.URGENT, Urgency.CRITICAL))

    def exclude(self, at) -> None:
        ticket = self.pick(S.CLOSED)
        feedback.exclude(ticket, actor=self.house["supervisor"], at=at, reason="不属实")

    def reopen(self, at) -> None:
        feedback.reopen(self.pick(S.CLOSED), actor=self.house["supervisor"], at=at, reason="未兑现")

    def no_matter(self, at) -> None:
        ticket = self.pick(S.OPEN)
        feedback.close_no_matter(
            ticket, self.call_of(ticket), NoMatterKind.SILENCE, actor=self.house["operator"], at=at
        )

    def call_of(self, ticket) -> Call:
        found = db.select(Call).where(
            Call.ticket_id == ticket.id, Call.direction == Direction.INBOUND
        )
        return db.session.scalars(found.order_by(Call.id)).first()

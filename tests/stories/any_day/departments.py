"""What is tried between the hotline and its departments."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from hotline.callbacks import service as callbacks
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.tickets.lifecycle import Action
from models import Callback, Handoff, Outcome, Resolution, ReturnReason, Ticket, db
from tests.stories.any_day.trying import NTH, WHO, Trying


class Departments(Trying):
    """Hand off, accept, answer, send back, wait; by the right people and by the wrong ones."""

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

"""What is tried between the hotline and its callers."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from hotline.callbacks import service as callbacks
from hotline.calls import service as calls
from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.tickets import linking
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import Action
from models import (
    Call,
    Callback,
    Feedback,
    NoMatterKind,
    Outcome,
    Resolution,
    Satisfaction,
    Ticket,
    db,
)
from tests.stories.any_day.trying import NTH, WHO, Trying


class Callers(Trying):
    """Ring back, close, sign, merge, link, reopen; by the right people and by the wrong ones."""

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

"""How anybody tries anything: whom and what a day picks, and that a refusal is fine."""

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from hotline.errors import HotlineError
from hotline.handoffs import jobs as handoff_jobs
from hotline.tickets.lifecycle import RULES, may
from hotline.unit_of_work import unit_of_work
from models import Ticket, TicketStatus, db
from tests.stages import log_call

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


class Trying(RuleBasedStateMachine):
    """People of the house try things; refusals are fine."""

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

    def all(self, table):
        return db.session.scalars(db.select(table)).all()

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

"""Any order of anything anybody may try: what has to hold holds after every step.

Closed means told. Every ticket has exactly one accountable owner. Every call has a ticket. Nobody
approves their own act. A merged ticket leads to one of the same caller.
"""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from hotline.unit_of_work import unit_of_work
from models import Feedback, TicketEvent, db
from tests.stages import make_house
from tests.stories.any_day.callers import Callers
from tests.stories.any_day.departments import Departments
from tests.stories.any_day.promises import Promises

STATIONS = {"hand_off:queued", "accept:accepted", "answer:answered", "close:closed"}


class AnyDay(Departments, Callers, Promises):
    """People of the house try things in any order; refusals are fine, broken promises are not."""


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

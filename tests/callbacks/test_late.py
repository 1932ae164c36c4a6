"""A promise that was broken stays broken until the caller is reached; no ring in vain mends it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.callbacks.jobs import remind_of_callbacks
from hotline.figures import queries as figures
from hotline.tickets.filters import Asked, Filter, count
from hotline.unit_of_work import unit_of_work
from hotline.workspace import queries as workspace
from models import Callback, CallbackKind, Outcome, Role, User
from tests.makers import make_ticket, make_user

LIMIT = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)  # Tuesday 17:30
A_DAY_LATE = datetime(2026, 11, 18, 7, tzinfo=UTC)  # Wednesday 15:00


@pytest.fixture
def operator(app, clock) -> User:
    return make_user(Role.OPERATOR)


@pytest.fixture
def owed(operator, clock) -> Callback:
    """A result to be told by Tuesday 17:30, as the operator promised on Monday."""
    ticket = make_ticket()
    with unit_of_work():
        return callbacks.promise(
            ticket, CallbackKind.TELL, at=clock(), owner=operator, due_at=LIMIT
        )


def ring(callback: Callback, actor: User, at: datetime, outcome: Outcome, **how: object) -> None:
    with unit_of_work():
        callbacks.record_attempt(callback, outcome, actor=actor, at=at, **how)


def overdue(viewer: User, at: datetime) -> tuple[int, int]:
    """How many the figure counts as overdue, and how many as due today."""
    asked = Asked(viewer, at)
    return (
        count(figures.FIGURES["callback_overdue"], asked),
        count(Filter(state="callback_due"), asked),
    )


def test_a_ring_in_vain_after_the_limit_leaves_the_promise_broken(owed, operator, clock, sign_in):
    clock.set(A_DAY_LATE)
    assert overdue(operator, clock()) == (1, 0)
    ring(owed, operator, clock(), Outcome.NO_ANSWER)

    assert owed.due_at > clock()  # the next try, this evening
    assert owed.first_due_at == LIMIT
    assert overdue(operator, clock()) == (1, 0)
    assert owed in workspace.work_of(operator, at=clock()).callbacks

    client = sign_in(operator)
    for address in ("/callbacks", f"/callbacks/{owed.id}", f"/callbacks/{owed.id}/reckoning"):
        page = client.get(address).get_data(as_text=True)
        assert "原承诺昨天17:30前，首次拨打今天15:00：晚了21小时30分钟" in page, address
    page = client.get("/callbacks").get_data(as_text=True)
    assert "已超时21小时" in page
    assert "下次拨打：今天21:00前" in page
    assert '<h2 class="h3">超时</h2>' in page
    assert '<h2 class="h3">稍后</h2>' not in page


def test_it_is_over_when_the_caller_is_reached(owed, operator, clock):
    clock.set(A_DAY_LATE)
    ring(owed, operator, clock(), Outcome.NO_ANSWER)
    clock.set(owed.not_before_at)
    ring(owed, operator, clock(), Outcome.REACHED)
    assert overdue(operator, clock()) == (0, 0)


def test_a_first_ring_in_time_keeps_the_clock_and_the_next_try_has_its_own(
    owed, operator, clock, sign_in
):
    clock.set(LIMIT - timedelta(hours=1))
    ring(owed, operator, clock(), Outcome.NO_ANSWER)
    next_try = owed.due_at
    clock.set(next_try - timedelta(minutes=5))
    assert clock() > LIMIT
    assert overdue(operator, clock()) == (0, 1)
    page = sign_in(operator).get(f"/callbacks/{owed.id}").get_data(as_text=True)
    assert "原承诺今天17:30前，首次拨打今天16:30：按时" in page
    assert overdue(operator, next_try) == (1, 0)


def test_another_time_that_the_caller_wants_is_a_new_promise(owed, operator, clock):
    clock.set(A_DAY_LATE)
    ring(owed, operator, clock(), Outcome.LATER, later="in_1_hour")
    agreed = owed.due_at
    assert owed.first_due_at == agreed
    assert overdue(operator, clock()) == (0, 1)

    clock.set(agreed + timedelta(hours=1))  # and that one is broken in its turn
    ring(owed, operator, clock(), Outcome.NO_ANSWER)
    assert owed.was_rung_late
    assert overdue(operator, clock()) == (1, 0)


def test_each_limit_is_reminded_of_once(owed, operator, clock):
    clock.set(A_DAY_LATE)
    assert remind_of_callbacks() == 1
    ring(owed, operator, clock(), Outcome.NO_ANSWER)
    clock.advance(minutes=30)
    assert remind_of_callbacks() == 0  # broken still, and known
    clock.advance(hours=17)  # the next try was for this evening, and nobody rang
    assert remind_of_callbacks() == 1
    assert remind_of_callbacks() == 0


def test_the_next_try_is_reminded_of_before_its_own_limit(owed, operator, clock):
    clock.set(A_DAY_LATE)
    assert remind_of_callbacks() == 1
    ring(owed, operator, clock(), Outcome.NO_ANSWER)
    clock.set(owed.due_at - timedelta(minutes=1))
    assert remind_of_callbacks() == 1
    assert remind_of_callbacks() == 0


def test_one_rule_gives_a_due_time_its_colour_wherever_it_stands(operator, clock, sign_in):
    """A safety callback, two hours from the alarm: calm, and urgent in the last half hour."""
    ticket = make_ticket(operator=operator)
    with unit_of_work():
        safety = callbacks.promise(ticket, CallbackKind.SAFETY, at=clock(), owner=operator)
    addresses = ("/workspace", "/callbacks", f"/callbacks/{safety.id}", "/duty/hand-over")
    for minutes, tone in ((1, "good"), (95, "warn"), (40, "bad")):
        clock.advance(minutes=minutes)
        client = sign_in(operator)
        for address in addresses:
            page = client.get(address).get_data(as_text=True)
            assert re.findall(r'"hy-badge hy-due hy-(\w+)"', page) == [tone], (address, minutes)
    assert 'title="今天11:30到期"' in client.get("/workspace").get_data(as_text=True)

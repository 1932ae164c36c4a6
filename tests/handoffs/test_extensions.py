"""More time for a department: asked once and before the limit, decided by somebody else, told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import extension_jobs, extensions, queries
from hotline.handoffs import service as handoffs
from hotline.handoffs.moves import Why
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import (
    Extension,
    Handoff,
    Level,
    Notification,
    Role,
    Ticket,
    TicketEvent,
    Urgency,
    UserRole,
    db,
)
from tests.handoffs.house import accept, answer, at, hand_off, make_house, set_ticket, wait
from tests.makers import make_user

LIMIT = "2026-11-23 17:30"  # five working days from Monday the 16th


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))  # a Monday
    house = make_house()
    hand_off(house)
    return house


def ask(house, clock, until="2026-11-26 17:30", by=None, reason="需要调取工资流水"):
    with unit_of_work():
        return handoffs.ask_extension(
            house.ticket, actor=by or house.handler, at=clock.time, until=at(until), reason=reason
        )


def ask_level(house, clock, level=Level.DIFFICULT):
    with unit_of_work():
        return handoffs.ask_level(
            house.ticket, actor=house.handler, at=clock.time, level=level, reason="涉及劳务派遣"
        )


def grant(house, clock, by=None, **how):
    with unit_of_work():
        return handoffs.grant_extension(
            house.ticket, actor=by or house.supervisor, at=clock.time, **how
        )


def refuse(house, clock, reason="流水本周可取"):
    with unit_of_work():
        return handoffs.refuse_extension(
            house.ticket, actor=house.supervisor, at=clock.time, reason=reason
        )


def running() -> Handoff:
    db.session.expire_all()
    return db.session.scalars(select(Handoff).where(Handoff.ended_at.is_(None))).one()


def late_at(when) -> bool:
    return running().handle_due_at < when


def test_while_nobody_decides_the_clock_runs(house, clock):
    asked = ask(house, clock)
    assert running().handle_due_at == at(LIMIT)
    assert asked.due_at == at("2026-11-16 11:30")
    (listed,) = queries.extensions_to_decide(house.supervisor).handoffs
    assert extensions.undecided(listed) == asked


def test_granted_the_limit_moves_and_says_why(house, clock):
    asked = ask(house, clock)
    with unit_of_work():
        running().handle_reminded_at = clock.time
    clock.advance(minutes=20)
    grant(house, clock)

    handoff = running()
    assert handoff.handle_due_at == at("2026-11-26 17:30")
    assert handoff.handle_reminded_at is None  # warned anew, for the new limit
    (step,) = handoff.moves
    assert (step["why"], step["extension"]) == (Why.EXTENSION, asked.id)
    assert (asked.from_due_at, asked.to_due_at) == (at(LIMIT), at("2026-11-26 17:30"))
    assert (asked.decided_by_id, asked.is_granted) == (house.supervisor.id, True)
    assert queries.extensions_to_decide(house.supervisor).handoffs == []


def test_granted_on_another_day_than_asked(house, clock):
    ask(house, clock)
    grant(house, clock, until=at("2026-11-25 17:30"))
    assert running().handle_due_at == at("2026-11-25 17:30")


@pytest.mark.parametrize("until", [LIMIT, "2026-11-20 17:30", "2026-12-01 17:30"])
def test_only_for_a_day_after_the_limit_and_at_most_as_long_again(house, clock, until):
    with pytest.raises(Invalid) as refused:
        ask(house, clock, until=until)
    assert refused.value.field == "until"
    assert ask(house, clock, until="2026-11-30 17:30").until_at == at("2026-11-30 17:30")
    with pytest.raises(Invalid):
        grant(house, clock, until=at(until))


def test_asked_a_minute_before_the_limit_and_granted_after_it_it_was_never_late(house, clock):
    accept(house)
    clock.set(at("2026-11-23 17:29"))
    ask(house, clock)
    clock.set(at("2026-11-24 09:10"))
    assert late_at(clock.time)  # undecided, the clock runs
    grant(house, clock)
    assert not late_at(clock.time)
    answer(house)
    done = db.session.scalars(select(Handoff)).one()
    assert done.answered_at < done.handle_due_at


def test_refused_it_is_late_from_the_old_limit_on(house, clock):
    accept(house)
    clock.set(at("2026-11-23 17:29"))
    ask(house, clock)
    clock.set(at("2026-11-24 09:10"))
    asked = refuse(house, clock)
    assert asked.is_granted is False
    why = select(TicketEvent.reason).where(TicketEvent.kind == "refuse_extension")
    assert db.session.scalars(why).one() == "流水本周可取"
    assert running().handle_due_at == at(LIMIT)
    assert late_at(clock.time)


def test_a_minute_after_the_limit_it_is_too_late_to_ask(house, clock):
    clock.set(at("2026-11-23 17:31"))
    with pytest.raises(TransitionRefused, match="over"):
        ask(house, clock)
    with pytest.raises(TransitionRefused, match="over"):
        ask_level(house, clock)


@pytest.mark.parametrize("decide", [grant, refuse])
def test_asked_for_once_whatever_became_of_it(house, clock, decide):
    ask(house, clock)
    with pytest.raises(TransitionRefused, match="already"):
        ask(house, clock)
    decide(house, clock)
    with pytest.raises(TransitionRefused, match="once"):
        ask(house, clock)


def test_what_lasted_too_long_to_decide_gets_another_day_or_is_refused(house, clock):
    accept(house)
    ask(house, clock)
    clock.set(at("2026-11-27 09:00"))
    with pytest.raises(Invalid, match="over as well") as refused:
        grant(house, clock)
    assert refused.value.field == "until"
    grant(house, clock, until=at("2026-11-30 17:30"))
    assert running().handle_due_at == at("2026-11-30 17:30")


def test_nobody_decides_what_they_asked_for(house, clock):
    with unit_of_work():
        house.handler.role_rows.append(UserRole(role=Role.SUPERVISOR))
    ask(house, clock)
    with pytest.raises(Forbidden, match="themselves"):
        grant(house, clock, by=house.handler)
    grant(house, clock)


def test_a_refusal_says_why_and_a_request_too(house, clock):
    with pytest.raises(TransitionRefused) as refused:
        ask(house, clock, reason=" ")
    assert refused.value.field == "reason"
    ask(house, clock)
    with pytest.raises(TransitionRefused) as refused:
        refuse(house, clock, reason=" ")
    assert refused.value.field == "reason"


def test_nothing_to_decide_before_anybody_asks_or_after_it_came_back(house, clock):
    with pytest.raises(TransitionRefused, match="Nobody asks"):
        grant(house, clock)
    ask(house, clock)
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="自己办")
    assert queries.extensions_to_decide(house.supervisor).handoffs == []
    assert extension_jobs.remind_to_decide_extensions() == 0


def test_a_new_department_and_a_rework_may_ask_again(house, clock):
    ask(house, clock)
    refuse(house, clock)
    answer(house)
    with unit_of_work():
        again = handoffs.rework(
            house.ticket, actor=house.operator, at=clock.time, reason="没有解决"
        )
    due = again.handle_due_at
    assert due == at("2026-11-19 17:30")
    ask(house, clock, until="2026-11-24 17:30")  # three working days more
    grant(house, clock)
    assert running().handle_due_at == at("2026-11-24 17:30")


def test_asked_shortly_before_the_limit_it_is_decided_by_the_limit(house, clock):
    accept(house)
    clock.set(at("2026-11-23 17:00"))
    assert ask(house, clock).due_at == at(LIMIT)


def test_what_became_more_urgent_is_decided_by_the_nearer_limit(house, clock):
    asked = ask(house, clock)
    with unit_of_work():
        house.ticket.urgency = Urgency.CRITICAL
        clock.advance(minutes=-30)
        handoffs.follow_urgency(house.ticket, Urgency.NORMAL, at=clock.time)
    assert running().handle_due_at == at("2026-11-16 11:00")
    assert asked.due_at == at("2026-11-16 11:00")


def test_supervisors_and_the_head_hear_that_somebody_asks(house, clock):
    ask(house, clock)
    heard = select(Notification.user_id).where(
        Notification.dedupe_key.startswith("extension_asked")
    )
    assert set(db.session.scalars(heard)) == {house.supervisor.id, house.head.id}


def end_wait(house, clock):
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock.time)


def test_while_the_clock_stands_still_nobody_asks(house, clock):
    accept(house)
    wait(house, at("2026-11-18 17:30"))
    with pytest.raises(TransitionRefused, match="stands still"):
        ask(house, clock)


def test_a_pause_moves_the_day_that_was_asked_for_as_it_moves_the_limit(house, clock):
    accept(house)
    ask(house, clock)
    wait(house, at("2026-11-18 17:30"))
    clock.set(at("2026-11-17 09:30"))  # after one day of work
    end_wait(house, clock)
    handoff = running()
    assert handoff.handle_due_at == at("2026-11-24 17:30")
    grant(house, clock)
    assert running().handle_due_at == at("2026-11-27 17:30")


def test_granted_while_it_waits_the_pause_moves_the_new_limit(house, clock):
    accept(house)
    ask(house, clock)
    wait(house, at("2026-11-18 17:30"))
    grant(house, clock)
    assert running().handle_due_at == at("2026-11-26 17:30")
    clock.set(at("2026-11-17 09:30"))
    end_wait(house, clock)
    assert running().handle_due_at == at("2026-11-27 17:30")
    assert [step["why"] for step in running().moves] == [Why.EXTENSION, Why.PAUSE]


def test_a_higher_level_gives_its_limit_from_the_hand_off_on(house, clock):
    clock.set(at("2026-11-18 10:00"))
    asked = ask_level(house, clock)
    grant(house, clock)
    assert db.session.get(Ticket, house.ticket.id).level is Level.DIFFICULT
    assert running().handle_due_at == at("2026-12-07 17:30")
    (step,) = running().moves
    assert (step["why"], step["extension"]) == (Why.LEVEL, asked.id)


def test_a_level_and_a_later_day_are_asked_for_one_after_the_other(house, clock):
    ask_level(house, clock)
    with pytest.raises(TransitionRefused, match="already"):
        ask(house, clock)
    grant(house, clock)
    ask(house, clock, until="2026-12-10 17:30")
    grant(house, clock)
    assert running().handle_due_at == at("2026-12-10 17:30")


@pytest.mark.parametrize("level", [Level.ORDINARY, Level.CONSULTATION])
def test_no_lower_level_is_asked_for(house, clock, level):
    with pytest.raises(Invalid) as refused:
        ask_level(house, clock, level)
    assert refused.value.field == "level"


def test_of_an_urgent_matter_a_level_gives_no_more_time(house, clock):
    set_ticket(house.ticket, urgency=Urgency.URGENT)
    with pytest.raises(Invalid, match="no more time"):
        ask_level(house, clock)


def test_a_level_whose_limit_was_granted_already_gives_no_more_time(house, clock):
    administrator = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("handle_difficult_days", 8, actor=administrator, at=clock.time)
    ask(house, clock, until="2026-11-26 17:30")  # the eighth working day
    grant(house, clock)
    with pytest.raises(Invalid) as refused:
        ask_level(house, clock)
    assert refused.value.field == "level"


def test_a_rework_has_no_level_to_ask_for(house, clock):
    answer(house)
    with unit_of_work():
        handoffs.rework(house.ticket, actor=house.operator, at=clock.time, reason="没有解决")
    with pytest.raises(TransitionRefused, match="rework"):
        ask_level(house, clock)


def test_of_a_critical_matter_at_most_the_next_working_day(app, clock):
    clock.set(at("2026-11-16 09:30"))
    house = make_house()
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    hand_off(house)
    assert running().handle_due_at == at("2026-11-16 11:30")
    with pytest.raises(Invalid):
        ask(house, clock, until="2026-11-18 17:30")
    ask(house, clock, until="2026-11-17 17:30")
    grant(house, clock)
    assert running().handle_due_at == at("2026-11-17 17:30")


def test_the_database_keeps_the_rules_too(house, clock):
    asked = ask(house, clock)
    row = {"id": asked.id, "handler": house.handler.id, "now": clock.time}
    wrong = {
        "decided_by_another": "decided_at=:now, decided_by_id=:handler, is_granted=false",
        "decided": "is_granted=true",
        "day_or_level": "level='difficult'",
    }
    for change in wrong.values():
        statement = sa.text(f"UPDATE extensions SET {change} WHERE id=:id")
        with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as connection:
            connection.execute(statement, row)
    twice = Extension(
        handoff_id=asked.handoff_id,
        asked_at=clock.time,
        asked_by_id=house.handler.id,
        reason="再来一次",
        until_at=asked.until_at + timedelta(days=1),
        due_at=clock.time,
    )
    with pytest.raises(sa.exc.IntegrityError), unit_of_work():
        db.session.add(twice)


def test_another_supervisor_decides_for_a_keeper_who_asked(house, clock):
    other = make_user(Role.SUPERVISOR)
    with unit_of_work():
        house.handler.is_active = house.head.is_active = False
        house.legal.keeper_id = house.supervisor.id
    ask(house, clock, by=house.supervisor)
    with pytest.raises(Forbidden):
        grant(house, clock)
    grant(house, clock, by=other)
    assert running().handle_due_at == at("2026-11-26 17:30")

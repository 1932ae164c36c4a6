"""What is late is told within a minute: by /readyz, by /metrics, and to people when it is over."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.callbacks import service as callbacks
from hotline.callbacks.jobs import remind_of_callbacks
from hotline.handoffs import jobs as handoffs
from hotline.handoffs.service import ask_assist
from hotline.operations import lateness, ticking
from hotline.operations.jobs import mark_tick
from hotline.outbox.jobs import deliver_due_messages
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import (
    CallbackKind,
    Channel,
    Handoff,
    Mark,
    MessageStatus,
    Notification,
    OutboxMessage,
    Role,
    TicketStatus,
    User,
    db,
)
from tests.handoffs.house import House, accept, answer, at, hand_off, make_house
from tests.makers import make_ticket, make_user

LATE = timedelta(seconds=46)  # less than a minute


@pytest.fixture
def operator(app, clock) -> User:
    return make_user(Role.OPERATOR)


def owe(promised_at, due_at, owner: User, kind: CallbackKind = CallbackKind.TELL) -> None:
    ticket = make_ticket()
    with unit_of_work():
        callbacks.promise(ticket, kind, at=promised_at, owner=owner, due_at=due_at)


def leave(message_due_at, **what) -> None:
    with unit_of_work():
        db.session.add(
            OutboxMessage(
                dedupe_key="k", channel=Channel.EMAIL, kind="x", address="a@b.example", body="",
                status=MessageStatus.PENDING, due_at=message_due_at, created_at=message_due_at,
                **what,
            )
        )  # fmt: skip


def ready(client) -> tuple[int, list[str]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json["late"]


def told(user: User) -> list[Notification]:
    found = db.select(Notification).where(Notification.dedupe_key.startswith("ticker_slept"))
    return list(db.session.scalars(found.where(Notification.user_id == user.id)))


class TestReady:
    def test_a_ticker_that_sleeps_is_late_within_a_minute(self, client, clock):
        mark_tick()
        clock.advance(seconds=45)
        assert ready(client) == (200, [])
        clock.advance(seconds=1)
        assert ready(client) == (503, ["ticker"])
        mark_tick()
        assert ready(client) == (200, [])

    def test_a_callback_nobody_was_told_of_is_late_within_a_minute(self, client, clock, operator):
        owe(clock(), clock() + timedelta(hours=1), operator)
        clock.advance(hours=1)
        assert ready(client) == (200, [])
        clock.advance(seconds=LATE.total_seconds())
        mark_tick()
        assert ready(client) == (503, ["reminders"])
        remind_of_callbacks()
        deliver_due_messages()
        assert ready(client) == (200, [])

    def test_a_message_that_does_not_leave_is_late_within_a_minute(self, client, clock):
        leave(clock())
        clock.advance(seconds=44)
        assert ready(client) == (200, [])
        clock.advance(seconds=2)
        assert ready(client) == (503, ["messages"])

    def test_what_may_not_be_told_at_night_is_not_late_and_in_the_morning_only_after_a_while(
        self, client, clock, operator
    ):
        clock.advance(hours=12)  # 21:30
        owe(clock(), clock() + timedelta(minutes=5), operator)
        leave(clock(), not_at_night=True)
        clock.advance(hours=10)  # 07:30
        assert ready(client) == (200, [])
        clock.advance(minutes=30)
        assert ready(client) == (200, []), "the sweep comes round every half minute"
        clock.advance(minutes=1)
        assert ready(client) == (503, ["messages"])  # the callback is due later in the morning

    def test_an_emergency_is_late_at_night_too(self, client, clock, operator):
        clock.advance(hours=13)
        owe(clock(), clock() + timedelta(minutes=5), operator, CallbackKind.SAFETY)
        clock.advance(minutes=6)
        assert ready(client) == (503, ["reminders"])

    def test_what_a_supervisor_keeps_back_is_not_late(self, client, clock):
        boss = make_user(Role.SUPERVISOR)
        leave(clock())
        with unit_of_work():
            policies.set_value("messages_leave", 0, actor=boss, at=clock())
        clock.advance(hours=3)
        assert ready(client) == (200, [])


class TestDepartments:
    """A limit that is over and of which no department was told is as late as a callback."""

    @pytest.fixture
    def house(self, app, clock) -> House:
        house = make_house()
        hand_off(house)  # Monday 09:30: sign by 11:30, answer by next Monday 17:30
        return house

    @staticmethod
    def ready_at(client, clock, moment: str) -> tuple[int, list[str]]:
        clock.set(at(moment))
        mark_tick()
        deliver_due_messages()
        return ready(client)

    def test_a_limit_to_accept(self, client, clock, house):
        assert self.ready_at(client, clock, "2026-11-16 11:31:14") == (200, [])
        assert self.ready_at(client, clock, "2026-11-16 11:31:15") == (503, ["reminders"])
        assert lateness.oldest_due(clock()) == timedelta(seconds=75)
        handoffs.remind_departments_to_accept()
        assert self.ready_at(client, clock, "2026-11-16 11:32:00") == (200, [])

    def test_a_limit_to_answer_in_the_hours_of_the_department(self, client, clock, house):
        accept(house)
        assert self.ready_at(client, clock, "2026-11-23 20:00:00") == (200, [])
        assert self.ready_at(client, clock, "2026-11-24 08:30:30") == (200, []), "just opened"
        assert lateness.oldest_due(clock()) == timedelta(0)
        assert self.ready_at(client, clock, "2026-11-24 08:31:15") == (503, ["reminders"])
        handoffs.remind_departments_to_answer()
        assert self.ready_at(client, clock, "2026-11-24 08:32:00") == (200, [])

    def test_told_that_it_will_be_over_is_not_told_that_it_is(self, client, clock, house):
        accept(house)
        clock.set(at("2026-11-20 16:00"))
        assert handoffs.remind_departments_to_answer() == 1
        assert self.ready_at(client, clock, "2026-11-24 09:00:00") == (503, ["reminders"])

    def test_where_the_limit_to_answer_is_over_it_alone_is_told(self, client, clock, house):
        clock.set(at("2026-11-24 09:00"))
        handoffs.remind_departments_to_answer()
        assert self.ready_at(client, clock, "2026-11-24 09:05:00") == (200, [])

    def test_what_waits_for_the_caller_is_not_late(self, client, clock, house):
        accept(house)
        with unit_of_work():
            db.session.scalars(sa.select(Handoff)).one().paused_at = clock()
        assert self.ready_at(client, clock, "2026-11-24 09:00:00") == (200, [])

    def test_who_still_assists_when_the_answer_is_there(self, client, clock, house):
        accept(house)
        with unit_of_work():
            ask_assist(house.ticket, house.women, actor=house.operator, at=clock(), note="核实")
        answer(house)
        assert house.ticket.status is TicketStatus.ANSWERED
        clock.set(at("2026-11-24 08:59"))
        assert remind_of_callbacks() == 1  # the caller is to be told
        assert self.ready_at(client, clock, "2026-11-24 09:00:00") == (503, ["reminders"])

    @staticmethod
    def ready_before_sleep(clock, moment: str) -> None:
        """All that was to be sent has left, and the ticker ticks a last time."""
        clock.set(at(moment))
        mark_tick()
        deliver_due_messages()

    def test_what_was_signed_before_the_sleep_was_not_late(self, clock, house):
        accept(house)
        self.ready_before_sleep(clock, "2026-11-16 11:00")
        clock.set(at("2026-11-16 11:40"))
        mark_tick()
        assert told(house.supervisor)[-1].params["count"] == 0

    def test_after_a_sleep_the_limits_that_ended_meanwhile_are_counted(self, clock, house):
        boss = house.supervisor
        self.ready_before_sleep(clock, "2026-11-16 10:00")
        clock.set(at("2026-11-16 11:40"))
        mark_tick()
        assert told(boss)[-1].params["count"] == 1, "the one to accept, and not the one to answer"
        accept(house)
        self.ready_before_sleep(clock, "2026-11-23 17:29")
        clock.set(at("2026-11-23 18:00"))
        mark_tick()
        assert told(boss)[-1].params["count"] == 1, "the one to answer, and no more the other"


class TestWaking:
    @pytest.mark.parametrize("slept", [{"minutes": 2}, {"hours": 1}, {"hours": 72}])
    def test_who_answers_for_the_hotline_hears_which_time_was_slept_through_once(
        self, clock, operator, slept
    ):
        those = [make_user(Role.SUPERVISOR), make_user(Role.ADMINISTRATOR)]
        mark_tick()
        since = clock()
        owe(clock(), clock() + timedelta(seconds=30), operator, CallbackKind.SAFETY)
        leave(clock() + timedelta(seconds=40))
        clock.advance(**slept)
        for _ in range(3):
            mark_tick()
            remind_of_callbacks()
            clock.advance(seconds=15)
        for person in those:
            (notice,) = told(person)
            assert notice.is_urgent
            assert notice.params["count"] == 2
            assert "%(count)d reminders" in notice.text
            assert notice.params["since"] == {"at": since.isoformat()}
            letters = sa.select(OutboxMessage).where(OutboxMessage.kind == "ticker_slept")
            assert person.email in {one.address for one in db.session.scalars(letters)}
        assert told(operator) == []

    def test_what_was_done_in_time_by_others_was_not_late(self, clock, operator):
        boss = make_user(Role.SUPERVISOR)
        mark_tick()
        leave(clock() + timedelta(seconds=10))
        clock.advance(seconds=20)
        deliver_due_messages()  # by a job
        clock.advance(hours=1)
        mark_tick()
        assert told(boss)[0].params["count"] == 0
        assert told(boss)[0].text.endswith("nothing is late for it.")

    def test_callers_of_whom_somebody_was_told_in_time_were_not_late(self, clock, operator):
        """Nor those whose time came before the sleep, or will come."""
        boss = make_user(Role.SUPERVISOR)
        owe(clock(), clock() + timedelta(seconds=10), operator)
        clock.advance(seconds=20)
        mark_tick()
        owe(clock(), clock() + timedelta(seconds=10), operator)
        owe(clock(), clock() + timedelta(hours=2), operator)
        clock.advance(seconds=15)
        assert remind_of_callbacks() == 2  # by another process, which did not tick
        deliver_due_messages()
        leave(clock() + timedelta(hours=2))
        clock.advance(hours=1)
        mark_tick()
        assert told(boss)[0].params["count"] == 0

    def test_another_sleep_is_another_alarm_and_a_short_pause_is_none(self, app, clock):
        boss = make_user(Role.SUPERVISOR)
        for pause, alarms in ((60, 0), (61, 1), (15, 1), (3600, 2)):
            mark_tick()
            clock.advance(seconds=pause)
            mark_tick()
            assert len(told(boss)) == alarms

    def test_what_cannot_be_told_does_not_stop_the_ticker(self, app, clock, monkeypatch):
        mark_tick()
        clock.advance(hours=1)
        monkeypatch.setattr(ticking, "_tell", lambda *_: 1 / 0)
        mark_tick()
        assert db.session.get_one(Mark, "tick").at == clock()

    def test_the_time_before_the_demo_began_was_no_sleep(self, app, clock):
        boss = make_user(Role.SUPERVISOR)
        mark_tick()
        clock.advance(days=1)
        with unit_of_work():
            db.session.add(Mark(name="demo_began", at=clock()))
        clock.advance(minutes=1)
        mark_tick()
        assert told(boss) == []

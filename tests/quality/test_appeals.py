"""One appeal, in words and in time, decided by somebody who did not score."""

from datetime import timedelta

import pytest

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.quality import queries, service
from hotline.unit_of_work import unit_of_work
from models import (
    Decision,
    Notification,
    Role,
    User,
    UserRole,
    db,
)
from tests.quality.house import (
    filled,
    person,
    row,
    score,
    second,
)


def test_whom_the_ticket_is_about_does_not_hear_of_the_appeal(house, call, clock):
    score(row(call), clock(), lost=5)
    with unit_of_work():
        row(call).ticket.about_user_id = house["supervisor"].id
        service.appeal(row(call), "录音里报了单位", actor=person(house, "operator"), at=clock())
    told = db.session.scalars(
        db.select(Notification.user_id).where(
            Notification.dedupe_key.startswith("inspection_appealed:")
        )
    )
    assert house["supervisor"].id not in set(told)


def test_the_story_of_an_appeal(house, call, clock):
    score(row(call), clock(), lost=5)
    operator = person(house, "operator")
    clock.advance(days=2)
    with unit_of_work():
        service.appeal(row(call), "录音里报了单位", actor=person(house, "operator"), at=clock())
    first, other = row(call).inspector, second(house, row(call))
    assert [one.id for one in queries.appeals_waiting(person(house, other))[0]] == [call]
    assert queries.appeals_waiting(first) == ([], [])
    told = db.session.scalars(
        db.select(Notification.user_id).where(
            Notification.dedupe_key.startswith("inspection_appealed:")
        )
    )
    assert set(told) == {house["supervisor"].id, house[other].id}
    with unit_of_work():
        better = filled(row(call))
        service.change(row(call), better, "录音属实", actor=person(house, other), at=clock())
    db.session.expire_all()
    decided = row(call)
    assert (decided.decision, decided.total) == (Decision.CHANGED, 100)
    assert [event.kind for event in decided.events] == ["assign", "score", "appeal", "change"]
    assert [event.data.get("total") for event in decided.events] == [None, 95, None, 100]
    assert decided.events[1].data["marks"] != decided.events[3].data["marks"]
    with pytest.raises(TransitionRefused), unit_of_work():
        service.appeal(row(call), "再来", actor=db.session.get_one(User, operator.id), at=clock())


def appealed(house, call, clock):
    score(row(call), clock(), lost=5)
    with unit_of_work():
        service.appeal(row(call), "录音里报了单位", actor=person(house, "operator"), at=clock())


def test_an_appeal_may_be_upheld_with_a_reason(house, call, clock):
    appealed(house, call, clock)
    other = second(house, row(call))
    with pytest.raises(Invalid) as refused, unit_of_work():
        service.uphold(row(call), " ", actor=person(house, other), at=clock())
    assert refused.value.field == "reason"
    with unit_of_work():
        service.uphold(row(call), "录音没有", actor=person(house, other), at=clock())
    assert (row(call).decision, row(call).total) == (Decision.UPHELD, 95)


def test_who_scored_decides_nothing(house, call, clock):
    appealed(house, call, clock)
    with pytest.raises(Forbidden), unit_of_work():
        service.uphold(row(call), "就是这样", actor=row(call).inspector, at=clock())


def test_who_had_a_part_decides_nothing(house, call, clock):
    """The handler of the ticket, who reviews besides."""
    appealed(house, call, clock)
    with unit_of_work():
        db.session.add(UserRole(user_id=house["handler"].id, role=Role.REVIEWER))
    with pytest.raises(Forbidden), unit_of_work():
        service.uphold(row(call), "维持", actor=person(house, "handler"), at=clock())


def test_one_appeals_in_time(house, call, clock):
    score(row(call), clock(), lost=5)  # Monday: until the close of the next Monday
    assert row(call).appeal_until_at == clock() + timedelta(days=7, hours=8)
    clock.advance(days=7, hours=8, minutes=1)
    with pytest.raises(TransitionRefused), unit_of_work():
        service.appeal(row(call), "录音里有", actor=person(house, "operator"), at=clock())


def test_one_appeals_for_oneself_and_in_words(house, call, clock):
    score(row(call), clock(), lost=5)
    with pytest.raises(Forbidden), unit_of_work():
        service.appeal(row(call), "录音里有", actor=person(house, "head"), at=clock())
    with pytest.raises(Invalid), unit_of_work():
        service.appeal(row(call), " ", actor=person(house, "operator"), at=clock())


def test_whose_score_is_changed_hears_of_it(house, call, clock):
    appealed(house, call, clock)
    with unit_of_work():
        decider = person(house, second(house, row(call)))
        service.change(row(call), filled(row(call)), "录音属实", actor=decider, at=clock())
    told = db.session.execute(
        db.select(Notification.user_id, Notification.text).where(
            Notification.dedupe_key.startswith(f"inspection_decided:{call}")
        )
    )
    texts = dict(told.tuples().all())
    assert set(texts) == {house["operator"].id, row(call).scored_by_id}
    assert "your score" in texts[row(call).scored_by_id]


def test_an_appeal_is_offered_to_those_who_may_decide(house, call, clock):
    appealed(house, call, clock)
    with unit_of_work():
        db.session.add(UserRole(user_id=house["handler"].id, role=Role.REVIEWER))

    def offered(name):
        return [[one.id for one in some] for some in queries.appeals_waiting(person(house, name))]

    scorer = next(n for n in ("reviewer", "second reviewer") if n != second(house, row(call)))
    assert offered(second(house, row(call))) == [[call], []]
    assert offered("supervisor") == [[call], []]
    assert offered("handler") == offered(scorer) == [[], []]


def test_an_appeal_that_nobody_may_decide_is_seen(house, call, clock, sign_in):
    """A house of one reviewer, who scored, and one supervisor, who had a part in the ticket."""
    appealed(house, call, clock)
    scorer = row(call).inspector_id
    with unit_of_work():
        db.session.get_one(User, house[second(house, row(call))].id).is_active = False
        row(call).ticket.operator_id = house["supervisor"].id
    mine, stuck = queries.appeals_waiting(db.session.get_one(User, scorer))
    assert (mine, [one.id for one in stuck]) == ([], [call])
    page = sign_in(house["supervisor"]).get("/quality").get_data(as_text=True)
    assert f"/quality/inspections/{call}" in page
    assert "无人可以裁定" in page

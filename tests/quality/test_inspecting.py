"""Scoring, sending an answer back before its callback, appealing and deciding."""

from datetime import timedelta

import pytest

from hotline.callbacks import queries as callbacks_seen
from hotline.callbacks import service as callbacks
from hotline.errors import Forbidden, Invalid, NotFound, TransitionRefused
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.quality import pages, queries, service, sheets
from hotline.quality.marks import Mark, Marks
from hotline.quality.sheets import Criterion, Section
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackAttempt,
    CallbackEnd,
    Decision,
    Handoff,
    Inspection,
    Notification,
    Outcome,
    Population,
    Resolution,
    Role,
    Ticket,
    TicketStatus,
    User,
    UserRole,
    Work,
    db,
)
from tests.quality.house import (
    answered,
    closed,
    draw,
    filled,
    make_inspected_house,
    score,
    sheets_of,
)


@pytest.fixture
def house(app, clock):
    return make_inspected_house()


@pytest.fixture
def answer(house, clock):
    """The sheet of an answer that nobody was told yet."""
    answered(house, clock())
    (sheet,) = sheets_of(draw(house, clock(), population=Population.ANSWERS))
    return sheet.id


@pytest.fixture
def call(house, clock):
    """The sheet of the operator's call on a closed ticket."""
    closed(house, clock())
    (sheet,) = sheets_of(draw(house, clock()), Work.CALL)
    return sheet.id


def row(inspection_id):
    return db.session.get_one(Inspection, inspection_id)


def person(house, name):
    return db.session.get_one(User, house[name].id)


def second(house, inspection):
    """The reviewer to whom it was not given."""
    names = ("reviewer", "second reviewer")
    return next(n for n in names if house[n].id != inspection.inspector_id)


def kinds(inspection):
    db.session.expire_all()
    return [event.kind for event in row(inspection).events]


# scoring


def test_a_sheet_is_scored_once_and_the_person_is_told(house, call, clock):
    score(row(call), clock(), lost=5)
    scored = row(call)
    assert (scored.total, scored.is_passed, scored.scored_by_id) == (95, True, scored.inspector_id)
    told = db.session.scalars(
        db.select(Notification.user_id).where(
            Notification.dedupe_key.startswith("inspection_scored:")
        )
    )
    assert set(told) == {house["operator"].id}
    with pytest.raises(TransitionRefused):
        score(row(call), clock())


def test_what_knocks_out_fails_however_good_the_rest(house, call, clock):
    score(row(call), clock(), broken=True)
    scored = row(call)
    assert (scored.total, scored.is_knocked_out, scored.is_passed) == (0, True, False)


def test_what_does_not_apply_counts_neither_way(house, call, clock):
    sheet = row(call)
    marks = dict(filled(sheet, lost=5).by_key)
    for key in list(marks)[2:]:
        marks[key] = Mark()
    with unit_of_work():
        service.score(row(call), Marks(marks), actor=row(call).inspector, at=clock())
    assert row(call).total == 67  # 10 of 15


def test_points_are_taken_away_with_a_word(house, call, clock):
    marks = filled(row(call))
    first = next(iter(marks.by_key))
    silent = Marks({**marks.by_key, first: Mark(0)})
    with pytest.raises(Invalid) as refused, unit_of_work():
        service.score(row(call), silent, actor=row(call).inspector, at=clock())
    assert refused.value.field == f"words_{first}"


def test_more_points_than_there_are_is_refused(house, call, clock):
    marks = filled(row(call))
    first = next(iter(marks.by_key))
    with pytest.raises(Invalid) as refused, unit_of_work():
        much = Marks({**marks.by_key, first: Mark(99)})
        service.score(row(call), much, actor=row(call).inspector, at=clock())
    assert refused.value.field == f"points_{first}"


def test_only_who_it_was_given_to_scores(house, call, clock):
    other = second(house, row(call))
    with pytest.raises(Forbidden), unit_of_work():
        service.score(row(call), filled(row(call)), actor=person(house, other), at=clock())
    with unit_of_work():
        service.take(row(call), actor=person(house, other), at=clock())
        service.score(row(call), filled(row(call)), actor=person(house, other), at=clock())
    assert row(call).scored_by_id == house[other].id
    assert kinds(call) == ["assign", "take", "score"]


@pytest.mark.parametrize("who", ["operator", "handler"])
def test_nobody_takes_over_the_own_work(house, call, clock, who):
    with unit_of_work():
        db.session.add(UserRole(user_id=house[who].id, role=Role.REVIEWER))
    with pytest.raises(Forbidden), unit_of_work():
        service.take(row(call), actor=person(house, who), at=clock())


@pytest.mark.parametrize("who", ["operator", "head", "administrator", "auditor"])
def test_nobody_else_scores(house, call, clock, who):
    with pytest.raises(Forbidden), unit_of_work():
        service.score(row(call), filled(row(call)), actor=person(house, who), at=clock())


# score sheets are data


def test_a_scored_sheet_keeps_its_version(house, call, clock):
    before = row(call).sheet_id
    short = (Section("态度", "Manner", (Criterion("", "礼貌", "Polite", 10),)),)
    with unit_of_work():
        made = service.publish(Work.CALL, short, actor=person(house, "supervisor"), at=clock())
        assert made.version == 2
    score(row(call), clock())
    assert row(call).sheet_id == before
    closed(house, clock())
    later = draw(house, clock(), reason="再抽", seed="b")
    assert {one.sheet.version for one in sheets_of(later, Work.CALL)} == {2}


def test_nothing_new_is_no_new_version(house, call, clock):
    with unit_of_work():
        same = sheets.sections_of(sheets.newest(Work.CALL))
        made = service.publish(Work.CALL, same, actor=person(house, "supervisor"), at=clock())
    assert made is None
    assert [one.version for one in sheets.versions(Work.CALL)] == [1]


@pytest.mark.parametrize(
    "content",
    [
        (),
        (Section("保密", "Confidence", (Criterion("", "泄露", "Told", 0),)),),
        (Section("", "Manner", (Criterion("", "礼貌", "Polite", 10),)),),
        (Section("态度", "Manner", (Criterion("", "", "Polite", 10),)),),
        (Section("态度", "Manner", tuple(Criterion("", "礼貌", "", 4) for _ in range(25))),),
    ],
)
def test_a_sheet_nobody_could_score_by_is_refused(house, clock, content):
    with pytest.raises(Invalid), unit_of_work():
        service.publish(Work.CALL, content, actor=person(house, "supervisor"), at=clock())


# before the callback


def test_an_answer_goes_back_before_the_caller_is_told(app, house, answer, clock):
    score(row(answer), clock(), lost=20)
    with app.test_request_context():
        assert pages.reason_of(row(answer)).endswith("没有逐条答复")
    with unit_of_work():
        actor = row(answer).inspector
        service.send_back(row(answer), "逐条答复", actor=actor, at=clock())
    ticket = row(answer).ticket
    assert ticket.status is TicketStatus.ACCEPTED
    assert ticket.closing_feedback_id is None
    passed = db.session.scalars(db.select(Handoff).order_by(Handoff.id)).all()
    rounds = [(one.round, one.note) for one in passed if one.department_id == house.legal.id]
    assert rounds == [(1, ""), (2, "逐条答复")]
    (promise,) = db.session.scalars(db.select(Callback)).all()
    assert promise.end is CallbackEnd.NOT_NEEDED  # the new answer promises anew
    assert kinds(answer) == ["assign", "score", "send_back"]


def test_only_a_scored_answer_goes_back(house, answer, clock):
    with pytest.raises(TransitionRefused), unit_of_work():
        service.send_back(row(answer), "逐条答复", actor=row(answer).inspector, at=clock())


def test_without_a_reason_nothing_goes_back(house, answer, clock):
    score(row(answer), clock(), lost=20)
    with pytest.raises(TransitionRefused) as refused, unit_of_work():
        service.send_back(row(answer), " ", actor=row(answer).inspector, at=clock())
    assert refused.value.field == "reason"


def test_the_second_rework_is_the_supervisors(house, answer, clock):
    score(row(answer), clock(), lost=20)
    with unit_of_work():
        row(answer).ticket.rework_count = 1
    assert not service.may_send_back(row(answer), row(answer).inspector)
    with pytest.raises(Forbidden), unit_of_work():
        service.send_back(row(answer), "再改", actor=row(answer).inspector, at=clock())


def test_an_old_answer_does_not_go_back_in_place_of_the_new_one(house, answer, clock):
    with unit_of_work():  # a supervisor inspects, who may ask for a second rework
        service.take(row(answer), actor=person(house, "supervisor"), at=clock())
    score(row(answer), clock(), lost=20)
    with unit_of_work():
        ticket = row(answer).ticket
        handoffs.rework(ticket, actor=person(house, "operator"), at=clock(), reason="没说清")
        what = handoffs.Answer(is_solved=True, report="再查", words="本周五补发")
        handoffs.answer(ticket, what, actor=person(house, "handler"), at=clock())
    assert not service.may_send_back(row(answer), person(house, "supervisor"))
    with pytest.raises(TransitionRefused), unit_of_work():
        actor = person(house, "supervisor")
        service.send_back(row(answer), "逐条答复", actor=actor, at=clock())
    assert row(answer).ticket.status is TicketStatus.ANSWERED


def reach(house, callback_id, clock):
    def ring():
        actor = person(house, "operator")
        callback = callbacks_seen.get(callback_id, viewer=actor)
        attempt = callbacks.record_attempt(callback, Outcome.REACHED, actor=actor, at=clock())
        feedback.close_in_call(
            callback.ticket,
            attempt,
            actor=actor,
            at=clock(),
            told="公司本周补发工资",
            resolution=Resolution.SOLVED,
        )

    return ring


def send(inspection_id, inspector_id, clock):
    def back():
        inspector = db.session.get_one(User, inspector_id)
        inspection = queries.get(inspection_id, viewer=inspector)
        service.send_back(inspection, "逐条答复", actor=inspector, at=clock())

    return back


def test_who_was_sent_back_first_is_not_rung(house, answer, clock):
    score(row(answer), clock(), lost=20)
    callback_id = db.session.scalars(db.select(Callback.id)).one()
    inspector_id = row(answer).inspector_id
    with unit_of_work():
        send(answer, inspector_id, clock)()
    with pytest.raises(TransitionRefused), unit_of_work():
        reach(house, callback_id, clock)()
    assert row(answer).ticket.status is TicketStatus.ACCEPTED


def test_who_was_told_first_keeps_the_answer(house, answer, clock):
    score(row(answer), clock(), lost=20)
    callback_id = db.session.scalars(db.select(Callback.id)).one()
    inspector_id = row(answer).inspector_id
    with unit_of_work():
        reach(house, callback_id, clock)()
    with pytest.raises(TransitionRefused), unit_of_work():
        send(answer, inspector_id, clock)()
    assert row(answer).ticket.status is TicketStatus.CLOSED


@pytest.mark.parametrize("first", ["reached", "sent back"])
def test_callback_and_rework_at_the_same_moment(both, house, answer, clock, first):
    """One of the two happens, whole; the caller never hears an answer that is being redone."""
    score(row(answer), clock(), lost=20)
    callback_id = db.session.scalars(db.select(Callback.id)).one()
    inspector_id = row(answer).inspector_id
    acts = [reach(house, callback_id, clock), send(answer, inspector_id, clock)]
    refusal = both(*acts) if first == "reached" else both(*reversed(acts))
    db.session.expire_all()
    ticket = row(answer).ticket
    assert isinstance(refusal, TransitionRefused)
    if first == "sent back":
        assert ticket.status is TicketStatus.ACCEPTED
        assert db.session.get_one(Callback, callback_id).end is CallbackEnd.NOT_NEEDED
        assert db.session.scalars(db.select(CallbackAttempt)).all() == []
    else:
        assert ticket.status is TicketStatus.CLOSED
        assert row(answer).sent_back_at is None
        assert kinds(answer) == ["assign", "score"]


# appeals


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
    assert [one.id for one in queries.appeals_to_decide(person(house, other))] == [call]
    assert queries.appeals_to_decide(first) == []
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


# who reads what


def seen(house, name):
    found = db.select(Inspection.id).join(Inspection.ticket)
    return set(db.session.scalars(found.where(queries.visible(person(house, name)))))


def test_whose_work_it_is_reads_it_when_it_is_scored_and_nothing_else(house, clock):
    closed(house, clock(), 2)
    sample = draw(house, clock())
    for name in ("operator", "handler", "head", "colleague", "auditor", "administrator"):
        assert seen(house, name) == set(), name
    for sheet in sheets_of(sample)[:3]:  # of one of the two tickets
        score(sheet, clock())
    scored = {one.id: one for one in sheets_of(sample) if one.scored_at}
    by_work = {one.work: one.id for one in scored.values()}
    assert seen(house, "operator") == {by_work[Work.CALL], by_work[Work.CALLBACK]}
    assert seen(house, "handler") == {by_work[Work.ANSWER]}
    assert seen(house, "head") == {by_work[Work.ANSWER]}
    assert seen(house, "colleague") == seen(house, "stranger") == set()
    assert len(seen(house, "reviewer")) == 6


def test_a_supervisor_who_takes_calls_does_not_see_the_own_draw(house, clock):
    house.people["operator"] = house["supervisor"]
    closed(house, clock())
    sample = draw(house, clock())
    own = {one.id for one in sheets_of(sample) if one.person_id == house["supervisor"].id}
    assert own
    assert own.isdisjoint(seen(house, "supervisor"))
    with pytest.raises(NotFound):
        queries.get(min(own), viewer=person(house, "supervisor"))


def test_the_database_lets_nobody_score_the_own_work(house, call, clock):
    scored = row(call)
    with pytest.raises(Exception, match="not_the_own_work"), unit_of_work():
        scored = row(call)
        scored.scored_at, scored.scored_by_id = clock(), scored.person_id
        scored.total = 100
        db.session.flush()
    assert db.session.get_one(Ticket, row(call).ticket_id).status is TicketStatus.CLOSED

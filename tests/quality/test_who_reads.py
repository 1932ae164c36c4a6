"""Who reads which sheet, and when."""

import pytest

from hotline.errors import NotFound
from hotline.quality import queries
from hotline.unit_of_work import unit_of_work
from models import (
    Inspection,
    Ticket,
    TicketStatus,
    Work,
    db,
)
from tests.quality.house import (
    closed,
    draw,
    person,
    row,
    score,
    sheets_of,
)


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

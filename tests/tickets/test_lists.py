"""Lists come in pages that neither skip nor repeat, and say plainly when a filter means nothing."""

import re

import pytest

from hotline.tickets import lists, reading
from hotline.tickets.filters import Asked, Filter
from hotline.unit_of_work import unit_of_work
from models import Role, TicketStatus, db
from tests.makers import make_category, make_department, make_ticket, make_user
from tests.stages import make_house, put


@pytest.fixture
def operator(app, clock):
    return make_user(Role.OPERATOR)


def test_pages_neither_skip_nor_repeat(operator, clock):
    made = []
    for i in range(7):
        made.append(make_ticket(phone=f"1391234560{i}").id)
        clock.advance(seconds=i % 2)  # some in the same instant
    asked, after, seen = Asked(operator, clock()), "", []
    for _ in range(4):
        page = lists.page_of(Filter(), asked, after=after, size=2)
        seen += [ticket.id for ticket in page.tickets]
        after = page.after
        if not after:
            break
    assert seen == sorted(made, reverse=True)


def test_a_page_shows_what_was_asked_for(operator, sign_in):
    ticket = make_ticket(operator=operator, category=make_category(), question="拖欠工资")
    page = sign_in(operator).get("/tickets?status=open&q=工资").get_data(as_text=True)
    assert ticket.number in page
    assert ticket.number not in sign_in(operator).get("/tickets?status=closed").get_data(
        as_text=True
    )


@pytest.mark.parametrize(
    "query",
    [
        "status=lost",
        "state=sad",
        "mark=x",
        "owner=-1",
        "department=1e9",
        "since=yesterday",
        "until=1",
    ],
)
def test_a_choice_that_means_nothing_is_said_to_mean_nothing(operator, sign_in, query):
    answer = sign_in(operator).get(f"/tickets?{query}")
    assert answer.status_code == 422
    assert re.search(r'class="hy-error"', answer.get_data(as_text=True))


def test_a_bad_page_key_is_no_error_of_ours(operator, sign_in):
    assert sign_in(operator).get("/tickets?after=nan_x").status_code == 422
    assert sign_in(operator).get("/tickets?after=9e99_1").status_code == 422


def test_typing_a_ticket_number_opens_it(operator, sign_in):
    ticket = make_ticket()
    answer = sign_in(operator).get(f"/search?q={ticket.number}")
    assert answer.status_code == 303
    assert answer.location == f"/tickets/{ticket.id}"


def test_others_are_searched(operator, sign_in):
    answer = sign_in(operator).get("/search?q=工资")
    assert answer.location.startswith("/tickets?q=")


def test_a_list_takes_few_queries(operator, sign_in, count_queries):
    for i in range(5):
        make_ticket(phone=f"1391234560{i}")
    browser = sign_in(operator)
    browser.get("/tickets")
    count_queries.clear()
    browser.get("/tickets")
    assert len(count_queries) <= 7, count_queries


@pytest.mark.parametrize(
    ("who", "is_confidential", "statements"),
    [("handler", False, 1), ("handler", True, 2), ("operator", True, 1)],
)
def test_a_callers_numbers_are_asked_for_where_they_must_not_show(
    operator, clock, count_queries, who, is_confidential, statements
):
    house = make_house()
    for number in ("13912345601", "13912345602"):
        ticket = put(house, TicketStatus.QUEUED, clock(), phone=number)
        with unit_of_work():
            ticket.is_confidential, ticket.safe_summary = is_confidential, f"打 {number} 找他"
    db.session.expire_all()
    viewer = house[who]
    assert viewer.roles
    assert viewer.kept_departments == []
    count_queries.clear()
    found = lists.page_of(Filter(), Asked(viewer, clock())).tickets
    titles = [reading.title_for(viewer, one) for one in found]
    assert len(titles) == 2
    assert len(count_queries) == statements, count_queries
    assert not any("13912345" in title for title in titles)


def test_a_department_lists_only_what_it_was_handed(operator, sign_in):
    make_ticket()
    stranger = make_user(Role.HANDLER, department=make_department("finance"))
    page = sign_in(stranger).get("/tickets").get_data(as_text=True)
    assert "hy-empty" in page

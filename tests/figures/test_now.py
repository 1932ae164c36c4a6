"""Every number of the supervisor's first page is a link to exactly the tickets behind it."""

import re
from html import unescape

import pytest

from hotline.calls import service as calls
from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.figures import queries
from hotline.tickets import lists
from hotline.tickets.filters import Asked, Filter
from hotline.unit_of_work import unit_of_work
from models import Call, Feedback, Role, Satisfaction, Source, Ticket, TicketStatus, User, db
from tests.makers import make_user
from tests.stages import make_house, put

LINK = re.compile(r'href="(/tickets\?[^"]*)"[^>]*>(?:<b[^>]*>)?(\d+)<')


@pytest.fixture
def boss(with_demo, app, clock):
    return db.session.scalars(db.select(User).where(User.username == "sup")).one()


def rows_behind(browser, url):
    """The ticket numbers of a list, through all its pages."""
    found = []
    while url:
        page = browser.get(url).get_data(as_text=True)
        found += re.findall(r'class="hy-num" href="/tickets/\d+"[^>]*>([\d-]+)<', page)
        following = re.search(r'href="(/tickets\?[^"]*after=[^"]*)"', page)
        url = unescape(following[1]) if following else ""
    return found


def test_every_number_is_its_list(boss, sign_in):
    browser = sign_in(boss)
    page = browser.get("/now").get_data(as_text=True)
    links = {unescape(url): int(number) for url, number in LINK.findall(page)}
    assert len(links) > 25
    assert sum(number > 0 for number in links.values()) > 12
    for url, number in links.items():
        rows = rows_behind(browser, url)
        assert len(rows) == len(set(rows)) == number, url


def test_the_header_counts_what_its_link_lists(boss, sign_in):
    browser = sign_in(boss)
    page = browser.get("/now").get_data(as_text=True)
    owed = re.search(r'class="hy-owed" href="([^"]+)".*?<strong>(\d+)<', page, re.S)
    assert len(rows_behind(browser, unescape(owed[1]))) == int(owed[2]) > 0


def test_an_overdue_handoff_shows_up_when_its_time_has_come(app, clock):
    house = make_house()
    put(house, TicketStatus.QUEUED, clock())
    asked = Asked(house["supervisor"], clock())
    board = queries.now(asked)
    assert (board.figures["unaccepted"].number, board.figures["overdue"].number) == (1, 0)
    clock.advance(hours=3)
    board = queries.now(Asked(house["supervisor"], clock()))
    assert (board.figures["unaccepted_overdue"].number, board.figures["overdue"].number) == (1, 1)
    assert [(row.department.code, row.overdue) for row in board.departments] == [("legal", 1)]


def test_an_explanation_is_counted_until_it_is_signed(app, clock):
    house = make_house()
    ticket = put(house, TicketStatus.ANSWERED, clock())
    asked = Asked(house["supervisor"], clock())
    verdict = Verdict(satisfaction=Satisfaction.NOT_SATISFIED, dissatisfaction="金额太少")
    with unit_of_work():
        calls.log_manually(actor=house["operator"], at=clock(), source=Source.PHONE, ticket=ticket)
        proof = db.session.scalars(db.select(Call).order_by(Call.id.desc())).first()
        row = feedback.explain(
            db.session.get_one(Ticket, ticket.id),
            proof,
            actor=house["operator"],
            at=clock(),
            told="依法只能如此",
            verdict=verdict,
        )
    assert queries.now(asked).figures["explained"].number == 1
    with unit_of_work():
        feedback.sign_explanation(
            db.session.get_one(Feedback, row.id), actor=house["supervisor"], at=clock()
        )
    assert queries.now(asked).figures["explained"].number == 0


def test_what_is_about_me_is_not_counted_for_me(app, clock):
    house = make_house()
    ticket = put(house, TicketStatus.OPEN, clock())
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).about_user_id = house["supervisor"].id
    other = make_user(Role.SUPERVISOR)
    for viewer, number in ((house["supervisor"], 0), (other, 1)):
        board = queries.now(Asked(viewer, clock()))
        assert board.figures["owed"].number == board.by_status[TicketStatus.OPEN] == number


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.HANDLER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_it_is_for_those_who_supervise(app, clock, sign_in, role):
    assert sign_in(make_user(role)).get("/now").status_code == 403


def test_the_page_takes_few_queries_however_many_tickets(boss, sign_in, count_queries):
    browser = sign_in(boss)
    browser.get("/now/board")
    count_queries.clear()
    browser.get("/now/board")
    assert len(count_queries) <= 8, len(count_queries)


def test_lists_and_figures_share_their_conditions(boss, clock):
    for name, wanted in queries.FIGURES.items():
        asked = Asked(boss, clock())
        page = lists.page_of(wanted, asked, size=500)
        assert len(page.tickets) == queries.now(asked).figures[name].number, name
    assert lists.page_of(Filter(), asked, size=5000).tickets

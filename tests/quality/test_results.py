"""The results: what a slow loop counts, and every number leads to exactly its sheets."""

import re
from collections import defaultdict
from datetime import timedelta
from html import unescape
from statistics import mean, median

import pytest

from hotline.quality import results
from hotline.quality.results import By
from hotline.unit_of_work import unit_of_work
from models import (
    Decision,
    Handoff,
    Inspection,
    Population,
    Ticket,
    TicketStatus,
    User,
    db,
)
from tests.quality.house import (
    answered,
    closed,
    draw,
    score,
    sheets_of,
)

HERE = "2026-11"


@pytest.fixture
def inspected(house, clock):
    """Three weeks of closed tickets, half of them drawn, most of them scored, two appeals."""
    for _week in range(3):
        closed(house, clock(), 4)
        answered(house, clock(), 2)
        clock.advance(days=1)
    draw(house, clock(), population=Population.ANSWERS, percent=50)
    sample = draw(house, clock(), percent=50)
    for number, sheet in enumerate(sheets_of(sample)[:-3]):
        score(sheet, clock(), lost=number % 5, broken=number == 7)
    decider_id = house["supervisor"].id
    for number, sheet in enumerate(sheets_of(sample)[:2]):
        with unit_of_work():
            one = db.session.get_one(Inspection, sheet.id)
            one.appealed_at, one.appeal = clock(), "不对"
            if number:
                one.decided_by_id, one.decision_reason = decider_id, "改判"
                one.decided_at, one.decision = clock(), Decision.CHANGED
    return house


def slow(by):
    """The same figures by a plain loop over all rows."""
    population, found = defaultdict(int), defaultdict(list)
    for ticket in db.session.scalars(db.select(Ticket)):
        handoffs = db.session.scalars(db.select(Handoff).where(Handoff.ticket_id == ticket.id))
        answers = [one for one in handoffs if one.answered_at]
        for one in answers:
            if by is By.DEPARTMENT:
                population[one.department_id] += 1
        if ticket.status is TicketStatus.CLOSED and by is By.OPERATOR:
            population[ticket.operator_id] += 1
        if ticket.status is TicketStatus.CLOSED and by is By.TELLER and answers:
            population[ticket.operator_id] += 1  # the operator told every one of them
    for one in db.session.scalars(db.select(Inspection)):
        if one.work is results.WORKS[by]:
            key = one.department_id if by is By.DEPARTMENT else one.person_id
            found[key].append(one)
    return population, found


def test_the_results_are_what_a_slow_loop_counts(inspected, clock):
    viewer = db.session.get_one(User, inspected["reviewer"].id)
    for by in By:
        check(by, clock() - timedelta(days=60), clock() + timedelta(days=1), viewer)


def check(by, since, until, viewer):
    rows = results.results(since, until, by=by, viewer=viewer)
    assert rows == results.results(since, until, by=by, viewer=viewer)  # twice the same
    population, found = slow(by)
    assert {line.key: line.population for line in rows} == population
    for line in rows:
        scored = [one for one in found[line.key] if one.scored_at]
        totals = [one.total for one in scored]
        assert (line.drawn, line.inspected) == (len(found[line.key]), len(scored))
        assert line.inspected <= line.population
        assert line.passed == len([one for one in scored if one.is_passed])
        assert line.appealed == len([one for one in scored if one.appealed_at])
        assert line.changed == len([one for one in scored if one.decision == "changed"])
        if totals:
            assert float(line.mean) == pytest.approx(mean(totals))
            assert (line.median, line.lowest) == (median(totals), min(totals))
    whole = results.with_whole(since, until, by=by, viewer=viewer)[1]
    assert whole.population == sum(population.values())
    assert whole.inspected == sum(line.inspected for line in rows)


LINK = re.compile(r'<a href="(/quality/(?:inspections\?|results/)[^"]*)">([^<]*)</a>')
COUNT = re.compile(r"^(\d+)")


def listed(browser, url):
    """How many rows the list behind a link has, over all its pages."""
    count = 0
    while url:
        page = browser.get(url).get_data(as_text=True)
        is_population = "/quality/results/" in url
        pattern = r'class="hy-num" href="/tickets/' if is_population else r"/quality/inspections/\d"
        count += len(re.findall(pattern, page))
        more = re.search(r'href="([^"]*[?&](?:amp;)?after=\d+[^"]*)"', page)
        url = unescape(more[1]) if more else ""
    return count


def test_every_number_leads_to_exactly_its_sheets(inspected, sign_in, count_queries):
    browser = sign_in(inspected["reviewer"])
    most = {"/quality": 12, "/quality/inspections": 9, f"/quality/results?month={HERE}": 24}
    for path, queries in most.items():
        browser.get(path)
        count_queries.clear()
        assert browser.get(path).status_code == 200
        assert len(count_queries) <= queries, path
    page = browser.get(f"/quality/results?month={HERE}").get_data(as_text=True)
    links = [(unescape(url), words) for url, words in LINK.findall(page)]
    assert len(links) > 30
    counted = 0
    for url, words in links:
        number = COUNT.match(words.strip())
        if "." in words or "total=" in url:
            assert listed(browser, url) > 0  # a mean, a median, a lowest: the sheets it is of
            continue
        counted += 1
        assert listed(browser, url) == int(number[1]), (url, words)
    assert counted > 20

"""The pages: scoring by form, drafts that survive, numbers that lead to exactly their sheets."""

import re
from collections import defaultdict
from datetime import timedelta
from html import unescape
from statistics import mean, median

import pytest

from hotline.drafts import service as drafts
from hotline.quality import forms, results, sheets
from hotline.quality.results import By
from hotline.unit_of_work import unit_of_work
from models import (
    Decision,
    Handoff,
    Inspection,
    Notification,
    Population,
    Sample,
    Ticket,
    TicketStatus,
    User,
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

HERE = "2026-11"


@pytest.fixture
def house(app, clock):
    return make_inspected_house()


@pytest.fixture
def answer(house, clock):
    """The sheet of an answer that nobody was told yet, and the browser of its inspector."""
    answered(house, clock())
    (sheet,) = sheets_of(draw(house, clock(), population=Population.ANSWERS))
    return sheet.id


def row(inspection_id):
    db.session.expire_all()
    return db.session.get_one(Inspection, inspection_id)


def fields_of(inspection, **how):
    typed = forms.shown(filled(inspection, **how))
    return {name: value for name, value in typed.items() if value}


def test_an_inspector_scores_and_sends_back_on_one_page(house, answer, sign_in):
    browser = sign_in(row(answer).inspector)
    page = browser.get(f"/quality/inspections/{answer}").get_data(as_text=True)
    assert "公司本周补发工资" in page  # what was answered stands beside the sheet
    wrong = browser.post(f"/quality/inspections/{answer}/score", data={"remark": "看过了"})
    assert wrong.status_code == 422
    assert "看过了" in wrong.get_data(as_text=True)
    typed = fields_of(row(answer), lost=20)
    done = browser.post(f"/quality/inspections/{answer}/score", data=typed, follow_redirects=True)
    page = done.get_data(as_text=True)
    assert row(answer).total == 80
    assert "逐条回应诉求，没有答非所问、避重就轻：没有逐条答复" in page  # why, ready to be sent
    sent = {"version": row(answer).ticket.version, "reason": "逐条答复"}
    assert browser.post(f"/quality/inspections/{answer}/send_back", data=sent).status_code == 303
    assert row(answer).ticket.status is TicketStatus.ACCEPTED


def test_an_answer_that_was_told_meanwhile_does_not_go_back(house, answer, clock, sign_in):
    score(row(answer), clock(), lost=20)
    browser = sign_in(row(answer).inspector)
    page = browser.get(f"/quality/inspections/{answer}").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    with unit_of_work():
        ticket = db.session.get_one(Inspection, answer).ticket
        ticket.callback_number = "13700000000"  # somebody works on it
    sent = {"version": version, "reason": "逐条答复"}
    assert browser.post(f"/quality/inspections/{answer}/send_back", data=sent).status_code == 409
    assert row(answer).ticket.status is TicketStatus.ANSWERED


def test_what_was_typed_is_there_again(house, answer, clock, sign_in):
    inspector = row(answer).inspector
    browser = sign_in(inspector)
    typed = {"points_1.1": "7", "words_1.1": "只答了一件"}
    key = f"score:{answer}"
    assert browser.post(f"/drafts/{key}", json=typed).status_code == 204
    page = browser.get(f"/quality/inspections/{answer}").get_data(as_text=True)
    assert 'value="7"' in page
    assert "只答了一件" in page
    browser.post(f"/quality/inspections/{answer}/score", data=fields_of(row(answer)))
    assert drafts.of(db.session.get_one(User, row(answer).inspector_id), key) == {}


def test_a_draft_holds_the_longest_sheet(house, answer):
    """Every field of a sheet with as many criteria as may be has room in a draft."""
    assert sheets.MOST_CRITERIA * 3 + 1 <= drafts.MOST_FIELDS


def test_the_inspected_reads_and_appeals(house, answer, clock, sign_in):
    score(row(answer), clock(), lost=20)
    handler = sign_in(house["handler"])
    page = handler.get("/quality/mine").get_data(as_text=True)
    assert f"/quality/inspections/{answer}" in page
    sheet = handler.get(f"/quality/inspections/{answer}").get_data(as_text=True)
    assert "没有逐条答复" in sheet
    assert "send_back" not in sheet
    for path in ("/quality", "/quality/inspections", "/quality/results", "/quality/samples/1"):
        assert handler.get(path).status_code == 403
    said = {"appeal": "两件都答了"}
    assert handler.post(f"/quality/inspections/{answer}/appeal", data=said).status_code == 303
    assert row(answer).appeal == "两件都答了"


def test_a_colleague_finds_nothing(house, answer, clock, sign_in):
    score(row(answer), clock())
    assert sign_in(house["colleague"]).get(f"/quality/inspections/{answer}").status_code == 404
    assert sign_in(house["assistant"]).get(f"/quality/inspections/{answer}").status_code == 404


def test_names_in_the_words_stay_hidden_from_the_department(house, answer, clock, sign_in):
    with unit_of_work():
        ticket = db.session.get_one(Inspection, answer).ticket
        ticket.is_confidential, ticket.caller.name = True, "欧阳建国"
    inspector = row(answer).inspector
    with unit_of_work():
        inspection = db.session.get_one(Inspection, answer)
        marks = filled(inspection)
        inspection.scored_at = inspection.appeal_until_at = clock()
        inspection.scored_by_id, inspection.total = inspection.inspector_id, 100
        inspection.marks = {**marks.as_data(), "remark": "欧阳建国的事办得好"}
    assert inspector is not None
    page = sign_in(house["handler"]).get(f"/quality/inspections/{answer}").get_data(as_text=True)
    assert "欧阳建国" not in page
    assert "的事办得好" in page


def test_a_supervisor_draws_by_form_and_again(house, clock, sign_in):
    closed(house, clock(), 4)
    clock.advance(hours=1)
    browser = sign_in(house["supervisor"])
    typed = {
        "population": "closed",
        "since": "2026-11-01",
        "until": "2026-11-30",
        "percent": "50",
        "seed": "eleven",
        "reason": "",
    }
    made = browser.post("/quality/samples", data=typed)
    assert made.status_code == 303
    page = browser.get(f"{made.location}/again").get_data(as_text=True)
    assert "同样的2件" in page
    refused = browser.post("/quality/samples", data=typed)
    assert refused.status_code == 422
    assert "eleven" in refused.get_data(as_text=True)
    assert db.session.scalars(db.select(Sample)).one().until_at == clock()


def test_a_supervisor_edits_a_score_sheet(house, clock, sign_in):
    browser = sign_in(house["supervisor"])
    typed = {
        "sections": "2",
        "section_1_zh": "态度",
        "lines_1": "2",
        "name_1_1_zh": "礼貌",
        "worth_1_1": "10",
        "name_1_2_zh": "辱骂来电人",
        "out_1_2": "y",
        "lines_2": "1",
    }
    assert browser.post("/quality/score-sheets/call", data=typed).status_code == 303
    (section,) = sheets.sections_of(sheets.newest(Work.CALL))
    assert [(one.key, one.points) for one in section.criteria] == [("1.1", 10), ("1.2", 0)]
    typed["worth_1_1"] = ""
    assert browser.post("/quality/score-sheets/call", data=typed).status_code == 422
    assert sheets.newest(Work.CALL).version == 2


def test_a_score_sheet_is_no_longer_than_its_form(house, sign_in):
    """A number in a hidden field keeps no thread of ours busy for days."""
    browser = sign_in(house["supervisor"])
    typed = {"sections": "99999999", "section_1_zh": "礼貌", "lines_1": "99999999"}
    answer = browser.post("/quality/score-sheets/call", data=typed)
    assert answer.status_code == 422
    assert "99999999" not in answer.text
    assert answer.text.count('name="section_') <= 2 * (sheets.MOST_CRITERIA + forms.SPARE)


def test_the_notice_leads_to_the_sheet(house, answer, clock, sign_in):
    score(row(answer), clock())
    found = db.select(Notification.id).where(
        Notification.dedupe_key.startswith("inspection_scored:")
    )
    notice = db.session.scalars(found).one()
    opened = sign_in(house["handler"]).post(f"/notifications/{notice}/open")
    assert opened.location == f"/quality/inspections/{answer}"


def test_an_administrator_keeps_score_sheets_and_reads_none_filled_in(house, answer, sign_in):
    browser = sign_in(house["administrator"])
    assert "一票否决" in browser.get("/quality/score-sheets/answer").get_data(as_text=True)
    version = sheets.newest(Work.ANSWER).id
    page = browser.get(f"/quality/score-sheets/{version}").get_data(as_text=True)
    assert "逐条回应诉求" in page
    assert browser.get(f"/quality/inspections/{answer}").status_code == 403


# results


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


def test_lists_take_any_address(house, sign_in):
    browser = sign_in(house["reviewer"])
    for query in ("work=x", "state=x", "month=x", "person=x", "total=x", "after=x", "sample=x"):
        assert browser.get(f"/quality/inspections?{query}").status_code == 200
    assert browser.get("/quality/results/x").status_code == 404
    assert browser.get("/quality/results?month=0000-99").status_code == 200

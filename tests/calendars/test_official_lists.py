"""An administrator imports the official list of a year: looked at first, then all of it."""

import io
import re
from datetime import date

import pytest
from sqlalchemy import select

from hotline.calendars import importing, list_file, official, queries, service
from hotline.sla.business_time import DayKind
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, ListedDay, OfficialList, Role, db
from tests.handoffs.house import at, hand_off, make_house
from tests.makers import make_user

# What the list of 2027 might be; none was announced when this was written.
LIST_OF_2027 = """date,kind,name
2027-01-01,off,元旦
2027-01-02,off,元旦
2027-01-03,off,元旦
2027-02-05,off,春节
2027-02-06,off,春节
2027-02-08,off,春节
2027-02-14,work,春节
2027-02-20,work,春节
2027-10-01,off,国庆节
"""
OF_2026 = official.list_of(2026)


@pytest.fixture
def boss(app, clock):
    return make_user(Role.ADMINISTRATOR, locale="en")


@pytest.fixture
def browser(boss, sign_in):
    return sign_in(boss)


def look_at(browser, text, year=2027, name="list.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    sent = {"year": str(year), "file": (io.BytesIO(data), name)}
    return browser.post("/official-lists", data=sent, content_type="multipart/form-data")


def import_2027(browser, text=LIST_OF_2027):
    return browser.post("/official-lists/2027", data={"text": text})


def figures_of(page):
    return [int(number) for number in re.findall(r"hy-figure.*?<b[^>]*>(\d+)</b>", page)]


def test_looking_says_what_would_change_and_writes_nothing(browser):
    days = dict(OF_2026)
    del days[date(2026, 6, 21)]
    days[date(2026, 11, 21)] = official.OfficialDay(True, "Victory Day")
    days[date(2026, 10, 10)] = official.OfficialDay(False, "National Day")
    page = look_at(browser, list_file.write_csv(days), 2026)
    assert page.status_code == 200
    assert figures_of(page.text)[:4] == [1, 1, 1, 0]
    assert db.session.scalars(select(ListedDay)).all() == []
    assert queries.calendar_for(None).day(date(2026, 10, 10)).kind is DayKind.MAKE_UP


def test_what_was_looked_at_is_what_is_imported(browser):
    page = look_at(browser, LIST_OF_2027).text
    text = page.split('<textarea name="text"')[1].split(">", 1)[1].split("</textarea>")[0]
    answer = import_2027(browser, text)
    assert (answer.status_code, answer.location) == (303, "/special-days?year=2027")
    db.session.rollback()
    calendar = queries.calendar_for(None)
    assert calendar.day(date(2027, 2, 14)).kind is DayKind.MAKE_UP
    assert calendar.day(date(2027, 2, 8)).name == "Spring Festival"
    assert calendar.day(date(2027, 10, 4)).kind is DayKind.REGULAR  # the list says nothing of it
    assert queries.is_year_known(2027)
    assert (
        db.session.scalars(select(AuditEvent.kind).order_by(AuditEvent.id)).all()[-1]
        == "import_official_list"
    )


def test_json_comes_in_too_and_a_second_list_replaces_the_first(browser):
    assert import_2027(browser).status_code == 303
    days = {date(2027, 5, 1): official.OfficialDay(False, "Labour Day")}
    text = list_file.write_json(2027, days)
    page = look_at(browser, text, name="2027.json").text
    assert figures_of(page)[:3] == [1, 0, 9]
    assert import_2027(browser, text).status_code == 303
    assert [row.on for row in db.session.scalars(select(ListedDay))] == [date(2027, 5, 1)]
    assert len(db.session.scalars(select(OfficialList)).all()) == 1


def test_what_is_downloaded_can_be_imported_and_changes_nothing(browser):
    for form in ("csv", "json"):
        answer = browser.get(f"/official-lists/2026.{form}")
        assert answer.headers["Content-Disposition"].endswith(f"official-list-2026.{form}")
        assert figures_of(look_at(browser, answer.data, 2026).text) == [0] * 6
    import_2027(browser)
    again = browser.get("/official-lists/2027.csv").data.decode("utf-8-sig")
    assert again.replace("\r\n", "\n") == LIST_OF_2027


@pytest.mark.parametrize("year", [1999, 2100])
def test_there_is_no_list_of_years_that_cannot_be_edited(browser, year):
    assert browser.get(f"/official-lists/{year}.csv").status_code == 404
    assert browser.post(f"/official-lists/{year}", data={"text": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("year", "data", "sentence"),
    [
        ("2027", None, "Choose a file."),
        ("soon", LIST_OF_2027.encode(), "Choose a year between 2015 and 2099."),
        ("2014", LIST_OF_2027.encode(), "Choose a year between 2015 and 2099."),
        ("2026", LIST_OF_2027.encode(), "Line 2: 2027-01-01 does not belong to the list of 2026."),
        ("2027", LIST_OF_2027.encode("gbk"), "Line 2 is not UTF-8"),
        ("2027", b"x" * 100_000, "This file is too big"),
    ],
)
def test_a_wrong_file_gets_a_sentence_and_writes_nothing(browser, year, data, sentence):
    sent = {"year": year}
    if data is not None:
        sent["file"] = (io.BytesIO(data), "list.csv")
    answer = browser.post("/official-lists", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{year}"' in answer.text


def test_half_a_list_is_no_list(browser):
    answer = import_2027(browser, LIST_OF_2027 + "2027-10-02,off,国庆节\n2027-10-02,off,国庆节\n")
    assert answer.status_code == 422
    assert "Line 12: 2027-10-02 stands there twice." in answer.text
    assert db.session.scalars(select(ListedDay)).all() == []


def test_a_list_without_a_statutory_holiday_is_looked_at_twice(browser):
    page = look_at(browser, LIST_OF_2027).text
    assert "These statutory holidays are not in the list." in page
    assert "Labour Day" in page.split("These statutory holidays")[1].split("</ul>")[0]
    whole = browser.get("/official-lists/2026.csv").data
    assert "These statutory holidays" not in look_at(browser, whole, 2026).text


ODD = """节<img src=x>"%(x)s 100%"""


def test_the_name_of_a_holiday_is_neither_markup_nor_a_format(boss, clock, sign_in):
    clock.set(at("2026-12-30 10:00"))
    house = make_house()
    handoff = hand_off(house)
    supervisor, browser = sign_in(make_user(Role.SUPERVISOR)), sign_in(boss)
    rest = [date(2027, 1, day) for day in (1, 2, 3)]
    text = list_file.write_csv({on: official.OfficialDay(False, ODD) for on in rest})
    places = [look_at(browser, text)]
    assert import_2027(browser, text).status_code == 303
    places.append(browser.get("/special-days?year=2027&on=2027-01-01"))
    steps = f"/handoffs/{handoff.id}/reckoning/handle"
    places.append(supervisor.get(steps))
    for page in places:
        assert page.status_code == 200
        assert "节&lt;img" in page.text
        assert "<img src=x>" not in page.text


def test_the_word_of_an_administrator_holds_before_the_list(browser, boss, clock):
    with unit_of_work():
        service.set_special_day(date(2027, 2, 14), is_working=False, actor=boss, at=clock())
    page = look_at(browser, LIST_OF_2027).text
    assert "Special days of ours say something else" in page
    import_2027(browser)
    assert queries.calendar_for(None).day(date(2027, 2, 14)).kind is DayKind.SPECIAL
    assert not queries.calendar_for(None).day(date(2027, 2, 14)).intervals


def test_an_imported_list_is_taken_away_again(browser):
    import_2027(browser)
    assert "Remove the imported list of 2027" in browser.get("/official-lists").text
    assert browser.post("/official-lists/2027/remove").status_code == 303
    assert not queries.is_year_known(2027)
    assert queries.calendar_for(None).day(date(2027, 10, 4)).kind is DayKind.HOLIDAY
    assert browser.post("/official-lists/2027/remove").status_code == 404


def test_the_end_of_december_belongs_to_the_list_of_the_next_year(app, boss, clock):
    new_year = official.OfficialDay(False, "New Year's Day")
    eve, saturday = date(2027, 12, 31), date(2027, 12, 25)
    with unit_of_work():
        own = {date(2027, 1, 1): new_year, saturday: official.OfficialDay(True, "Spring Festival")}
        importing.import_list(2027, own, actor=boss, at=clock())
    calendar = queries.calendar_for(None)
    assert calendar.day(eve).kind is DayKind.REGULAR
    assert calendar.day(saturday).kind is DayKind.MAKE_UP
    with unit_of_work():
        following = {eve: new_year, saturday: new_year, date(2028, 1, 1): new_year}
        importing.import_list(2028, following, actor=boss, at=clock())
    assert queries.calendar_for(None).day(eve).kind is DayKind.HOLIDAY
    assert queries.calendar_for(None).day(saturday).kind is DayKind.HOLIDAY


def test_an_import_of_a_past_year_leaves_the_built_in_december_alone(app, boss, clock):
    """The list of 2023 gave 30 and 31 December 2022 their names, and so does ours."""
    eve = date(2022, 12, 31)
    with unit_of_work():
        of_2022 = dict(official.list_of(2022))
        assert eve not in of_2022
        importing.import_list(2022, of_2022, actor=boss, at=clock())
    assert queries.calendar_for(None).day(eve).name == "New Year's Day"


def test_the_page_says_what_a_list_would_move_and_the_import_moves_it(clock, sign_in):
    house = make_house()
    handoff = hand_off(house)
    assert handoff.handle_due_at == at("2026-11-23 17:30")
    assert house.ticket.promised_at is None
    days = {on: day for on, day in OF_2026.items() if on.month < 11}
    days[date(2026, 11, 18)] = official.OfficialDay(False, "Victory Day")
    browser = sign_in(make_user(Role.ADMINISTRATOR, locale="en"))
    page = look_at(browser, list_file.write_csv(days), 2026).text
    assert figures_of(page) == [1, 0, 0, 1, 1, 0]
    assert handoff.handle_due_at == at("2026-11-23 17:30")
    answer = browser.post("/official-lists/2026", data={"text": list_file.write_csv(days)})
    assert "1 ticket was reckoned anew" in browser.get(answer.location).text
    db.session.rollback()
    assert handoff.handle_due_at == at("2026-11-24 17:30")


def test_a_page_of_lists_costs_few_queries(browser, count_queries):
    browser.get("/official-lists")
    count_queries.clear()
    browser.get("/official-lists")
    assert len(count_queries) <= 10

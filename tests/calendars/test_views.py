"""The pages on which an administrator says when we are open."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from hotline.calendars import queries, service
from hotline.unit_of_work import unit_of_work
from models import CalendarKind, OpeningHours, Role, SpecialDay, db
from tests.makers import make_department, make_user

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-12:00, 13:00-17:00")
CLOSED_WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "")


@pytest.fixture
def boss(clock, app):
    return make_user(Role.ADMINISTRATOR, locale="en")


@pytest.fixture
def browser(boss, sign_in):
    return sign_in(boss)


def text_of(answer):
    return answer.get_data(as_text=True)


def test_the_hours_of_the_house_are_shown_and_changed(browser):
    page = browser.get("/opening-hours/business")
    assert 'value="08:30-12:00, 13:30-17:30"' in text_of(page)
    answer = browser.post("/opening-hours/business", data=WEEK)
    assert (answer.status_code, answer.location) == (303, "/opening-hours/business")
    assert queries.weekly_hours(CalendarKind.BUSINESS)[0] == ((540, 720), (780, 1020))
    assert queries.weekly_hours(CalendarKind.BUSINESS)[5] == ()
    assert "The opening hours are saved." in text_of(browser.get(answer.location))


def test_a_department_gets_hours_of_its_own_and_gives_them_up(browser):
    legal = make_department("legal")
    at = f"/opening-hours/business?department={legal.id}"
    assert "keeps the hours of the house" in text_of(browser.get(at))
    assert browser.post(at, data=WEEK).location == at
    assert queries.has_own_hours(legal.id)
    assert queries.weekly_hours(CalendarKind.BUSINESS)[0][0] == (
        510,
        720,
    )  # the house keeps its own
    own = text_of(browser.get(at))
    assert "has hours of its own" in own
    assert 'value="09:00-12:00, 13:00-17:00"' in own
    assert "7 hours · lunch 12:00-13:00" in own
    assert 'value="08:30-12:00, 13:30-17:30"' in text_of(browser.get(f"{at}&copy=house"))

    answer = browser.post(f"/opening-hours/business/use-default?department={legal.id}")
    assert (answer.status_code, answer.location) == (303, at)
    db.session.rollback()
    assert not queries.has_own_hours(legal.id)


@pytest.mark.parametrize("kind", ["contact", "duty"])
def test_contact_and_duty_hours(browser, kind):
    assert browser.get(f"/opening-hours/{kind}").status_code == 200
    week = CLOSED_WEEK | {"sat": "10:00-24:00"}
    assert browser.post(f"/opening-hours/{kind}", data=week).status_code == 303
    assert queries.weekly_hours(CalendarKind(kind))[5] == ((600, 1440),)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"wed": "from nine"}, "Write the hours like 08:30-12:00"),
        ({"wed": "09:00-12:00, 11:00-17:00"}, "Write the hours in order and apart"),
        ({"wed": "17:00-09:00"}, "Write the hours in order and apart"),
        ({"wed": "09:00-25:00"}, "Write the hours in order and apart"),
        (CLOSED_WEEK, "At least one day of the week must be open."),
    ],
)
def test_bad_hours_get_a_sentence_keep_what_was_typed_and_write_nothing(browser, typed, sentence):
    answer = browser.post("/opening-hours/business", data=WEEK | typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    if typed.get("wed"):
        assert f'value="{typed["wed"]}"' in text_of(answer)
        assert 'aria-invalid="true"' in text_of(answer)
    assert db.session.scalars(select(OpeningHours)).all() == []


@pytest.mark.parametrize(
    "path",
    [
        "/opening-hours/lunch",
        "/opening-hours/business?department=99",
        "/opening-hours/business?department=x",
        "/opening-hours/contact?department=1",
        "/special-days?year=1999",
        "/special-days?department=99",
    ],
)
def test_what_does_not_exist(browser, path):
    make_department()
    assert browser.get(path).status_code == 404


def test_the_year_shows_holidays_make_up_days_and_our_own(browser, boss, clock):
    with unit_of_work():
        service.set_special_day(
            date(2026, 11, 25), is_working=False, name="建会日", actor=boss, at=clock()
        )
    page = text_of(browser.get("/special-days?year=2026"))
    assert page.count("hy-day-make_up") == 6 + 1  # and once in the legend
    assert page.count('title="Holiday: National Day"') == 7
    assert page.count('title="Make-up working day: National Day"') == 2
    assert page.count('title="Day off by our word: 建会日"') == 1
    assert page.count("hy-day-today") == 1 + 1


def test_no_day_is_told_by_its_colour_alone(browser, boss, clock):
    with unit_of_work():
        for on, is_working in ((date(2026, 11, 25), False), (date(2026, 11, 28), True)):
            service.set_special_day(on, is_working=is_working, actor=boss, at=clock())
    page = text_of(browser.get("/special-days?year=2026"))
    signed = re.findall(r'id="d-(\S+)" class="hy-day hy-day-(\S+)".*? data-sign="(.*?)"', page)
    signs = {on: (look, sign) for on, look, sign in signed}
    assert [signs[on] for on in ("2026-10-01", "2026-10-10", "2026-11-29")] == [
        ("holiday", "off"),
        ("make_up", "work"),
        ("closed", "·"),
    ]
    # Ours carry a diamond beside the sign (huiyin.css).
    assert signs["2026-11-25"] == ("special", "off")
    assert signs["2026-11-28"] == ("special-open", "work")
    assert "2026-11-24" not in signs


def test_each_month_counts_its_working_days(browser):
    page = text_of(browser.get("/special-days?year=2026"))
    counts = re.findall(r'hy-month-count">(\d+) working days</span></caption>', page)
    # Checked by hand against the notice of 4 November 2025.
    assert counts == ["21", "16", "22", "21", "19", "21", "23", "21", "22", "18", "21", "23"]
    assert "248 working days" in page


def test_a_click_on_a_day_brings_its_form_with_the_opposite_of_what_it_is(browser):
    page = text_of(browser.get("/special-days?on=2026-10-10"))
    assert "Saturday, October 10, 2026" in page
    assert "Make-up working day" in page
    assert 'type="date" value="2026-10-10"' in page
    assert re.search(r'name="is_working" value="no" checked', page)
    assert "lunch 12:00-13:30" in page
    weekend = text_of(browser.get("/special-days?on=2026-10-11"))
    assert re.search(r'name="is_working" value="yes" checked', weekend)


def test_our_word_about_a_chosen_day_can_be_taken_back_there(browser, boss, clock):
    with unit_of_work():
        day = service.set_special_day(
            date(2026, 11, 25), is_working=False, name="建会日", actor=boss, at=clock()
        )
    page = text_of(browser.get("/special-days?on=2026-11-25"))
    assert "Take our word back" in page
    assert 'value="建会日"' in page
    assert "Take our word back" not in text_of(browser.get("/special-days?on=2026-11-26"))
    browser.post(f"/special-days/{day.id}/remove")
    assert "Take our word back" not in text_of(browser.get("/special-days?on=2026-11-25"))


def test_a_supervisor_looks_and_changes_nothing(clock, sign_in):
    browser = sign_in(make_user(Role.SUPERVISOR, locale="en"))
    page = text_of(browser.get("/special-days?on=2026-10-10"))
    assert "Make-up working day" in page
    assert "<form" not in page.split('id="day"')[1].split("</section>")[0]
    assert browser.post("/special-days", data={"on": "2026-11-17"}).status_code == 403


def test_a_year_costs_few_queries(browser, count_queries):
    browser.get("/special-days")
    count_queries.clear()
    browser.get("/special-days")
    assert len(count_queries) <= 10


def test_a_special_day_is_said_changed_and_taken_back(browser):
    saying = {"on": "2026-11-17", "is_working": "no", "name": "停电"}
    answer = browser.post("/special-days", data=saying)
    there = "/special-days?year=2026&on=2026-11-17"
    assert (answer.status_code, answer.location) == (303, there)
    browser.post("/special-days", data=saying | {"is_working": "yes", "hours": "09:00-11:00"})
    (day,) = db.session.scalars(select(SpecialDay))
    assert (day.is_working, day.intervals, day.name) == (True, [[540, 660]], "停电")

    taking_back = f"/special-days/{day.id}/remove"
    answer = browser.post(taking_back)
    assert (answer.status_code, answer.location) == (303, there)
    assert db.session.scalars(select(SpecialDay)).all() == []
    assert browser.post(taking_back).status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"on": ""}, "Choose a day between 2015 and 2099."),
        ({"on": "2026-02-30"}, "Choose a day between 2015 and 2099."),
        ({"on": "1999-01-01"}, "Choose a day between 2015 and 2099."),
        ({"is_working": "perhaps"}, "Choose one."),
        ({"hours": "all day"}, "Write the hours like"),
        ({"hours": "09:00-12:00, 11:00-17:00"}, "Write the hours in order and apart"),
        ({"name": "x" * 65}, "Too long by 1: at most 64 characters."),
    ],
)
def test_a_bad_day_gets_a_sentence_and_writes_nothing(browser, typed, sentence):
    saying = {"on": "2026-11-17", "is_working": "yes", "hours": "09:00-11:00", "name": "停电"}
    answer = browser.post("/special-days", data=saying | typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'value="09:00-11:00"' in text_of(answer) or "hours" in typed
    assert db.session.scalars(select(SpecialDay)).all() == []


@pytest.mark.parametrize("path", ["/opening-hours/business", "/special-days"])
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.AUDITOR, Role.HEAD])
def test_only_administrators_change_anything(clock, sign_in, role, path):
    browser = sign_in(make_user(role))
    may_look = role is Role.SUPERVISOR and path == "/special-days"
    assert browser.get(path).status_code == (200 if may_look else 403)
    assert browser.post(path, data=WEEK).status_code == 403
    assert db.session.scalars(select(OpeningHours)).all() == []


def test_the_page_of_the_house_says_which_departments_differ_and_when(browser):
    legal, finance = make_department("legal"), make_department("finance")
    nothing = "All keep the hours of the house"
    assert nothing in text_of(browser.get("/opening-hours/business"))
    house = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:30-12:00, 13:30-17:30")
    shorter = house | {"wed": "", "thu": "09:00-12:00", "fri": "09:00-12:00"}
    browser.post(f"/opening-hours/business?department={legal.id}", data=shorter)
    browser.post(f"/opening-hours/business?department={finance.id}", data=house)
    page = text_of(browser.get("/opening-hours/business"))
    told = page.split("Departments with hours of their own")[2].split("</section>")[0]
    assert nothing not in page
    assert "Wednesday day off<br>Thursday–Friday 09:00-12:00" in told
    assert "Monday" not in told
    assert "the same as the house" in told

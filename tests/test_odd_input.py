"""What no page of ours sends is refused with a page, never with an error of the server."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from hotline.unit_of_work import unit_of_work
from models import LoginAttempt, Role, User, db
from tests.makers import make_ticket, make_user


@pytest.fixture
def supervisor(sign_in, clock):
    return sign_in(make_user(Role.SUPERVISOR))


@pytest.mark.parametrize("number", [2**63, 2**64, 10**60])
@pytest.mark.parametrize(
    "page",
    ["/tickets/{}", "/callbacks/{}", "/recordings/{}", "/workspace/{}", "/tickets/{}/reveal"],
)
def test_an_id_that_no_row_can_have_leads_to_no_page(supervisor, page, number):
    assert supervisor.get(page.format(number)).status_code == 404


@pytest.mark.parametrize(
    "page",
    [
        "/tickets?since=0001-01-01",
        "/tickets?until=9999-12-31",
        "/tickets?after=1_99999999999999999999",
        "/duty?week=0001-01-01",
        "/notifications?before=99999999999999999999",
        "/queue?after=2026-11-16T01:30:00%2B00:00~99999999999999999999",
    ],
)
def test_days_and_numbers_beyond_every_limit_are_not_understood(supervisor, page):
    answer = supervisor.get(page)
    assert answer.status_code in (200, 400)  # PostgreSQL compares with any number
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize(
    ("place", "typed"),
    [
        ("/duty/shifts", {"on": "9999-12-31", "begins": "08:00", "ends": "07:00", "user": "1"}),
        ("/duty/shifts", {"on": "0001-01-01", "begins": "00:00", "ends": "07:00", "user": "1"}),
        ("/duty/copy", {"week": "9999-12-31"}),
        ("/duty/hand-over", {"to": "99999999999999999999"}),
        ("/callbacks/unreachable", {"only": "99999999999999999999"}),
    ],
)
def test_nor_are_they_in_forms(supervisor, place, typed):
    assert supervisor.post(place, data=typed).status_code < 500


@pytest.mark.parametrize(
    "page", ["/quality/inspections", "/quality/results/operator", "/reports/behind?measure=calls"]
)
def test_names_that_an_address_is_made_with_are_not_taken_from_one(supervisor, page):
    asked = "endpoint=x&by=operator&_external=1&_scheme=javascript&_anchor=x&_method=POST&after=1_1"
    answer = supervisor.get(f"{page}{'&' if '?' in page else '?'}{asked}")
    assert answer.status_code == 200
    assert "javascript:" not in answer.text
    assert 'href="http' not in answer.text


@pytest.mark.parametrize("page", ["", "/over-time", "/rising", "/behind", "/in-words"])
@pytest.mark.parametrize("days", ["first=0001-01-03&last=0001-01-04", "first=9999-12-30"])
def test_a_report_is_about_days_of_this_century(supervisor, page, days):
    assert supervisor.get(f"/reports{page}?measure=calls&{days}").status_code == 422


@pytest.mark.parametrize("page", ["/audit", "/audit/tickets"])
@pytest.mark.parametrize("asked", ["day=0001-01-01", "day=9999-12-31", f"person={2**64}"])
def test_nor_are_they_in_the_trail(sign_in, clock, page, asked):
    answer = sign_in(make_user(Role.AUDITOR)).get(f"{page}?{asked}")
    assert answer.status_code in (200, 400)


def test_a_failure_of_ours_is_not_blamed_on_who_asks(app, supervisor):
    """A statement that fails for another reason is an error of the server, and logged as one."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with unit_of_work():
        db.session.execute(text("DROP TABLE duty_shifts"))
    answer = supervisor.get("/duty")
    assert answer.status_code == 500
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("field", ["version", "category", "department", "about_department"])
@pytest.mark.parametrize("outcome", ["save", "hand_off"])
def test_a_number_longer_than_python_reads_is_refused(supervisor, field, outcome):
    ticket = make_ticket()
    typed = {"caller_kind": "worker", "category": "1", "question": "问", "version": "1"}
    answer = supervisor.post(f"/workspace/{ticket.id}/{outcome}", data={**typed, field: "9" * 5000})
    assert answer.status_code in (409, 422)


def test_a_nul_is_refused_wherever_it_stands(client, supervisor):
    assert client.post("/login", data={"username": "a\0", "password": "b"}).status_code == 400
    assert db.session.scalar(select(LoginAttempt.id)) is None
    assert supervisor.get("/search?q=a%00b").status_code == 400
    assert supervisor.post("/duty/copy", data={"a\0": ""}).status_code == 400
    assert supervisor.post("/drafts/a%00b", json={"text": "b"}).status_code == 400


def test_json_without_end_is_refused(supervisor):
    answer = supervisor.post("/drafts/log", data="[" * 100_000, content_type="application/json")
    assert answer.status_code in (400, 422)


def test_an_error_of_the_database_names_no_caller(app, clock):
    """What is logged of a failed statement must not hold what was written."""
    user = make_user(Role.OPERATOR)
    with pytest.raises(IntegrityError) as error, unit_of_work():
        db.session.add(User(username=user.username, display_name="欧阳建国", password_hash="x"))
    assert "欧阳建国" not in str(error.value)


@pytest.mark.parametrize("place", ["/login", "/hooks/simulator/voice", "/tickets/1/act"])
def test_a_form_of_fields_without_end_is_not_read(client, place):
    """Names alone take so long to read that strangers could keep everybody waiting."""
    names = "&".join(f"name{number}=" for number in range(100_000))
    form = "application/x-www-form-urlencoded"
    assert client.post(place, data=names, content_type=form).status_code == 413

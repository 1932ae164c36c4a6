"""The page of all limits, and the reckoning that anybody may read."""

import pytest
from sqlalchemy import select

from hotline.sla import deadlines, policies
from hotline.sla.policy_table import POLICIES, Unit
from models import AuditEvent, PolicySetting, Role, db
from tests.makers import make_department, make_user
from tests.sla.office import local


def text_of(answer):
    return answer.get_data(as_text=True)


def as_typed(**changes):
    """The form as a browser sends it when nothing was changed but this."""
    typed = {}
    for key, policy in POLICIES.items():
        value = policy.default
        if policy.unit is Unit.TIME_OF_DAY:
            typed[key] = f"{value // 60:02d}:{value % 60:02d}"
        elif policy.unit is not Unit.SWITCH:
            typed[key] = str(value)
        elif value:
            typed[key] = "y"
    return {key: value for key, value in (typed | changes).items() if value is not None}


@pytest.fixture
def browser(clock, sign_in):
    return sign_in(make_user(Role.ADMINISTRATOR, locale="en"))


def test_every_policy_stands_on_the_page(browser):
    page = text_of(browser.get("/policies"))
    assert [key for key in POLICIES if f'name="{key}"' not in page] == []


def test_saving_without_a_change_changes_nothing(browser):
    assert browser.post("/policies", data=as_typed()).status_code == 303
    assert db.session.scalars(select(PolicySetting)).all() == []


def test_limits_and_switches_are_changed_together(browser):
    typed = as_typed(accept_minutes="90", menu="y", result_off_hours=None, evening_from="18:15")
    answer = browser.post("/policies", data=typed)
    assert (answer.status_code, answer.location) == (303, "/policies")
    keys = ("accept_minutes", "menu", "result_off_hours", "evening_from")
    assert [policies.get(key) for key in keys] == [90, 1, 0, 1095]
    settings = select(AuditEvent).where(AuditEvent.kind == "set_policy")
    assert len(db.session.scalars(settings).all()) == 4
    assert "4 policies changed." in text_of(browser.get("/policies"))


def test_beside_a_policy_stands_who_changed_it_and_when(browser, clock, sign_in):
    assert "hy-policy-change" not in text_of(browser.get("/policies"))
    colleague = make_user(Role.ADMINISTRATOR, locale="en")
    sign_in(colleague).post("/policies", data=as_typed(accept_minutes="90"))
    page = text_of(browser.get("/policies"))
    _, _, after = page.partition('name="accept_minutes"')
    change = after[: after.index("</div>")]
    assert colleague.display_name in change
    assert "Changed today 09:30" in change
    assert page.count("hy-policy-change") == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"accept_minutes": "2401"}, "A number from 5 to 2400, please."),
        ({"accept_minutes": "-3"}, "A number from 5 to 2400, please."),
        ({"accept_minutes": "soon"}, "A number from 5 to 2400, please."),
        ({"accept_minutes": ""}, "A number from 5 to 2400, please."),
        ({"evening_from": "25:00"}, "A time of day, please, like 17:30."),
        ({"ring_seconds": "9" * 5000}, "A number from 5 to 120, please."),
        ({"ring_seconds": "²"}, "A number from 5 to 120, please."),
        ({"noon_until": "11:00"}, "Noon ends after it begins."),
    ],
)
def test_a_bad_value_gets_a_sentence_keeps_the_rest_and_writes_nothing(browser, typed, sentence):
    answer = browser.post("/policies", data=as_typed(rework_days="4", **typed))
    assert answer.status_code == 422
    page = text_of(answer)
    assert sentence in page
    (key, value), *_ = typed.items()
    assert f'name="{key}"' in page
    assert f'value="{value}"' in page
    assert 'value="4"' in page
    assert db.session.scalars(select(PolicySetting)).all() == []


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.AUDITOR, Role.HANDLER])
def test_only_administrators_change_policies(clock, sign_in, role):
    browser = sign_in(make_user(role))
    assert browser.get("/policies").status_code == 403
    assert browser.post("/policies", data=as_typed(accept_minutes="90")).status_code == 403
    assert db.session.scalars(select(PolicySetting)).all() == []


@pytest.fixture
def reader(clock, sign_in):
    return sign_in(make_user(Role.HANDLER, locale="en"))


def ask(browser, start, due, **more):
    query = {"start": start.isoformat(), "due": due.isoformat(), **more}
    return browser.get("/reckoning", query_string=query)


def test_a_due_time_explains_itself(reader):
    legal = make_department("legal")
    start = local("2026-09-30 16:00")
    page = text_of(ask(reader, start, deadlines.accept_due(start, legal), department=legal.id))
    assert "<!doctype html>" in page
    assert "1 hour 30 minutes" in page
    assert "Thu 1 Oct to Wed 7 Oct: National Day, skipped" in page
    assert "Together: 2 hours" in page


def test_a_make_up_saturday_is_named(reader):
    legal = make_department("legal")
    start = local("2026-10-08 10:00")
    due = deadlines.tell_due(local("2026-10-09 10:00"))
    page = text_of(ask(reader, start, due, department=legal.id))
    assert "Thu 8 Oct: the day it began does not count" in page
    assert "Sat 10 Oct, make-up day for National Day, counts: 1 working day" in page
    assert "Together: 2 working days" in page


def test_in_chinese_too(clock, sign_in):
    browser = sign_in(make_user(Role.HANDLER, locale="zh"))
    start = local("2026-10-08 10:00")
    page = text_of(ask(browser, start, deadlines.tell_due(local("2026-10-09 10:00"))))
    assert "10月10日（周六）国庆节补班计入：1个工作日" in page
    assert "合计：2个工作日" in page


def test_htmx_gets_the_fragment_only(reader):
    start = local("2026-11-16 10:00")
    query = {"start": start.isoformat(), "due": deadlines.tell_due(start).isoformat()}
    answer = reader.get("/reckoning", query_string=query, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in text_of(answer)
    assert "Together: 1 working day" in text_of(answer)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 422),
        ({"start": "now", "due": "later"}, 422),
        ({"start": "2026-11-16T10:00:00", "due": "2026-11-17T10:00:00"}, 422),
        ({"start": "2026-11-17T10:00:00+08:00", "due": "2026-11-16T10:00:00+08:00"}, 422),
        ({"start": "2026-11-17T10:00:00+08:00", "due": "2036-11-16T10:00:00+08:00"}, 422),
        ({"start": "0001-01-01T00:00:00+08:00", "due": "9999-12-31T23:59:59-08:00"}, 422),
        (
            {
                "start": "2026-11-16T10:00:00+08:00",
                "due": "2026-11-17T10:00:00+08:00",
                "department": "99",
            },
            404,
        ),
    ],
)
def test_a_bad_question_gets_a_sentence(reader, query, status):
    answer = reader.get("/reckoning", query_string=query)
    assert answer.status_code == status


def test_strangers_are_sent_to_sign_in(client):
    answer = client.get("/reckoning")
    assert answer.status_code == 303
    assert answer.location.startswith("/login")

"""The audit sheet: every second, every clock, every signature; only what one may know."""

import re
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.handoffs import service as handoffs
from hotline.tickets import sheet_pages
from hotline.tickets.sheet import Verdict as Judged
from hotline.tickets.sheet import kept
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    Hold,
    Outcome,
    Resolution,
    ReturnReason,
    Role,
    Satisfaction,
    Urgency,
    User,
    db,
)
from tests.handoffs.house import accept, answer, at, hand_off, make_house, set_ticket, speak, wait
from tests.makers import make_department, make_user

SHANGHAI = ZoneInfo("Asia/Shanghai")
RECT = re.compile(
    r'<rect class="hy-hold [^"]*" x="([\d.]+)%" y="1" width="([\d.]+)%" height="32" '
    r'fill="url\(#hold-(\d)\)" data-letter="(\w+)">'
)


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))
    return make_house(question="工地三个月没发工资", caller_name="王建国")


def read(client, ticket):
    """The sheet as a reader sees it, in English: its words without any mark-up."""
    answer_ = client.get(f"/tickets/{ticket.id}/sheet", headers={"Accept": "text/html"})
    assert answer_.status_code == 200
    return answer_.text


def words(html):
    body = html[html.index("<article") : html.index("</article>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def part(html, heading):
    """The words of one part of the sheet."""
    begin = html.index(f'id="{heading}"')
    end = html.index("</section>", begin)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html[begin:end])))


def english(user):
    with unit_of_work():
        db.session.get_one(User, user.id).locale = "en"
    return user


def live(house, clock):
    """From the call to the close, with a wait, a late answer, a ring in vain, and a verdict."""
    speak(house.ticket)
    clock.advance(minutes=30)
    hand_off(house, note="请核实工资表")
    clock.advance(hours=5)  # late: lunch lies in between, two hours were given
    accept(house)
    clock.set(at("2026-11-17 10:00"))
    wait(house, until=at("2026-11-19 10:00"), what="工资条")
    clock.set(at("2026-11-18 10:00"))
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock.time)
    clock.set(at("2026-11-26 11:00"))
    answer(house)
    owed = db.session.scalars(select(Callback)).one()
    clock.set(at("2026-11-26 15:00"))
    with unit_of_work():
        callbacks.record_attempt(
            owed, Outcome.NO_ANSWER, actor=house.operator, at=clock.time, note="王建国没接"
        )
    clock.set(at("2026-11-27 12:10"))
    with unit_of_work():
        attempt = callbacks.record_attempt(
            owed, Outcome.REACHED, actor=house.operator, at=clock.time
        )
        feedback.close_in_call(
            house.ticket,
            attempt,
            actor=house.operator,
            at=clock.time,
            told="工资已补发，王建国满意",
            resolution=Resolution.SOLVED,
            verdict=Verdict(
                was_contacted=True, is_solved=True, satisfaction=Satisfaction.SATISFIED
            ),
        )


def test_the_bar_is_drawn_to_scale(house, clock, sign_in):
    live(house, clock)
    html = read(sign_in(house.operator), house.ticket)
    begin, end = house.ticket.opened_at, house.ticket.closed_at
    ledger = db.session.scalars(select(Hold).order_by(Hold.began_at)).all()
    assert len(ledger) == 5

    bar = html[html.index('id="wall-bar"') : html.index("</svg>", html.index('id="wall-bar"'))]
    drawn = [(float(x), float(width), letter) for x, width, _p, letter in RECT.findall(bar)]

    age = (end - begin).total_seconds()
    for (x, width, _letter), hold in zip(drawn, ledger, strict=True):
        assert x == pytest.approx((hold.began_at - begin).total_seconds() / age * 100, abs=1e-3)
        length = (hold.ended_at - hold.began_at).total_seconds()
        assert width == pytest.approx(length / age * 100, abs=1e-3)
    assert [letter for _x, _w, letter in drawn] == ["A", "B", "C", "B", "A"]
    assert sum(width for _x, width, _l in drawn) == pytest.approx(100, abs=0.01)


def test_the_sum_of_all_holds_is_the_age_said_in_words(house, clock, sign_in):
    live(house, clock)
    html = read(sign_in(english(house.operator)), house.ticket)
    age = sheet_pages.stretch(house.ticket.closed_at - house.ticket.opened_at)
    assert age == "266:40:00"
    said = f"The sum is {age}: exactly the age of the ticket, from its opening to its close."
    assert said in part(html, "s-holds")
    rows = re.findall(r"<tr><td>.*?</tr>", html[html.index('id="stretches"') :], re.DOTALL)[:5]
    walls = [re.findall(r">(\d+):(\d\d):(\d\d)<", row)[0] for row in rows]
    assert sum(int(h) * 3600 + int(m) * 60 + int(s) for h, m, s in walls) == 266 * 3600 + 2400


def test_everybody_can_do_the_sums(house, clock, sign_in):
    """Instants have microseconds, paper has seconds: what is printed still adds up."""
    hand_off(house)
    clock.advance(minutes=61, seconds=7.4)
    accept(house)
    clock.advance(hours=50, seconds=8.3)
    answer(house)
    clock.advance(minutes=3, seconds=0.5)
    html = read(sign_in(english(house.operator)), house.ticket)
    rows = re.findall(
        r">([\d-]+ [\d:]+)</td><td class=\"hy-num\">([\d-]+ [\d:]+|still)</td>"
        r"<td class=\"hy-num hy-end\">([\d:]+)<",
        html[html.index('id="stretches"') :],
    )
    assert len(rows) == 2
    total = timedelta(0)
    for begin, until, wall in rows:
        end = clock.time.astimezone(SHANGHAI) if until == "still" else local(until)
        hours, minutes, seconds = map(int, wall.split(":"))
        length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        assert length == end.replace(microsecond=0) - local(begin)
        total += length
    assert f"The sum is {sheet_pages.stretch(total)}: exactly the age" in html


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("parts", [(1, 1, 1), (1, 5, 194), (0, 3, 0.004), (2, 3, 5, 7, 11), (9,)])
def test_the_shares_of_all_parties_make_a_hundred_per_cent(parts):
    rounded = sheet_pages.in_thousandths([part / sum(parts) for part in parts])
    assert sum(round(one * 1000) for one in rounded) == 1000
    assert all(
        abs(one - part / sum(parts)) < 0.001 for one, part in zip(rounded, parts, strict=True)
    )


def test_an_open_ticket_is_measured_until_now(house, clock, sign_in):
    hand_off(house)
    clock.advance(hours=3, minutes=20, seconds=7)
    html = read(sign_in(english(house.operator)), house.ticket)
    assert "The sum is 3:20:07: exactly the age of the ticket, from its opening until now." in html
    assert "still" in part(html, "s-holds")


def test_a_ticket_opened_again_says_how_long_it_was_closed(house, clock, sign_in):
    live(house, clock)
    clock.advance(hours=30)
    with unit_of_work():
        feedback.reopen(house.ticket, actor=house.supervisor, at=clock.time, reason="没有补发")
    clock.advance(hours=1)
    html = read(sign_in(english(house.operator)), house.ticket)
    assert "The sum is 267:40:00" in html
    assert "less the 30:00:00 in which it was closed." in html


def test_the_ledger_never_hides_a_difference(house, clock, sign_in):
    live(house, clock)
    with unit_of_work():
        db.session.delete(db.session.scalars(select(Hold).order_by(Hold.began_at)).first())
    html = read(sign_in(english(house.operator)), house.ticket)
    assert "The sum differs from the age of the ticket by 0:30:00" in html


def test_each_clock_says_due_done_counted_and_how_it_was_kept(house, clock, sign_in):
    live(house, clock)
    at_departments = part(read(sign_in(english(house.operator)), house.ticket), "s-departments")
    accepting = "Limit to accept 2 hours of working time 2026-11-16 12:00:00 2026-11-16 15:00:00"
    assert f"{accepting} 3:30:00" in at_departments
    assert "Late by 3:00:00" in at_departments
    row = db.session.scalars(select(Callback)).one()
    assert row.first_due_at is not None
    assert "Limit to answer 5 working days 2026-11-24" in at_departments
    assert "the clock stood still" in at_departments
    assert "Late by" in at_departments.split("Limit to answer")[1]
    assert "已约谈企业" in at_departments
    assert "工资已补发" in at_departments


def test_the_limit_to_accept_is_what_there_really_was(house, clock, sign_in):
    """Two working hours of the evening and the morning; of a critical matter, by the wall clock."""
    clock.set(at("2026-11-16 17:00"))
    hand_off(house)
    clock.set(at("2026-11-17 09:15"))
    accept(house)
    row = "2 hours of working time 2026-11-17 10:00:00 2026-11-17 09:15:00 1:15:00"
    reader = english(house.operator)
    assert row in part(read(sign_in(reader), house.ticket), "s-departments")

    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    clock.set(at("2026-11-17 20:00"))
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="另有安排")
    hand_off(house)
    row = "Limit to accept 2 hours 2026-11-17 22:00:00 – 0:00:00 by the wall clock"
    assert row in part(read(sign_in(reader), house.ticket), "s-departments")


def test_promises_calls_verdict_and_story_are_all_there(house, clock, sign_in):
    live(house, clock)
    html = read(sign_in(english(house.operator)), house.ticket)
    promises = part(html, "s-promises")
    assert "Tell the result" in promises or "Follow-up" in promises
    assert "2026-11-26 15:00:00" in promises
    assert "No answer · 王建国没接" in promises
    assert "Reached" in promises
    assert "In time" in promises
    assert "The caller rang logged by hand Picked up" in part(html, "s-calls")
    told = part(html, "s-told")
    assert "工资已补发，王建国满意" in told
    assert "Satisfied" in told
    story = part(html, "s-story")
    assert story.index("Came in") < story.index("Handed off") < story.index("Closed")
    assert "2026-11-27 12:10:00" in story
    assert "139****5678" in words(html)
    assert "13912345678" not in html


def test_signatures_name_both_persons(house, clock, sign_in):
    hand_off(house)
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="属财务部职责",
            better=house.women,
        )
    clock.advance(minutes=9)
    with unit_of_work():
        handoffs.refuse_return(
            house.ticket, actor=house.supervisor, at=clock.time, reason="就是你们的职责"
        )
    signatures = part(read(sign_in(english(house.operator)), house.ticket), "s-signatures")
    names = f"{house.handler.display_name} {house.supervisor.display_name} 2026-11-16 09:39:00"
    assert f"Return refused {names}" in signatures


def test_of_a_confidential_ticket_the_department_reads_no_name(house, clock, sign_in):
    set_ticket(house.ticket, is_confidential=True, safe_summary="一家企业欠薪")
    live(house, clock)
    hidden = read(sign_in(english(house.handler)), house.ticket)
    for secret in ("王建国", "5678", "工地三个月"):
        assert secret not in hidden
    assert "一家企业欠薪" in hidden
    assert "Known to the hotline only." in hidden
    assert "Written by the hotline, not shown" in part(hidden, "s-promises")
    assert "工资已补发，＊＊＊满意" in part(hidden, "s-told")
    assert "已约谈企业" in hidden  # what it wrote itself
    assert "王建国" in read(sign_in(house.operator), house.ticket)


def test_who_may_not_see_the_ticket_sees_no_sheet(house, clock, sign_in):
    hand_off(house)
    stranger = make_user(Role.HANDLER, department=make_department("elsewhere"))
    assert sign_in(stranger).get(f"/tickets/{house.ticket.id}/sheet").status_code == 404
    administrator = make_user(Role.ADMINISTRATOR)
    assert sign_in(administrator).get(f"/tickets/{house.ticket.id}/sheet").status_code == 403


def test_it_says_when_and_by_whom_it_was_printed(house, clock, sign_in):
    html = read(sign_in(house.operator), house.ticket)
    assert "2026-11-16 09:30:00 打印，打印人" in words(html)
    assert house.operator.display_name in words(html)
    assert html.count(house.ticket.number) >= 3


def test_the_ticket_page_leads_to_it(house, sign_in):
    page = sign_in(house.operator).get(f"/tickets/{house.ticket.id}").text
    assert f'href="/tickets/{house.ticket.id}/sheet"' in page


def test_nothing_is_styled_inline(house, clock, sign_in):
    live(house, clock)
    html = read(sign_in(house.operator), house.ticket)
    assert "style=" not in html
    assert 'fill="url(#hold-' in html


NOON = at("2026-11-16 12:00")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("done", "over", "now", "is_paused", "verdict", "late"),
    [
        (NOON, None, NOON + 9 * HOUR, False, Judged.IN_TIME, None),
        (NOON + HOUR, None, NOON + 9 * HOUR, False, Judged.LATE, HOUR),
        (None, None, NOON - HOUR, False, Judged.RUNNING, None),
        (None, None, NOON + HOUR, False, Judged.OVERDUE, HOUR),
        (None, None, NOON + HOUR, True, Judged.STANDS, None),
        (None, NOON - HOUR, NOON + HOUR, False, Judged.OVER, None),
        (None, NOON + HOUR, NOON + 9 * HOUR, False, Judged.OVERDUE, HOUR),
    ],
)
def test_a_limit_is_judged_by_when_it_was_done(done, over, now, is_paused, verdict, late):
    found = kept(NOON, done, at=now, over_at=over, is_paused=is_paused)
    assert (found.verdict, found.late_by) == (verdict, late)

"""The morning page: a night is read in the order in which it matters, every number has its rows."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from hotline.callbacks import emergency
from hotline.rhythm import nights, urgent_words
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Callback, CallResult, Role, SpecialDay, Ticket, User, db
from tests.makers import make_ticket, make_user
from tests.rhythm.house import leaves_a_message, rings

# Sunday 15 November, 22:00 in Shanghai; the tests begin on Monday at 09:30.
NIGHT = datetime(2026, 11, 15, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CARD = r'<section class="card(?: hy-card-bad)?" aria-label="(\d[^"]*)"'
LINE = r"<li><div[^>]*><b>.*?(\d{3}\*{4}\d{4})"


def rows(page: str) -> list[str]:
    """Who stands on the page, masked, in its order."""
    return [card or line for card, line in re.findall(f"{CARD}|{LINE}", page.replace("\n", ""))]


def figures(page: str) -> dict[str, int]:
    """The numbers above the list by where they lead."""
    found = re.findall(r'hy-figure[^"]*" href="([^"]+)"><b[^>]*>(\d+)</b>', page)
    return {href.replace("&amp;", "&"): int(number) for href, number in found}


def twelve_calls() -> None:
    """Ten numbers, two of them twice: one danger in a note, one in the question, one alarm."""
    night_operator = make_user(Role.OPERATOR, display_name="夜班")
    results = CallResult
    for n, result in enumerate(
        (results.MISSED, results.ABANDONED, results.HUNG_UP_EARLY, results.MISSED)
    ):
        rings(f"1391111000{n}", NIGHT + n * MINUTE, result)
    leaves_a_message("13911110004", NIGHT + 10 * MINUTE)
    rings("13911110005", NIGHT + 11 * MINUTE, results.VOICEMAIL, note="说不想干了，有轻生念头")
    rings("13911110006", NIGHT + 12 * MINUTE, results.ANSWERED, operator=night_operator,
          question="工友三十多人要去堵路讨薪")  # fmt: skip
    rings("13911110007", NIGHT + 13 * MINUTE, results.ANSWERED, operator=night_operator)
    alarmed = rings("13911110008", NIGHT + 14 * MINUTE, results.ANSWERED, operator=night_operator)
    with unit_of_work():
        ticket = db.session.get_one(Ticket, alarmed.id)
        emergency.raise_alarm(ticket, actor=db.session.get_one(User, night_operator.id), at=NIGHT)
    first = rings("13911110009", NIGHT + 15 * MINUTE, results.MISSED)
    rings("13911110009", NIGHT + 16 * MINUTE, results.MISSED, about=first)
    rings("13911110009", NIGHT + 17 * MINUTE, results.VOICEMAIL, about=first)


def test_a_night_of_twelve_calls_is_read_danger_first(clock, sign_in):
    twelve_calls()
    page = sign_in(make_user(Role.OPERATOR)).get("/morning").text

    shown = rows(page)
    assert len(shown) == 10, "one row a number"
    assert shown[:3] == ["139****0008", "139****0006", "139****0005"]
    assert all(word in page for word in ("轻生", "堵路", "讨薪"))
    assert shown[-1] == "139****0007", "answered, nothing owed: at the end"
    assert "夜班" in page, "answered by whom"
    assert "1391111" not in page, "numbers stay masked"
    assert page.count('data-key="F2"') == 1, "one key takes the first that nobody has"


def test_every_number_leads_to_exactly_its_rows(clock, sign_in):
    twelve_calls()
    client = sign_in(make_user(Role.OPERATOR))
    counted = figures(client.get("/morning").text)

    assert counted["/morning?on=2026-11-16"] == 12
    assert counted["/morning?on=2026-11-16&only=urgent"] == 2
    assert counted["/morning?on=2026-11-16&only=emergency"] == 1
    for place, number in counted.items():
        page = client.get(place).text
        word = place.partition("only=")[2]
        if word in ("urgent", "emergency", "owed"):
            assert len(rows(page)) == number, place
        else:
            assert calls_on(page) == number, place


def calls_on(page: str) -> int:
    """How many calls are listed: each begins with its time."""
    return len(re.findall(r'<span class="hy-num"><time', page))


def test_what_is_owed_is_taken_with_one_key(clock, sign_in):
    rings("13911110001", NIGHT, CallResult.MISSED)
    urgent = rings("13911110002", NIGHT, CallResult.VOICEMAIL, note="老板威胁他")
    operator = make_user(Role.OPERATOR)
    client = sign_in(operator)
    page = client.get("/morning").text

    place = re.search(r'action="(/callbacks/\d+/claim)">(?:(?!</form>).)*data-key="F2"', page, re.S)
    assert client.post(place[1]).status_code == 303

    taken = db.session.scalars(select(Callback).where(Callback.owner_id == operator.id)).one()
    assert taken.ticket_id == urgent.id, "the urgent one had the key"
    page = client.get("/morning").text
    assert page.count("/claim") == 1
    assert operator.display_name in page


def test_a_monday_looks_back_to_friday_and_a_holiday_over_all_its_days(clock, sign_in):
    rings("13911110001", datetime(2026, 11, 13, 9, 31, tzinfo=UTC), CallResult.MISSED)
    rings("13911110002", datetime(2026, 11, 13, 9, 29, tzinfo=UTC), CallResult.MISSED)
    client = sign_in(make_user(Role.OPERATOR))
    assert rows(client.get("/morning").text) == ["139****0001"]

    with unit_of_work():
        db.session.add(SpecialDay(on=date(2026, 11, 13), is_working=False))
    assert rows(client.get("/morning").text) == ["139****0002", "139****0001"], "due first first"


@pytest.mark.parametrize(
    ("day", "now", "begin", "end"),
    [
        ("2026-11-16", "2026-11-16 01:30", "2026-11-13 09:30", "2026-11-16 00:30"),  # Monday
        ("2026-11-17", "2026-11-20 01:30", "2026-11-16 09:30", "2026-11-17 00:30"),  # looked back
        ("2026-11-17", "2026-11-16 15:00", "2026-11-16 09:30", "2026-11-16 15:00"),  # tonight
        ("2026-11-15", "2026-11-20 01:30", "2026-11-13 09:30", "2026-11-15 16:00"),  # a Sunday
        ("2026-11-20", "2026-11-16 01:30", "2026-11-19 09:30", "2026-11-19 09:30"),  # to come
    ],
)
def test_the_night_before_a_day(app, day, now, begin, end):
    span = nights.span_of(date.fromisoformat(day), at(now))
    assert (span.begin, span.end) == (at(begin), at(end))


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-16 01:30", "2026-11-13 09:30"),  # Monday morning: since Friday 17:30
        ("2026-11-16 15:00", "2026-11-16 09:30"),  # Monday 23:00: since 17:30 of the same day
        ("2026-11-17 00:10", "2026-11-16 09:30"),  # Tuesday before the opening
        ("2026-11-17 04:30", "2026-11-16 09:30"),  # lunch is no night
    ],
)
def test_the_night_begins_when_the_house_last_closed(app, now, since):
    assert nights.last_closing(at(now)) == at(since)


def test_what_a_colleague_has_taken_waits_for_nobody_else(app, clock):
    rings("13911110001", NIGHT, CallResult.MISSED)
    operator, colleague = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
    promise = db.session.scalars(db.select(Callback)).one()
    empty = nights.Night(nights.span_of(date(2026, 11, 20), clock()), ())
    assert nights.somebody_waits(date(2026, 11, 16), clock(), viewer=operator)
    assert nights.other_debts(empty, promise.due_at, viewer=operator) == [promise]
    with unit_of_work():
        promise.owner_id = colleague.id
    assert not nights.somebody_waits(date(2026, 11, 16), clock(), viewer=operator)
    assert nights.other_debts(empty, promise.due_at, viewer=operator) == []
    assert nights.other_debts(empty, promise.due_at, viewer=colleague) == [promise]


def test_in_the_evening_the_night_that_has_begun_is_one_key_away(clock, sign_in):
    rings("13911110001", NIGHT, CallResult.MISSED)
    rings("13911110003", datetime(2026, 11, 16, 3, tzinfo=UTC), CallResult.MISSED)  # by day
    rings("13911110002", datetime(2026, 11, 16, 11, tzinfo=UTC), CallResult.MISSED)
    operator = make_user(Role.OPERATOR)
    morning = sign_in(operator).get("/morning").text
    assert "on=2026-11-17" not in morning, "tonight has not begun"

    clock.set(datetime(2026, 11, 16, 12, tzinfo=UTC))
    client = sign_in(operator)
    assert 'href="/morning?on=2026-11-17"' in client.get("/morning").text
    assert rows(client.get("/morning?on=2026-11-17").text) == ["139****0002"]


def test_withheld_numbers_stay_apart_and_cannot_be_rung_back(clock, sign_in):
    for minute in (0, 5):
        rings("anonymous", NIGHT + minute * MINUTE, CallResult.MISSED)
    page = sign_in(make_user(Role.OPERATOR)).get("/morning").text
    assert page.count("无法回电") == 2


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_earlier_night_can_still_be_read(clock, sign_in):
    rings("13911110001", NIGHT, CallResult.MISSED)
    clock.advance(days=4)
    client = sign_in(make_user(Role.OPERATOR))
    assert rows(client.get("/morning").text) == []
    assert rows(client.get("/morning?on=2026-11-16").text) == ["139****0001"]
    assert client.get("/morning?on=never&from=-5&only=x").status_code == 200


def test_a_message_is_played_on_the_page(clock, sign_in):
    recording = leaves_a_message("13911110001", NIGHT)
    page = sign_in(make_user(Role.OPERATOR)).get("/morning").text
    assert f'src="/recordings/{recording.id}"' in page
    assert "0:12" in page


def test_who_signs_in_before_work_begins_sees_the_night_first(clock, app, sign_in):
    operator = make_user(Role.OPERATOR)
    clock.set(datetime(2026, 11, 16, 0, 40, tzinfo=UTC))  # 08:40
    assert sign_in(operator).get("/").location == "/workspace", "nobody waits"

    rings("13911110001", NIGHT, CallResult.MISSED)
    client = sign_in(operator)
    assert client.get("/").location == "/morning"
    clock.advance(minutes=5)
    assert client.get("/").location == "/workspace", "once, not at every click"
    clock.advance(hours=3)
    assert sign_in(operator).get("/").location == "/workspace", "the morning is over"


def test_a_ticket_about_oneself_is_not_on_the_page(clock, sign_in):
    operator = make_user(Role.OPERATOR)
    ticket = rings("13911110001", NIGHT, CallResult.VOICEMAIL, note="投诉接线员打人")
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).about_user_id = operator.id
    assert rows(sign_in(operator).get("/morning").text) == []


def test_an_administrator_edits_the_words(clock, sign_in):
    rings("13911110001", NIGHT, CallResult.VOICEMAIL, note="要去政府广场静坐")
    client = sign_in(make_user(Role.OPERATOR))
    assert figures(client.get("/morning").text)["/morning?on=2026-11-16&only=urgent"] == 0

    boss = sign_in(make_user(Role.ADMINISTRATOR))
    assert "轻生" in boss.get("/urgent-words").text
    assert boss.post("/urgent-words", data={"words": "静坐、轻生，静坐"}).status_code == 303
    assert urgent_words.words() == ("静坐", "轻生")
    assert figures(client.get("/morning").text)["/morning?on=2026-11-16&only=urgent"] == 1
    (written,) = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "set_urgent_words"))
    assert written.data["added"] == "静坐"

    too_long = boss.post("/urgent-words", data={"words": "一" * 21})
    assert too_long.status_code == 422
    assert "一" * 21 in too_long.text, "what was typed is still there"
    assert boss.post("/urgent-words", data={"words": " "}).status_code == 303
    assert urgent_words.words() == ()


def test_the_page_asks_little(clock, sign_in, count_queries):
    twelve_calls()
    make_ticket()
    client = sign_in(make_user(Role.OPERATOR))
    client.get("/morning")
    count_queries.clear()
    client.get("/morning")
    assert len(count_queries) <= 14, count_queries

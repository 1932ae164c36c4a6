"""Reports: each figure counted a second time by a slow loop, each link opened, its rows counted."""

import csv
import io
import math
import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from html import unescape

import openpyxl
import pytest
from sqlalchemy import select

from hotline.calendars import queries as calendars
from hotline.calendars.chinese import ZONE
from hotline.figures import behind, over_time, report, score
from hotline.figures.measures import CLOCKS, MEASURES, RATES
from hotline.figures.period import Period
from hotline.figures.sources import By, Scope
from models import (
    Call,
    Callback,
    Feedback,
    Handoff,
    How,
    Resolution,
    Satisfaction,
    Source,
    Ticket,
    TicketEvent,
    Urgency,
    db,
)
from tests.figures.reported.conftest import MORE_WEEKS

ZERO = timedelta(0)


def scope_of(weeks, clock, first=date(2026, 11, 18), days=45, **more):
    whole = Period(first, first + timedelta(days - 1))
    return Scope(whole, weeks["supervisor"], clock.time, **more)


# The second calculation: events and rows one by one, time by the intervals of each day.


def slow_time(start, end, department):
    """Business time, day by day and interval by interval."""
    calendar = calendars.calendar_for(department)
    total, day = ZERO, start.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        for opens, closes in calendar.day(day).intervals:
            midnight = datetime.combine(day, datetime.min.time(), ZONE)
            begin, until = (midnight + timedelta(minutes=m) for m in (opens, closes))
            total += max(min(until, end) - max(begin, start), ZERO)
        day += timedelta(1)
    return total


def pauses_of(ticket, since, until):
    """The stretches of a ticket's history in which no clock of a department runs."""
    found, began, waits_until = [], None, None
    events = db.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    )
    for event in events:
        if waits_until is not None and waits_until <= event.at:
            found.append((began, waits_until))
            began = waits_until = None
        if event.kind == "wait":
            began, waits_until = event.at, datetime.fromisoformat(event.data["until"])
        elif event.kind == "suspend":
            began = event.at
        elif began is not None and (
            event.kind in ("end_wait", "resume") or event.to_status != event.from_status
        ):
            found.append((began, event.at))
            began = waits_until = None
    return [(max(a, since), min(b, until)) for a, b in found if a < until and b > since]


def came_due(done, ended, due):
    """What ended before its limit without having been done was never due."""
    return bool(done) or ended is None or ended > due


def spent(handoff, end):
    ticket = handoff.ticket
    if ticket.urgency is Urgency.CRITICAL:
        return None  # by the wall from when it became so: the urgency's own story tells that
    total = slow_time(handoff.handed_off_at, end, handoff.department)
    for begin, until in pauses_of(ticket, handoff.handed_off_at, end):
        total -= slow_time(begin, until, handoff.department)
    return round(total.total_seconds())


class Slow:
    """Counts and values by department id, from the rows one by one."""

    def __init__(self, whole, now):
        self.whole, self.now = whole, now
        self.counts, self.values = defaultdict(Counter), defaultdict(lambda: defaultdict(list))
        self.feedback = {row.id: row for row in db.session.scalars(select(Feedback))}
        for model, look in (
            (Ticket, self.ticket),
            (Handoff, self.handoff),
            (Call, self.call),
            (Callback, self.callback),
        ):
            for row in db.session.scalars(select(model)):
                look(row)

    def inside(self, moment, *, due=False):
        until = min(self.whole.until, self.now) if due else self.whole.until
        return moment is not None and self.whole.since <= moment < until

    def ticket(self, ticket):
        if ticket.resolution in (Resolution.MERGED, Resolution.NO_MATTER):
            return
        count = self.counts[ticket.lead_department_id]
        proof = self.feedback.get(ticket.closing_feedback_id)
        if self.inside(ticket.opened_at):
            count["matters"] += 1
            count["by_phone"] += ticket.source is Source.PHONE
            count["handed_off"] += ticket.handoff_count > 0
            is_direct = ticket.resolution is Resolution.ANSWERED_DIRECTLY
            if is_direct and ticket.handoff_count == 0:
                count["first_call"] += proof.attempt_id is None
        if self.inside(ticket.closed_at):
            count["closed"] += 1
            if ticket.handoff_count > 0:
                count["went_through"] += 1
                self.verdict(ticket, proof, count)

    def verdict(self, ticket, proof, count):
        if proof.how is not How.IN_CALL or ticket.resolution is Resolution.WITHDRAWN:
            return
        said = {
            "valid": True,
            "contacted": proof.was_contacted or ticket.is_confidential,
            "solved": proof.is_solved,
            "satisfied": proof.satisfaction is Satisfaction.SATISFIED,
            "basically": proof.satisfaction is Satisfaction.BASICALLY,
        }
        for name, holds in said.items():
            count[name] += bool(holds)
            count[f"{name}_kept"] += bool(holds and ticket.excluded_at is None)

    def handoff(self, handoff):
        if handoff.role != "lead":
            return
        count, value = self.counts[handoff.department_id], self.values[handoff.department_id]
        done, end, now = handoff.accepted_at, handoff.ended_at, self.now
        was_due = came_due(done, end, handoff.accept_due_at)
        if handoff.round == 1 and was_due and self.inside(handoff.accept_due_at, due=True):
            count["sign_due"] += 1
            count["sign_on_time"] += done is not None and done <= handoff.accept_due_at
            count["sign_late"] += (done or end or now) > handoff.accept_due_at
            if done is not None:
                value["sign"].append(spent(handoff, done))
        was_due = came_due(handoff.answered_at, end, handoff.handle_due_at)
        was_due = was_due and handoff.paused_at is None
        if was_due and self.inside(handoff.handle_due_at, due=True):
            answered = handoff.answered_at is not None
            count["handle_due"] += 1
            count["handle_on_time"] += answered and handoff.answered_at <= handoff.handle_due_at
            count["handle_late"] += (end or now) > handoff.handle_due_at
            if answered:
                value["handle"].append(spent(handoff, handoff.answered_at))
        if self.inside(handoff.handed_off_at):
            count["reworked" if handoff.round > 1 else "passages"] += 1
        if handoff.end == "sent_back" and self.inside(end):
            count["returned"] += 1

    def call(self, call):
        if call.direction == "inbound" and self.inside(call.started_at):
            count = self.counts[db.session.get(Ticket, call.ticket_id).lead_department_id]
            count["calls"] += 1
            if call.provider != "manual":
                count["connected"] += call.answered_at is not None
                count["decided"] += call.state == "ended" and call.result != "hung_up_early"
            if call.pickup_seconds is not None:
                count["fast" if call.pickup_seconds <= 15 else "slow"] += 1

    def callback(self, debt):
        if debt.kind in ("tell", "follow_up") and debt.end == "kept" and self.inside(debt.ended_at):
            took = slow_time(debt.promised_at, debt.ended_at, None)
            self.counts[debt.ticket.lead_department_id]["told_done"] += 1
            self.values[debt.ticket.lead_department_id]["told"].append(round(took.total_seconds()))
        if debt.kind == "safety" or not self.inside(debt.first_due_at, due=True):
            return
        clock = "return_call" if debt.kind == "return_call" else "callback"
        count = self.counts[debt.ticket.lead_department_id]
        first = min((one.at for one in debt.attempts), default=None)
        if not came_due(first, debt.ended_at, debt.first_due_at):
            return
        count[f"{clock}_due"] += 1
        count[f"{clock}_on_time"] += first is not None and first <= debt.first_due_at
        count[f"{clock}_late"] += (first or debt.ended_at or self.now) > debt.first_due_at
        if first is not None:
            took = round(slow_time(debt.promised_at, first, None).total_seconds())
            self.values[debt.ticket.lead_department_id][clock].append(took)


def test_what_was_due_is_on_time_or_late(weeks, clock):
    found = report.report(scope_of(weeks, clock), By.DEPARTMENT)
    gone = [one for one in db.session.scalars(db.select(Handoff)) if one.end == "sent_back"]
    assert any(one.ended_at < one.handle_due_at for one in gone)
    for one in CLOCKS.values():
        for counts in (line.counts for line in (*found.lines.values(), found.total) if one.due):
            assert counts[one.due] == counts[one.on_time] + counts[one.late], one.name


@MORE_WEEKS
def test_every_figure_is_what_a_slow_loop_counts(weeks, clock):
    scope = scope_of(weeks, clock)
    fast = report.report(scope, By.DEPARTMENT)
    slow = Slow(scope.period, clock.time)
    counts, values = slow.counts, slow.values

    names = {name for count in counts.values() for name in count}
    assert names >= {"calls", "matters", "first_call", "handle_late", "sign_late", "valid"}
    assert "told_done" in names
    for key in counts.keys() | fast.lines.keys():
        line = fast.lines.get(key, report.Line())
        assert {n: line.counts[n] for n in names} == {n: counts[key][n] for n in names}, key
        for clock_name, measured in values[key].items():
            if None in measured:
                continue  # a critical matter among them
            assert list(line.values[clock_name]) == sorted(measured), (key, clock_name)
    assert sum(fast.total.counts.values()) > 300
    whole = sum(counts.values(), Counter())
    shares = {
        "connect_rate": ("connected", "decided"),
        "fast_rate": ("fast", "connected"),
        "first_call_rate": ("first_call", "by_phone"),
        "reached_rate": ("valid", "went_through"),
        "response_rate": ("contacted", "valid"),
        "solved_rate": ("solved", "valid"),
    }
    for name, (part, of_all) in shares.items():
        rate = RATES[name]
        assert fast.total.rate(rate.part, rate.whole) == whole[part] / whole[of_all], name


def test_percentiles_are_somebodys_time_and_totals_pool(weeks, clock):
    scope = scope_of(weeks, clock)
    found = report.report(scope, By.DEPARTMENT)
    for name in CLOCKS:
        pooled = sorted(v for line in found.lines.values() for v in line.values.get(name, []))
        spread = found.total.spread(name)
        assert spread.count == len(pooled)
        if not pooled:
            continue
        places = {50: spread.median, 90: spread.p90, 95: spread.p95, 100: spread.worst}
        for percent, value in places.items():
            assert value == pooled[math.ceil(len(pooled) * percent / 100) - 1]


@pytest.mark.parametrize("by", By)
def test_the_rows_of_every_cut_add_up_and_are_the_rows_behind(weeks, clock, by):
    scope = scope_of(weeks, clock)
    found = report.report(scope, by)
    whole = report.counts(scope, MEASURES)
    assert found.total.counts == +whole
    for key, line in found.lines.items():
        narrowed = behind.within(scope, by, "" if key is None else str(getattr(key, "value", key)))
        for name in MEASURES:
            assert behind.number(MEASURES[name], narrowed) == line.counts[name], (key, name)


def test_the_leaves_of_a_category_are_its_rows_once_it_is_chosen(weeks, clock):
    pay = weeks.category("pay")
    tops = report.report(scope_of(weeks, clock), By.CATEGORY)
    leaves = report.report(
        scope_of(weeks, clock, narrowed=((By.CATEGORY, str(pay.id)),)), By.CATEGORY
    )
    assert set(leaves.lines) == {weeks.category(code).id for code in ("arrears", "overtime")}
    assert leaves.total.counts["matters"] == tops.lines[pay.id].counts["matters"] > 0


def test_the_same_report_twice_is_the_same(weeks, clock):
    scope = scope_of(weeks, clock)
    first, second = (report.report(scope, By.OPERATOR) for _ in range(2))
    assert first == second


def test_parts_of_a_trend_are_the_reports_of_their_days(weeks, clock):
    scope = scope_of(weeks, clock)
    days = [
        Period(scope.period.first + timedelta(n), scope.period.first + timedelta(n))
        for n in range(45)
    ]
    names = ["calls", "matters", "closed", "handle_due", "handle_on_time", "solved"]
    trend = over_time.trend(scope, days, names)
    for day, counted in zip(days, trend, strict=True):
        assert +counted == +report.counts(scope_of(weeks, clock, day.first, 1), names)
    whole = report.counts(scope, names)
    assert sum(trend, Counter()) == +whole


def test_the_heat_map_is_every_call_once_and_each_cell_its_calls(weeks, clock):
    scope = scope_of(weeks, clock)
    cells = over_time.calls_by_hour(scope)
    slow = Counter(
        (call.started_at.astimezone(ZONE).weekday(), call.started_at.astimezone(ZONE).hour)
        for call in db.session.scalars(select(Call).where(Call.direction == "inbound"))
        if scope.period.since <= call.started_at < scope.period.until
    )
    assert cells == slow
    for (weekday, hour), number in cells.items():
        inside = scope_of(weeks, clock, more=(over_time.in_hour(weekday, hour),))
        assert behind.number(MEASURES["calls"], inside) == number


# The pages


NEXT = r'href="(/reports/behind[^"]*after=[^"]*)"[^>]*>(?:<svg[^>]*>.*?</svg>)?<span>下一页'
LINK = re.compile(
    r'<a class="hy-num" href="(/reports/behind[^"]*)"(?: title="(\d+) / \d+")?>([^<]+)<'
)


def rows_behind(browser, url):
    """All rows of all pages behind a link, and the number in the heading."""
    tickets, first, number = 0, True, None
    while url:
        page = browser.get(unescape(url))
        assert page.status_code == 200
        if first:
            number = int(re.search(r'id="behind-number">(\d+)<', page.text)[1])
            first = False
        tickets += len(re.findall(r'<td class="hy-nowrap"><a [^>]*href="/tickets/\d+"', page.text))
        after = re.search(NEXT, page.text)
        url = after[1] if after else ""
    return tickets, number


def test_every_link_of_the_page_leads_to_as_many_rows_as_it_says(weeks, clock, sign_in):
    browser = sign_in(weeks["supervisor"])
    asked = "first=2026-11-18&last=2027-01-01"
    seen = 0
    for path in (f"/reports?{asked}", f"/reports/over-time?{asked}", f"/reports/rising?{asked}"):
        page = browser.get(path)
        assert page.status_code == 200
        for url, part, text in dict.fromkeys(LINK.findall(page.text)):
            if "order=slowest" in url:
                continue
            said = int(part or text)
            assert rows_behind(browser, url) == (said, said), url
            seen += 1
    assert seen > 60


def test_a_percentile_opens_the_list_at_that_very_row(weeks, clock, sign_in):
    browser = sign_in(weeks["supervisor"])
    page = browser.get("/reports?first=2026-11-18&last=2027-01-01").text
    places = [
        (unescape(url), text) for url, _, text in LINK.findall(page) if "order=slowest" in url
    ]
    assert len(places) > 20
    for url, text in places[:40]:
        rows = browser.get(url).text
        took = re.search(r'<td class="hy-end hy-nowrap">([^<]+)</td>', rows)
        assert took[1].strip() == text.strip(), url


def taken_away(browser, path, **asked):
    """A file to its end: until then nobody gets a second one."""
    with browser.post(path, data=asked) as answer:
        assert answer.status_code == 200
        return answer.data


def test_the_table_taken_away_says_what_the_page_says(weeks, clock, sign_in):
    browser = sign_in(weeks["supervisor"])
    asked = {"first": "2026-11-18", "last": "2027-01-01", "by": "operator"}
    file = taken_away(browser, "/reports/export", **asked, format="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(file)).worksheets[0]
    table = list(sheet.iter_rows(values_only=True))
    found = report.report(scope_of(weeks, clock), By.OPERATOR)
    total = table[-1]
    for column, name in enumerate(MEASURES, start=1):
        assert total[column] == found.total.counts[name], name
    assert len(table) == 2 + len(found.lines)
    rate = found.total.rate(RATES["handle_rate"].part, RATES["handle_rate"].whole)
    assert total[1 + len(MEASURES) + list(RATES).index("handle_rate")] == pytest.approx(rate)

    text = taken_away(browser, "/reports/export", **asked, format="csv").decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert [int(n) for n in lines[-1][1 : 1 + len(MEASURES)]] == list(total[1 : 1 + len(MEASURES)])


def test_the_rows_behind_a_number_can_be_taken_away(weeks, clock, sign_in):
    browser = sign_in(weeks["supervisor"])
    asked = {"first": "2026-11-18", "last": "2027-01-01", "measure": "handle_due", "format": "csv"}
    text = taken_away(browser, "/reports/behind/export", **asked).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))[1:]
    assert len(lines) == behind.number(MEASURES["handle_due"], scope_of(weeks, clock)) > 5


# The score


def test_the_score_by_hand(app):
    line = report.Line(Counter(valid=40, contacted=36, solved=30, satisfied=20, basically=10))
    found = score.score(line)
    assert (found.response, found.solved, found.satisfied) == (0.9, 0.75, (20 + 9) / 40)
    assert found.points == pytest.approx(10 * 0.9 + 50 * 0.75 + 40 * 0.725)
    assert score.score(report.Line(Counter(unreached=3))) is None


@MORE_WEEKS
def test_an_excluded_ticket_stands_beside_the_score(weeks, clock):
    found = report.report(scope_of(weeks, clock), By.DEPARTMENT).total
    assert found.counts["excluded"]
    assert found.counts["valid_kept"] < found.counts["valid"]
    assert score.score(found).valid != score.score(found, kept=True).valid


# Who may


ALLOWED = {"reviewer": 200, "head": 200, "supervisor": 200}


@pytest.mark.parametrize("who", ["operator", "handler", "auditor", "administrator", *ALLOWED])
def test_who_may_read_reports(weeks, sign_in, who):
    assert sign_in(weeks[who]).get("/reports").status_code == ALLOWED.get(who, 403)


def test_a_heads_report_is_about_their_own_department(weeks, clock, sign_in):
    page = sign_in(weeks["head"]).get("/reports?first=2026-11-18&last=2027-01-01").text
    assert weeks.department("legal").name_zh in page or weeks.department("legal").name_en in page
    total = report.report(
        Scope(
            Period(date(2026, 11, 18), date(2027, 1, 1)),
            weeks["head"],
            clock.time,
            only_departments=(weeks.department("legal").id,),
        ),
        By.DEPARTMENT,
    )
    assert set(total.lines) == {weeks.department("legal").id}
    browser = sign_in(weeks["head"])
    other = weeks.department("women").id
    url = f"/reports/behind?first=2026-11-18&last=2027-01-01&measure=handle_due&key={other}"
    assert 'id="behind-number">0<' in browser.get(url).text


WRONG = (
    "by=nonsense",
    "period=2026-13",
    "first=2026-11-29&last=2026-11-01",
    "department=1;DROP",
    "urgency=high",
    "first=1999-01-01&last=2026-01-01",
)


@pytest.mark.parametrize("asked", WRONG)
def test_a_wrong_address_is_said_to_be_wrong(weeks, sign_in, asked):
    assert sign_in(weeks["supervisor"]).get(f"/reports?{asked}").status_code == 422


def test_the_inspection_of_a_month_stands_in_its_report(weeks, sign_in):
    browser = sign_in(weeks["supervisor"])
    page = browser.get("/reports/inspected?period=2026-12&by=department").text
    numbers = re.findall(r'href="(/quality/results/department[^"]*)">(\d+)<', page)
    assert numbers
    for url, number in numbers:
        behind_it = browser.get(unescape(url)).text
        assert behind_it.count('href="/tickets/') == int(number), url
    assert "<table" not in browser.get("/reports/inspected?period=2026&by=department").text
    assert "<table" not in sign_in(weeks["head"]).get("/reports/inspected?period=2026-12").text

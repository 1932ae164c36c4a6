"""The pages of a report: each link opened, its rows counted; who may read them."""

import csv
import io
import re
from datetime import date
from html import unescape

import openpyxl
import pytest

from hotline.figures import behind, report
from hotline.figures.measures import MEASURES, RATES
from hotline.figures.period import Period
from hotline.figures.sources import By, Scope
from tests.figures.reported.reading import LINK, rows_behind, scope_of, taken_away


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

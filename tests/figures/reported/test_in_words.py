"""The leader's paragraph: every number in it is a link to as many rows, in both languages."""

import re
from html import unescape

from hotline.figures import in_words, report
from hotline.figures.measures import MEASURES
from hotline.figures.sources import By
from hotline.unit_of_work import unit_of_work
from models import Caller, Ticket, db
from tests.figures.reported.reading import rows_behind, scope_of

WORDS = re.compile(r'<p id="words-(\w+)"[^>]*>(.*?)</p>', re.S)
NUMBER = re.compile(r'<a href="([^"]+)">([\d,.]+)</a>')
ASKED = "first=2026-11-18&last=2027-01-01"


def paragraphs(browser, asked=ASKED):
    page = browser.get(f"/reports/in-words?{asked}")
    assert page.status_code == 200
    return dict(WORDS.findall(page.text))


def test_every_number_leads_to_as_many_rows(weeks, sign_in):
    browser = sign_in(weeks["supervisor"])
    for text in paragraphs(browser).values():
        numbers = NUMBER.findall(text)
        assert len(numbers) > 8
        for url, number in dict.fromkeys(numbers):
            assert rows_behind(browser, url) == (int(number), int(number)), url


def test_both_languages_say_the_same_numbers(weeks, sign_in):
    found = paragraphs(sign_in(weeks["supervisor"]))
    said = {lang: sorted(number for _, number in NUMBER.findall(found[lang])) for lang in found}
    assert said["zh"] == said["en"]
    words = {lang: re.sub(r"<[^>]+>", "", text) for lang, text in found.items()}
    assert "热线来电" in words["zh"]
    assert "calls" not in words["zh"]
    assert "the hotline took" in words["en"]
    assert "来电" not in words["en"]


def test_the_money_is_the_sum_of_what_was_first_reported_in_these_days(weeks, clock):
    scope = scope_of(weeks, clock)
    slow = sum(
        ticket.money_recovered_fen
        for ticket in db.session.scalars(db.select(Ticket))
        if ticket.money_recovered_at is not None
        and scope.period.since <= ticket.money_recovered_at < scope.period.until
    )
    assert in_words.money_recovered(scope) == slow > 0


def test_the_latest_department_is_the_one_with_most_late_answers(weeks, clock):
    scope = scope_of(weeks, clock)
    told = in_words.told(scope, scope.period.before(), scope.period.year_before())
    lines = report.report(scope, By.DEPARTMENT).lines
    most = max(line.counts["handle_late"] for line in lines.values())
    assert told.latest[1].counts["handle_late"] == most > 0
    assert told.total.counts["calls"] == report.counts(scope, ["calls"])["calls"]
    assert set(MEASURES) >= set(in_words.COMPARED)


def test_what_was_heard_of_most_is_named_first(weeks, clock):
    scope = scope_of(weeks, clock)
    lines = report.report(scope, By.CATEGORY, ["matters"]).lines.items()
    numbers = sorted((line.counts["matters"] for key, line in lines if key), reverse=True)
    told = in_words.told(scope, scope.period.before(), scope.period.year_before())
    assert [number for _, number in told.top] == numbers[: in_words.TOP]
    assert numbers[0] > numbers[1]


def test_days_without_anything_say_so_and_no_more(weeks, sign_in):
    found = paragraphs(sign_in(weeks["supervisor"]), "first=2026-01-01&last=2026-01-31")
    assert unescape(found["en"]).endswith("0 calls and received 0 matters.")


def test_an_operator_reads_no_paragraph(weeks, sign_in):
    assert sign_in(weeks["operator"]).get("/reports/in-words").status_code == 403


def test_an_employer_is_a_text_whatever_it_is_called(weeks, clock, sign_in):
    """The paragraph is markup of ours; what people typed is none."""
    name = "<img src=x onerror=alert(1)> 50%s 工地"
    with unit_of_work():
        for caller in db.session.scalars(db.select(Caller)):
            caller.employer = name
    found = paragraphs(sign_in(weeks["supervisor"]))
    for text in found.values():
        assert "<img" not in text
        assert unescape(re.sub(r"<[^>]+>", "", text)).count(name) == 1

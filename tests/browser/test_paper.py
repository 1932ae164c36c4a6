"""What leaves the screen: a list as a file, and the sheet of a ticket on paper."""

import csv
import re
from datetime import timedelta

import openpyxl
import pytest
from playwright.sync_api import expect

from hotline.handoffs import service as handoffs
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import Department, Ticket, User, db
from tests.browser.conftest import IN_BOTH
from tests.makers import make_ticket

pytestmark = pytest.mark.browser
A4 = (595, 842)  # points
PAGE = re.compile(rb"/Type\s*/Page[^s]")
MEDIA = re.compile(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)")


def handed_off(house, clock):
    """A ticket that has been with the hotline an hour, and three with the department."""
    ticket = make_ticket(operator=house.operator, category=house.wages)
    clock.advance(hours=1)
    with unit_of_work():
        handoffs.hand_off(
            db.session.get_one(Ticket, ticket.id),
            db.session.get_one(Department, house.legal.id),
            actor=db.session.get_one(User, house.operator.id),
            at=clock(),
        )
    clock.advance(hours=3)
    return ticket


def test_a_list_is_taken_away_and_the_page_stays(house, page_of, say, tmp_path):
    made = [
        make_ticket(operator=house.operator, category=house.wages, phone=f"138{n:08d}")
        for n in range(3)
    ]
    page = page_of(house.operator)
    page.goto("/tickets?status=open")

    read = {}
    for name, form in ((say("Excel table (.xlsx)"), "xlsx"), (say("Text table (.csv)"), "csv")):
        page.get_by_text(say("Export"), exact=True).click()
        with page.expect_download() as taken:
            page.get_by_role("button", name=name).click()
        assert taken.value.suggested_filename.startswith(say("Tickets"))
        assert taken.value.suggested_filename.endswith(f".{form}")
        read[form] = tmp_path / f"list.{form}"
        taken.value.save_as(read[form])
        expect(page.locator("form[data-download]:not([data-sent])")).to_have_count(1)

    numbers = [ticket.number for ticket in reversed(made)]
    sheet = openpyxl.load_workbook(read["xlsx"]).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == numbers
    with read["csv"].open(encoding="utf-8-sig", newline="") as lines:
        assert [row[0] for row in csv.reader(lines)][1:] == numbers
    expect(page).to_have_url(re.compile(r"/tickets\?status=open$"))


def test_the_bar_on_the_screen_is_as_long_as_the_time_was(house, page_of, say, clock):
    ticket = handed_off(house, clock)
    page = page_of(house.supervisor)
    page.goto(f"/tickets/{ticket.id}")
    page.get_by_role("link", name=say("Audit sheet")).click()

    hotline, department = page.locator("#wall-bar .hy-hold").all()
    share = hotline.bounding_box()["width"] / department.bounding_box()["width"]
    assert share == pytest.approx(1 / 3, rel=0.02)
    expect(page.get_by_role("img", name=re.compile("A .*1:00:00.*B .*3:00:00"))).to_be_visible()
    expect(page.locator("#age")).to_contain_text("4:00:00")


@IN_BOTH
def test_the_sheet_on_paper_has_its_number_and_no_navigation(house, page_of, say, clock):
    ticket = handed_off(house, clock)
    page = page_of(house.supervisor)
    page.goto(f"/tickets/{ticket.id}/sheet")
    expect(page.locator(".hy-sheet-top")).to_be_hidden()

    page.emulate_media(media="print")

    for gone in (".hy-bar", ".hy-sheet-bar", "#live-call"):
        expect(page.locator(gone)).to_be_hidden()
    top = page.locator(".hy-sheet-top")
    expect(top).to_contain_text(ticket.number)
    expect(top).to_contain_text(house.supervisor.display_name)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    printed = page.pdf(prefer_css_page_size=True)
    assert len(PAGE.findall(printed)) in (1, 2)
    assert {tuple(round(float(side)) for side in box) for box in MEDIA.findall(printed)} == {A4}


@IN_BOTH
def test_a_long_story_goes_on_on_the_next_page(house, page_of, clock):
    ticket = handed_off(house, clock)
    _write(ticket, house, 80)
    page = page_of(house.supervisor)
    page.goto(f"/tickets/{ticket.id}/sheet")
    assert len(PAGE.findall(page.pdf(prefer_css_page_size=True))) >= 4


def _write(ticket, house, many):
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        actor = db.session.get_one(User, house.operator.id)
        for n in range(many):
            at = row.opened_at + timedelta(minutes=n)
            tickets.note(row, f"第{n}次联系企业，对方表示正在筹款", actor=actor, at=at)

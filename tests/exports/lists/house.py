"""The hotline of these tests, and how a table that was taken away is read."""

import csv
import io
from zoneinfo import ZoneInfo

import openpyxl

from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Department, Role, Ticket, User, db
from tests.makers import make_category, make_department, make_ticket, make_user

SHANGHAI = ZoneInfo("Asia/Shanghai")


class House:
    """A hotline with one department and a few tickets, the last one of a caller who is afraid."""

    def __init__(self, clock):
        self.clock = clock
        self.operator = make_user(Role.OPERATOR, display_name="周敏")
        self.legal = make_department("legal", name_zh="权益保障部")
        self.handler = make_user(Role.HANDLER, department=self.legal)
        self.category = make_category(lead=self.legal)
        self.plain = self.ticket("拖欠工资三个月", "13900000001", "王建国")
        self.hostile = self.ticket("=cmd|' /C calc'!A0", "13900000002", "@李梅")
        self.afraid = self.ticket("赵小红说班长打人", "13900000003", "赵小红")
        with unit_of_work():
            ticket = db.session.get_one(Ticket, self.afraid)
            ticket.is_confidential, ticket.safe_summary = True, "有职工反映班组管理问题"

    def ticket(self, question, phone, name):
        self.clock.advance(minutes=7)
        made = make_ticket(
            operator=self.operator,
            category=self.category,
            phone=phone,
            question=question,
            caller_name=name,
        )
        return made.id

    def hand_off(self, *ticket_ids, note=""):
        for ticket_id in ticket_ids:
            with unit_of_work():
                handoffs.hand_off(
                    db.session.get_one(Ticket, ticket_id),
                    db.session.get_one(Department, self.legal.id),
                    actor=db.session.get_one(User, self.operator.id),
                    at=self.clock.time,
                    note=note,
                )


def taken(client, path, **form):
    """What a form answers: the rows as dictionaries by their headings, in the English page."""
    form = {"format": "xlsx", **form}
    answer = client.post(path, data=form, buffered=True)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["Content-Disposition"].isascii()
    assert answer.headers["Cache-Control"] == "no-store"
    return rows_of(answer, form["format"])


def rows_of(answer, form):
    if form == "csv":
        lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
        lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    return [dict(zip(lines[0], row, strict=True)) for row in lines[1:]]


def local(at):
    return at.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)


def english(person):
    with unit_of_work():
        db.session.get_one(User, person.id).locale = "en"
    return person

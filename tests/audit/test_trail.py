"""The auditor's pages: everything that was done, nothing of what callers said."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.audit import kinds, queries
from hotline.audit import service as audit
from hotline.audit.queries import Asked
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import Role, Ticket, User, db
from tests.makers import make_category, make_department, make_ticket, make_user

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def auditor(sign_in):
    return sign_in(make_user(Role.AUDITOR))


def record(user, kind, at, **more):
    with unit_of_work():
        audit.record(kind, actor=db.session.get(User, user.id) if user else None, at=at, **more)


def test_the_auditor_reads_who_what_when_and_why(auditor, clock):
    zhou = make_user(Role.OPERATOR, display_name="周敏")
    ticket = make_ticket(operator=zhou, category=make_category(lead=make_department()))
    record(zhou, "reveal", clock.time, ticket_id=ticket.id, subject=ticket.number, reason="quality")

    page = auditor.get("/audit").text

    assert "周敏" in page
    assert "查看完整号码" in page
    assert "质检" in page
    assert ticket.number in page


def test_no_word_of_a_ticket_is_on_the_auditors_pages(auditor, clock):
    op = make_user(Role.OPERATOR)
    secret = "老板三个月没发工资"
    ticket = make_ticket(
        operator=op,
        category=make_category(lead=make_department()),
        question=secret,
        caller_name="王建国",
        phone="13912345678",
    )
    with unit_of_work():
        ticket, op = db.session.get(Ticket, ticket.id), db.session.get(User, op.id)
        tickets.note(ticket, "悄悄话", actor=op, at=clock.time)

    pages = auditor.get("/audit/tickets").text + auditor.get("/audit").text

    assert ticket.number in pages
    for word in (secret, "王建国", "139****5678", "13912345678", "悄悄话"):
        assert word not in pages


def test_filters_by_person_kind_ticket_and_local_day(auditor, clock):
    zhou, chen = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
    ticket, other = make_ticket(), make_ticket(phone="13900000001")
    at = clock.time
    record(zhou, "reveal", at, ticket_id=ticket.id)
    record(chen, "play_recording", at - timedelta(days=1), ticket_id=other.id)
    # 00:30 and 23:30 of the same local day lie on two days of UTC.
    record(zhou, "login", at.replace(hour=16, minute=30) - timedelta(days=1))
    record(zhou, "logout", at.replace(hour=15, minute=30))

    def found(**asked):
        return {line.kind for line in queries.audit_lines(Asked(**asked))[0]} - {"create_user"}

    assert found(actor_id=chen.id) == {"play_recording"}
    assert found(kind="reveal") == {"reveal"}
    assert found(number=ticket.number) == {"reveal"}
    assert found(number="20261116-9999") == set()

    of_the_day = auditor.get("/audit?day=2026-11-16").text
    table = of_the_day[of_the_day.index("<tbody>") :]
    assert all(word in table for word in ("查看完整号码", "登录", "退出登录"))
    assert "播放录音" not in table
    assert auditor.get("/audit?day=yesterday").status_code == 422


def test_pages_follow_each_other_without_a_gap_even_at_one_instant(auditor, clock):
    zhou = make_user(Role.OPERATOR)
    for number in range(queries.PAGE + 5):
        record(zhou, "reveal", clock.time, subject=f"n{number:03d}")

    first = auditor.get("/audit?kind=reveal").text
    following = re.search(r'href="(/audit\?before=[^"]+)"', first)[1].replace("&amp;", "&")
    second = auditor.get(following).text

    seen = re.findall(r">(n\d{3})<", first) + re.findall(r">(n\d{3})<", second)
    assert seen == [f"n{number:03d}" for number in reversed(range(queries.PAGE + 5))]
    assert "kind=reveal" in following
    for nonsense in ("x", "2026-11-16T00:00:00_1", "_", "2026-11-16T00:00:00+00:00_x"):
        assert auditor.get("/audit", query_string={"before": nonsense}).status_code == 422


def test_a_page_of_the_trail_takes_few_queries(auditor, clock, count_queries):
    for _ in range(20):
        record(make_user(Role.OPERATOR), "reveal", clock.time)
    count_queries.clear()
    auditor.get("/audit")
    assert len(count_queries) <= 8


def written_kinds(function: str) -> set[str]:
    """Every kind that some call of `function` in the code writes."""
    found = set()
    for path in (ROOT / "hotline").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == function and "demo" not in path.parts:
                found |= {a.value for a in node.args[:2] if isinstance(a, ast.Constant)}
    return found


def test_every_kind_that_is_written_has_a_name():
    assert written_kinds("record") - {""} <= set(kinds.AUDIT_KINDS)
    assert written_kinds("note_fact") <= set(kinds.TICKET_KINDS)

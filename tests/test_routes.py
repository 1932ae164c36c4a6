"""Every route × every role, by a declared table. A new route needs a line in ROUTES, nothing more.

A line names the method, the rule as the URL map writes it (without converters), and who gets in.
Whoever is not named is refused with 403, or with 404 where the object would betray itself;
strangers are sent to the login page. "Gets in" means any other answer, also about an empty form.
What stands in a rule as <…_id> is made new for each request by the method of that name below.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule

from hotline.callbacks import service as callbacks
from hotline.calls import service as calls
from hotline.handoffs import service as handoffs
from hotline.permissions import Permission, has
from hotline.phone_numbers import normalise
from hotline.quality import sheets
from hotline.quality.marks import Mark, Marks
from hotline.telephony import adapter
from hotline.telephony.simulator.ledger import Call as SimulatedCall
from hotline.telephony.simulator.ledger import Mode, new_sid
from hotline.unit_of_work import unit_of_work
from models import (
    Base,
    Call,
    CallbackKind,
    Channel,
    Department,
    DutyShift,
    Handoff,
    Inspection,
    MessageStatus,
    Notification,
    OutboxMessage,
    Population,
    Recording,
    RecordingKind,
    Role,
    Sample,
    SampleStratum,
    SavedReport,
    ShiftSheet,
    Source,
    SpecialDay,
    Ticket,
    User,
    Wall,
    Work,
    db,
)
from tests.makers import make_category, make_department, make_ticket, make_user

NOBODY = frozenset[str]()
INSIDE = frozenset({*(role.value for role in Role), "roleless"})
EVERYBODY = INSIDE | {"stranger"}
SUPERVISORS = frozenset({"supervisor"})
HOTLINE = frozenset({"operator", "supervisor"})
DEPARTMENTS = frozenset({"handler", "head"})
DESKS = HOTLINE | DEPARTMENTS  # whoever writes down what comes to the own desk
READERS = DESKS | {"reviewer"}
OVERVIEW = SUPERVISORS | {"reviewer"}
REPORTED = OVERVIEW | {"head"}
ADMINISTRATORS = frozenset({"administrator"})
AUDITORS = frozenset({"auditor"})

# fmt: off
ROUTES: dict[str, frozenset[str]] = {
    # the house
    "GET /static/<filename>": EVERYBODY,
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /metrics": NOBODY,  # whoever knows the token
    "GET /": INSIDE,
    # accounts
    "GET /login": EVERYBODY,
    "POST /login": EVERYBODY,
    "POST /logout": EVERYBODY,
    "POST /preferences": EVERYBODY,
    "GET /setup": NOBODY,  # there is an administrator
    "POST /setup": NOBODY,
    "GET /profile": INSIDE,
    "POST /profile": INSIDE,
    "GET /profile/password": INSIDE,
    "POST /profile/password": INSIDE,
    "GET /users": ADMINISTRATORS,
    "GET /users/new": ADMINISTRATORS,
    "POST /users/new": ADMINISTRATORS,
    "GET /users/<user_id>": ADMINISTRATORS,
    "POST /users/<user_id>": ADMINISTRATORS,
    "POST /users/<user_id>/disable": ADMINISTRATORS,
    "POST /users/<user_id>/enable": ADMINISTRATORS,
    "POST /users/<user_id>/reset-password": ADMINISTRATORS,
    "GET /duty": HOTLINE,
    "POST /duty/shifts": SUPERVISORS,
    "POST /duty/shifts/<shift_id>/remove": SUPERVISORS,
    "POST /duty/copy": SUPERVISORS,
    "GET /duty/hand-over": HOTLINE,
    "POST /duty/hand-over": HOTLINE,
    # the rhythm of a day
    "GET /morning": HOTLINE,
    "GET /duty/sheets": HOTLINE,
    "GET /duty/sheets/new": HOTLINE,
    "POST /duty/sheets": HOTLINE,
    "GET /duty/sheets/<sheet_id>": HOTLINE,
    "POST /duty/sheets/<sheet_id>/take": HOTLINE,
    "POST /duty/sheets/<sheet_id>/withdraw": HOTLINE,
    "GET /urgent-words": ADMINISTRATORS,
    "POST /urgent-words": ADMINISTRATORS,
    "GET /today": INSIDE,
    "GET /money": OVERVIEW,
    "GET /tickets/<ticket_id>/money": SUPERVISORS,
    "POST /tickets/<ticket_id>/money": SUPERVISORS,
    # departments and categories
    "GET /departments": ADMINISTRATORS,
    "GET /departments/new": ADMINISTRATORS,
    "POST /departments/new": ADMINISTRATORS,
    "GET /departments/<department_id>": ADMINISTRATORS,
    "POST /departments/<department_id>": ADMINISTRATORS,
    "GET /categories": ADMINISTRATORS,
    "GET /categories/new": ADMINISTRATORS,
    "POST /categories/new": ADMINISTRATORS,
    "GET /categories/<category_id>": ADMINISTRATORS,
    "POST /categories/<category_id>": ADMINISTRATORS,
    # calendars and policies
    "GET /opening-hours/<kind>": ADMINISTRATORS,
    "POST /opening-hours/<kind>": ADMINISTRATORS,
    "POST /opening-hours/business/use-default": ADMINISTRATORS,
    "GET /special-days": ADMINISTRATORS | SUPERVISORS,
    "POST /special-days": ADMINISTRATORS,
    "POST /special-days/<day_id>/remove": ADMINISTRATORS,
    "GET /official-lists": ADMINISTRATORS,
    "POST /official-lists": ADMINISTRATORS,
    "GET /official-lists/<year>.<form>": ADMINISTRATORS | SUPERVISORS,
    "POST /official-lists/<year>": ADMINISTRATORS,
    "POST /official-lists/<year>/remove": ADMINISTRATORS,
    "GET /policies": ADMINISTRATORS,
    "POST /policies": ADMINISTRATORS,
    "GET /reckoning": INSIDE,
    "GET /callbacks/<callback_id>/reckoning": READERS,
    "GET /handoffs/<handoff_id>/reckoning/<clock>": READERS,
    # the trail
    "GET /audit": AUDITORS,
    "GET /audit/tickets": AUDITORS,
    # what is taken away
    "POST /tickets/export": READERS,
    "POST /queue/export": DEPARTMENTS | SUPERVISORS,
    "POST /watch/export": HOTLINE,
    "POST /callbacks/export": DESKS,
    "POST /calls/list/export": OVERVIEW,
    "POST /audit/export": AUDITORS,
    "POST /audit/tickets/export": AUDITORS,
    # tickets
    "GET /tickets": READERS,
    "GET /search": READERS,
    "GET /tickets/<ticket_id>": READERS,
    "GET /tickets/<ticket_id>/words": READERS,
    "GET /tickets/<ticket_id>/sheet": READERS,
    "GET /tickets/<ticket_id>/news/<version>": READERS,
    "GET /tickets/<ticket_id>/<verb>": READERS,
    "POST /tickets/<ticket_id>/<verb>": READERS,
    "GET /tickets/<ticket_id>/reveal": READERS,
    "POST /tickets/<ticket_id>/reveal": READERS,
    "GET /queue": DEPARTMENTS | SUPERVISORS,
    "GET /returns": HOTLINE,
    "GET /extensions": SUPERVISORS,
    "GET /unaccepted": HOTLINE,
    "GET /overdue": HOTLINE,
    "GET /supervised": OVERVIEW,
    "GET /escalated": OVERVIEW,
    # the operator's workspace
    "GET /workspace": HOTLINE,
    "GET /workspace/now": HOTLINE,
    "GET /workspace/waiting": HOTLINE,
    "GET /workspace/work": HOTLINE,
    "GET /workspace/<ticket_id>": HOTLINE,
    "GET /workspace/<ticket_id>/words": HOTLINE,
    "GET /workspace/<ticket_id>/line": HOTLINE,
    "POST /workspace/<ticket_id>/<outcome>": HOTLINE,
    "POST /workspace/<ticket_id>/emergency": HOTLINE,
    "POST /workspace/<ticket_id>/put_aside": HOTLINE,
    "POST /workspace/<ticket_id>/same_matter": HOTLINE,
    "POST /workspace/<ticket_id>/same_matter/<other_id>": HOTLINE,
    "GET /log": DESKS,
    "GET /log/words": DESKS,
    "POST /log/<outcome>": DESKS,
    "POST /log/emergency": DESKS,
    "POST /log/begin-anew": DESKS,
    "POST /drafts/<key>": INSIDE,
    "GET /chrome/owed": INSIDE,
    "GET /chrome/bell": INSIDE,
    "GET /chrome/call": HOTLINE,
    "GET /emergencies/<ticket_id>": HOTLINE,
    "POST /emergencies/<ticket_id>/take": HOTLINE,
    "GET /seat": HOTLINE,
    "POST /seat": HOTLINE,
    "POST /seat/rest": HOTLINE,
    "POST /seat/back": HOTLINE,
    # callbacks
    "GET /callbacks": DESKS,
    "GET /callbacks/pool": HOTLINE,
    "GET /callbacks/colleagues": SUPERVISORS,
    "GET /callbacks/<callback_id>": DESKS,
    "POST /callbacks/<callback_id>/attempt": DESKS,
    "POST /callbacks/<callback_id>/ringing": DESKS,
    "POST /callbacks/<callback_id>/place": DESKS,
    "POST /callbacks/<callback_id>/claim": DESKS,
    "POST /callbacks/<callback_id>/release": DESKS,
    "POST /callbacks/<callback_id>/send": DESKS,
    "POST /callbacks/<callback_id>/ring_instead": DESKS,
    "POST /callbacks/<callback_id>/close": DESKS,
    "GET /callbacks/unreachable": SUPERVISORS,
    "POST /callbacks/unreachable": SUPERVISORS,
    "POST /callbacks/kept": SUPERVISORS,
    "POST /callbacks/explanations/<feedback_id>": SUPERVISORS,
    # what is told to whom
    "GET /live": INSIDE,
    "GET /live/poll": INSIDE,
    "GET /notifications": INSIDE,
    "POST /notifications/read": INSIDE,
    "POST /notifications/<notice_id>/open": INSIDE,
    "GET /outbox": SUPERVISORS,
    "POST /outbox/stop": SUPERVISORS,
    "POST /outbox/go_on": SUPERVISORS,
    "POST /outbox/<message_id>/let_be": SUPERVISORS,
    "POST /outbox/<message_id>/send_again": SUPERVISORS,
    # reports
    "GET /reports": REPORTED,
    "GET /reports/over-time": REPORTED,
    "GET /reports/rising": REPORTED,
    "GET /reports/inspected": REPORTED,
    "GET /reports/behind": REPORTED,
    "GET /reports/in-words": REPORTED,
    "POST /reports/export": REPORTED,
    "POST /reports/behind/export": REPORTED,
    "GET /reports/saved": REPORTED,
    "POST /reports/saved": REPORTED,
    "POST /reports/saved/<report_id>/delete": REPORTED,
    # quality inspection
    "GET /quality": OVERVIEW,
    "GET /quality/inspections": OVERVIEW,
    "GET /quality/samples": OVERVIEW,
    "POST /quality/samples": SUPERVISORS,
    "GET /quality/samples/<sample_id>": OVERVIEW,
    "GET /quality/samples/<sample_id>/again": OVERVIEW,
    "GET /quality/results": OVERVIEW,
    "GET /quality/results/<by>": OVERVIEW,
    "POST /quality/inspections/export": OVERVIEW,
    "POST /quality/results/export": OVERVIEW,
    "GET /quality/mine": READERS,
    "GET /quality/inspections/<inspection_id>": READERS,
    "POST /quality/inspections/<inspection_id>/take": OVERVIEW,
    "POST /quality/inspections/<inspection_id>/score": OVERVIEW,
    "POST /quality/inspections/<inspection_id>/send_back": OVERVIEW,
    "POST /quality/inspections/<inspection_id>/appeal": READERS - OVERVIEW,  # whose work it is
    "POST /quality/inspections/<inspection_id>/decide": OVERVIEW,
    "GET /quality/score-sheets/<work>": SUPERVISORS | ADMINISTRATORS,
    "POST /quality/score-sheets/<work>": SUPERVISORS | ADMINISTRATORS,
    "GET /quality/score-sheets/<version_id>": SUPERVISORS | ADMINISTRATORS,
    "GET /now": OVERVIEW,
    "GET /now/board": OVERVIEW,
    "GET /calls/list": OVERVIEW,
    "GET /calls/found": SUPERVISORS | ADMINISTRATORS,
    "POST /calls/found/export": SUPERVISORS | ADMINISTRATORS,
    "GET /calls/when-we-are-down": ADMINISTRATORS,
    # screens on the walls, by a token of their own
    "GET /walls": SUPERVISORS | ADMINISTRATORS,
    "POST /walls": SUPERVISORS | ADMINISTRATORS,
    "POST /walls/<wall_id>/revoke": SUPERVISORS | ADMINISTRATORS,
    "GET /wall": EVERYBODY,  # the door
    "POST /wall": EVERYBODY,
    "GET /wall/board": NOBODY,
    "GET /wall/live": NOBODY,
    "GET /wall/live/poll": NOBODY,
    # the telephone
    "GET /recordings/<recording_id>": READERS,
    "POST /calls/<call_id>/answer": HOTLINE,
    "POST /calls/<call_id>/hangup": HOTLINE,
    "POST /hooks/<provider>/<kind>": NOBODY,  # whoever signs, never a browser
    "GET /simulator": INSIDE,
    "POST /simulator/calls": INSIDE,
    "GET /simulator/calls/<sid>": INSIDE,
    "POST /simulator/calls/<sid>/press": INSIDE,
    "POST /simulator/calls/<sid>/speak": INSIDE,
    "POST /simulator/calls/<sid>/hangup": INSIDE,
    # the simulated company asks for its own credentials
    "GET /simulator/2010-04-01/Accounts/<account_sid>/Calls.json": NOBODY,
    "POST /simulator/2010-04-01/Accounts/<account_sid>/Calls.json": NOBODY,
    "GET /simulator/2010-04-01/Accounts/<account_sid>/Calls/<sid>/Events.json": NOBODY,
    "GET /simulator/2010-04-01/Accounts/<account_sid>/Messages.json": NOBODY,
    "GET /simulator/v1/Alerts": NOBODY,
    "GET /simulator/2010-04-01/Accounts/<account_sid>/Recordings.json": NOBODY,
    "GET /simulator/2010-04-01/Accounts/<account_sid>/Recordings/<sid>.wav": NOBODY,
    "DELETE /simulator/2010-04-01/Accounts/<account_sid>/Recordings/<sid>.json": NOBODY,
    "POST /simulator/2010-04-01/Accounts/<account_sid>/Messages.json": NOBODY,
}
# fmt: on
# Nothing rings at these people's seats, and no list was imported: for them it is not there, for
# others the door is shut.
NOT_THERE = {
    "POST /calls/<call_id>/answer",
    "POST /calls/<call_id>/hangup",
    "POST /official-lists/<year>/remove",
}
# What is asked besides the path.
QUERIES = {"POST /opening-hours/business/use-default": "?department=<department_id>"}
# Look like nothing to whoever may not: even that they are there would be told too much.
HIDDEN = ("/setup", "/metrics")
# Refuse by their own credentials and know no login page.
MACHINES = ("/hooks/", "/simulator/2010-04-01/", "/simulator/v1/", "/wall/")
WORDS = {
    "clock": "handle",
    "filename": "logo.svg",
    "kind": {"/opening-hours": "business", "/hooks": "voice"},
    "by": "operator",
    "work": "call",
    "year": 2026,
    "form": "csv",
    "verb": "note",
    "outcome": "save",
    "key": "log",
    "provider": "simulator",
    "account_sid": "AC" + "0" * 32,
    "call_id": 1,
    "version": 1,
    "feedback_id": 1,
}
CONVERTER = re.compile(r"<(?:[^:<>]*?(?:\([^)]*\))?:)?(\w+)>")
_numbers = count(1)


def name_of(rule: Rule, method: str) -> str:
    """How ROUTES calls a rule: its method and its path without converters."""
    path = CONVERTER.sub(r"<\1>", rule.rule)
    return f"{method} {path}"


def served(app: Flask) -> set[str]:
    return {
        name_of(rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


class World:
    """A house with one ticket that everybody who reads tickets may see, and makers of objects."""

    def __init__(self) -> None:
        self.operator = make_user(Role.OPERATOR)
        self.legal = make_department("legal")
        self.category = make_category(lead=self.legal)
        make_user(Role.HANDLER, department=self.legal)
        make_user(Role.ADMINISTRATOR)

    def person(self, role: str) -> User:
        """Somebody who has this role and no other."""
        if role == "roleless":
            return make_user()
        return make_user(Role(role), department=self.legal if role in DEPARTMENTS else None)

    def ticket_id(self, viewer: User | None) -> int:
        """A ticket that waits for the legal department."""
        number = f"138{next(_numbers):08d}"
        ticket = make_ticket(operator=self.operator, category=self.category, phone=number)
        with unit_of_work():
            handoffs.hand_off(
                db.session.get_one(Ticket, ticket.id),
                db.session.get_one(Department, self.legal.id),
                actor=db.session.get_one(User, self.operator.id),
                at=ticket.opened_at,
            )
        return ticket.id

    other_id = ticket_id

    def handoff_id(self, viewer: User | None) -> int:
        """The passage of such a ticket through the legal department."""
        found = db.select(Handoff.id).where(Handoff.ticket_id == self.ticket_id(viewer))
        return db.session.scalars(found).one()

    def callback_id(self, viewer: User | None) -> int:
        """What the viewer owes the caller of such a ticket."""
        ticket = db.session.get_one(Ticket, self.ticket_id(viewer))
        ticket_id, at = ticket.id, ticket.opened_at
        with unit_of_work():
            callback = callbacks.promise(
                db.session.get_one(Ticket, ticket_id), CallbackKind.TELL, at=at, owner=viewer
            )
            assert callback is not None
        return callback.id

    def recording_id(self, viewer: User | None) -> int:
        """A voicemail of such a ticket, fetched."""
        ticket_id = self.ticket_id(viewer)
        folder = adapter.recordings_folder()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sound.wav").write_bytes(b"RIFF")
        with unit_of_work():
            ticket = db.session.get_one(Ticket, ticket_id)
            made = calls.log_manually(
                actor=db.session.get_one(User, self.operator.id),
                at=ticket.opened_at,
                source=Source.PHONE,
                number=normalise("13700000001"),
            )
            call = db.session.scalars(select(Call).where(Call.ticket_id == made.id)).one()
            call.ticket_id = ticket_id
            recording = Recording(
                call_id=call.id,
                recording_ref=f"RE{next(_numbers):032d}",
                kind=RecordingKind.VOICEMAIL,
                announced_at=ticket.opened_at,
                fetched_at=ticket.opened_at,
                file_name="sound.wav",
                content_type="audio/wav",
            )
            db.session.add(recording)
        return recording.id

    def user_id(self, viewer: User | None) -> int:
        return make_user(Role.OPERATOR).id

    def version_id(self, viewer: User | None) -> int:
        """A score sheet as inspections are scored by."""
        with unit_of_work():
            return sheets.current(Work.CALL, at=self.operator.created_at).id

    def sample_id(self, viewer: User | None) -> int:
        """A sample of a day of its own, drawn by nobody from nothing."""
        since_at = self.operator.created_at - timedelta(days=next(_numbers))
        return self._added(
            Sample(
                population=Population.CLOSED,
                since_at=since_at,
                until_at=since_at + timedelta(hours=1),
                percent=10,
                no_matter_weight=2,
                seed="x",
                drawn_at=self.operator.created_at,
            )
        )

    def inspection_id(self, viewer: User | None) -> int:
        """To be scored by a viewer who inspects; of anybody else's work, scored by somebody."""
        viewer_id, sample_id = viewer.id if viewer else None, self.sample_id(viewer)
        inspects = viewer is not None and has(viewer, Permission.REVIEW)
        stratum = SampleStratum(
            sample_id=sample_id, is_no_matter=False, count=1, digest="x", size=1
        )
        inspection = Inspection(
            sample_id=sample_id,
            stratum_id=self._added(stratum),
            ticket_id=self.ticket_id(viewer),
            work=Work.CALL,
            work_at=self.operator.created_at,
            sheet_id=self.version_id(viewer),
            inspector_id=viewer_id if inspects else None,
            person_id=self.operator.id if inspects else viewer_id or self.user_id(viewer),
        )
        if not inspects:
            inspection.scored_at = inspection.appeal_until_at = self.operator.created_at
            inspection.scored_by_id, inspection.total = self.operator.id, 100
            full = {c.key: Mark(c.points) for s in sheets.starter(Work.CALL) for c in s.criteria}
            inspection.marks = Marks(full).as_data()
        return self._added(inspection)

    def department_id(self, viewer: User | None) -> int:
        return make_department(f"d{next(_numbers)}").id

    def category_id(self, viewer: User | None) -> int:
        return make_category(f"c{next(_numbers)}").id

    def shift_id(self, viewer: User | None) -> int:
        at = self.operator.created_at
        return self._added(
            DutyShift(
                user_id=make_user(Role.OPERATOR).id, starts_at=at, ends_at=at.replace(hour=23)
            )
        )

    def sheet_id(self, viewer: User | None) -> int:
        """What a colleague has signed and nobody has taken over."""
        giver, at = make_user(Role.OPERATOR), self.operator.created_at
        return self._added(ShiftSheet(from_id=giver.id, signed_at=at, until_at=at))

    def day_id(self, viewer: User | None) -> int:
        return self._added(SpecialDay(on=date(2026, 11, 17), is_working=False))

    def report_id(self, viewer: User | None) -> int:
        """A report that the viewer has saved."""
        whose = viewer or self.operator
        at = self.operator.created_at
        return self._added(SavedReport(name="x", asked={}, owner_id=whose.id, created_at=at))

    def wall_id(self, viewer: User | None) -> int:
        at = self.operator.created_at
        return self._added(Wall(name="大厅", token_hash=str(next(_numbers)), created_at=at))

    def notice_id(self, viewer: User | None) -> int:
        """A line under the viewer's own bell."""
        whose = viewer or self.operator
        key = f"test:{next(_numbers)}"
        at = self.operator.created_at
        return self._added(Notification(user_id=whose.id, dedupe_key=key, text="x", at=at))

    def message_id(self, viewer: User | None) -> int:
        at = self.operator.created_at
        return self._added(
            OutboxMessage(
                dedupe_key=f"test:{next(_numbers)}",
                channel=Channel.EMAIL,
                kind="test",
                address="x@huiyin.example",
                body="x",
                status=MessageStatus.FAILED,
                due_at=at,
                created_at=at,
            )
        )

    def sid(self, viewer: User | None) -> str:
        """A call from the street that is over."""
        exchange = adapter.exchange()
        assert exchange is not None
        at = self.operator.created_at
        call = SimulatedCall(
            sid=new_sid(SimulatedCall),
            from_="+8613800138000",
            to="12351",
            direction="inbound",
            made_at=at,
            ended_at=at,
            status="completed",
            mode=Mode.ENDED,
        )
        exchange.ledger.save(call)
        return call.sid

    def _added(self, row: Any) -> int:
        with unit_of_work():
            db.session.add(row)
        return int(row.id)


def path_of(route: str, fill: Callable[[str], object]) -> str:
    """The path of a line of ROUTES with every <name> filled in."""
    _method, rule = route.split(" ", 1)

    def value(match: re.Match[str]) -> str:
        word = WORDS.get(match[1])
        if isinstance(word, dict):
            word = next(words for start, words in word.items() if rule.startswith(start))
        return str(word if word is not None else fill(match[1]))

    return re.sub(r"<(\w+)>", value, rule + QUERIES.get(route, ""))


def ask(client: FlaskClient, route: str, path: str) -> tuple[int, str]:
    """The status of an empty request, and where it sends the browser."""
    method = route.split(" ", 1)[0]
    answer = client.open(path, method=method)
    answer.close()
    return answer.status_code, answer.location or ""


def rows() -> dict[str, int]:
    """How many rows each table has, besides what every request may touch."""
    tables = [t for t in Base.metadata.sorted_tables if t.name not in ("login_sessions",)]
    return {t.name: db.session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def test_every_route_is_declared_and_no_other(app):
    assert served(app) == set(ROUTES)


@pytest.mark.parametrize("role", sorted(INSIDE))
def test_who_is_named_gets_in(role, app, clock, sign_in):
    world = World()
    viewer, wrong = world.person(role), []
    client = sign_in(viewer)
    for route in [route for route, allowed in ROUTES.items() if role in allowed]:
        path = path_of(route, lambda name: getattr(world, name)(db.session.get(User, viewer.id)))
        status, location = ask(client, route, path)
        expected_there = route not in NOT_THERE
        is_in = status not in (401, 403, 404) and not location.startswith("/login?")
        if status >= 500 or is_in != expected_there or (not expected_there and status != 404):
            wrong.append(f"{route} → {status} {location}")
        if route == "POST /logout":
            client = sign_in(viewer)
    assert not wrong, f"{role} does not get in:\n" + "\n".join(wrong)


@pytest.mark.parametrize("role", sorted(INSIDE))
def test_who_is_not_named_is_refused_and_nothing_is_written(role, app, clock, sign_in):
    world = World()
    viewer, wrong = world.person(role), []
    objects: dict[str, object] = {}

    def there(name: str) -> object:
        if name not in objects:
            objects[name] = getattr(world, name)(None)
        return objects[name]

    refused = {route: path_of(route, there) for route, who in ROUTES.items() if role not in who}
    client = sign_in(viewer)
    before = rows()
    for route, path in refused.items():
        status, _location = ask(client, route, path)
        is_odd = "<" in route or route.endswith(HIDDEN) or path.startswith(MACHINES)
        expected = (401, 403, 404) if is_odd else (403,)
        if status not in expected:
            wrong.append(f"{route} → {status}")
    assert not wrong, f"{role} gets in:\n" + "\n".join(wrong)
    assert rows() == before


def test_strangers_are_sent_to_the_login_page_and_write_nothing(app, clock, client):
    world = World()
    paths = {
        route: path_of(route, lambda name: getattr(world, name)(None))
        for route, allowed in ROUTES.items()
        if "stranger" not in allowed
    }
    before, wrong = rows(), []
    for route, path in paths.items():
        status, location = ask(client, route, path)
        if path.startswith(MACHINES):
            is_right = status in (401, 403)
        elif route.endswith(HIDDEN):
            is_right = status == 404
        else:
            is_right = status == 303 and location.startswith("/login?next=/")
        if not is_right:
            wrong.append(f"{route} → {status} {location}")
    assert not wrong, "\n".join(wrong)
    assert rows() == before


def test_strangers_get_in_where_everybody_does(app, clock, client):
    world = World()
    for route in [route for route, allowed in ROUTES.items() if "stranger" in allowed]:
        status, location = ask(client, route, path_of(route, lambda name: getattr(world, name)))
        assert status not in (401, 403, 404), route
        assert not location.startswith("/login?"), route


OF_A_TICKET = [
    route
    for route, allowed in ROUTES.items()
    if allowed & DEPARTMENTS and re.search(r"<(ticket|callback|recording)_id>", route)
]


@pytest.mark.parametrize("route", OF_A_TICKET)
def test_missing_and_forbidden_look_alike(route, app, clock, sign_in):
    """A handler of another department cannot tell a ticket that exists from one that does not."""
    world = World()
    client = sign_in(make_user(Role.HANDLER, department=make_department("elsewhere")))
    method = route.split(" ", 1)[0]
    there = path_of(route, lambda name: getattr(world, name)(world.operator))
    missing = path_of(route, lambda name: 987_654)

    answers = [client.open(path, method=method) for path in (there, missing)]

    assert [answer.status_code for answer in answers] == [404, 404]
    pages = [re.search(r"<main.*</main>", answer.text, re.DOTALL)[0] for answer in answers]
    assert pages[0] == pages[1]

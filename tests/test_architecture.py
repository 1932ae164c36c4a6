"""The rules of docs/architecture.md that can be checked by reading the code."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "hotline").rglob("*.py"))
ORDER = [
    *("accounts", "departments", "audit", "live_updates", "calendars", "sla", "outbox", "callers"),
    *("tickets", "callbacks", "calls", "handoffs", "feedback", "reports"),
]
EDGES = {
    "views", "forms", "jobs", "webhooks", "cli", "lists", "commands", "login", "pages", "stream",
}  # fmt: skip
ADAPTERS = {"senders"}  # they may know the vendors, and no rule
PURE = {
    "hotline.clock", "hotline.errors", "hotline.i18n", "hotline.phone_numbers",
    "hotline.sla.business_time", "hotline.sla.reckoning", "hotline.calendars.official",
    "hotline.telephony.inbound", "hotline.telephony.twiml", "hotline.telephony.flow",
}  # fmt: skip
VENDORS = {"flask", "twilio", "apscheduler", "config", "requests", "smtplib"}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def behaviour() -> list[Path]:
    """The modules that hold rules: below a capability of ORDER, and not one of its edges."""
    return [
        path
        for path in SOURCES
        if path.parent.name in ORDER
        and path.stem not in EDGES | ADAPTERS
        and not re.search(r"_(views|forms|jobs|cli|pages)$", path.stem)
    ]


@pytest.mark.parametrize("path", behaviour(), ids=name_of)
def test_rules_know_neither_flask_nor_vendors(path):
    heads = {name.split(".")[0] for name in imports_of(path)}
    assert not heads & VENDORS, f"{name_of(path)} holds rules and imports {heads & VENDORS}"


@pytest.mark.parametrize("path", behaviour(), ids=name_of)
def test_services_look_left(path):
    here = ORDER.index(path.parent.name)
    to_the_right = {
        name
        for name in imports_of(path)
        for capability in ORDER[here + 1 :]
        if name.startswith(f"hotline.{capability}.")
    }
    allowed = (
        {"hotline.calendars", "hotline.sla"} if path.parent.name in ("sla", "calendars") else set()
    )
    wrong = {n for n in to_the_right if not any(n.startswith(f"{a}.") for a in allowed)}
    assert not wrong, f"{name_of(path)} looks right: {sorted(wrong)}"


def test_models_import_nothing_of_ours():
    for path in (ROOT / "models").glob("*.py"):
        heads = {name.split(".")[0] for name in imports_of(path)}
        assert not heads & {"hotline", "config", "flask", "app"}, path.name


@pytest.mark.parametrize("name", sorted(PURE))
def test_pure_modules_touch_no_database_and_no_flask(name):
    path = ROOT / (name.replace(".", "/") + ".py")
    used = imports_of(path)
    assert "models.db" not in used
    assert not {n.split(".")[0] for n in used} & {"flask", "sqlalchemy", "flask_sqlalchemy"}


ONLY_IN = {
    r"session\.commit\(|\bsession\(\)\.commit\(|db\.session\.commit": ["hotline/unit_of_work.py"],
    r"\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time\(": ["hotline/clock.py"],
    r"\bticket\.status = ": ["hotline/tickets/lifecycle.py"],
    r"closing_feedback_id\b.*[^=!]=[^=]": ["hotline/tickets/lifecycle.py"],
}


@pytest.mark.parametrize("pattern", ONLY_IN)
def test_done_in_one_place_only(pattern):
    found = [
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if "demo" not in path.parts and re.search(pattern, path.read_text(encoding="utf-8"))
    ]
    assert found == ONLY_IN[pattern]


def test_no_module_is_called_after_nothing():
    assert not [p for p in SOURCES if p.stem in ("utils", "helpers", "common", "manager")]


def test_every_door_has_a_guard(app: Flask):
    """Every blueprint says who may enter, or that strangers may."""
    for name, blueprint in app.blueprints.items():
        checks = blueprint.before_request_funcs.get(None, [])
        guarded = any(getattr(check, "is_guard", False) for check in checks)
        assert guarded, f"blueprint {name} has no guard"


def test_a_status_is_moved_by_the_lifecycle_only(app, clock):
    from models import TicketStatus
    from tests.makers import make_ticket

    ticket = make_ticket()
    with pytest.raises(RuntimeError, match=r"lifecycle\.apply"):
        ticket.status = TicketStatus.QUEUED

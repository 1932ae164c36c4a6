"""The rules of docs/architecture.md that can be checked by reading the code."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "hotline").rglob("*.py"))
ORDER = [
    *("accounts", "departments", "audit", "seeds", "drafts", "live_updates", "notifications"),
    *("calendars", "sla", "outbox", "callers", "tickets", "callbacks", "calls", "handoffs"),
    *("feedback", "supervision", "quality", "rhythm", "telephony", "findings", "exports"),
    *("figures", "walls", "workspace", "operations", "demo"),
]
EDGES = {
    *("views", "forms", "jobs", "webhooks", "cli", "lists", "login", "pages"),
    *("adapter", "chrome", "log", "outcomes", "rest", "download"),
}
# What stands beside the capabilities and knows Flask, the screen or the clock of an edge.
AROUND = {
    "hotline.cli", "hotline.database", "hotline.error_pages", "hotline.extensions",
    "hotline.live_updates.crowd", "hotline.live_updates.listening", "hotline.live_updates.news",
    "hotline.live_updates.wire", "hotline.operations.probes",
    "hotline.fields", "hotline.guards", "hotline.health", "hotline.languages", "hotline.navigation",
    "hotline.odd_input", "hotline.safe_next", "hotline.scheduler", "hotline.security_headers",
    "hotline.sweeps", "hotline.template_filters", "hotline.unit_of_work", "hotline.wall_clock",
    "hotline.worker", "hotline.deliveries",
}  # fmt: skip
WORDS = {"hotline.demo.texts"}  # what callers ask, one module a subject
# They may know the vendors, and no rule.
ADAPTERS = {
    "hotline.outbox.senders", "hotline.telephony.provider", "hotline.telephony.twilio_provider",
    "hotline.telephony.simulator",
}  # fmt: skip
PURE = {
    "hotline.clock", "hotline.errors", "hotline.i18n", "hotline.patience", "hotline.phone_numbers",
    "hotline.sla.business_time", "hotline.sla.reckoning", "hotline.calendars.official",
    "hotline.telephony.inbound", "hotline.telephony.twiml", "hotline.telephony.flow",
    "hotline.telephony.form_fields", "hotline.telephony.prompts", "hotline.quality.drawing",
    "hotline.exports.tables", "hotline.exports.csv_text", "hotline.exports.workbook",
    "hotline.figures.statistics", "hotline.outbox.attachment",
}  # fmt: skip
VENDORS = {
    "apscheduler", "config", "flask", "flask_babel", "flask_login", "procrastinate",
    "prometheus_client", "requests", "smtplib", "twilio",
}  # fmt: skip


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


def is_edge(name: str) -> bool:
    """Whether the module `name` is an edge: of a capability by its last word, or beside them."""
    stem = "" if is_in(name, WORDS) else name.split(".")[-1]
    return (
        name in AROUND or stem in EDGES or re.search(r"_(views|forms|jobs|cli|pages)$", stem)
    ) is not None


def is_in(name: str, packages: set[str]) -> bool:
    """Whether `name` is one of `packages`, or something below one."""
    return any(name == one or name.startswith(f"{one}.") for one in packages)


def behaviour() -> list[Path]:
    """The modules that hold rules: below a capability of ORDER, and not one of its edges."""
    return [
        path
        for path in SOURCES
        if path.relative_to(ROOT).parts[1] in ORDER
        and not is_edge(name_of(path))
        and not is_in(name_of(path), ADAPTERS | PURE)
    ]


def test_every_room_has_its_place():
    rooms = {path.name for path in (ROOT / "hotline").iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(ORDER)


@pytest.mark.parametrize("path", behaviour(), ids=name_of)
def test_rules_know_neither_flask_nor_vendors(path):
    heads = {name.split(".")[0] for name in imports_of(path)}
    assert not heads & VENDORS, f"{name_of(path)} holds rules and imports {heads & VENDORS}"


@pytest.mark.parametrize("path", behaviour(), ids=name_of)
def test_rules_ask_no_edge(path):
    asked = {name for name in imports_of(path) if is_in(name, {"hotline"}) and is_edge(name)}
    assert not asked, f"{name_of(path)} holds rules and asks {sorted(asked)}"


@pytest.mark.parametrize("path", behaviour(), ids=name_of)
def test_services_look_left(path):
    here = path.relative_to(ROOT).parts[1]
    beyond = {f"hotline.{room}" for room in ORDER[ORDER.index(here) + 1 :]}
    if here == "calendars":  # which day it is and how long it lasts know each other
        beyond.discard("hotline.sla")
    wrong = {n for n in imports_of(path) - beyond if is_in(n, beyond) and not is_in(n, PURE)}
    assert not wrong, f"{name_of(path)} looks right: {sorted(wrong)}"


def adapters() -> list[Path]:
    """The modules that speak with vendors; their doors are edges like any other."""
    return [p for p in SOURCES if is_in(name_of(p), ADAPTERS) and not is_edge(name_of(p))]


@pytest.mark.parametrize("path", adapters(), ids=name_of)
def test_adapters_know_no_rule(path):
    rooms = {f"hotline.{room}" for room in ORDER}
    asked = {name for name in imports_of(path) - rooms if is_in(name, rooms)}
    wrong = {name for name in asked if not is_in(name, ADAPTERS | PURE)}
    assert not wrong, f"{name_of(path)} is an adapter and asks {sorted(wrong)}"
    assert "models.db" not in imports_of(path)


def test_adapters_are_known_to_their_own_capability_alone():
    """Others ask for what a provider can do; which one it is, and how it does it, stays inside."""
    inside = ADAPTERS - {"hotline.telephony.provider"}
    for path in [*SOURCES, ROOT / "app.py"]:
        own = ".".join(name_of(path).split(".")[:2])
        known = {n for n in imports_of(path) if is_in(n, inside) and not is_in(n, {own})}
        assert not known, f"{name_of(path)} knows {sorted(known)}"


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

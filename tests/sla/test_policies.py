"""Limits and switches are data: a default, bounds, and an administrator's word."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.errors import Invalid
from hotline.sla import policies
from hotline.sla.policy_table import GROUPS, POLICIES, Unit
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, PolicySetting, Role, db
from tests.makers import make_user

ROOT = Path(__file__).parents[2]


def test_defaults_hold_until_somebody_decides(app):
    assert policies.span("accept_minutes") == timedelta(hours=2)
    assert policies.get("handle_complex_days") == 30
    assert policies.span("ring_seconds") == timedelta(seconds=15)
    assert not policies.is_on("menu")


def test_an_administrator_decides_and_it_is_written_down(app, clock):
    boss = make_user(Role.ADMINISTRATOR)
    for value in (180, 240, 240):
        with unit_of_work():
            policies.set_value("accept_minutes", value, actor=boss, at=clock())
            assert policies.get("accept_minutes") == value
    assert policies.span("accept_minutes") == timedelta(hours=4)
    events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(e.kind, e.subject, e.data) for e in events] == [
        ("set_policy", "accept_minutes", {"before": 120, "after": 180}),
        ("set_policy", "accept_minutes", {"before": 180, "after": 240}),
    ]
    (setting,) = db.session.scalars(select(PolicySetting))
    assert (setting.set_by_id, setting.set_at) == (boss.id, clock())


@pytest.mark.parametrize("value", [4, 2401, -1])
def test_out_of_bounds_is_refused_with_the_bounds(app, clock, value):
    boss = make_user(Role.ADMINISTRATOR)
    with pytest.raises(Invalid, match="from 5 to 2400") as refusal, unit_of_work():
        policies.set_value("accept_minutes", value, actor=boss, at=clock())
    assert refusal.value.field == "accept_minutes"
    assert policies.get("accept_minutes") == 120


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda policy: policy.key)
def test_every_policy_makes_sense(policy):
    assert policy.least <= policy.default <= policy.most
    assert len(policy.key) <= PolicySetting.key.type.length
    if policy.unit is Unit.SWITCH:
        assert (policy.least, policy.most) == (0, 1)
    for unit, ending in ((Unit.WORKING_DAYS, "_days"), (Unit.WORKING_MINUTES, "_minutes")):
        assert policy.unit is not unit or policy.key.endswith(ending)


def test_no_switch_is_without_a_wire():
    table = ROOT / "hotline/sla/policy_table.py"
    sources = [path.read_text() for path in ROOT.glob("hotline/**/*.py") if path != table]
    assert [key for key in POLICIES if not any(f'"{key}"' in text for text in sources)] == []


def test_no_policy_is_in_two_groups():
    assert sum(len(group) for group in GROUPS.values()) == len(POLICIES)


def test_policies_are_read_once_per_transaction(app, count_queries):
    policies.get("menu")
    count_queries.clear()
    assert [policies.get(key) for key in POLICIES] == [p.default for p in POLICIES.values()]
    assert count_queries == []

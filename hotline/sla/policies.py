"""Business policy as data: what an administrator set, or the default of the table.

- `policies.get("result_attempts")`: a number
- `policies.span("accept_minutes")`: a length of time
- `policies.is_on("menu")`: a switch
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import joinedload

from hotline import turns
from hotline.audit import service as audit
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.per_transaction import PerTransaction
from hotline.sla.policy_table import POLICIES, Policy, Unit
from models import PolicySetting, User, db

SPANS = {
    Unit.WORKING_MINUTES: timedelta(minutes=1),
    Unit.MINUTES: timedelta(minutes=1),
    Unit.SECONDS: timedelta(seconds=1),
    Unit.DAYS: timedelta(days=1),
}


def get(key: str) -> int:
    """The value of a policy in its own unit: what an administrator set, else the default."""
    return _settings().get(key, POLICIES[key].default)


def span(key: str) -> timedelta:
    """The value of a policy as a length of time. Working days have none: see sla.deadlines."""
    return get(key) * SPANS[POLICIES[key].unit]


def is_on(key: str) -> bool:
    """Whether a switch is on."""
    return bool(get(key))


def changes() -> dict[str, PolicySetting]:
    """What administrators have set, with who did and when; the other policies have defaults."""
    found = select(PolicySetting).where(PolicySetting.key.in_(POLICIES))
    rows = db.session.scalars(
        found.options(joinedload(PolicySetting.set_by).lazyload(User.role_rows))
    )
    return {row.key: row for row in rows}


def set_value(key: str, value: int, *, actor: User, at: datetime) -> bool:
    """Change one policy; whether it is different now. What stands already is not written again.

    Raises Invalid when the value is out of bounds.
    """
    _take_turn()
    return _set(key, value, actor, at)


def _set(key: str, value: int, actor: User, at: datetime) -> bool:
    policy, before = POLICIES[key], get(key)
    if not policy.least <= value <= policy.most:
        raise out_of_bounds(policy)
    if value == before:
        return False
    db.session.merge(PolicySetting(key=key, value=str(value), set_at=at, set_by_id=actor.id))
    db.session.flush()
    _settings.forget()
    audit.record("set_policy", actor=actor, at=at, subject=key, before=before, after=value)
    return True


def out_of_bounds(policy: Policy) -> Invalid:
    """The refusal that names what may be set."""
    sentence = N_("A number from %(least)d to %(most)d, please.")
    return Invalid(sentence, field=policy.key, least=policy.least, most=policy.most)


def set_values(values: Mapping[str, int], *, actor: User, at: datetime) -> int:
    """Change several policies at once, all or none; return how many are different now.

    Raises Invalid when a value is out of bounds, or noon ends before it begins.
    """
    _take_turn()
    if values.get("noon_from", get("noon_from")) >= values.get("noon_until", get("noon_until")):
        raise Invalid(N_("Noon ends after it begins."), field="noon_until")
    return sum(_set(key, value, actor, at) for key, value in values.items())


def _take_turn() -> None:
    """Nobody else sets one now; what was read before is read anew."""
    turns.take("policies")
    _settings.forget()


ROWS = cast(Table, PolicySetting.__table__)
SETTINGS = select(ROWS.c.key, ROWS.c.value)  # nothing is flushed to read them


@PerTransaction
def _settings() -> dict[str, int]:
    rows = db.session.execute(SETTINGS)
    return {key: int(value) for key, value in rows if key in POLICIES}

"""The form of all policies, made from their table."""

from datetime import time

from hotline.errors import Invalid
from hotline.fields import Typed
from hotline.i18n import N_
from hotline.refusals import Refusals
from hotline.sla import policies
from hotline.sla.policy_table import POLICIES, Policy, Unit


def shown() -> dict[str, str]:
    """Today's values as the form shows them."""
    return {key: _written(policy, policies.get(key)) for key, policy in POLICIES.items()}


def values(typed: Typed) -> dict[str, int]:
    """What was typed, in the units of the table. Raises Invalid, or Several, naming each."""
    with Refusals() as wrong:
        return {
            key: wrong.read(_value, policy, typed.get(key, "").strip())
            for key, policy in POLICIES.items()
        }


def _written(policy: Policy, value: int) -> str:
    if policy.unit is Unit.SWITCH:
        return "y" if value else ""
    if policy.unit is Unit.TIME_OF_DAY:
        return f"{value // 60:02d}:{value % 60:02d}"
    return str(value)


def _value(policy: Policy, text: str) -> int:
    if policy.unit is Unit.SWITCH:
        return int(bool(text))
    if policy.unit is Unit.TIME_OF_DAY:
        return _minutes(policy, text)
    if not text.isdecimal() or len(text) > 9:
        raise policies.out_of_bounds(policy)
    return int(text)


def _minutes(policy: Policy, text: str) -> int:
    try:
        typed = time.fromisoformat(text)
    except ValueError as error:
        sentence = N_("A time of day, please, like 17:30.")
        raise Invalid(sentence, field=policy.key) from error
    return typed.hour * 60 + typed.minute

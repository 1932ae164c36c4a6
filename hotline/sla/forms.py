"""The form of all policies, made from their table."""

from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField, TimeField
from wtforms.validators import InputRequired, NumberRange

from hotline.sla import policies
from hotline.sla.policy_table import POLICIES, Policy, Unit


def policy_form() -> FlaskForm:
    """A form with one field per policy, showing today's values until something was typed."""
    fields = {key: _field(policy) for key, policy in POLICIES.items()}
    form = type("PolicyForm", (FlaskForm,), fields)
    return form(data={key: _shown(policy) for key, policy in POLICIES.items()})


def typed_values(form: FlaskForm) -> dict[str, int]:
    """What was typed, in the units of the table."""
    return {key: _value(form[key].data) for key in POLICIES}


def _field(policy: Policy) -> Field:
    label = _(policy.label)
    if policy.unit is Unit.SWITCH:
        return BooleanField(label)
    if policy.unit is Unit.TIME_OF_DAY:
        return TimeField(label, [InputRequired(_("A time of day, please, like 17:30."))])
    bounds = _("A number from %(least)d to %(most)d, please.", least=policy.least, most=policy.most)
    in_bounds = NumberRange(policy.least, policy.most, message=bounds)
    return IntegerField(label, [InputRequired(bounds), in_bounds])


def _shown(policy: Policy) -> Any:
    value = policies.get(policy.key)
    if policy.unit is Unit.TIME_OF_DAY:
        return time(*divmod(value, 60))
    return bool(value) if policy.unit is Unit.SWITCH else value


def _value(typed: Any) -> int:
    return typed.hour * 60 + typed.minute if isinstance(typed, time) else int(typed)

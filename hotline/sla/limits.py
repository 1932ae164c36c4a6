"""How long each promise may take: an amount in its unit, from the policies, before any calendar."""

from dataclasses import dataclass

from hotline.sla import policies
from hotline.sla.policy_table import POLICIES, Unit
from models import Level, Urgency

HANDLE_DAYS = {
    Level.CONSULTATION: "handle_consultation_days",
    Level.ORDINARY: "handle_ordinary_days",
    Level.DIFFICULT: "handle_difficult_days",
    Level.COMPLEX: "handle_complex_days",
}


@dataclass(frozen=True)
class Limit:
    """So many working days, working minutes, or minutes by the wall clock."""

    amount: int
    unit: Unit


def of(key: str) -> Limit:
    """What the policy `key` allows."""
    return Limit(policies.get(key), POLICIES[key].unit)


def to_handle(level: Level, urgency: Urgency = Urgency.NORMAL) -> Limit:
    """How long a department may take to answer.

    A critical matter (特急) runs by the wall clock; an urgent one (紧急) has a limit of its own
    where that is the shorter one.
    """
    if urgency is Urgency.CRITICAL:
        return of("handle_critical_minutes")
    usual = of(HANDLE_DAYS[level])
    if urgency is Urgency.URGENT:
        return min(usual, of("handle_urgent_days"), key=lambda limit: limit.amount)
    return usual


def to_extend(limit: Limit) -> Limit:
    """By how much `limit` may be extended: by a part of it, in working days begun."""
    days = limit.amount if limit.unit is Unit.WORKING_DAYS else 1
    return Limit(-(-days * policies.get("extend_percent") // 100), Unit.WORKING_DAYS)

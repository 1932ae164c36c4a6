"""What is typed on the callback card, as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from hotline.errors import Invalid
from hotline.feedback.service import Verdict
from hotline.fields import YES_NO, one_of, one_of_or_none
from hotline.i18n import N_
from models import Outcome, Resolution, Satisfaction

# What follows when the caller was reached and the ticket does not simply close.
REWORK, EXPLAIN, WRITE_UP = "rework", "explain", "write_up"


@dataclass(frozen=True, kw_only=True)
class Report:
    """How a callback went. The fields after `number` count only when the caller was reached."""

    outcome: Outcome
    note: str
    later: str | datetime | None
    number: str | None
    told: str
    verdict: Verdict
    resolution: Resolution | None
    then: str  # rework or explain for a caller who is not satisfied; write_up keeps it open

    @property
    def is_dissatisfied(self) -> bool:
        return self.verdict.satisfaction is Satisfaction.NOT_SATISFIED


def report(typed: Mapping[str, str], zone: tzinfo) -> Report:
    """The card as it was sent. Raises Invalid naming the field that cannot be read."""
    outcome = one_of(Outcome, typed, "outcome", N_("Choose how the call went."))
    satisfaction = one_of_or_none(Satisfaction, typed, "satisfaction")
    if outcome is Outcome.DECLINED_SURVEY:
        satisfaction = Satisfaction.UNRATED
    return Report(
        outcome=outcome,
        note=typed.get("note", ""),
        later=_later(typed, zone),
        number=typed.get("number") or None,
        told=typed.get("told", ""),
        verdict=Verdict(
            was_contacted=YES_NO.get(typed.get("was_contacted", "")),
            is_solved=YES_NO.get(typed.get("is_solved", "")),
            satisfaction=satisfaction,
            dissatisfaction=typed.get("dissatisfaction", ""),
        ),
        resolution=one_of_or_none(Resolution, typed, "resolution"),
        then=typed.get("then", ""),
    )


def _later(typed: Mapping[str, str], zone: tzinfo) -> str | datetime | None:
    """A window, or the day and time of the field beside it. Raises Invalid."""
    window = typed.get("later", "")
    if window != "at":
        return window or None
    try:
        local = datetime.fromisoformat(typed.get("later_at", ""))
        return local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(N_("Write the day and the time."), field="later_at") from error

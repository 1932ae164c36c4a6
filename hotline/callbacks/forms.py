"""What is typed on the callback card, as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline.feedback.service import Verdict
from hotline.fields import YES_NO, check_lengths, instant, one_of, one_of_or_none
from hotline.i18n import N_
from hotline.refusals import given
from models import Outcome, Resolution, Satisfaction

# What follows when the caller was reached and the ticket does not simply close.
REWORK, EXPLAIN, WRITE_UP = "rework", "explain", "write_up"
AT_A_TIME = "at"  # no window: the day and time beside it


@dataclass(frozen=True, kw_only=True)
class Ring:
    """One ring, as the card tells it. What follows `number` counts only of a caller reached."""

    outcome: Outcome
    note: str
    later: str | datetime | None
    number: str | None
    told: str
    verdict: Verdict
    resolution: Resolution | None
    thanks: str  # the caller's own words
    then: str  # rework or explain for a caller who is not satisfied; write_up keeps it open

    @property
    def is_dissatisfied(self) -> bool:
        return self.verdict.satisfaction is Satisfaction.NOT_SATISFIED


def ring(typed: Mapping[str, str]) -> Ring:
    """The card as it was sent. Raises Invalid naming the field that cannot be read."""
    check_lengths(typed)
    outcome = one_of(Outcome, typed, "outcome", N_("Choose how the call went."))
    satisfaction = one_of_or_none(Satisfaction, typed, "satisfaction")
    if outcome is Outcome.DECLINED_SURVEY:
        satisfaction = Satisfaction.UNRATED
    return Ring(
        outcome=outcome,
        note=typed.get("note", ""),
        later=_later(typed),
        number=typed.get("number") or None,
        told=typed.get("told", ""),
        verdict=Verdict(
            was_contacted=YES_NO.get(typed.get("was_contacted", "")),
            is_solved=YES_NO.get(typed.get("is_solved", "")),
            satisfaction=satisfaction,
            dissatisfaction=typed.get("dissatisfaction", ""),
        ),
        resolution=one_of_or_none(Resolution, typed, "resolution"),
        thanks=typed.get("thanks", ""),
        then=typed.get("then", ""),
    )


def typed_in(form: Mapping[str, str]) -> dict[str, str]:
    """What a person typed into the posted card, without what the form carries for us."""
    return {name: value for name, value in form.items() if name not in ("csrf_token", "version")}


def _later(typed: Mapping[str, str]) -> str | datetime | None:
    """A window, or the day and time of the field beside it. Raises Invalid."""
    window = typed.get("later", "")
    if window != AT_A_TIME:
        return window or None
    return given(instant(typed, "later_at"), N_("Write the day and the time."), "later_at")

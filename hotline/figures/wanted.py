"""What a report was asked for, as its address says it: period, rows, and what narrows it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from hotline import access
from hotline.errors import Invalid
from hotline.figures import period as periods
from hotline.figures.period import Period
from hotline.figures.sources import WORDS, By, Scope
from hotline.i18n import N_
from hotline.permissions import Permission, has
from models import User


@dataclass(frozen=True)
class Wanted:
    """A report: of which days, with which rows, narrowed to what."""

    period: Period
    by: By = By.DEPARTMENT
    narrowed: tuple[tuple[By, str], ...] = ()

    @classmethod
    def from_args(cls, args: Mapping[str, str], at: datetime) -> "Wanted":
        """What a query string asks for. Raises Invalid naming the field that means nothing."""
        name = args.get("period", "")
        if first := args.get("first", ""):
            name = f"{first}..{args.get('last', '') or first}"
        by = args.get("by", "") or By.DEPARTMENT
        if by not in set(By):
            raise Invalid(N_("This list knows no such choice."), field="by")
        narrowed = tuple(
            (one, checked(one, args[one.value])) for one in By if args.get(one.value, "").strip()
        )
        return cls(periods.read(name, at), By(by), narrowed)

    @property
    def args(self) -> dict[str, str]:
        """The same as a query string, for links."""
        chosen = {by.value: value or NONE for by, value in self.narrowed}
        return {"period": self.period.name, "by": self.by.value} | chosen

    def of(self, period: Period) -> "Wanted":
        """The same of other days."""
        return replace(self, period=period)

    def scope(self, viewer: User, at: datetime) -> Scope:
        """The rows it is about: a head's own departments, a supervisor's whole house."""
        only = None
        if not has(viewer, Permission.SUPERVISE, Permission.REVIEW):
            only = tuple(access.departments_of(viewer))
        return Scope(self.period, viewer, at, self.narrowed, only)


def checked(by: By, value: str) -> str:
    """A value that may narrow; `none` means: those that belong to no row."""
    value = value.strip()
    if value == NONE:
        return ""
    known = value in set(WORDS[by]) if by in WORDS else value.isascii() and value.isdigit()
    if not known or len(value) > 32:
        raise Invalid(N_("This list knows no such choice."), field=by.value)
    return value


NONE = "none"

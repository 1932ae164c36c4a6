"""The shape of the demo texts: what callers ask, what operators answer, what departments report.

A text may name slots in braces (`{employer}`, `{month}`, `{amount}`, …); `hotline.demo.people`
fills them, the same way in every text of one ticket.
"""

from dataclasses import dataclass

from models import CallerKind

WORKER = CallerKind.WORKER
EMPLOYER = CallerKind.EMPLOYER
UNION = CallerKind.GRASSROOTS_UNION
FAMILY = CallerKind.FAMILY


@dataclass(frozen=True)
class Asked:
    """Questions that one answer fits, and who asks them."""

    answer: str
    questions: tuple[str, ...]
    who: CallerKind


@dataclass(frozen=True)
class Handled:
    """How a department dealt with it: report (办理情况) and words for the caller (答复口径)."""

    report: str
    words: str
    solved: bool


@dataclass(frozen=True)
class Topic:
    """All texts of one leaf category; `trade` says which employers fit them."""

    category: str
    trade: str
    asked: tuple[Asked, ...]
    handled: tuple[Handled, ...]


def asked(answer: str, *questions: str, who: CallerKind = WORKER) -> Asked:
    """Questions with the answer an operator gives at once."""
    return Asked(answer, questions, who)


def handled(report: str, words: str, *, solved: bool = True) -> Handled:
    """One way the matter went in the department."""
    return Handled(report, words, solved)


def topic(category: str, *parts: Asked | Handled, trade: str = "any") -> Topic:
    """The texts of `category`, in any order."""
    return Topic(
        category,
        trade,
        tuple(part for part in parts if isinstance(part, Asked)),
        tuple(part for part in parts if isinstance(part, Handled)),
    )

"""The small forms of the ticket page: what is typed into them, and what is then done.

A verb is one button. Its URL is the word of the action: POST /tickets/17/note.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline import clock
from hotline.departments import queries as departments
from hotline.errors import Invalid
from hotline.fields import Typed, active_or_none, number, one_of, short
from hotline.handoffs import people
from hotline.handoffs import service as handoffs
from hotline.i18n import N_
from hotline.template_filters import label, name_of
from hotline.tickets import linking, marks, queries
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import Action
from models import Department, DepartmentKind, Role, Ticket, Urgency, User, UserRole, db


def _nothing(ticket: Ticket, viewer: User) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Verb:
    """One button: what it does, what is said afterwards, and the form it opens.

    Without `template` it acts at once. `choices` are what the fields offer, `shown` what stands in
    them before anybody types.
    """

    do: Callable[[Ticket, Typed, User, datetime], object]
    done: str
    template: str = ""
    choices: Callable[[Ticket, User], dict[str, Any]] = _nothing
    shown: Callable[[Ticket, User], dict[str, Any]] = _nothing


def department(typed: Typed, name: str = "department") -> Department:
    """The active department that was chosen. Raises Invalid."""
    found = active_or_none(Department, typed, name)
    if found is None:
        raise Invalid(N_("Choose a department."), field=name)
    return found


def department_options(ticket: Ticket) -> list[tuple[int, str]]:
    """The departments that a ticket may go to, as a choice."""
    return [
        (one.id, name_of(one))
        for one in departments.active_departments()
        if one.kind is not DepartmentKind.HOTLINE and one.id != ticket.about_department_id
    ]


def words_of(members: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Some words of an enum, as a choice."""
    return [(one.value, label(one)) for one in members]


def _note(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    tickets.note(ticket, typed.get("text", ""), actor=actor, at=at)


def _assign(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    handoffs.assign(ticket, _colleague(typed, "user"), actor=actor, at=at)


def _colleague(typed: Typed, name: str) -> User:
    found = db.session.get(User, number(typed, name) or 0)
    if found is None:
        raise Invalid(N_("Choose a person."), field=name)
    return found


def _people(ticket: Ticket, viewer: User) -> dict[str, Any]:
    if ticket.department is not None:
        staff = people.staff_of(ticket.department)
    else:
        takes_calls = User.role_rows.any(UserRole.role.in_((Role.OPERATOR, Role.SUPERVISOR)))
        found = db.select(User).where(User.is_active, takes_calls).order_by(User.display_name)
        staff = list(db.session.scalars(found))
    return {"people": [(one.id, one.display_name) for one in staff if one.id != ticket.owner_id]}


def _mark(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    wanted = marks.Marks(
        urgency=one_of(Urgency, typed, "urgency", N_("Choose how urgent it is.")),
        is_confidential=bool(typed.get("is_confidential")),
        safe_summary=typed.get("safe_summary", ""),
        is_nameless=bool(typed.get("is_nameless")),
        employer_may_know=bool(typed.get("employer_may_know")),
        may_be_passed_on=bool(typed.get("may_be_passed_on")),
        about_department_id=number(typed, "about_department"),
        about_user_id=number(typed, "about_user"),
    )
    if wanted.about_department_id is not None:
        department(typed, "about_department")
    if wanted.about_user_id is not None:
        _colleague(typed, "about_user")
    before = ticket.urgency
    marks.mark(ticket, wanted, actor=actor, at=at)
    handoffs.follow_urgency(ticket, before, at=at)


def _marks_shown(ticket: Ticket, viewer: User) -> dict[str, Any]:
    now = marks.marks_of(ticket)
    return {
        "urgency": now.urgency.value,
        "is_confidential": now.is_confidential,
        "safe_summary": now.safe_summary,
        "is_nameless": now.is_nameless,
        "employer_may_know": now.employer_may_know,
        "may_be_passed_on": now.may_be_passed_on,
        "about_department": now.about_department_id or "",
        "about_user": now.about_user_id or "",
    }


def _mark_choices(ticket: Ticket, viewer: User) -> dict[str, Any]:
    every = [(one.id, name_of(one)) for one in departments.active_departments()]
    found = db.select(User).where(User.is_active).order_by(User.display_name)
    colleagues = [(one.id, one.display_name) for one in db.session.scalars(found)]
    return {"departments": every, "colleagues": colleagues, "Urgency": Urgency}


def _supervise(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    handoffs.supervise(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


def _lift(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    handoffs.lift(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


def _chase(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    handoffs.chase(ticket, actor=actor, at=at, words=short(typed, "words", 500))


def _chased(ticket: Ticket, viewer: User) -> dict[str, Any]:
    others = [one for one in handoffs.to_be_chased(ticket, clock.now()) if one.id != viewer.id]
    return {"chased": [one.display_name for one in others]}


def _link(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    other = queries.named(typed.get("other", ""), viewer=actor, field="other")
    linking.link(ticket, other, actor=actor, at=at, name=short(typed, "name", 128))


def _consult(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    whom = short(typed, "whom", 64)
    if not whom and not ticket.consulting:
        raise Invalid(N_("Write whom you ask."), field="whom")
    tickets.consult(ticket, whom, actor=actor, at=at, question=typed.get("text", ""))


def _report_back(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    tickets.report_back(ticket, actor=actor, at=at, text=typed.get("text", ""))


VERBS = {
    Action.NOTE: Verb(_note, N_("Noted."), "note"),
    Action.CLAIM: Verb(
        lambda t, _, who, at: tickets.claim(t, actor=who, at=at), N_("It is yours.")
    ),
    Action.RELEASE: Verb(
        lambda t, _, who, at: tickets.release(t, actor=who, at=at), N_("It is in the pool again.")
    ),
    Action.CHASE: Verb(_chase, N_("Chased: the department hears of it."), "chase", _chased),
    Action.ASSIGN: Verb(_assign, N_("Given on."), "assign", _people),
    Action.MARK: Verb(_mark, N_("The marks are changed."), "mark", _mark_choices, _marks_shown),
    Action.SUPERVISE: Verb(_supervise, N_("It is under supervision."), "reason"),
    Action.LIFT: Verb(_lift, N_("It is no longer under supervision."), "reason"),
    Action.LINK: Verb(_link, N_("Linked: each caller is still owed an answer."), "link"),
    Action.CONSULT: Verb(
        _consult, N_("Written down."), "consult", shown=lambda t, _: {"whom": t.consulting}
    ),
    Action.REPORT_BACK: Verb(
        _report_back, N_("The sender was told: that debt is paid."), "report_back"
    ),
}

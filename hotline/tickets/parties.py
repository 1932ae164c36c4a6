"""What a person is to a ticket: the words in which the table says who may."""

from collections.abc import Callable
from enum import StrEnum

from hotline import access
from hotline.permissions import Permission, has
from models import HandoffRole, Ticket, TicketStatus, User


class Party(StrEnum):
    HOTLINE = "hotline"  # operators and supervisors
    DESK = "desk"  # the department at whose own desk it was logged, while nobody else holds it
    OWNER = "owner"
    LEAD = "lead"  # the department that leads now (主办), or its keeper
    ASSIST = "assist"  # a department that assists now (协办)
    HEAD = "head"  # the head of the department that leads now
    REVIEWER = "reviewer"
    REWORKER = "reworker"  # hotline or reviewer the first time, a supervisor after
    SUPERVISOR = "supervisor"
    SYSTEM = "system"  # by itself


def _desk(user: User, ticket: Ticket) -> bool:
    return (
        has(user, Permission.LOG_CALLS)
        and ticket.desk_department_id is not None
        and ticket.department_id is None
        and ticket.status is not TicketStatus.ANSWERED
        and ticket.desk_department_id in access.departments_of(user)
        and access.can_see(user, ticket)
    )


def _at_department(user: User, ticket: Ticket, role: HandoffRole) -> bool:
    return has(user, Permission.WORK_QUEUE, Permission.SUPERVISE) and (
        role in access.live_roles(ticket, user)
    )


def _reworker(user: User, ticket: Ticket) -> bool:
    if ticket.rework_count:
        return has(user, Permission.SUPERVISE)
    return has(user, Permission.HANDLE_CALLS, Permission.REVIEW)


def _head(user: User, ticket: Ticket) -> bool:
    return has(user, Permission.ASSIGN) and _at_department(user, ticket, HandoffRole.LEAD)


PARTIES: dict[Party, Callable[[User, Ticket], bool]] = {
    Party.HOTLINE: lambda user, ticket: has(user, Permission.HANDLE_CALLS),
    Party.DESK: _desk,
    Party.OWNER: lambda user, ticket: ticket.owner_id == user.id,
    Party.LEAD: lambda user, ticket: _at_department(user, ticket, HandoffRole.LEAD),
    Party.ASSIST: lambda user, ticket: _at_department(user, ticket, HandoffRole.ASSIST),
    Party.HEAD: _head,
    Party.REVIEWER: lambda user, ticket: has(user, Permission.REVIEW),
    Party.REWORKER: _reworker,
    Party.SUPERVISOR: lambda user, ticket: has(user, Permission.SUPERVISE),
    Party.SYSTEM: lambda user, ticket: False,
}


def is_party(user: User, ticket: Ticket, party: Party) -> bool:
    """Whether `user` is `party` to `ticket` now.

    A disabled account is nothing to any ticket, and nobody to a ticket about themselves.
    """
    if not user.is_active or ticket.about_user_id == user.id:
        return False
    return PARTIES[party](user, ticket)


def parties_of(user: User, ticket: Ticket) -> frozenset[Party]:
    """Everything `user` is to `ticket` now: asked once, for all the buttons of a page."""
    return frozenset(party for party in Party if is_party(user, ticket, party))

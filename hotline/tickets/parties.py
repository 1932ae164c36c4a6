"""What a person is to a ticket: the words in which the table says who may."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

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


@dataclass(frozen=True)
class Standing:
    """Somebody before a ticket; what has to be looked up is looked up once for all the parties."""

    user: User
    ticket: Ticket

    @cached_property
    def roles(self) -> set[HandoffRole]:
        """As what the departments of the user work on the ticket now."""
        return access.live_roles(self.ticket, self.user)


def _desk(standing: Standing) -> bool:
    user, ticket = standing.user, standing.ticket
    return (
        has(user, Permission.LOG_CALLS)
        and ticket.desk_department_id is not None
        and ticket.department_id is None
        and ticket.status is not TicketStatus.ANSWERED
        and ticket.desk_department_id in access.departments_of(user)
        and access.can_see(user, ticket)
    )


def _at_department(standing: Standing, role: HandoffRole) -> bool:
    works = has(standing.user, Permission.WORK_QUEUE, Permission.SUPERVISE)
    return works and role in standing.roles


def _reworker(standing: Standing) -> bool:
    if standing.ticket.rework_count:
        return has(standing.user, Permission.SUPERVISE)
    return has(standing.user, Permission.HANDLE_CALLS, Permission.REVIEW)


def _head(standing: Standing) -> bool:
    return has(standing.user, Permission.ASSIGN) and _at_department(standing, HandoffRole.LEAD)


PARTIES: dict[Party, Callable[[Standing], bool]] = {
    Party.HOTLINE: lambda s: has(s.user, Permission.HANDLE_CALLS),
    Party.DESK: _desk,
    Party.OWNER: lambda s: s.ticket.owner_id == s.user.id,
    Party.LEAD: lambda s: _at_department(s, HandoffRole.LEAD),
    Party.ASSIST: lambda s: _at_department(s, HandoffRole.ASSIST),
    Party.HEAD: _head,
    Party.REVIEWER: lambda s: has(s.user, Permission.REVIEW),
    Party.REWORKER: _reworker,
    Party.SUPERVISOR: lambda s: has(s.user, Permission.SUPERVISE),
    Party.SYSTEM: lambda s: False,
}


def is_party(user: User, ticket: Ticket, party: Party) -> bool:
    """Whether `user` is `party` to `ticket` now.

    A disabled account is nothing to any ticket, and nobody to a ticket about themselves.
    """
    return _is(party, Standing(user, ticket))


def parties_of(user: User, ticket: Ticket) -> frozenset[Party]:
    """Everything `user` is to `ticket` now: asked once, for all the buttons of a page."""
    standing = Standing(user, ticket)
    return frozenset(party for party in Party if _is(party, standing))


def _is(party: Party, standing: Standing) -> bool:
    user, ticket = standing.user, standing.ticket
    if not user.is_active or ticket.about_user_id == user.id:
        return False
    return PARTIES[party](standing)

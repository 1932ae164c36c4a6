"""What a role may do. Who may see which ticket is in hotline.access."""

from enum import StrEnum

from hotline.errors import Forbidden
from models import Role, User


class Permission(StrEnum):
    """One kind of work; roles are bundles of these."""

    HANDLE_CALLS = "handle_calls"  # take calls, write tickets, answer, hand off, ring back
    LOG_CALLS = "log_calls"  # write down what came to one's own desk
    WORK_QUEUE = "work_queue"  # accept and answer what a department was handed
    ASSIGN = "assign"  # name the handler within the department
    REVIEW = "review"  # read everything, send an answer back
    SUPERVISE = "supervise"  # decide returns, sign unreachables, re-route, suspend, reopen
    ADMINISTER = "administer"  # users, departments, categories, calendars, policies
    AUDIT = "audit"  # events, reveals, exports


P, R = Permission, Role
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    R.OPERATOR: frozenset({P.HANDLE_CALLS, P.LOG_CALLS}),
    R.HANDLER: frozenset({P.WORK_QUEUE, P.LOG_CALLS}),
    R.HEAD: frozenset({P.WORK_QUEUE, P.LOG_CALLS, P.ASSIGN}),
    R.REVIEWER: frozenset({P.REVIEW}),
    R.SUPERVISOR: frozenset({P.HANDLE_CALLS, P.LOG_CALLS, P.REVIEW, P.SUPERVISE, P.ASSIGN}),
    R.ADMINISTRATOR: frozenset({P.ADMINISTER}),
    R.AUDITOR: frozenset({P.AUDIT}),
}
# 三员分立: who administers or audits does nothing else (GB/T 22239-2019, separation of duties).
HELD_ALONE = frozenset({R.ADMINISTRATOR, R.AUDITOR})


def permissions_of(user: User) -> frozenset[Permission]:
    """Everything the roles of `user` allow; nothing for a disabled account."""
    if not user.is_active:
        return frozenset()
    return frozenset().union(*(PERMISSIONS[role] for role in user.roles))


def has(user: User, *permissions: Permission) -> bool:
    """Whether `user` has any of `permissions`."""
    return not permissions_of(user).isdisjoint(permissions)


def require(user: User, *permissions: Permission) -> None:
    """Raise Forbidden unless `user` has one of `permissions`."""
    if not has(user, *permissions):
        raise Forbidden

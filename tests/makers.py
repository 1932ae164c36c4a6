"""Makers of what tests need in the database, in the words of the business. Each commits.

`make_user(Role.OPERATOR)`, `make_department("legal")`, `make_category(lead=legal)`,
`make_ticket(operator=op, category=wages)`.
"""

from datetime import datetime
from itertools import count
from typing import Any
from uuid import uuid4

from argon2 import PasswordHasher

from hotline import clock
from hotline.callers import service as callers
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    CallerKind,
    CallResult,
    CallState,
    Category,
    DemandKind,
    Department,
    DepartmentKind,
    Direction,
    Level,
    Role,
    Ticket,
    User,
    UserRole,
    db,
)

PASSWORD = "correct horse battery staple"
# At its real cost argon2 takes 0.15 s.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_HASH = CHEAP.hash(PASSWORD)
_numbers = count(1)


def make_department(code: str = "legal", **fields: Any) -> Department:
    """A department of the union, by default one that has users."""
    with unit_of_work():
        return new_department(code, **fields)


def new_department(code: str, **fields: Any) -> Department:
    """The same inside a unit of work."""
    department = Department(
        **{
            "code": code,
            "name_zh": f"{code}部",
            "name_en": f"{code.title()} Department",
            "kind": DepartmentKind.OFFICE,
            **fields,
        }
    )
    db.session.add(department)
    return department


def make_user(*roles: Role, department: Department | None = None, **fields: Any) -> User:
    """A person who can sign in with PASSWORD."""
    with unit_of_work():
        return new_user(*roles, department_id=department.id if department else None, **fields)


def new_user(*roles: Role, **fields: Any) -> User:
    """The same inside a unit of work."""
    number = next(_numbers)
    user = User(
        **{
            "username": f"user{number}",
            "display_name": f"同事{number}",
            "password_hash": _HASH,
            "email": f"user{number}@huiyin.example",
            "created_at": clock.now(),
            **fields,
        }
    )
    user.role_rows = [UserRole(role=role) for role in roles]
    db.session.add(user)
    return user


def make_category(code: str = "wages", lead: Department | None = None, **fields: Any) -> Category:
    """A category whose tickets `lead` usually gets."""
    with unit_of_work():
        return new_category(code, lead_department_id=lead.id if lead else None, **fields)


def new_category(code: str = "wages", **fields: Any) -> Category:
    """The same inside a unit of work."""
    category = Category(
        **{
            "code": code,
            "name_zh": "拖欠工资",
            "name_en": "Unpaid wages",
            "initials": "tqgz",
            "demand_kind": DemandKind.COMPLAINT,
            "level": Level.ORDINARY,
            **fields,
        }
    )
    db.session.add(category)
    return category


def make_ticket(
    *,
    operator: User | None = None,
    category: Category | None = None,
    phone: str = "13912345678",
    question: str = "工地三个月没发工资",
    caller_name: str = "王建国",
    at: datetime | None = None,
) -> Ticket:
    """An open ticket; described when an operator and a category are given."""
    at = at or clock.now()
    with unit_of_work():
        number = normalise(phone)
        caller = callers.guess(number, at=at)
        ticket = tickets.open_ticket(
            caller=caller, number=number.normalised or "", actor=operator, at=at
        )
        if operator is not None and category is not None:
            tickets.describe(
                ticket,
                tickets.Description(
                    caller_kind=CallerKind.WORKER,
                    category=category,
                    question=question,
                    caller=callers.CallerDetails(name=caller_name),
                ),
                actor=operator,
                at=at,
            )
    return ticket


def make_conversation(ticket: Ticket, operator: User) -> Call:
    """A call about `ticket` in which `operator` has just spoken with the caller."""
    now = clock.now()
    with unit_of_work():
        call = Call(
            provider="manual",
            call_ref=uuid4().hex,
            direction=Direction.INBOUND,
            ticket_id=ticket.id,
            caller_id=ticket.caller_id,
            state=CallState.ENDED,
            result=CallResult.ANSWERED,
            operator_id=operator.id,
            started_at=now,
            answered_at=now,
            ended_at=now,
            heard_at=now,
        )
        db.session.add(call)
    return call

"""The life of a ticket as one table, and the only function that moves a ticket along it.

docs/lifecycle.md is drawn from this table (scripts/draw-lifecycle).
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import event, update
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.base import NEVER_SET, NO_VALUE

from hotline.errors import Forbidden, Stale, TransitionRefused
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.tickets import holds
from hotline.tickets.parties import Party, is_party, parties_of
from models import Feedback, Resolution, Ticket, TicketEvent, TicketStatus, User, db


class Action(StrEnum):
    DESCRIBE = "describe"  # 登记: write down who, what category, what was asked
    CLAIM = "claim"  # 认领
    ASSIGN = "assign"  # 指派
    RELEASE = "release"  # 放回
    NOTE = "note"  # 备注
    MARK = "mark"  # urgency, confidential, about whom
    SUPERVISE = "supervise"  # 督办
    LIFT = "lift"  # 解除督办
    CHASE = "chase"  # 催办
    LINK = "link"  # 群体性
    HAND_OFF = "hand_off"  # 转办
    ASK_ASSIST = "ask_assist"  # 协办
    ACCEPT = "accept"  # 签收
    ASK_RETURN = "ask_return"  # 退单申请
    REFUSE_RETURN = "refuse_return"  # 驳回退单
    ASK_EXTENSION = "ask_extension"  # 延期申请
    ASK_LEVEL = "ask_level"  # 难度申请: with a longer limit
    GRANT_EXTENSION = "grant_extension"  # 同意延期
    REFUSE_EXTENSION = "refuse_extension"  # 不同意延期
    TELL_DATE = "tell_date"  # 告知新期限: to a caller who is on the line
    SEND_BACK = "send_back"  # 同意退单
    RECALL = "recall"  # 收回
    ASK_HOTLINE = "ask_hotline"  # 问热线
    CONSULT = "consult"  # 请示
    KEEP = "keep"  # 留待来电: no number to ring
    WAIT = "wait"  # 待补充
    END_WAIT = "end_wait"  # 已补充
    ANSWER = "answer"  # 办理答复
    ASSIST_ANSWER = "assist_answer"  # 协办答复
    REWORK = "rework"  # 重办
    SUSPEND = "suspend"  # 挂账
    RESUME = "resume"  # 解除挂账
    REPORT_BACK = "report_back"  # 回复来源单位
    CLOSE = "close"  # 办结
    WITHDRAW = "withdraw"  # 撤销诉求
    MERGE = "merge"  # 合并
    REOPEN = "reopen"  # 重新办理
    EXCLUDE = "exclude"  # 剔除: left out of the score
    INCLUDE = "include"  # 恢复计入


@dataclass(frozen=True)
class Rule:
    """One row: an action, where it may start, where it leads (None: it stays), and who may."""

    action: Action
    sources: frozenset[TicketStatus]
    target: TicketStatus | None
    who: frozenset[Party]
    needs_reason: bool = False


def T(
    action: Action,
    sources: set[TicketStatus],
    target: TicketStatus | None,
    who: set[Party],
    needs_reason: bool = False,
) -> Rule:
    return Rule(action, frozenset(sources), target, frozenset(who), needs_reason)


A, S, P = Action, TicketStatus, Party
ANY = set(S)
UNCLOSED = ANY - {S.CLOSED}
AT_HOTLINE = {S.OPEN, S.ANSWERED}
AT_DEPARTMENT = {S.QUEUED, S.ACCEPTED}
BACK = None  # resume: to where it was before
READERS = {P.HOTLINE, P.DESK, P.LEAD, P.ASSIST, P.REVIEWER}
WHY = True

# fmt: off
TRANSITIONS = (
    # action               from                  to           who may                must say why
    T(A.DESCRIBE,          UNCLOSED,             None,        {P.HOTLINE, P.DESK}),
    T(A.CLAIM,             AT_HOTLINE,           None,        {P.HOTLINE, P.DESK}),
    T(A.ASSIGN,            UNCLOSED,             None,        {P.SUPERVISOR, P.HEAD}),
    T(A.RELEASE,           AT_HOTLINE,           None,        {P.OWNER, P.SUPERVISOR}),
    T(A.NOTE,              ANY,                  None,        READERS),
    T(A.MARK,              UNCLOSED,             None,        {P.HOTLINE, P.DESK}),
    T(A.SUPERVISE,         UNCLOSED,             None,        {P.SUPERVISOR}, WHY),
    T(A.LIFT,              UNCLOSED,             None,        {P.SUPERVISOR}, WHY),
    T(A.CHASE,             UNCLOSED,             None,        {P.HOTLINE}),
    T(A.LINK,              ANY,                  None,        {P.HOTLINE}),
    T(A.HAND_OFF,          {S.OPEN},             S.QUEUED,    {P.HOTLINE, P.DESK}),
    T(A.ASK_ASSIST,        AT_DEPARTMENT,        None,        {P.HOTLINE, P.HEAD}),
    T(A.ACCEPT,            {S.QUEUED},           S.ACCEPTED,  {P.LEAD}),
    T(A.ASK_RETURN,        AT_DEPARTMENT,        None,        {P.LEAD}, WHY),
    T(A.REFUSE_RETURN,     AT_DEPARTMENT,        None,        {P.HOTLINE}, WHY),
    T(A.ASK_EXTENSION,     AT_DEPARTMENT,        None,        {P.LEAD, P.ASSIST}, WHY),
    T(A.ASK_LEVEL,         AT_DEPARTMENT,        None,        {P.LEAD}, WHY),
    T(A.GRANT_EXTENSION,   AT_DEPARTMENT,        None,        {P.SUPERVISOR}),
    T(A.REFUSE_EXTENSION,  AT_DEPARTMENT,        None,        {P.SUPERVISOR}, WHY),
    T(A.TELL_DATE,         AT_DEPARTMENT,        None,        {P.HOTLINE}),
    T(A.SEND_BACK,         AT_DEPARTMENT,        S.OPEN,      {P.HOTLINE}),
    T(A.RECALL,            AT_DEPARTMENT,        S.OPEN,      {P.HOTLINE}, WHY),
    T(A.ASK_HOTLINE,       AT_DEPARTMENT,        None,        {P.LEAD, P.ASSIST}, WHY),
    T(A.CONSULT,           {S.OPEN, S.ACCEPTED}, None,        {P.HOTLINE, P.LEAD}),
    T(A.KEEP,              AT_HOTLINE,           None,        {P.HOTLINE, P.DESK}),
    T(A.WAIT,              {S.ACCEPTED},         None,        {P.LEAD}, WHY),
    T(A.END_WAIT,          {S.ACCEPTED},         None,        {P.LEAD, P.HOTLINE, P.SYSTEM}),
    T(A.ANSWER,            AT_DEPARTMENT,        S.ANSWERED,  {P.LEAD}),
    T(A.ASSIST_ANSWER,     UNCLOSED,             None,        {P.ASSIST}),
    T(A.REWORK,            {S.ANSWERED},         S.ACCEPTED,  {P.REWORKER}, WHY),
    T(A.SUSPEND,           {S.OPEN, S.ACCEPTED}, S.SUSPENDED, {P.SUPERVISOR}, WHY),
    T(A.RESUME,            {S.SUSPENDED},        BACK,        {P.SUPERVISOR}),
    T(A.REPORT_BACK,       ANY,                  None,        {P.HOTLINE}),
    T(A.CLOSE,             AT_HOTLINE,           S.CLOSED,    {P.HOTLINE, P.DESK}),
    T(A.WITHDRAW,          UNCLOSED,             S.CLOSED,    {P.HOTLINE, P.DESK}, WHY),
    T(A.MERGE,             UNCLOSED,             S.CLOSED,    {P.HOTLINE}),
    T(A.REOPEN,            {S.CLOSED},           S.OPEN,      {P.SUPERVISOR}, WHY),
    T(A.EXCLUDE,           {S.CLOSED},           None,        {P.SUPERVISOR}, WHY),
    T(A.INCLUDE,           {S.CLOSED},           None,        {P.SUPERVISOR}, WHY),
)
# fmt: on
RULES = {rule.action: rule for rule in TRANSITIONS}


def actions_for(ticket: Ticket, user: User) -> list[Action]:
    """What `user` may do to `ticket` now, in the order of the table."""
    parties = parties_of(user, ticket)
    return [
        rule.action
        for rule in TRANSITIONS
        if ticket.status in rule.sources and not parties.isdisjoint(rule.who)
    ]


def may(action: Action, ticket: Ticket, user: User) -> bool:
    """Whether `user` may do `action` to `ticket` now."""
    rule = RULES[action]
    return ticket.status in rule.sources and any(is_party(user, ticket, p) for p in rule.who)


def check_version(ticket: Ticket, version: int) -> None:
    """Raise Stale when a form was rendered from another version than the present one."""
    if version != ticket.version:
        raise Stale


def outdate(ticket: Ticket, *before: Ticket) -> None:
    """Let forms grow stale that were rendered until now: what is owed about `ticket` has changed.

    So do those about a ticket that stood `before` it, whose debts are its own from now on.
    """
    db.session.flush()
    version = 1 + max(one.version for one in (ticket, *before))
    db.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(version=version))
    db.session.refresh(ticket, ["version"])


def apply(
    ticket: Ticket,
    action: Action,
    *,
    actor: User | None,
    at: datetime,
    reason: str = "",
    feedback: Feedback | None = None,
    resolution: Resolution | None = None,
    together: Mapping[str, Any] | None = None,
    **data: Any,
) -> TicketEvent:
    """Do `action` to `ticket` if the table allows it, and write the event; flushed, not committed.

    `together` holds columns of the ticket that the database checks together with the status: the
    department that holds it from now on, the date of review, the wait for the caller. They fall
    away with the status.
    `actor` None means: by itself. A closing action needs `feedback` (a row of this ticket, already
    flushed) and `resolution`. `data` goes to the event: strings, numbers, ids, ISO 8601 instants.
    Raises Forbidden or TransitionRefused.
    """
    rule = RULES[action]
    _check(rule, ticket, actor, reason)
    if ticket.waiting_until_at is not None and ticket.waiting_until_at <= at:
        holds.charge(ticket, at=ticket.waiting_until_at)  # over by itself, before this
    before, holder = ticket.status, ticket.department_id
    target = _target(rule, ticket)
    if feedback is not None:
        data["feedback"] = feedback.id
    entry = TicketEvent(
        ticket_id=ticket.id,
        kind=action.value,
        at=at,
        actor_id=actor.id if actor else None,
        from_status=before.value,
        to_status=target.value,
        reason=reason.strip(),
        data=data,
    )
    db.session.add(entry)
    with _moving_status():
        if target is not before:
            _move(ticket, target, feedback, resolution, at)
        for column, value in (together or {}).items():
            setattr(ticket, column, value)
        if action is not A.NOTE:  # what others rendered does not fit any more
            flag_modified(ticket, "status")
        db.session.flush()
    holds.charge(ticket, at=at)
    if target is S.CLOSED:
        ticket.whole_seconds = holds.age_in_seconds(ticket.id)
    db.session.expire(ticket, ["events", "department"])
    _tell_browsers(ticket, {holder, ticket.department_id} - {None}, at)
    return entry


def _tell_browsers(ticket: Ticket, holders: Collection[int | None], at: datetime) -> None:
    """Whatever is done to a ticket, the open pages of the hotline hear of it, and of the
    department that held it before or holds it now."""
    live_updates.post("hotline", "ticket", at, ticket=ticket.id)
    for department_id in holders:
        live_updates.post(f"department:{department_id}", "queue", at, ticket=ticket.id)


def _move(
    ticket: Ticket,
    target: TicketStatus,
    feedback: Feedback | None,
    resolution: Resolution | None,
    at: datetime,
) -> None:
    """Set the status, and let fall what belonged to the one before."""
    if target is S.CLOSED:
        _pass_the_gate(ticket, feedback, resolution, at)
    else:
        ticket.closing_feedback_id, ticket.closed_at, ticket.resolution = None, None, None
        ticket.whole_seconds = None
    if target not in AT_DEPARTMENT:
        ticket.department_id = None
    if target is not S.SUSPENDED:
        ticket.review_on = None
    if ticket.waiting_until_at is not None:  # only who works on it waits for the caller
        ticket.waited_at = min(at, ticket.waiting_until_at)
        ticket.waiting_since_at = ticket.waiting_until_at = None
    ticket.kept_since_at, ticket.kept_by_id = None, None  # there is something to be done again
    ticket.status = target


def _check(rule: Rule, ticket: Ticket, actor: User | None, reason: str) -> None:
    if actor is None and Party.SYSTEM not in rule.who:
        raise Forbidden
    if actor is not None and not any(is_party(actor, ticket, party) for party in rule.who):
        raise Forbidden
    if ticket.status not in rule.sources:
        raise TransitionRefused(
            N_("This cannot be done now: ticket %(number)s is “%(status)s”."),
            number=ticket.number,
            status=ticket.status,
        )
    if rule.needs_reason and not reason.strip():
        raise TransitionRefused(N_("Say why."), field="reason")


def _target(rule: Rule, ticket: Ticket) -> TicketStatus:
    if rule.action is A.RESUME:
        return ticket.suspended_from or S.OPEN
    return rule.target or ticket.status


def _pass_the_gate(
    ticket: Ticket, feedback: Feedback | None, resolution: Resolution | None, at: datetime
) -> None:
    """Set what the database checks together: status, evidence, resolution, instant."""
    if feedback is None or feedback.id is None or feedback.ticket_id != ticket.id:
        raise TransitionRefused(N_("A ticket closes only with the proof that the caller was told."))
    if resolution is None:
        raise TransitionRefused(N_("Say how the matter ended."), field="resolution")
    ticket.closing_feedback_id = feedback.id
    ticket.resolution = resolution
    ticket.closed_at = at
    ticket.owner_id = None


_moving: ContextVar[bool] = ContextVar("moving", default=False)


@contextmanager
def _moving_status() -> Iterator[None]:
    token = _moving.set(True)
    try:
        yield
    finally:
        _moving.reset(token)


@event.listens_for(Ticket.status, "set")
def _only_here(ticket: Ticket, value: TicketStatus, old: Any, initiator: Any) -> None:
    """Nobody writes a status but `apply`; a new ticket begins open."""
    born = old in (NO_VALUE, NEVER_SET) and value is S.OPEN
    if not born and not _moving.get():
        raise RuntimeError("the status of a ticket is moved by lifecycle.apply only")

"""The raw webhooks: kept first, interpreted second, answered the same when they come again."""

import hashlib
import json
import re
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import Table, bindparam, select, text, update

from hotline import turns
from hotline.callbacks import service as callbacks
from hotline.calls import service as calls
from hotline.calls import switchboard
from hotline.calls.switchboard import Switchboard
from hotline.errors import OutOfTime
from hotline.outbox import service as outbox
from hotline.telephony import flow, twiml
from hotline.telephony.form_fields import Fields
from hotline.telephony.inbound import CALL_SID, Event, Kind, MessageReceipt
from models import Call, Webhook, db

log = structlog.get_logger()
ASKS_FOR_INSTRUCTIONS = frozenset({Kind.VOICE, Kind.MENU, Kind.DIAL, Kind.VOICEMAIL})
PERSONAL = re.compile(r"\+?\d{7,}")
IN_THE_QUERY = ("step", "intent")
TRIES = 50  # then nobody reads a webhook again by itself
# With these every webhook begins and ends; written out, because SQLAlchemy makes an ON CONFLICT
# anew each time. A refusal by the key itself would need a savepoint.
KEEP = text(
    "INSERT INTO webhooks (provider, event_key, kind, call_ref, received_at, form, twiml, attempts,"
    " error) VALUES (:provider, :event_key, :kind, :call_ref, :received_at, :form, '', :attempts,"
    " :error) ON CONFLICT (provider, event_key) DO NOTHING RETURNING id"
).bindparams(
    bindparam("received_at", type_=Webhook.received_at.type),
    bindparam("form", type_=Webhook.form.type),
)
ROWS = cast(Table, Webhook.__table__)
ANSWER = update(ROWS).where(ROWS.c.id == bindparam("webhook_id"))


def take_in(event: Event, form: dict[str, Any], board: Switchboard, *, at: datetime) -> str:
    """Keep a webhook, do what it says, and return the TwiML to answer; in an open unit of work.

    A repeat changes nothing and gets the same TwiML again.
    """
    webhook_id = _keep(event, form, board, at)
    if webhook_id is None:
        return _answered_before(event, board)
    what_came_of_it: dict[str, Any] = {"interpreted_at": at, "error": ""}
    try:
        with db.session.begin_nested():
            call = _report(event, board, at)
            answer = twiml.render(switchboard.instructions(event, call, board, at=at))
    except OutOfTime:  # no fault of the rules: nothing is kept here, the form goes to the disk
        raise
    except Exception as error:  # the row must survive whatever went wrong, and the caller hears
        _log_failure(webhook_id, event.kind, error)
        what_came_of_it = {"interpreted_at": None, "error": _in_short(error)}
        answer = answer_without_rules(event.kind, board)
    known = {"webhook_id": webhook_id, "twiml": answer, "attempts": 1}
    db.session.execute(ANSWER, known | what_came_of_it)
    return answer


def keep_unread(
    kind: str, form: dict[str, Any], why: str, board: Switchboard, *, at: datetime
) -> Webhook | None:
    """Keep a signed request of which we understand nothing; None when it is kept already.

    Nobody tries to read it again by itself.
    """
    same = json.dumps([kind, form], sort_keys=True).encode()
    call_ref = form.get("CallSid", "")
    kept = _insert(
        provider=board.provider,
        event_key=f"unread:{hashlib.sha256(same).hexdigest()}",
        kind=kind[:16],
        call_ref=call_ref if CALL_SID.fullmatch(str(call_ref)) else "",
        received_at=at,
        form=form,
        attempts=TRIES,
        error=PERSONAL.sub("…", why)[:500],
    )
    return None if kept is None else db.session.get_one(Webhook, kept)


def take_in_late(event: Event, form: dict[str, Any], board: Switchboard, *, at: datetime) -> None:
    """Keep a webhook to which nobody waits for an answer any more, and learn from it.

    `at` is when it came. Should it come again, it is told what it was told without us.
    """
    webhook_id = _keep(event, form, board, at)
    if webhook_id is not None:
        row = db.session.get_one(Webhook, webhook_id)
        row.twiml = answer_without_rules(event.kind, board)
        interpret_again(row, event, board, at=at)


def interpret_again(row: Webhook, event: Event, board: Switchboard, *, at: datetime) -> None:
    """Learn from a webhook whose first interpretation failed. Nobody is rung any more."""
    row.attempts += 1
    try:
        with db.session.begin_nested():
            _report(event, board, row.received_at)
        row.interpreted_at, row.error = at, ""
    except Exception as error:  # tried again later, the others go on
        _log_failure(row.id, row.kind, error)
        row.error = _in_short(error)


def answer_without_rules(kind: Kind, board: Switchboard) -> str:
    """What a caller hears when our own system fails; a report gets an empty answer."""
    steps = flow.NOTHING
    if kind is Kind.VOICEMAIL:  # the message is spoken: nobody asks for it a second time
        steps = flow.thank_for_message()
    elif kind is Kind.OUTGOING:
        steps = flow.do_not_connect()
    elif kind is Kind.NOTICE:
        steps = flow.notice()
    elif kind in ASKS_FOR_INSTRUCTIONS or kind is Kind.FALLBACK:
        steps = flow.out_of_order(board.hooks, board.union_name)
    return twiml.render(steps)


def answer_instead(form: dict[str, Any], board: Switchboard) -> str:
    """What a caller hears from our fallback: who has spoken to the tape already is thanked."""
    if "RecordingSid" in form:
        return twiml.render(flow.thank_for_message())
    return answer_without_rules(Kind.FALLBACK, board)


def fields_of(form: dict[str, Any]) -> tuple[Fields, Fields]:
    """Form and query as they came, from what `form_of` kept."""
    fields = {name: v if isinstance(v, list) else [v] for name, v in form.items()}
    return fields, {name: fields.pop(name) for name in IN_THE_QUERY if name in fields}


def form_of(fields: Fields, query: Fields) -> dict[str, Any]:
    """The fields of a request as the raw row keeps them: values, lists of repeated ones."""
    joined = {**fields, **{name: query[name] for name in IN_THE_QUERY if name in query}}
    return {name: v[0] if len(v) == 1 else list(v) for name, v in joined.items()}


def _keep(event: Event, form: dict[str, Any], board: Switchboard, at: datetime) -> int | None:
    """The id of the raw row, or None when this webhook came before."""
    return _insert(
        provider=board.provider,
        event_key=event.event_key,
        kind=event.kind.value,
        call_ref=event.call_ref,
        received_at=at,
        form=form,
        attempts=0,
        error="",
    )


def _insert(**values: Any) -> int | None:
    """The id of a new row, or None: the unique key decides."""
    kept = db.session.execute(KEEP, values)
    return kept.scalar_one_or_none()


def _report(event: Event, board: Switchboard, at: datetime) -> Call | None:
    if isinstance(event, MessageReceipt):
        news = outbox.receive_receipt(event.message_ref, event.status, event.error_code, at=at)
        callbacks.hear_of(news, at=at)
        return None
    _one_at_a_time(event)
    return calls.receive(event, board, at=at)


def _one_at_a_time(event: Event) -> None:
    """Let the reports of one call follow each other."""
    turns.take(getattr(event, "parent_ref", None) or event.call_ref)


def _answered_before(event: Event, board: Switchboard) -> str:
    before = select(Webhook.twiml).where(
        Webhook.provider == board.provider, Webhook.event_key == event.event_key
    )
    return db.session.scalars(before).one()


def _log_failure(webhook_id: int, kind: str, error: Exception) -> None:
    name = type(error).__name__
    log.error("webhook not interpreted", webhook=webhook_id, kind=kind, error=name)


def _in_short(error: Exception) -> str:
    return PERSONAL.sub("…", repr(error))[:500]

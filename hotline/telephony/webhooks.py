"""POST /hooks/<provider>/…: verify, read, take in, answer. The rules are in hotline.calls."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import MultiDict

from hotline import clock
from hotline.errors import OutOfTime, Stale
from hotline.extensions import csrf
from hotline.findings import service as findings
from hotline.telephony import adapter, flow, inbox, spool, twiml
from hotline.telephony.form_fields import Fields, Malformed
from hotline.telephony.inbound import Kind
from hotline.telephony.provider import SignedRequest
from hotline.unit_of_work import unit_of_work
from models import FindingReason

bp = Blueprint("hooks", __name__)
csrf.exempt(bp)
# The provider gives a caller 15 seconds; what is not written by then waits on the disk.
BUDGET = timedelta(seconds=3)
KINDS = frozenset(Kind)
log = structlog.get_logger()


@bp.before_request
def verify_signature() -> None:
    """Refuse what our provider did not sign for our account, on every route of this blueprint."""
    provider = adapter.provider()
    if (request.view_args or {}).get("provider") != provider.name:
        abort(Response(status=404))
    # The raw target: Werkzeug's request.url is an IRI and differs from what was signed.
    target = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI", "")
    signed = SignedRequest(
        target=target,
        fields=_fields(request.form),
        content_type=request.content_type or "",
        headers=dict(request.headers),
    )
    if not provider.verify(signed):
        abort(Response(status=403))  # no word about why


verify_signature.is_guard = True  # type: ignore[attr-defined]


@bp.post("/hooks/<provider>/<kind>")
def receive(provider: str, kind: str) -> Response:
    """One webhook of any kind. The answer is TwiML in every case that carries a valid signature."""
    fields, query = _fields(request.form), _fields(request.args)
    form = inbox.form_of(fields, query)
    if kind not in KINDS:
        _keep_unread(kind, form, FindingReason.UNKNOWN_KIND, "nothing here has this name")
        return _answer(twiml.render(flow.NOTHING))
    board, at, what = adapter.switchboard(), clock.now(), Kind(kind)
    if what is Kind.FALLBACK:  # something of ours is broken: touch as little as possible
        _keep_for_later(fields, form, at)
        return _answer(inbox.answer_instead(form, board))
    try:
        event = adapter.provider().parse(what, fields, query)
    except Malformed as error:
        _keep_unread(kind, form, FindingReason.MALFORMED, str(error))
        abort(Response(status=400))
    try:
        with unit_of_work(within=BUDGET):
            answer = inbox.take_in(event, form, board, at=at)
    except (SQLAlchemyError, OutOfTime, Stale) as error:  # its text would carry numbers
        log.error("a webhook waits on the disk", kind=what, error=type(error).__name__)
        spool.keep(adapter.spool_folder(), what, form, at=at)
        answer = inbox.answer_without_rules(what, board)
    return _answer(answer)


def _keep_for_later(fields: Fields, form: dict[str, Any], at: datetime) -> None:
    """Nobody here may have heard of the call behind a fallback: to the disk with it, as the first
    request or the spoken message that it was. What is known already changes nothing later.
    Without a call it is `flask doctor`, who tries whether a signature arrives.
    """
    if "CallSid" not in fields:
        return
    what = Kind.VOICEMAIL if "RecordingSid" in fields else Kind.VOICE
    try:
        adapter.provider().parse(what, fields, {})
        spool.keep(adapter.spool_folder(), what, form, at=at)
    except (Malformed, OSError) as error:  # the caller is answered whatever becomes of the form
        log.error("the form of a fallback is not kept", error=type(error).__name__)


def _keep_unread(kind: str, form: dict[str, Any], reason: FindingReason, why: str) -> None:
    """Keep what was signed for us whatever it says; a person looks at it. Without a database the
    provider is told to ask again.
    """
    log.warning("a webhook is not understood", kind=kind[:16], error=why)
    board, at = adapter.switchboard(), clock.now()
    try:
        with unit_of_work(within=BUDGET):
            row = inbox.keep_unread(kind, form, why, board, at=at)
            if row is not None:
                findings.note_unread(row, reason)
    except (SQLAlchemyError, OutOfTime) as error:
        log.error("a webhook could not be kept", kind=kind[:16], error=type(error).__name__)
        abort(Response(status=503))


def _answer(xml: str) -> Response:
    return Response(xml, content_type=twiml.CONTENT_TYPE)


def _fields(values: MultiDict[str, str]) -> Fields:
    return dict(values.lists())

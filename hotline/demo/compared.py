"""What was found at the telephone company in the last weeks: a bad night and a few single calls."""

from datetime import datetime, timedelta

from sqlalchemy import select

from hotline.demo.tale import PROVIDER
from models import Call, CallResult, Finding, FindingKind, FindingReason, Reconciliation, db

K, R, W = FindingKind, FindingReason, CallResult
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# How the call went, at least so many days ago, what was missing, why, more, found so much later.
TALES = (
    (W.MISSED, 16, K.CALL, R.REFUSED, "voice 11200", 4 * MINUTE),
    (W.VOICEMAIL, 16, K.CALL, R.ON_DISK, "", 2 * MINUTE),
    (W.VOICEMAIL, 9, K.RECORDING, R.NO_WEBHOOK, "", 5 * MINUTE),
    (W.ANSWERED, 6, K.END, R.NO_WEBHOOK, "", 6 * MINUTE),
    (W.ABANDONED, 3, K.CALL, R.NO_WEBHOOK, "", 3 * MINUTE),
    (W.ANSWERED, 2, K.REQUEST, R.REFUSED, "status 11205", 4 * MINUTE),
)


def write(at: datetime) -> None:
    """Write the findings about calls of the demo, the oldest first, and that all is well now."""
    found = []
    for result, days, kind, reason, detail, later in TALES:
        call = db.session.scalar(
            select(Call)
            .where(Call.provider == PROVIDER, Call.result == result)
            .where(Call.ended_at < at - days * DAY)
            .order_by(Call.ended_at.desc())
            .limit(1)
        )
        if call is not None and call.ended_at is not None:
            happened_at = call.started_at if kind is K.CALL else call.ended_at
            found.append(
                Finding(
                    provider=PROVIDER,
                    key=f"{kind}:{call.call_ref}",
                    kind=kind,
                    reason=reason,
                    call_ref=call.call_ref,
                    detail=detail,
                    happened_at=happened_at,
                    found_at=happened_at + later,
                )
            )
    for one in sorted(found, key=lambda one: one.found_at):
        db.session.add(one)
        db.session.flush()
    db.session.add(Reconciliation(provider=PROVIDER, asked_at=at, succeeded=True))

"""What a provider tells us: from the fields of a signed form to typed values, or a refusal.

Known fields are read strictly, because `CallSid=CA1` and `CallSidCA=1` carry the same signature.
Unknown fields are nobody's business here: providers add them without notice, the raw row keeps
them. Pure: no database, no Flask.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypedDict

from hotline.telephony import form_fields
from hotline.telephony.form_fields import WHOLE_NUMBER, Fields, Malformed

HIGHEST_STEP = 99


class Kind(StrEnum):
    """The webhooks, each a route below /hooks/<provider>/."""

    VOICE = "voice"  # somebody rings us: what shall they hear?
    MENU = "menu"  # a key was pressed
    DIAL = "dial"  # a ring at a seat is over, or the caller waited: what next?
    VOICEMAIL = "voicemail"  # the caller finished speaking to the tape
    RECORDING = "recording"  # a sound can be fetched; has no From, may come first
    STATUS = "status"  # a call or a leg rings, talks, has ended
    SMS = "sms"  # delivery receipts
    OUTGOING = "outgoing"  # an operator picked up whom we let ring: who is to be rung now?
    NOTICE = "notice"  # the caller picked up: what do they hear before they are connected?
    FALLBACK = "fallback"  # another route of ours failed


class ProviderStatus(StrEnum):
    """A call or a leg in the provider's words."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in FINAL


FINAL = frozenset(
    {
        ProviderStatus.COMPLETED,
        ProviderStatus.BUSY,
        ProviderStatus.NO_ANSWER,
        ProviderStatus.CANCELED,
        ProviderStatus.FAILED,
    }
)


class DialStatus(StrEnum):
    """How one <Dial> went."""

    COMPLETED = "completed"
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"
    FAILED = "failed"


class RecordingStatus(StrEnum):
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    ABSENT = "absent"
    FAILED = "failed"


class MessageProgress(StrEnum):
    """An SMS on its way, in the provider's words."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    READ = "read"


@dataclass(frozen=True, kw_only=True)
class CallEvent:
    """What every webhook about a call says. `step` numbers our questions within the call."""

    kind: ClassVar[Kind]

    call_ref: str
    from_raw: str
    to_raw: str
    is_inbound: bool
    parent_ref: str | None  # set on a leg: the call on whose behalf a seat is rung
    status: ProviderStatus | None
    step: int
    intent: int | None = None  # for which call of ours it was placed

    @property
    def event_key(self) -> str:
        """Equal for two deliveries of one fact, different for two facts."""
        return f"{self.kind}:{self.call_ref}:{self.step}"


@dataclass(frozen=True, kw_only=True)
class IncomingCall(CallEvent):
    kind = Kind.VOICE


@dataclass(frozen=True, kw_only=True)
class SeatPickedUp(CallEvent):
    """The telephone of an operator for whom a call is placed."""

    kind = Kind.OUTGOING


@dataclass(frozen=True, kw_only=True)
class NoticeAsked(CallEvent):
    """The caller whom we rang has picked up."""

    kind = Kind.NOTICE


@dataclass(frozen=True, kw_only=True)
class KeyPressed(CallEvent):
    kind = Kind.MENU

    digits: str


@dataclass(frozen=True, kw_only=True)
class DialEnded(CallEvent):
    """A ring at a seat is over; without a `dial_status` the caller merely waited a while."""

    kind = Kind.DIAL

    dial_status: DialStatus | None
    talked: timedelta


@dataclass(frozen=True, kw_only=True)
class MessageLeft(CallEvent):
    kind = Kind.VOICEMAIL

    recording_ref: str | None
    duration: timedelta


@dataclass(frozen=True, kw_only=True)
class CallProgress(CallEvent):
    kind = Kind.STATUS

    sequence: int | None
    happened_at: datetime | None
    duration: timedelta | None

    @property
    def event_key(self) -> str:
        sequence = "" if self.sequence is None else self.sequence
        return f"{self.kind}:{self.call_ref}:{self.step}:{self.status}:{sequence}"


@dataclass(frozen=True, kw_only=True)
class RecordingReady:
    """News of a recording. It names the call and nothing else of it."""

    kind: ClassVar[Kind] = Kind.RECORDING

    call_ref: str
    recording_ref: str
    status: RecordingStatus
    is_voicemail: bool
    duration: timedelta

    @property
    def event_key(self) -> str:
        return f"{self.kind}:{self.call_ref}:{self.recording_ref}:{self.status}"


@dataclass(frozen=True, kw_only=True)
class MessageReceipt:
    """How far an SMS of ours has come."""

    kind: ClassVar[Kind] = Kind.SMS

    message_ref: str
    status: MessageProgress
    error_code: str

    @property
    def call_ref(self) -> str:
        return ""

    @property
    def event_key(self) -> str:
        return f"{self.kind}:{self.message_ref}:{self.status}"


Event = CallEvent | RecordingReady | MessageReceipt

CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")
MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
INTENT = re.compile(r"[0-9]{1,9}")
DIGITS = re.compile(r"[0-9*#]{0,32}")
DIRECTIONS = {"inbound": True, "outbound-api": False, "outbound-dial": False}


def parse(kind: Kind, fields: Fields, query: Fields) -> Event:
    """The typed value of one webhook.

    `fields` are those of the form, `query` those of the URL, which carries the step or the intent
    and nothing else. Raises Malformed when a known field is missing, repeated, or not of its shape.
    """
    if set(query) - {"step", "intent"}:
        raise Malformed("the query carries more than the step")
    step = int(form_fields.optional(query, "step", WHOLE_NUMBER) or 0)
    if step > HIGHEST_STEP:
        raise Malformed("no call has that many steps")
    intent = form_fields.optional(query, "intent", INTENT)
    event = _READERS[kind](fields, step)
    if intent is None or not isinstance(event, CallEvent):
        return event
    return replace(event, intent=int(intent))


def _incoming_call(fields: Fields, step: int) -> IncomingCall:
    return IncomingCall(**_call(fields, step))


def _seat_picked_up(fields: Fields, step: int) -> SeatPickedUp:
    return SeatPickedUp(**_call(fields, step))


def _notice_asked(fields: Fields, step: int) -> NoticeAsked:
    return NoticeAsked(**_call(fields, step))


def _key_pressed(fields: Fields, step: int) -> KeyPressed:
    return KeyPressed(
        **_call(fields, step), digits=form_fields.optional(fields, "Digits", DIGITS) or ""
    )


def _dial_ended(fields: Fields, step: int) -> DialEnded:
    status = form_fields.word(fields, "DialCallStatus", DialStatus)
    talked = form_fields.seconds(fields, "DialCallDuration") or timedelta(0)
    return DialEnded(**_call(fields, step), dial_status=status, talked=talked)


def _message_left(fields: Fields, step: int) -> MessageLeft:
    return MessageLeft(
        **_call(fields, step),
        recording_ref=form_fields.optional(fields, "RecordingSid", RECORDING_SID),
        duration=form_fields.seconds(fields, "RecordingDuration") or timedelta(0),
    )


def _call_progress(fields: Fields, step: int) -> CallProgress:
    call = _call(fields, step)
    if call["status"] is None:
        raise Malformed("CallStatus is missing")
    sequence = form_fields.optional(fields, "SequenceNumber", WHOLE_NUMBER)
    return CallProgress(
        **call,
        sequence=None if sequence is None else int(sequence),
        happened_at=form_fields.instant(fields, "Timestamp"),
        duration=form_fields.seconds(fields, "CallDuration"),
    )


def _recording_ready(fields: Fields, step: int) -> RecordingReady:
    status = form_fields.word(fields, "RecordingStatus", RecordingStatus)
    return RecordingReady(
        call_ref=form_fields.required(fields, "CallSid", CALL_SID),
        recording_ref=form_fields.required(fields, "RecordingSid", RECORDING_SID),
        status=status or RecordingStatus.COMPLETED,
        is_voicemail=form_fields.single(fields, "RecordingSource") in (None, "RecordVerb"),
        duration=form_fields.seconds(fields, "RecordingDuration") or timedelta(0),
    )


def _message_receipt(fields: Fields, step: int) -> MessageReceipt:
    status = form_fields.word(fields, "MessageStatus", MessageProgress)
    if status is None:
        raise Malformed("MessageStatus is missing")
    return MessageReceipt(
        message_ref=form_fields.required(fields, "MessageSid", MESSAGE_SID),
        status=status,
        error_code=form_fields.optional(fields, "ErrorCode", WHOLE_NUMBER) or "",
    )


_READERS: Mapping[Kind, Callable[[Fields, int], Event]] = {
    Kind.VOICE: _incoming_call,
    Kind.MENU: _key_pressed,
    Kind.DIAL: _dial_ended,
    Kind.VOICEMAIL: _message_left,
    Kind.RECORDING: _recording_ready,
    Kind.STATUS: _call_progress,
    Kind.SMS: _message_receipt,
    Kind.OUTGOING: _seat_picked_up,
    Kind.NOTICE: _notice_asked,
}


class _Call(TypedDict):
    call_ref: str
    from_raw: str
    to_raw: str
    is_inbound: bool
    parent_ref: str | None
    status: ProviderStatus | None
    step: int


def _call(fields: Fields, step: int) -> _Call:
    direction = form_fields.single(fields, "Direction") or "inbound"
    if direction not in DIRECTIONS:
        raise Malformed("Direction is not one we know")
    return {
        "call_ref": form_fields.required(fields, "CallSid", CALL_SID),
        "from_raw": form_fields.party(fields, "From"),
        "to_raw": form_fields.party(fields, "To"),
        "is_inbound": DIRECTIONS[direction],
        "parent_ref": form_fields.optional(fields, "ParentCallSid", CALL_SID),
        "status": form_fields.word(fields, "CallStatus", ProviderStatus),
        "step": step,
    }

"""How the simulated company carries out our TwiML, verb by verb, and what it reports meanwhile.

Nothing here runs inside a unit of work: every step posts over HTTP to the hotline and waits for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from hotline.telephony.provider import NotPossible
from hotline.telephony.simulator.ledger import (
    Call,
    Knobs,
    Ledger,
    Mode,
    Post,
    Recording,
    new_sid,
)
from hotline.telephony.simulator.wire import NoAnswer, Wire

MUSIC_SECONDS = 6
SOON = 3  # until people who are rung by the hotline pick up
CONVERSATION, MESSAGE = "conversation.wav", "message.wav"
SOUND_SECONDS = {CONVERSATION: 5, MESSAGE: 6}
API_VERSION = "2010-04-01"


class Carrier:
    """Moves one call at a time along the documents the hotline answers."""

    def __init__(self, ledger: Ledger, wire: Wire, *, number: str) -> None:
        self.ledger = ledger
        self.number = number
        self._wire = wire
        self._hooks = f"{wire.public_base_url}/hooks/simulator"

    def _run(self, call: Call, at: datetime) -> None:
        """Carry out verbs until one of them needs time or a person."""
        call.due_at, call.current = None, ""
        while call.mode is not Mode.ENDED and call.verbs:
            text = call.verbs.pop(0)
            verb = parse(text)
            match verb.tag:
                case "Say":
                    call.heard.append(verb.text or "")
                case "Play":
                    call.heard.append("♪")
                    return self._wait(call, Mode.PLAYING, text, at, MUSIC_SECONDS)
                case "Gather":
                    call.heard += [say.text or "" for say in verb.iter("Say")]
                    seconds = int(verb.get("timeout", "5"))
                    return self._wait(call, Mode.GATHERING, text, at, seconds)
                case "Record":
                    call.heard.append("●")
                    seconds = int(verb.get("maxLength", "3600"))
                    return self._wait(call, Mode.RECORDING, text, at, seconds)
                case "Dial":
                    return self._ring_seat(call, verb, text, at)
                case "Redirect":
                    self._fetch(call, verb.text or "", {}, at)
                case _:
                    break  # Hangup, Reject
        return self._finish(call, at)

    def _wait(self, call: Call, mode: Mode, current: str, at: datetime, seconds: int) -> None:
        call.mode, call.current = mode, current
        call.due_at = at + timedelta(seconds=seconds)

    def _fetch(self, call: Call, url: str, extra: dict[str, str], at: datetime) -> None:
        """Ask the hotline what to do, its fallback when it does not answer, and nobody then."""
        fields = self._fields(call) | extra
        try:
            document = self._wire.ask(url, fields, call.knobs, at)
            call.verbs = _verbs(document)
        except (NoAnswer, ET.ParseError):
            fields |= {"ErrorCode": "11200", "ErrorUrl": url}
            try:
                document = self._wire.ask(f"{self._hooks}/fallback", fields, Knobs(), at)
                call.verbs = _verbs(document)
            except (NoAnswer, ET.ParseError):
                call.verbs = []
        call.status = "in-progress"

    def _ring_seat(self, call: Call, dial: ET.Element, text: str, at: datetime) -> None:
        line = dial.find("Number") if dial.find("Sip") is None else dial.find("Sip")
        if line is None:
            raise NotPossible
        leg = Call(
            sid=new_sid(Call),
            parent_sid=call.sid,
            from_=dial.get("callerId", call.from_),
            to=line.text or "",
            direction="outbound-dial",
            made_at=at,
            status="initiated",
            mode=Mode.RINGING_SEAT,
            status_url=line.get("statusCallback", ""),
        )
        call.leg_sid = leg.sid
        seconds = int(dial.get("timeout", "30"))
        self._wait(call, Mode.RINGING_SEAT, text, at, SOON if call.is_placed else seconds)
        self._report_leg(call, leg, at)
        leg.status = "ringing"
        self._report_leg(call, leg, at)

    def _end_leg(self, call: Call, status: str, at: datetime) -> None:
        leg = self._leg(call)
        leg.status, leg.mode, leg.ended_at = status, Mode.ENDED, at
        self._report_leg(call, leg, at)

    def _end_talk(self, call: Call, at: datetime, *, is_over: bool = False) -> None:
        self._end_leg(call, "completed", at)
        if parse(call.current).get("record"):
            self._record(call, "DialVerb", CONVERSATION, SOUND_SECONDS[CONVERSATION], at)
        self._ask_after_dial(call, "completed", at, is_over=is_over)
        self._run(call, at)

    def _ask_after_dial(
        self, call: Call, status: str, at: datetime, *, is_over: bool = False
    ) -> None:
        leg = self._leg(call)
        result = {"DialCallStatus": status, "DialCallSid": leg.sid}
        if leg.answered_at is not None:
            result["DialCallDuration"] = str(int((at - leg.answered_at).total_seconds()))
        if is_over:
            call.status = "completed"
        if action := parse(call.current).get("action"):  # without one the document goes on
            self._fetch(call, action, result, at)
        if is_over:
            call.verbs = []

    def _end_message(self, call: Call, at: datetime, seconds: int) -> None:
        """The tape stops. Silence makes no recording and falls through to the next verb."""
        if seconds:
            record = parse(call.current)
            sound = self._record(call, "RecordVerb", MESSAGE, seconds, at)
            extra = {"RecordingSid": sound.sid, "RecordingDuration": str(seconds), "Digits": "#"}
            self._fetch(call, record.get("action", ""), extra, at)
        self._run(call, at)

    def _record(self, call: Call, source: str, sound: str, seconds: int, at: datetime) -> Recording:
        recording = Recording(
            sid=new_sid(Recording),
            call_sid=call.sid,
            made_at=at,
            source=source,
            sound=sound,
            seconds=seconds,
        )
        self.ledger.save(recording)
        url = parse(call.current).get("recordingStatusCallback", "")
        fields = {
            "AccountSid": self._wire.account_sid,
            "CallSid": call.sid,
            "RecordingSid": recording.sid,
            "RecordingStatus": "completed",
            "RecordingDuration": str(seconds),
            "RecordingSource": source,
        }
        self._report(call, url, fields, at)
        return recording

    def _finish(self, call: Call, at: datetime, status: str = "completed") -> None:
        call.mode, call.status, call.ended_at, call.due_at = Mode.ENDED, status, at, None
        fields = self._fields(call) | {
            "CallDuration": str(call.seconds),
            "Timestamp": format_datetime(at),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": "0",
        }
        self._report(call, call.status_url or f"{self._hooks}/status", fields, at)
        self._wire.deliver_shuffled(call.sid, call.knobs, at)

    def _report_leg(self, call: Call, leg: Call, at: datetime) -> None:
        fields = self._fields(leg) | {
            "Timestamp": format_datetime(at),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(leg.sequence),
        }
        if leg.status == "completed":
            fields["CallDuration"] = str(leg.seconds)
        leg.sequence += 1
        self.ledger.save(leg)
        self._report(call, leg.status_url, fields, at)

    def _report(self, call: Call, url: str, fields: dict[str, str], at: datetime) -> None:
        self._wire.report(Post(call.sid, url, fields), call.knobs, at)

    def _fields(self, call: Call) -> dict[str, str]:
        fields = {
            "AccountSid": self._wire.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": call.sid,
            "CallStatus": call.status,
            "Direction": call.direction,
            "From": call.from_,
            "To": call.to,
        }
        return fields | ({"ParentCallSid": call.parent_sid} if call.parent_sid else {})

    @contextmanager
    def _call(self, sid: str, at: datetime) -> Iterator[Call]:
        """Hold a call while something happens to it, then keep what became of it."""
        with self.ledger.holding(sid, at):
            call = self.ledger.call(sid)
            if call is None or call.mode is Mode.ENDED:
                raise NotPossible
            try:
                yield call
            finally:
                self.ledger.save(call)

    def _leg(self, call: Call) -> Call:
        leg = self.ledger.call(call.leg_sid)
        if leg is None:
            raise NotPossible
        return leg

    def _parent_of(self, leg_sid: str) -> str:
        leg = self.ledger.call(leg_sid)
        if leg is None or not leg.parent_sid:
            raise NotPossible
        return leg.parent_sid


def _verbs(document: str) -> list[str]:
    """The verbs of a TwiML document, each as XML. Raises ParseError."""
    if not document.startswith("<"):
        raise ET.ParseError("the document must begin at the first byte")
    response = parse(document)
    if response.tag != "Response":
        raise ET.ParseError("the root must be Response")
    return [ET.tostring(verb, encoding="unicode") for verb in response]


def parse(text: str) -> ET.Element:
    """One verb, or a whole document."""
    return ET.fromstring(text)  # noqa: S314 — our own answers only

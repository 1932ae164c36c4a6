"""The simulated company's exchange: what people do at their telephones, and what time does."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hotline.telephony.provider import NotPossible
from hotline.telephony.simulator.carrier import MESSAGE, SOON, SOUND_SECONDS, Carrier, parse
from hotline.telephony.simulator.ledger import (
    Call,
    Knobs,
    Mode,
    new_sid,
)
from hotline.telephony.simulator.lines import seat_line

LONG_ENOUGH = 20  # seconds that two people talk whom the hotline has connected
FAR_AWAY = datetime.max.replace(tzinfo=UTC)


class Exchange(Carrier):
    """Calls, seats and recordings of one simulated account."""

    @property
    def credentials(self) -> tuple[str, str]:
        """Account and token that its REST interface asks for."""
        return self._wire.account_sid, self._wire.token

    def is_answered(self) -> bool:
        """Whether a hotline listens where this company would ring it."""
        return self._wire.is_up()

    # What people do.

    def dial_in(self, from_: str, at: datetime, knobs: Knobs | None = None) -> Call:
        """Somebody rings the hotline; returns the call as far as it got by itself."""
        call = Call(
            sid=new_sid(Call),
            from_=from_,
            to=self.number,
            direction="inbound",
            made_at=at,
            knobs=knobs or Knobs(),
        )
        self.ledger.save(call)
        with self._call(call.sid, at) as call:
            self._fetch(call, f"{self._hooks}/voice", {}, at)
            self._run(call, at)
            return call

    def place(self, to: str, voice_url: str, status_url: str, at: datetime) -> Call:
        """The hotline lets a seat be rung; whoever asked for it picks up soon, as time goes on."""
        call = Call(
            sid=new_sid(Call),
            from_=self.number,
            to=to,
            direction="outbound-api",
            made_at=at,
            status="queued",
            mode=Mode.RINGING_OUT,
            due_at=at + timedelta(seconds=SOON),
            status_url=status_url,
            voice_url=voice_url,
        )
        self.ledger.save(call)
        return call

    def press(self, sid: str, digit: str, at: datetime) -> Call:
        """The caller presses a key. Raises NotPossible when nobody listens for one."""
        with self._call(sid, at) as call:
            if call.mode is Mode.RECORDING and digit == "#":
                self._end_message(call, at, seconds=0)
            elif call.mode is Mode.GATHERING:
                call.heard.append(f"[{digit}]")
                self._fetch(call, parse(call.current).get("action", ""), {"Digits": digit}, at)
                self._run(call, at)
            else:
                raise NotPossible
            return call

    def speak(self, sid: str, at: datetime, seconds: int = SOUND_SECONDS[MESSAGE]) -> Call:
        """The caller leaves a message of `seconds` and presses the hash key."""
        with self._call(sid, at) as call:
            if call.mode is not Mode.RECORDING:
                raise NotPossible
            self._end_message(call, at, seconds)
            return call

    def hang_up(self, sid: str, at: datetime) -> Call:
        """The caller hangs up, whatever is going on."""
        with self._call(sid, at) as call:
            if call.mode is Mode.RINGING_OUT:
                self._finish(call, at, "no-answer")
            elif call.mode is Mode.RINGING_SEAT:
                self._end_leg(call, "canceled", at)
                self._ask_after_dial(call, "canceled", at, is_over=True)
            elif call.mode is Mode.TALKING:
                self._end_talk(call, at, is_over=True)
            if call.mode is not Mode.ENDED:
                self._finish(call, at)
            return call

    def answer(self, leg_sid: str, at: datetime) -> Call:
        """The seat that is being rung picks up. Raises NotPossible when it no longer rings."""
        with self._call(self._parent_of(leg_sid), at) as call:
            if call.mode is not Mode.RINGING_SEAT or call.leg_sid != leg_sid:
                raise NotPossible
            self._pick_up(call, at)
            return call

    def hang_up_seat(self, leg_sid: str, at: datetime) -> Call:
        """The seat hangs up, or refuses while it rings."""
        with self._call(self._parent_of(leg_sid), at) as call:
            if call.leg_sid != leg_sid:
                raise NotPossible
            if call.mode is Mode.TALKING:
                self._end_talk(call, at)
            elif call.mode is Mode.RINGING_SEAT:
                self._end_leg(call, "busy", at)
                self._ask_after_dial(call, "busy", at)
                self._run(call, at)
            else:
                raise NotPossible
            return call

    def seat_leg(self, user_id: int) -> Call | None:
        """The leg that rings or talks at the seat of a user."""
        line = seat_line(user_id)
        legs = (one for one in self.ledger.live_calls() if one.parent_sid and one.to == line)
        return next(legs, None)

    # What time does.

    def tick(self, at: datetime) -> int:
        """End every ring, pause and silence that has lasted long enough; return how many."""
        due = [c for c in self.ledger.live_calls() if c.due_at is not None and c.due_at <= at]
        for call in due:
            with suppress(NotPossible):  # somebody was quicker
                self.run_out(call.sid, at, due_by=at)
        for post in self.ledger.take_posts(at):
            self._wire.deliver(post, Knobs(), at)
        return len(due)

    def run_out(self, sid: str, at: datetime, due_by: datetime = FAR_AWAY) -> Call:
        """End what one call waits for, if that is due by then: nobody answers, presses, speaks."""
        with self._call(sid, at) as call:
            if call.due_at is None or call.due_at > due_by:
                raise NotPossible
            if call.mode is Mode.RINGING_OUT:
                call.status, call.answered_at = "in-progress", at
                self._fetch(call, call.voice_url, {}, at)
            elif call.mode is Mode.RINGING_SEAT and call.is_placed:
                self._pick_up(call, at)
                call.due_at = at + timedelta(seconds=LONG_ENOUGH)
                return call
            elif call.mode is Mode.RINGING_SEAT:
                self._end_leg(call, "no-answer", at)
                self._ask_after_dial(call, "no-answer", at)
            elif call.mode is Mode.TALKING:
                self._end_talk(call, at)
                return call
            self._run(call, at)
            return call

    def _pick_up(self, call: Call, at: datetime) -> None:
        """Who is rung picks up, and hears what they are to hear before they are connected."""
        leg = self._leg(call)
        leg.status, leg.mode, leg.answered_at = "in-progress", Mode.TALKING, at
        call.mode, call.due_at = Mode.TALKING, None
        self._report_leg(call, leg, at)
        for number in parse(call.current).iter("Number"):
            if first := number.get("url"):
                document = self._wire.ask(first, self._fields(leg), call.knobs, at)
                call.heard += [say.text or "" for say in parse(document).iter("Say")]

    def reached_at(self, loopback_url: str) -> "Exchange":
        """The same company, ringing a hotline that listens at another address."""
        wire = replace(self._wire, loopback_url=loopback_url)
        return Exchange(self.ledger, wire, number=self.number)

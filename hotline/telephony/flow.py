"""What a caller hears and what happens next, in steps every provider can carry out.

The order is: greeting with the recording notice, free operators rung in turn, a short wait when all
are talking, then the tape. A menu may stand before it and is off by default: people first. Only
verbs that Twilio and its self-hosted relatives all know are used. Pure.
"""

from dataclasses import dataclass

from hotline.telephony import prompts

ASKED_FOR_RETRIES = "#rc=3&rp=5xx,ct,rt"  # by default a refused status is never sent again
MENU_ATTEMPTS = 2  # then a person, whatever was pressed
LAST_STEP = 8  # rings and waits together, then the tape: nobody listens to us for ever
MESSAGE_SECONDS = 180  # while our own settings cannot be read


@dataclass(frozen=True)
class Say:
    text: str


@dataclass(frozen=True)
class Play:
    url: str


@dataclass(frozen=True)
class AskForKey:
    """Say `text` and listen for one key; silence falls through to the next step."""

    text: str
    action: str
    seconds: int = 5


@dataclass(frozen=True)
class Ring:
    """Ring one seat. `action` is asked afterwards, `leg_status` hears how the leg goes."""

    line: str
    action: str
    leg_status: str
    seconds: int
    recording_status: str = ""  # empty: the conversation is not recorded


@dataclass(frozen=True)
class RingOut:
    """Ring a caller for an operator who has picked up. `notice` is asked what the caller hears
    first, "" for nothing.
    """

    number: str
    shown_as: str  # our number, as the caller sees it
    leg_status: str
    seconds: int
    notice: str = ""
    recording_status: str = ""  # empty: the conversation is not recorded


@dataclass(frozen=True)
class TakeMessage:
    action: str
    recording_status: str
    seconds: int


@dataclass(frozen=True)
class GoTo:
    url: str


@dataclass(frozen=True)
class HangUp:
    pass


Step = Say | Play | AskForKey | Ring | RingOut | TakeMessage | GoTo | HangUp
Steps = tuple[Step, ...]

NOTHING: Steps = ()  # to a report that asks for no instruction


@dataclass(frozen=True)
class Hooks:
    """The addresses of our webhooks as the provider must call them: ASCII, no trailing slash."""

    base_url: str
    provider: str

    def voice(self) -> str:
        return self._url("voice")

    def fallback(self) -> str:
        return self._url("fallback")

    def menu(self, step: int) -> str:
        return self._url("menu", step)

    def dial(self, step: int) -> str:
        return self._url("dial", step)

    def voicemail(self) -> str:
        return self._url("voicemail")

    def leg_status(self, step: int) -> str:
        return self._url("status", step) + ASKED_FOR_RETRIES

    def outgoing(self, intent: int) -> str:
        return self._url("outgoing", intent=intent)

    def notice(self, intent: int) -> str:
        return self._url("notice", intent=intent)

    def placed_status(self, intent: int) -> str:
        return self._url("status", intent=intent) + ASKED_FOR_RETRIES

    def recording(self) -> str:
        return self._url("recording") + ASKED_FOR_RETRIES

    def hold_music(self) -> str:
        return f"{self.base_url}/static/sounds/wait.wav"

    def _url(self, route: str, step: int | None = None, intent: int | None = None) -> str:
        query = "" if step is None else f"?step={step}"
        query = query if intent is None else f"?intent={intent}"
        return f"{self.base_url}/hooks/{self.provider}/{route}{query}"


def greet(union_name: str, *, is_recorded: bool) -> Steps:
    """The first words. The notice comes before anything is recorded."""
    greeting = (Say(prompts.greeting(union_name)),)
    return (*greeting, Say(prompts.RECORDING_NOTICE)) if is_recorded else greeting


def offer_menu(hooks: Hooks, *, step: int) -> Steps:
    """The menu. Whoever presses nothing is put through."""
    return (AskForKey(prompts.MENU, hooks.menu(step)), GoTo(hooks.dial(step)))


def no_such_key() -> Steps:
    return (Say(prompts.NO_SUCH_KEY),)


def connecting() -> Steps:
    return (Say(prompts.CONNECTING),)


def ring(hooks: Hooks, *, step: int, line: str, seconds: int, is_recorded: bool) -> Steps:
    """Ring one seat and ask us again how it went."""
    return (
        Ring(
            line=line,
            action=hooks.dial(step),
            leg_status=hooks.leg_status(step),
            seconds=seconds,
            recording_status=hooks.recording() if is_recorded else "",
        ),
    )


def ring_out(
    hooks: Hooks, *, intent: int, number: str, shown_as: str, seconds: int, is_recorded: bool
) -> Steps:
    """An operator has picked up: ring the caller, who hears that it is recorded before anything
    is."""
    return (
        Say(prompts.RINGING_THE_CALLER),
        RingOut(
            number=number,
            shown_as=shown_as,
            leg_status=hooks.placed_status(intent),
            seconds=seconds,
            notice=hooks.notice(intent) if is_recorded else "",
            recording_status=hooks.recording() if is_recorded else "",
        ),
        Say(prompts.CALL_IS_OVER),
        HangUp(),
    )


def notice() -> Steps:
    """What the caller hears whom we rang, before anything is recorded."""
    return (Say(prompts.RECORDING_NOTICE),)


def do_not_connect() -> Steps:
    """To an operator whose call is not wanted any more, or cannot be connected now."""
    return (Say(prompts.NOT_CONNECTED), HangUp())


def all_busy() -> Steps:
    return (Say(prompts.ALL_BUSY),)


def wait(hooks: Hooks, *, step: int) -> Steps:
    """All operators are talking: a few seconds of music, then look again."""
    return (Play(hooks.hold_music()), GoTo(hooks.dial(step)))


def take_message(hooks: Hooks, *, number_is_known: bool, seconds: int) -> Steps:
    """The tape. Whoever says nothing falls through to a goodbye."""
    return (
        Say(prompts.leave_a_message(number_is_known=number_is_known)),
        TakeMessage(hooks.voicemail(), hooks.recording(), seconds),
        Say(prompts.NOTHING_HEARD),
        HangUp(),
    )


def thank_for_message() -> Steps:
    return (Say(prompts.MESSAGE_TAKEN), HangUp())


def part() -> Steps:
    """After a conversation."""
    return (Say(prompts.GOODBYE), HangUp())


def out_of_order(hooks: Hooks, union_name: str) -> Steps:
    """For the case that our own system fails: needs no database, still takes a message."""
    return (
        Say(prompts.out_of_order(union_name)),
        TakeMessage(hooks.voicemail(), hooks.recording(), MESSAGE_SECONDS),
        HangUp(),
    )


def when_down(hooks: Hooks, union_name: str) -> Steps:
    """For a place at the provider, while nothing of ours answers: only our fallback is named,
    which thanks whoever has spoken, should we be back by then.
    """
    return (
        Say(prompts.out_of_order(union_name)),
        TakeMessage(hooks.fallback(), hooks.recording(), MESSAGE_SECONDS),
        Say(prompts.NOTHING_HEARD),
        HangUp(),
    )

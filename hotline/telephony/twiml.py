"""From portable steps to the XML that Twilio and its relatives carry out. Pure."""

from functools import lru_cache, singledispatch
from xml.dom import minidom

from twilio.twiml.voice_response import Dial, VoiceResponse

from hotline.telephony import flow

LANGUAGE, VOICE = "cmn-CN", "Polly.Zhiyu"
LEG_EVENTS = "initiated ringing answered completed"
CONTENT_TYPE = "text/xml; charset=utf-8"


@lru_cache(maxsize=1024)  # callers hear the same few things
def render(steps: flow.Steps) -> str:
    """The document for `steps`: it begins at the first byte, as the provider demands."""
    response = VoiceResponse()
    for step in steps:
        _append(step, response)
    return str(response)


def printed(steps: flow.Steps) -> str:
    """The same document for a person: a line for every verb."""
    document = minidom.parseString(render(steps))  # noqa: S318 — our own
    return document.toprettyxml(indent="  ", encoding="UTF-8").decode().strip()


@singledispatch
def _append(step: flow.Step, response: VoiceResponse) -> None:
    raise TypeError(f"no verb for {step!r}")


@_append.register
def _(step: flow.Say, response: VoiceResponse) -> None:
    response.say(step.text, language=LANGUAGE, voice=VOICE)


@_append.register
def _(step: flow.Play, response: VoiceResponse) -> None:
    response.play(step.url)


@_append.register
def _(step: flow.AskForKey, response: VoiceResponse) -> None:
    gather = response.gather(
        input="dtmf", action=step.action, method="POST", num_digits=1, timeout=step.seconds
    )
    gather.say(step.text, language=LANGUAGE, voice=VOICE)


@_append.register
def _(step: flow.Ring, response: VoiceResponse) -> None:
    dial = response.dial(action=step.action, method="POST", timeout=step.seconds, **_recorded(step))
    add_line = _line_adder(dial, step.line)
    add_line(step.line, **_reported(step))


def _recorded(step: flow.Ring | flow.RingOut) -> dict[str, str]:
    if not step.recording_status:
        return {}
    return {
        "record": "record-from-answer-dual",
        "recording_status_callback": step.recording_status,
        "recording_status_callback_method": "POST",
    }


def _reported(step: flow.Ring | flow.RingOut) -> dict[str, str]:
    return {
        "status_callback": step.leg_status,
        "status_callback_event": LEG_EVENTS,
        "status_callback_method": "POST",
    }


def _line_adder(dial: Dial, line: str):  # type: ignore[no-untyped-def]  # the SDK has no types
    return dial.sip if line.startswith(("sip:", "sips:")) else dial.number


@_append.register
def _(step: flow.RingOut, response: VoiceResponse) -> None:
    dial = response.dial(caller_id=step.shown_as, timeout=step.seconds, **_recorded(step))
    heard_first = {"url": step.notice, "method": "POST"} if step.notice else {}
    dial.number(step.number, **_reported(step), **heard_first)


@_append.register
def _(step: flow.TakeMessage, response: VoiceResponse) -> None:
    response.record(
        action=step.action,
        method="POST",
        max_length=step.seconds,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=step.recording_status,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )


@_append.register
def _(step: flow.GoTo, response: VoiceResponse) -> None:
    response.redirect(step.url, method="POST")


@_append.register
def _(step: flow.HangUp, response: VoiceResponse) -> None:
    response.hangup()

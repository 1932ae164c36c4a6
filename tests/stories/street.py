"""Somebody in the street with a telephone: follows what the hotline says, as the company would."""

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from models import User
from tests.telephony.company import BASE, Company, sid

WAITS = ("Dial", "Record")  # what comes after is for later


@dataclass
class Telephone:
    """One call. Every step posts signed forms to the addresses that the hotline's answer names."""

    company: Company
    number: str
    call: str = field(default_factory=sid)
    leg: str = field(default_factory=lambda: sid())
    heard: list[str] = field(default_factory=list)
    answer: ET.Element | None = None

    def dial(self) -> "Telephone":
        self._ask("voice", self._fields("ringing"))
        return self

    def is_answered_by(self, operator: User) -> None:
        """The seat that is rung picks up."""
        line = self._verb("Dial/Sip")
        assert line.text == f"sip:seat-{operator.id}@simulator.invalid"
        self._report_leg("in-progress", 2)

    def talk_ends(self, seconds: int) -> None:
        """The operator puts down after `seconds`."""
        self._report_leg("completed", 3, CallDuration=str(seconds))
        action = self._verb("Dial").attrib["action"]
        over = {"DialCallStatus": "completed", "DialCallDuration": str(seconds)}
        self._ask(_route(action), self._fields("in-progress", DialCallSid=self.leg, **over))
        self._report_end(seconds)

    def hang_up(self, seconds: int) -> None:
        """Before anybody answered, after `seconds` of listening."""
        self._report_end(seconds)

    def _report_leg(self, status: str, sequence: int, **more: str) -> None:
        line = self._verb("Dial/Sip")
        user_id = int((line.text or "").split("@")[0].removeprefix("sip:seat-"))
        form = self.company.leg(self.call, self.leg, user_id, status, sequence)
        form |= {"From": self.number, **more}
        assert self.company.post(_route(line.attrib["statusCallback"]), form).status_code == 200

    def _report_end(self, seconds: int) -> None:
        form = self._fields("completed", CallDuration=str(seconds))
        assert self.company.post("status", form).status_code == 200

    def _ask(self, route: str, form: dict[str, str]) -> None:
        """What the hotline answers is what the caller hears, and what the company does next."""
        self.answer = ET.fromstring(self.company.say(route, form))
        for verb in self.answer:
            if verb.tag in WAITS:
                break
            if verb.tag == "Say":
                self.heard.append(verb.text or "")

    def _fields(self, status: str, **more: str) -> dict[str, str]:
        return self.company.fields(self.call, status, **({"From": self.number} | more))

    def _verb(self, path: str) -> ET.Element:
        assert self.answer is not None
        verb = self.answer.find(path)
        assert verb is not None, f"no {path} in {ET.tostring(self.answer, encoding='unicode')}"
        return verb


def _route(url: str) -> str:
    """An address of ours without what stands before the name of the hook, and without its tail."""
    return url.removeprefix(f"{BASE}/hooks/simulator/").partition("#")[0]

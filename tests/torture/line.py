"""The line between the telephone company and us, with the patience and the faults of a real one.

Five seconds to connect, fifteen in all; one more try when nobody could be reached, as many as the
address asks for after its `#`; then the fallback; then the document that the company keeps for us.
"""

import http.client
import random
import time
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree as ET

from twilio.request_validator import RequestValidator

from hotline import clock
from hotline.telephony.flow import ASKED_FOR_RETRIES
from hotline.telephony.simulator.ledger import Asked, Knobs, Post, new_sid
from tests.torture.books import Acknowledged, Books, Heard

CONNECT_SECONDS, PATIENCE_SECONDS = 5.0, 15.0
SECOND_BIN = "https://handler.invalid/second-bin"
BIN = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Say>请留言。</Say>'
    f'<Record maxLength="180" finishOnKey="#" action="{SECOND_BIN}"/></Response>'
)
THANKS = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>'
VERBS = {"Say", "Play", "Gather", "Record", "Dial", "Redirect", "Hangup", "Reject"}


@dataclass(frozen=True)
class Plan:
    """How badly the line behaves; the same seed makes the same faults of the same requests."""

    seed: int = 1
    drop: float = 0.0  # a request never arrives, nor does a retry of it
    duplicate: float = 0.0
    shuffle: float = 0.0  # a report comes after the call, in any order

    def falls(self, fault: str, sid: str, url: str) -> bool:
        dice = random.Random(f"{self.seed} {fault} {sid} {url}")
        return dice.random() < getattr(self, fault)


@dataclass(frozen=True)
class Answer:
    code: int  # 0: no connection, -1: it broke off or came too late
    text: str = ""


@dataclass
class Line:
    """In the place of the simulated company's wire: what its exchange uses, over real HTTP."""

    books: Books
    account_sid: str
    token: str
    public_base_url: str
    hooks: str
    port: int
    plan: Plan = field(default_factory=Plan)

    def ask(self, url: str, fields: dict[str, str], knobs: Knobs, at: datetime) -> str:
        """What the caller hears next, from whoever can say it."""
        if url == SECOND_BIN:
            return THANKS
        begun = time.monotonic()
        by, text = self._first_to_answer(url, fields, knobs, begun)
        seconds = time.monotonic() - begun
        self.books.note(Heard(self._route(url), by, seconds, is_twiml(text)))
        if by == "us" and self._is_doubled(url, fields):
            self._insist(url, fields, tries=1)
        return text

    def report(self, post: Post, knobs: Knobs, at: datetime) -> None:
        """Post what asks for no instruction, now or when the call is over."""
        if not post.url or self._is_lost(post.url, post.fields, knobs):  # the bin asks for none
            return
        if self.plan.falls("shuffle", post.call_sid, post.url):
            self.books.count("shuffled")
            self.books.put_off(post, at)
        else:
            self.deliver(post, knobs, at)

    def deliver(self, post: Post, knobs: Knobs, at: datetime) -> None:
        for _ in range(2 if self._is_doubled(post.url, post.fields) else 1):
            self._insist(post.url, post.fields, tries=1 + _retries(post.url))

    def deliver_shuffled(self, call_sid: str, knobs: Knobs, at: datetime) -> None:
        posts = self.books.take_posts(at, call_sid)
        random.Random(f"{self.plan.seed} {call_sid}").shuffle(posts)
        for post in posts:
            self.deliver(post, knobs, at)

    def _first_to_answer(
        self, url: str, fields: dict[str, str], knobs: Knobs, begun: float
    ) -> tuple[str, str]:
        if self._is_lost(url, fields, knobs):
            return "bin", BIN
        answer = self._insist(url, fields, tries=2, begun=begun)
        if answer.code == 200 and is_twiml(answer.text):
            return "us", answer.text
        refused = fields | {"ErrorCode": "11200", "ErrorUrl": url}
        answer = self._insist(f"{self.hooks}/fallback", refused, tries=2)
        if answer.code == 200:
            return "fallback", answer.text
        return "bin", BIN

    def _is_lost(self, url: str, fields: dict[str, str], knobs: Knobs) -> bool:
        lost = knobs.drop or self.plan.falls("drop", fields.get("CallSid", ""), url)
        if lost:
            self.books.count("dropped")
        return lost

    def _is_doubled(self, url: str, fields: dict[str, str]) -> bool:
        doubled = self.plan.falls("duplicate", fields.get("CallSid", ""), url)
        if doubled:
            self.books.count("doubled")
        return doubled

    def _insist(
        self, url: str, fields: dict[str, str], *, tries: int, begun: float | None = None
    ) -> Answer:
        """Ask, and again when nobody could be reached, or the address wants it after errors."""
        begun = begun or time.monotonic()
        wants_more = tries > 2
        for number in range(tries):
            answer = self._post(url, fields, begun if not wants_more else time.monotonic())
            if answer.code == 200 or not (answer.code == 0 or wants_more):
                break
            self.books.count("asked again")
            time.sleep(0.2 * 2**number if wants_more else 0.1)
        return answer

    def _post(self, url: str, fields: dict[str, str], begun: float) -> Answer:
        address = url.partition("#")[0]
        answer = self._exchange(address, fields, begun)
        sid = fields.get("CallSid", "")
        code = max(answer.code, 0)
        self.books.save(Asked(new_sid(Asked), sid, address, fields, clock.now(), code))
        if answer.code == 200:
            parts = urlsplit(address)
            kept = Acknowledged(self._route(url), parts.query, tuple(sorted(fields.items())))
            self.books.acknowledge(kept)
        else:
            self.books.count({0: "not reached", -1: "broken off"}.get(answer.code, "refused"))
        return answer

    def _exchange(self, address: str, fields: dict[str, str], begun: float) -> Answer:
        signature = RequestValidator(self.token).compute_signature(address, fields)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
            "Connection": "close",
        }
        left = max(0.1, PATIENCE_SECONDS - (time.monotonic() - begun))
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CONNECT_SECONDS)
        try:
            wire.connect()
            wire.sock.settimeout(left)
        except OSError:
            wire.close()
            return Answer(0)
        try:
            wire.request("POST", address.removeprefix(self.public_base_url),
                         urlencode(fields).encode(), headers)  # fmt: skip
            response = wire.getresponse()
            return Answer(response.status, response.read().decode())
        except (OSError, http.client.HTTPException):
            return Answer(-1)
        finally:
            wire.close()

    def _route(self, url: str) -> str:
        return urlsplit(url).path.rpartition("/")[2]


def is_twiml(text: str) -> bool:
    """Whether a telephone company could carry it out, from the first byte on."""
    if not text.startswith("<?xml"):
        return False
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        return False
    return root.tag == "Response" and all(verb.tag in VERBS for verb in root)


def _retries(url: str) -> int:
    """What stands behind the `#`; the number's own status address is set up with ours."""
    fragment = urlsplit(url).fragment or (
        ASKED_FOR_RETRIES[1:] if url.endswith("/status") else "rc=1"
    )
    return int(dict(parse_qsl(fragment)).get("rc", "1"))

"""The line between the simulated company and us: signed forms over HTTP, and what can go wrong."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urldefrag

import requests
from twilio.request_validator import RequestValidator

from hotline.telephony.simulator.ledger import Asked, Knobs, Ledger, Post, new_sid

SECONDS_TO_ANSWER = 15  # all a caller has
STRANGER = RequestValidator("not the token")
AFTER_THE_CALL = timedelta(days=1)  # taken out when the call ends


class NoAnswer(Exception):
    """The hotline did not answer as it should; the company then asks its fallback."""


@dataclass(frozen=True)
class Wire:
    """Posts what the company has to say. `public_base_url` is signed, `loopback_url` is called."""

    ledger: Ledger
    account_sid: str
    token: str
    public_base_url: str
    loopback_url: str

    def is_up(self) -> bool:
        """Whether the hotline answers at all."""
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.get(f"{self.loopback_url}/healthz", timeout=SECONDS_TO_ANSWER)
            except requests.RequestException:
                return False
            return answer.ok

    def ask(self, url: str, fields: dict[str, str], knobs: Knobs, at: datetime) -> str:
        """Post and return the document the hotline answers. Raises NoAnswer."""
        if knobs.forge:
            self._post(url, fields, STRANGER)
        answers = [self._noted(url, fields, at) for _ in range(2 if knobs.duplicate else 1)]
        first = answers[0]
        if first is None or first.status_code != requests.codes.ok:
            raise NoAnswer(url)
        return first.text

    def report(self, post: Post, knobs: Knobs, at: datetime) -> None:
        """Post what asks for no instruction, as reliably as `knobs` allow."""
        if knobs.drop:
            return
        for _ in range(2 if knobs.duplicate else 1):
            if knobs.shuffle or knobs.delay_seconds:
                late = (
                    timedelta(seconds=knobs.delay_seconds) if not knobs.shuffle else AFTER_THE_CALL
                )
                self.ledger.put_off(post, at + late)
            else:
                self.deliver(post, knobs, at)

    def deliver(self, post: Post, knobs: Knobs, at: datetime) -> None:
        if knobs.forge:
            self._post(post.url, post.fields, STRANGER)
        self._noted(post.url, post.fields, at)

    def deliver_shuffled(self, call_sid: str, knobs: Knobs, at: datetime) -> None:
        """Send everything that was kept back for a call, in no order at all."""
        posts = self.ledger.take_posts(at, call_sid)
        random.shuffle(posts)
        for post in posts:
            self.deliver(post, knobs, at)

    def _noted(self, url: str, fields: dict[str, str], at: datetime) -> requests.Response | None:
        """Post, and write down for the interface how the hotline answered."""
        answer = self._post(url, fields)
        code = answer.status_code if answer is not None else 0
        call_sid = fields.get("CallSid", "")
        self.ledger.save(Asked(new_sid(Asked), call_sid, url, fields, at, code))
        return answer

    def _post(
        self, url: str, fields: dict[str, str], signer: RequestValidator | None = None
    ) -> requests.Response | None:
        """Post to our own address only; None when nobody answers."""
        address, _ = urldefrag(url)
        if not address.startswith(f"{self.public_base_url}/hooks/"):
            raise NoAnswer(url)
        signer = signer or RequestValidator(self.token)
        with requests.Session() as session:
            session.trust_env = False
            try:
                return session.post(
                    self.loopback_url + address.removeprefix(self.public_base_url),
                    data=fields,
                    headers={"X-Twilio-Signature": signer.compute_signature(address, fields)},
                    timeout=SECONDS_TO_ANSWER,
                    allow_redirects=False,
                )
            except requests.RequestException:
                return None

"""A telephone company that rings without a pause while something is done to the servers."""

import threading
import time

import requests
from flask import Flask
from twilio.request_validator import RequestValidator

from tests.telephony.company import Company, sid

LINES = 3


class Load:
    """Calls that come in one after the other on several lines, and what each caller heard."""

    def __init__(self, app: Flask, base: str) -> None:
        company = Company.of(app)
        self._sign = RequestValidator(company.token).compute_signature
        self._fields = company.fields
        self._url = f"{base}/hooks/simulator/voice"
        self._over = threading.Event()
        self.answers: dict[str, str] = {}
        self._lines = [threading.Thread(target=self._ring) for _ in range(LINES)]
        for line in self._lines:
            line.start()

    def _ring(self) -> None:
        while not self._over.is_set():
            call = sid()
            fields = self._fields(call)
            headers = {"X-Twilio-Signature": self._sign(self._url, fields)}
            try:
                answer = requests.post(self._url, data=fields, headers=headers, timeout=15)
                self.answers[call] = "heard" if "<Response>" in answer.text else str(answer)
            except requests.RequestException as error:
                self.answers[call] = repr(error)

    def wait_for_more(self, count: int) -> None:
        wanted, until = len(self.answers) + count, time.monotonic() + 60
        while len(self.answers) < wanted:
            assert time.monotonic() < until, f"only {len(self.answers)} of {wanted} answers"
            time.sleep(0.05)

    def stop(self) -> dict[str, str]:
        self._over.set()
        for line in self._lines:
            line.join()
        return self.answers

"""A recording counts when all of it arrived, and is deleted when the company says so."""

import gzip
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from hotline.telephony import twilio_provider
from hotline.telephony.provider import Permanent, Provider, Retryable
from hotline.telephony.twilio_provider import TwilioProvider

SOUND = b"RIFF" + bytes(range(256))
REF = "RE" + "1" * 32


class Company(BaseHTTPRequestHandler):
    """A telephone company whose answers a test chooses."""

    status, announced, sound, packed = 200, len(SOUND), SOUND, "identity"
    asked: list[str] = []

    def do_GET(self) -> None:
        self._answer()
        self.wfile.write(self.sound)

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        self.send_response_only(self.status)
        self.send_header("Content-Type", "Audio/X-Wav; q=1")
        self.send_header("Content-Length", str(self.announced))
        self.send_header("Content-Encoding", self.packed)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def company(monkeypatch) -> Iterator[type[Company]]:
    server = HTTPServer(("127.0.0.1", 0), Company)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    for name in ("status", "announced", "sound", "packed"):
        monkeypatch.setattr(Company, name, getattr(Company, name))
    monkeypatch.setattr(Company, "asked", [])
    monkeypatch.setattr(Company, "port", server.server_port, raising=False)
    yield Company
    server.shutdown()
    server.server_close()


@pytest.fixture
def provider(company) -> Provider:
    return TwilioProvider(
        account_sid="AC" + "0" * 32,
        auth_tokens=("t0ken",),
        api_base_url=f"http://127.0.0.1:{company.port}",
        public_base_url="https://hotline.example.org",
        number="+861012345678",
    )


def test_the_whole_of_it(company, provider):
    sound = provider.fetch_recording(REF)
    assert (sound.content, sound.content_type) == (SOUND, "audio/x-wav")
    assert company.asked == [f"GET /2010-04-01/Accounts/AC{'0' * 32}/Recordings/{REF}.wav"]


@pytest.mark.parametrize("status", [404, 401, 500, 503])
def test_what_is_not_there_yet_is_asked_for_again(company, provider, status):
    company.status = status
    with pytest.raises(Retryable):
        provider.fetch_recording(REF)


def test_half_of_it_is_not_taken_for_the_whole(company, provider):
    """The connection breaks on the way."""
    company.announced = len(SOUND) + 1
    with pytest.raises(Retryable):
        provider.fetch_recording(REF)


def test_what_was_packed_for_the_way_is_whole_when_it_is_unpacked(company, provider):
    company.sound = gzip.compress(SOUND)
    company.announced, company.packed = len(company.sound), "gzip"
    assert provider.fetch_recording(REF).content == SOUND


def test_what_is_too_large_is_never_asked_for_again(company, provider, monkeypatch):
    monkeypatch.setattr(twilio_provider, "LARGEST_SOUND", len(SOUND))
    assert provider.fetch_recording(REF).content == SOUND
    monkeypatch.setattr(twilio_provider, "LARGEST_SOUND", len(SOUND) - 1)
    with pytest.raises(Permanent):
        provider.fetch_recording(REF)


@pytest.mark.parametrize("status", [204, 404])
def test_what_is_deleted_or_was_is_gone(company, provider, status):
    company.status, company.announced = status, 0
    provider.delete_recording(REF)
    assert [one.partition(" ")[0] for one in company.asked] == ["DELETE"]


@pytest.mark.parametrize("status", [401, 500])
def test_what_the_company_does_not_delete_is_not_called_deleted(company, provider, status):
    company.status, company.announced = status, 0
    with pytest.raises((Retryable, Permanent)):
        provider.delete_recording(REF)

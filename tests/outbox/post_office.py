"""A small mail server on this machine: it takes letters, refuses them, or hangs up when told to."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class PostOffice(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a letter needs. `say` overrides the answer to a command."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.say: dict[str, str] = {}  # "RCPT": "550 nobody here"; "BODY": "" hangs up
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Conversation(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self._say("220 post office")
        for line in self.rfile:
            verb = line.split(b" ")[0].strip().decode().upper()[:4]
            if not self._answer(verb, line):
                return

    def _answer(self, verb: str, line: bytes) -> bool:
        override = self.server.say.get(verb)
        if override is not None:
            return self._say(override)
        if verb == "DATA":
            self._say("354 go on")
            return self._take_letter()
        if verb == "RCPT":
            self.server.recipients.append(line.decode().strip())
        if verb == "QUIT":
            self._say("421 the office closes")  # rude, and no reason to send a letter again
            return False
        return self._say("250 ok")

    def _take_letter(self) -> bool:
        body = b""
        while not body.endswith(b"\r\n.\r\n"):
            line = self.rfile.readline()
            if not line:
                return False
            body += line
        self.server.letters.append(message_from_bytes(body[:-3], policy=policy.default))
        return self._say(self.server.say.get("BODY", "250 taken"))

    def _say(self, words: str) -> Any:
        """Answer; nothing to say means to hang up."""
        if words:
            self.wfile.write(words.encode() + b"\r\n")
        return bool(words)

"""A file that goes with a letter."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attachment:
    """Its name, what it is, and what is in it."""

    name: str
    content_type: str
    content: bytes

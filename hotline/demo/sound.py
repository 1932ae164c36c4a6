"""The sound of a demo voicemail: two soft tones, made by arithmetic, the same every time."""

import hashlib
import io
import math
import wave
from functools import cache

from hotline.demo.book import Row
from hotline.demo.world import World
from models import Recording, RecordingKind

SECONDS = 4
RATE = 8000  # samples a second, as on a telephone line
TONES = ((440, 0.0), (554, 0.9), (440, 1.8), (659, 2.7))  # hertz, and when it begins
LENGTH = 0.7
LOUDNESS = 40  # of 127: soft


@cache
def voicemail() -> bytes:
    """A WAV file: 8 kHz, 8 bits, one channel."""
    samples = bytes(128 + round(LOUDNESS * _level(n / RATE)) for n in range(SECONDS * RATE))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(RATE)
        out.writeframes(samples)
    return file.getvalue()


def _level(at: float) -> float:
    """The swing of the sound `at` seconds: each tone swells and fades, so that nothing clicks."""
    for hertz, begins in TONES:
        if begins <= at < begins + LENGTH:
            swell = math.sin(math.pi * (at - begins) / LENGTH) ** 2
            return swell * math.sin(2 * math.pi * hertz * at)
    return 0.0


def recording(world: World, call: Row) -> Row:
    """The row of a voicemail of `call`; its file is written when the demo is."""
    data, ended_at = voicemail(), call["ended_at"]
    return Row(
        Recording,
        {
            "call_id": call,
            "recording_ref": f"RE{world.rng.getrandbits(128):032x}",
            "kind": RecordingKind.VOICEMAIL,
            "duration_seconds": SECONDS,
            "announced_at": ended_at,
            "file_name": f"{world.rng.getrandbits(128):032x}.wav",
            "content_type": "audio/wav",
            "size_bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "fetched_at": ended_at,
            "deleted_at_provider_at": ended_at,
            "fetch_attempts": 1,
        },
    )

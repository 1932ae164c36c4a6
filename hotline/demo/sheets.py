"""Two hand-over sheets of the demo: the night's, taken over, and one that waits for its taker."""

from datetime import timedelta

from hotline.demo.world import World
from hotline.rhythm import sheets
from models import User, db

MINUTE = timedelta(minutes=1)
OF_THE_NIGHT = "夜里有位来电人情绪很差，已记下，请白天先给他回电；三号工地的人可能再打来。"
OF_TODAY = "我先去区里开会，手上这几件请接班的同事接着办。"


def write(world: World) -> None:
    """Keep them as the colleagues signed them, when the rest of the demo is written.

    What was on the night's sheet has been done since, or is where it is now.
    """
    began = world.roster.shift_at(world.start).starts_at
    night = sheets.freeze(_user(world, "op3"), OF_THE_NIGHT, at=began - 5 * MINUTE)
    night.taken_at, night.taken_by_id = began + 4 * MINUTE, world.user("lead").id
    sheets.freeze(_user(world, "op2"), OF_TODAY, at=world.start - 10 * MINUTE)


def _user(world: World, username: str) -> User:
    return db.session.get_one(User, world.user(username).id)

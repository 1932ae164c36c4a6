"""Calls that ring at seats, as the stories of the telephone have them."""

from tests.calls.conftest import hang_up as hang_up
from tests.calls.conftest import report_leg as report_leg
from tests.calls.conftest import ring as ring
from tests.calls.conftest import sit as sit

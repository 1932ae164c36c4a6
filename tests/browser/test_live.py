"""Where no stream can be had the page asks again and again: the call still pops up."""

import pytest
from playwright.sync_api import expect

from tests.browser.acts import be_free, dial, pick_up

pytestmark = pytest.mark.browser


@pytest.fixture
def settings() -> dict[str, object]:
    return {"MAX_STREAMS": 0}  # every stream is refused with 503


def test_a_call_pops_up_without_a_stream(house, page_of, say):
    workspace = page_of(house.operator, expected={503})
    street = page_of(house.supervisor, expected={503})
    be_free(workspace, say)
    expect(
        workspace.get_by_text(
            say("No live connection: this page may be a little behind. Trying again.")
        )
    ).to_be_visible()

    dial(street, say)
    pick_up(workspace, say)
    expect(street.get_by_text(say("Talking"), exact=True)).to_be_visible()

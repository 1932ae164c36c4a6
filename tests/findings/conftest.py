from tests.telephony.conftest import company as company
from tests.telephony.conftest import exchange as exchange
from tests.telephony.conftest import live as live
from tests.telephony.conftest import sign_in_at as sign_in_at

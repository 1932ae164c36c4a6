"""Every sentence a caller hears from us, in the order of a call.

Callers are spoken to in Chinese whatever language the screens are in, so these are not
translated. Short, polite, nothing promised that nobody decided.
"""


def greeting(union_name: str) -> str:
    """Who we are, and no word more: people come first."""
    return f"您好，这里是{union_name}职工服务热线。"


RECORDING_NOTICE = "为保证服务质量，本次通话将被录音。"
CONNECTING = "正在为您接通接线员，请稍候。"
MENU = "找接线员请按1，直接留言请按2。不按键也会为您接通接线员。"
NO_SUCH_KEY = "没有这个选项。"
EMERGENCY = "遇到人身危险，请马上拨打110、119或120。"
ALL_BUSY = "接线员都在通话中，请不要挂机，一有空就为您接通。"


def leave_a_message(*, number_is_known: bool) -> str:
    """Why nobody answers, and what to say after the tone."""
    number = "" if number_is_known else "、联系电话"
    return (
        f"抱歉，现在没有人能接听。{EMERGENCY}请在提示音后留言，说清您的姓名{number}和要问的事，"
        "说完请按井号键。我们会给您回电。"
    )


MESSAGE_TAKEN = "您的留言已经记下，我们会给您回电。再见。"
NOTHING_HEARD = "没有听到您的留言。来电已经记下，再见。"
GOODBYE = "感谢来电，再见。"

# To an operator for whom we let a call be placed.
RINGING_THE_CALLER = "正在呼叫对方，请稍候。"
CALL_IS_OVER = "通话已结束。"
NOT_CONNECTED = "这次呼叫未能接通，请在系统里重新拨打。"


def out_of_order(union_name: str) -> str:
    """Said while our own system fails: still a greeting, a notice and a way to be called back."""
    return (
        f"您好，这里是{union_name}职工服务热线。系统正在维护，暂时无法接通。{EMERGENCY}"
        "请在提示音后留言，说清您的姓名、联系电话和要问的事，留言将被录音。我们会给您回电。"
    )

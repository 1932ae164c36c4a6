"""Calls: what the provider reports of them, and what people say of them."""

from hotline.calls.by_hand import log_manually, point_to
from hotline.calls.opening import NOBODY
from hotline.calls.reception import end_hanging, receive

__all__ = ["NOBODY", "end_hanging", "log_manually", "point_to", "receive"]

"""What the choices of the list of calls are called on the screen."""

from hotline.i18n import N_

# What the ways a call can go are called in the filter; `in_time` and `late` name the limit.
FATES: dict[str, str] = {
    "waiting": N_("Waiting now"),
    "counted": N_("Counted in the connect rate"),
    "connected": N_("Connected"),
    "unconnected": N_("Not connected"),
    "in_time": N_("Picked up within %(seconds)d s"),
    "late": N_("Picked up after more than %(seconds)d s"),
    "hung_up_early": N_("Hung up early"),
    "under_way": N_("Still under way"),
    "missed": N_("Missed"),
    "abandoned": N_("Abandoned"),
    "voicemail": N_("Voicemail"),
    "failed": N_("Not put through"),
}

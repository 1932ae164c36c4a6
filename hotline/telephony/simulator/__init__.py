"""A telephone company in a file: plays the network against our real routes, with real signatures.

It knows our rooms only through HTTP, as Twilio does: it has a ledger of its own, reads the TwiML
we answer, and posts signed forms. There is no way around the signature check, here or anywhere.
"""

"""The telephone: what providers tell us, what we tell them, and a provider to practise with."""

"""What the hotline does on a million tickets: a generator of them, and the time its pages take."""

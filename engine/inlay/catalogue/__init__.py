"""Which models are on this machine, which can be had, and how they come here."""

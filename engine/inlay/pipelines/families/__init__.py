"""One file per model family. A module's `FAMILY` is found by `roster.model_families`; nothing else names it."""

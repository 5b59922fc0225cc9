"""Selecting things: from a coarse idea of where something is to a tight mask, soft where its edge is soft."""

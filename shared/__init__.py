"""Seatkeeper, in rooms; each room's first line says what it answers."""

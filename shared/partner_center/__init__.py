"""Partner Center in our words; its JSON stays in this room."""

"""What we do: read, plan, check, apply, record. One file per story."""

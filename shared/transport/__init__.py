"""How we call out: one HTTP client, retry as a decision, ids on every call, status to error."""

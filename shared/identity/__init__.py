"""Who we are, who calls, and where secrets are kept: the only room that sees a secret."""

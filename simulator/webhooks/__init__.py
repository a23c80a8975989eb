"""Partner Center's webhooks in miniature: who listens, what happened, and the signed post."""

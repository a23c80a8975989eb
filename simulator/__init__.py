"""Microsoft in miniature: sign-in, Partner Center and Graph on one port; never deployed."""

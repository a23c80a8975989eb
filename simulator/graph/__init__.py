"""Microsoft Graph in miniature: one tenant per token, the documented promises, the awkward ones too."""

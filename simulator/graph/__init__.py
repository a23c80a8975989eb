"""Microsoft Graph in miniature: Microsoft's promises, the awkward ones too."""

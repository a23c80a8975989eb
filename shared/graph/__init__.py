"""A customer's directory through Microsoft Graph; its JSON stays in this room."""

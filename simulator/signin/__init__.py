"""Microsoft's sign-in in miniature: tokens for apps and partner users, and the keys."""

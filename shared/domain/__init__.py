"""What we know: nouns, rules, plans of changes and errors. Pure, frozen and silent."""

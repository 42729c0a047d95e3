"""Services of others: our verbs; their nouns stay inside."""

"""Ways to cheat an offer, each against the running server, with the most that it can gain."""

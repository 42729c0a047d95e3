"""The authorization server as its clients meet it."""

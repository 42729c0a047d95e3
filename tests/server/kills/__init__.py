"""``kill -9`` between every two steps: all of an operation happened, or nothing of it."""

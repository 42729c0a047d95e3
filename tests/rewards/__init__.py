"""The engine's tests: stories, properties, and the edges of every function."""

"""Real browsers on real pages."""

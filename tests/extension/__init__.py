"""The extension: its pure modules under node, and what its files promise."""

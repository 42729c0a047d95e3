"""Many at once: whatever happened, some order one after the other explains it."""

"""What happens by itself: the worker, its schedule, and the outbox."""

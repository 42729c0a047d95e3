"""Services against real databases, and APIs as their clients meet them."""

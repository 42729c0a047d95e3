"""HTTP in, HTTP out: a view parses, calls one service in a transaction, and answers."""

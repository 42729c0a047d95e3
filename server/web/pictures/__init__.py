"""Pictures that the server draws: where everything stands, and in which words; templates draw."""

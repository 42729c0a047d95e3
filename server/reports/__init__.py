"""What the terminal says about terms: backtests, drills and simulations, as tables and plots."""

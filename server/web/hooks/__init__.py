"""What other services tell us: signed, stored first, worked later."""

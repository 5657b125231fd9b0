"""Where a fit may end: many starts, landscapes, ranges of rates, sweeps of settings."""

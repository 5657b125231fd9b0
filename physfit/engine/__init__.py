"""The compiled core: loops over samples; arrays and addresses; no model by name."""

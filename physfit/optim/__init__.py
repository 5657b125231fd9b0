"""First-order optimisers: transforms of the gradient, schedules, named recipes."""

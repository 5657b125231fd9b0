"""Uncertainties: covariance of the parameters and of what follows from them."""

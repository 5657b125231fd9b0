"""`python -m physfit` is the command `physfit`."""

from __future__ import annotations

from physfit.cli.main import run

if __name__ == "__main__":
    run()

"""What the tables of pytest-benchmark have no column for."""

from __future__ import annotations

import pytest

NS_PER_POINT = pytest.StashKey[dict[str, float]]()


@pytest.fixture
def ns_per_point(request: pytest.FixtureRequest) -> dict[str, float]:
    """Time per point by kernel, in ns; listed at the end of the run."""
    return request.config.stash.setdefault(NS_PER_POINT, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """List the kernels with their time per point."""
    found = config.stash.get(NS_PER_POINT, {})
    if not found:
        return
    terminalreporter.section("kernels: ns per point, value and partials, one core")
    for name, time in sorted(found.items(), key=lambda item: item[1]):
        terminalreporter.write_line(f"{name:<22}{time:6.2f}")

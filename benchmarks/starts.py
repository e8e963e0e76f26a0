"""How long the servers take to start."""

import statistics

from rich.console import Console
from rich.table import Table

from benchmarks import servers

STARTS = 3


def starts(console: Console) -> None:
    """Print how long the servers take to their first answer, and what that costs."""
    table = Table("server", "first 200 after s", "CPU s", "memory MB")
    for make in (servers.bare, servers.fake, servers.moto):
        seen = []
        for _ in range(STARTS):
            with make() as server:
                seen.append((server.ready_after, server.cpu_seconds(), server.memory_mb()))
        middle = [statistics.median(column) for column in zip(*seen, strict=True)]
        table.add_row(server.name, f"{middle[0]:.2f}", f"{middle[1]:.2f}", f"{middle[2]:.0f}")
    console.print(table)
    console.print(f"Medians of {STARTS} cold starts with byte code present.")

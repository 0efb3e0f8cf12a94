"""A trial by hand: `python -m tests.system.checker --clients 20 --seconds 8 --seed 7`."""

import argparse
import asyncio
import sys

from tests.system.checker.trial import databases, trial


def main() -> int:
    """Says what was tried and found; 1 when anything was."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.checker", description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0, help="of faults")
    parser.add_argument("--seed", type=int, default=4, help="of the faults' order and of each client's choices")
    parser.add_argument("--regulars-orders", type=int, default=520, help="orders of one customer, there from the start")
    asked = parser.parse_args()
    with databases() as (urls, folder):
        outcome = asyncio.run(trial(urls, folder, **vars(asked)))
    print(outcome)
    return 1 if outcome.findings else 0


if __name__ == "__main__":
    sys.exit(main())

"""What the operating system allows."""

import resource

from bench.load import BenchError

SPARE_FILES = 200


def allow_connections(count: int) -> None:
    """Lets this process, and those that it starts later, have so many connections. Raises `BenchError` if they may not."""
    wanted = count + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise BenchError(f"{count} connections need {wanted} open files, and {hard} are allowed: see `ulimit -Hn`")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

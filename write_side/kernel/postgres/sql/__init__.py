"""The SQL of the event store: numbered migrations, functions, named queries."""

from importlib.resources import files


def statements(name: str) -> dict[str, str]:
    """The named statements of a file: each begins with a line `-- name: NAME`."""
    parts = files(__name__).joinpath(name).read_text().split("-- name: ")[1:]
    return {head.strip(): body.strip() for head, _, body in (part.partition("\n") for part in parts)}


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and text of each migration, in order. The number is what the file's name begins with."""
    found = [entry for entry in files(__name__).joinpath("migrations").iterdir() if entry.name.endswith(".sql")]
    return sorted((int(entry.name.split("_")[0]), entry.name, entry.read_text()) for entry in found)


def functions() -> str:
    """The functions, which each migration run makes anew."""
    return files(__name__).joinpath("functions.sql").read_text()

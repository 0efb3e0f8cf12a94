"""The published files that GraphiQL is made of: which packages, where in them, and their digests."""

from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).with_name("assets")


@dataclass(frozen=True)
class PublishedFile:
    """A file of an npm package. `integrity` is its digest as browsers check it (subresource integrity)."""

    package: str
    version: str
    path: str
    integrity: str

    @property
    def spec(self) -> str:
        """The package as npm names it: react@18.2.0."""
        return f"{self.package}@{self.version}"

    @property
    def name(self) -> str:
        """The file's name among the local assets; packages may have files of one name."""
        return f"{self.package.rpartition('/')[2]}.{self.path.rpartition('.')[2]}"


# In the order in which a page loads them. The last React with a build for plain script tags, and the last GraphiQL
# that is published in one piece.
FILES = (
    PublishedFile(
        "react",
        "18.2.0",
        "umd/react.production.min.js",
        "sha384-tMH8h3BGESGckSAVGZ82T9n90ztNXxvdwvdM6UoR56cYcf+0iGXBliJ29D+wZ/x8",
    ),
    PublishedFile(
        "react-dom",
        "18.2.0",
        "umd/react-dom.production.min.js",
        "sha384-bm7MnzvK++ykSwVJ2tynSE5TRdN+xL418osEVF2DE/L/gfWHj91J2Sphe582B1Bh",
    ),
    PublishedFile(
        "graphiql",
        "3.8.3",
        "graphiql.min.css",
        "sha384-Mq3vbRBY71jfjQAt/DcjxUIYY33ksal4cgdRt9U/hNPvHBCaT2JfJ/PTRiPKf0aM",
    ),
    PublishedFile(
        "graphiql",
        "3.8.3",
        "graphiql.min.js",
        "sha384-HbRVEFG0JGJZeAHCJ9Xm2+tpknBQ7QZmNlO/DgZtkZ0aJSypT96YYGRNod99l9Ie",
    ),
    PublishedFile(
        "@graphiql/plugin-explorer",
        "1.0.2",
        "dist/style.css",
        "sha384-5DFJlDPW2tSATRbM8kzoP1j194jexLswuNmClWoRr2Q0x7R68JIQzPHZ02Faktwi",
    ),
    PublishedFile(
        "@graphiql/plugin-explorer",
        "1.0.2",
        "dist/index.umd.js",
        "sha384-2oonKe47vfHIZnmB6ZZ10vl7T0Y+qrHQF2cmNTaFDuPshpKqpUMGMc9jgj9MLDZ9",
    ),
)


def installed(assets: Path = ASSETS) -> bool:
    """Return whether all files are there locally."""
    return all((assets / file.name).is_file() for file in FILES)

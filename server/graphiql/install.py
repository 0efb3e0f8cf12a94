"""Fetch GraphiQL's published files with npm, so that the page works without internet.

Run by `make`. Without npm, or without a registry in reach, it says so and leaves the page to the CDN.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from server.graphiql.files import ASSETS, FILES, PublishedFile, installed

TIMEOUT_SECONDS = 120


class FetchError(Exception):
    """GraphiQL's files could not be fetched; its text says why."""


def fetch(npm: str, assets: Path) -> None:
    """Fetch all files into `assets`, all or none.

    Raises FetchError when npm fails, or when what it brought is not what browsers have been told to expect.
    """
    with tempfile.TemporaryDirectory() as scratch:
        _pack(npm, Path(scratch))
        contents = {file.name: _read(Path(scratch), file) for file in FILES}
    assets.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        fresh = assets / f"{name}.new"
        fresh.write_bytes(content)
        fresh.replace(assets / name)


def _pack(npm: str, folder: Path) -> None:
    specs = sorted({file.spec for file in FILES})
    # The packages as published, and nothing of them run.
    command = [npm, "pack", "--silent", "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=20000", *specs]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.CalledProcessError as error:
        raise FetchError(f"npm pack failed: {error.stderr.strip()[-500:] or error.returncode}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(f"npm pack failed: {error}") from error


def _read(folder: Path, file: PublishedFile) -> bytes:
    archive = folder / f"{file.package.lstrip('@').replace('/', '-')}-{file.version}.tgz"
    try:
        with tarfile.open(archive) as packed:
            member = packed.extractfile(f"package/{file.path}")
            content = member.read() if member is not None else b""
    except (OSError, KeyError, tarfile.TarError) as error:
        raise FetchError(f"{file.spec} has no {file.path}: {error}") from error
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    if f"sha384-{digest}" != file.integrity:
        raise FetchError(f"{file.path} of {file.spec} is not the file that was published: sha384-{digest}")
    return content


def main(assets: Path = ASSETS) -> None:
    """Fetch what is missing; a failure is told, and is no reason to stop a set-up."""
    if installed(assets):
        return
    try:
        npm = shutil.which("npm")
        if npm is None:
            raise FetchError("npm is not installed")
        fetch(npm, assets)
    except FetchError as error:
        sys.stderr.write(f"GraphiQL will come from its CDN, since {error}\n")


if __name__ == "__main__":
    main()

"""Under whose name a server runs: PostgreSQL refuses to run as root, so that root lends it another account."""

import logging
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

SEARCH = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


@dataclass(frozen=True)
class Account:
    """A system account, by number."""

    user: int
    group: int

    def give(self, path: Path) -> None:
        """Make a folder this account's own, and let it pass through the folders above."""
        os.chown(path, self.user, self.group)
        let_pass(path)


def account_for(data: Path) -> Account | None:
    """Return the account to run PostgreSQL under on its folder `data`, or None for our own.

    As root it is whoever owns the folder already, or `nobody` for one that is not there yet: every
    system has it, so that none has to be made.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def let_pass(path: Path) -> None:
    """Let every account pass through the folders above `path`, without letting it list them."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if mode & SEARCH != SEARCH:
            logger.info("letting the database's account pass through a folder", extra={"path": str(folder)})
            folder.chmod(mode | SEARCH)


def let_read(tree: Path) -> None:
    """Let every account read a tree of programs that was installed for root alone."""
    let_pass(tree)
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IRGRP | stat.S_IROTH | (SEARCH if mode & stat.S_IXUSR else 0))

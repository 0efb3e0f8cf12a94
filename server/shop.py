"""What this server serves: the shop's commands, and its read models. Another domain is served by naming it here."""

import projections.read_models
import write_side
from projections.kernel.discovery import discover as discover_projections
from write_side.kernel.domain import discover as discover_domain

DOMAIN = discover_domain(write_side)
CODEC = DOMAIN.codec()
PROJECTIONS = discover_projections(projections.read_models)
COMMANDS = {command.__name__: command for command in DOMAIN.commands}

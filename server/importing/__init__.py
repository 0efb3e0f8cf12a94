"""Imports: files of commands, one per line, through the same bus as all other commands.

`lines` reads what a line says, `schedule` decides which lines may go when, `importer` executes them, `report` says what was
refused, `run` puts these together, and `command` is `oneread import`.
"""

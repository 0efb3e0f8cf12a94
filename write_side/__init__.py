"""Commands in, events out: the side of the shop that decides.

`kernel` knows nothing of shops; `terms` are the words that events are made of; every other folder is an area of the
business with its events, its state, its commands and their decisions. Imports nothing of the other packages.
"""

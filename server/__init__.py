"""The composition root: settings, embedded databases, wiring, the ASGI app and the command line. Nobody imports it."""

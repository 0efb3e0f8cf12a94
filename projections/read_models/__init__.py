"""The shop's read models, one module each. A new module here is a new read model; nothing else lists it."""

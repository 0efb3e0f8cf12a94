"""Events in, documents out: the read models, and the kernel that keeps them.

`kernel` knows nothing of shops; each module of `read_models` is one read model: its document class and how events fold
into it. Imports the write side's events, terms and log port, and nothing else of it.
"""

"""The example shop of `oneread demo`: made of commands, like every shop."""

"""The domain-free write side: ids, events, streams, commands, the codec, the log and the bus. Names no area."""

"""Claims: how a value stays unique in the shop. Who wants it appends to the stream that is named by a hash of it."""

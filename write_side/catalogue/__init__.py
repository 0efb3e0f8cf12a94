"""The catalogue: what the shop sells, and at what price."""

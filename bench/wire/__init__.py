"""Clients that cost little: bytes made beforehand, one object per connection, nothing parsed that nobody asks for."""

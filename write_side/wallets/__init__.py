"""Wallets: a customer's store credit."""

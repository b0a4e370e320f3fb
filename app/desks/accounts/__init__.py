"""Accounts: the places and companies they are of."""

"""Longer studies of chapter 06, run by `make study`; their results are small tables that ship with the package."""

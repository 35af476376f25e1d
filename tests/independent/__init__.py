"""Edits computed a second time, in SQL over the published files: no code in common with the engine or its importers."""

"""The shipped rule sets: YAML and tables, no code."""

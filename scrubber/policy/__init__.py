"""Policies: what the flags of one claim mean together. Decided by durable-rules, in a child process that may die."""

"""A folder that is watched: each claim file that is dropped there is scrubbed once, whatever happens meanwhile."""

"""The pages of a team: who works here, what there is to do, and what became of it."""

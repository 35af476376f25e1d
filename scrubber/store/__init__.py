"""What a team's workbench keeps: people, batches, claims and what was done with them."""

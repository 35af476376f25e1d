"""Rules: YAML to Rule to Program."""

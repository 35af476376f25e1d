class Turns:
    """What is left of some work: each number is given out once."""

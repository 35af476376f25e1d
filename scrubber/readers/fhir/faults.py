"""What is wrong with a resource, and where: the place is a path as FHIR writes it; no value of it is ever said."""


class Fault(ValueError):
    """A claim cannot be read as one.

    Args:
        place: Such as `Bundle.entry[3].resource.insurance[0].coverage`.
        what: What is wrong there, and what would be right; it follows the place and a colon.
    """

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place = place
        self.what = what

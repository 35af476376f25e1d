"""The form of the workbench as its page sends it, and what its answers say."""

from typing import Any

import httpx
from lxml import html as lxml_html

ROWS = ("code", "modifiers", "pointers", "units", "charge", "pos", "date", "more")
Pairs = list[tuple[str, str]]



def fields(*lines: dict[str, str], dx: tuple[str, ...] = ("M17.11", "I10"), **more: str) -> Pairs:
    """A form as the page sends it."""
    pairs = [*{"payer": "medicare", "dos": "2026-03-02", "as_of": "", "pos": "11", "sex": "", "age": "",
               "frequency": "1", "typing": "", **more}.items()]
    pairs += [("dx", code) for code in dx]
    for place, line in enumerate(lines, 1):
        pairs += [("line_row", f"r{place}"), *((f"line_{name}", line.get(name, "")) for name in ROWS)]
    return pairs


VISIT = {"code": "99213", "pointers": "B", "charge": "120"}
INJECTION = {"code": "20610", "modifiers": "RT", "charge": "180.50"}


def ask(client: httpx.Client, path: str, pairs: Pairs, **headers: str) -> httpx.Response:
    body = httpx.QueryParams(tuple(pairs))
    return client.post(path, content=str(body), headers={"content-type": "application/x-www-form-urlencoded",
                                                         "hx-request": "true", **headers})


def tree(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return lxml_html.fromstring(f"<div>{answer.text}</div>")


def text(answer: httpx.Response, id: str) -> str:
    return plain(tree(answer).get_element_by_id(id))


def plain(node: Any) -> str:
    """The words of an element."""
    return " ".join(" ".join(node.itertext()).split())


def values(page: Any, name: str) -> list[str]:
    return [field.get("value") for field in page.xpath(f"//form[@id='claim']//input[@name='{name}']")
            if not field.xpath("ancestor::template") and field.get("disabled") is None]


def keys_of(answer: httpx.Response) -> list[str]:
    return [str(found) for found in tree(answer).xpath("//button[@class='say']/@data-key")]

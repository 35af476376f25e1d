"""The HTML report: one page that loads nothing, and in which a claim's own text stays text."""

import io
import json
import re

import pytest
from lxml import html as lxml_html
from reports import flag, report

from scrubber.model.flag import Unreadable
from scrubber.report import Report
from scrubber.writers import html

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def page(made: Report) -> str:
    stream = io.StringIO()
    html.write(made, stream)
    return stream.getvalue()


def data(text: str) -> dict[str, list[dict[str, object]]]:
    element = lxml_html.fromstring(text).get_element_by_id("data")
    loaded: dict[str, list[dict[str, object]]] = json.loads(element.text or "")
    return loaded


def test_page_loads_nothing() -> None:
    tree = lxml_html.fromstring(page(report([flag()])))

    loads = [value for name in ("src", "href", "action", "srcset") for value in tree.xpath(f"//@{name}")]
    assert sorted(set(loads)) == ["#flags", "data:,"]
    assert not re.search(r"https?://|@import|url\(", page(report([flag()])))


@pytest.mark.parametrize("field", ["claim", "file", "message", "fix", "case"])
def test_markup_in_a_claim_stays_text(field: str) -> None:
    text = page(report([flag(**{field: EVIL})]))

    tree = lxml_html.fromstring(text)
    assert len(tree.xpath("//script")) == 2
    assert tree.xpath("//img") == []
    assert data(text)["flags"][0][field] == EVIL


def test_markup_in_a_claim_that_cannot_be_read_stays_text() -> None:
    record = Unreadable(file=EVIL, claim_position=1, claim=EVIL, problem=EVIL)

    tree = lxml_html.fromstring(page(report([], unreadable=(record,))))

    assert len(tree.xpath("//script")) == 2
    assert tree.xpath("//img") == []
    assert EVIL in tree.text_content()


def test_page_gives_the_headline_numbers_and_what_was_not_checked() -> None:
    text = lxml_html.fromstring(page(report(
        [flag(), flag(claim_position=2, claim="C2", severity="review", rule="MOD-25-03")],
        not_evaluated={"NCCI-MUE-01": {"no_edition": 4}}))).text_content()

    assert "$450.00" in text
    assert "2 of 3" in text
    assert "no edition of the table covers the date" in text
    assert "Title of MOD-25-03" in text


def test_bars_are_as_long_as_their_share_of_the_longest() -> None:
    tree = lxml_html.fromstring(page(report(
        [flag(charge_at_risk_cents=1000), flag(line=3, rule="MOD-25-01", charge_at_risk_cents=4000)])))

    chart = tree.xpath("//section[@aria-labelledby='dollars-title']//button")
    assert [bar.get("data-rule") for bar in chart] == ["MOD-25-01", "NCCI-PTP-01"]
    assert [bar.xpath(".//*[local-name()='rect'][2]/@width")[0] for bar in chart] == ["100.0", "25.0"]


def test_every_control_and_picture_has_a_name() -> None:
    tree = lxml_html.fromstring(page(report([flag()])))

    assert all(button.text_content().strip() for button in tree.xpath("//button[not(@hidden)]"))
    assert all(field.xpath("ancestor::label") for field in tree.xpath("//input | //select"))
    assert all(picture.get("aria-hidden") or picture.get("aria-label") for picture in tree.xpath("//svg"))
    assert tree.get("lang") == "en"


def test_a_page_of_very_many_flags_lists_the_gravest_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "LIMIT", 2)
    text = page(report([flag(line=1, severity="info"), flag(line=2, charge_at_risk_cents=5), flag(line=3)]))

    assert [item["line"] for item in data(text)["flags"]] == [2, 3]
    assert "the 2 gravest and dearest of 3 flags" in text


def test_a_batch_without_flags_is_a_page_too() -> None:
    text = lxml_html.fromstring(page(report([]))).text_content()

    assert "No rule flagged anything." in text
    assert "Every rule that applied got its answer." in text

"""Takes the pictures of the team's pages in docs/ anew, of made-up claims: python tests/screenshots.py"""

import datetime as dt
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from loads import DEMO, MOST, demo_records, lines_of, scrubber
from playwright.sync_api import sync_playwright
from serving import AS_OF
from sqlalchemy import select
from teams import Team, team

from scrubber.store import batches, files, releases
from scrubber.store.database import utc_now
from scrubber.store.log import Who
from scrubber.store.tables import Batch, Role, User

DOCS = Path(__file__).parent.parent / "docs"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SIZE = {"width": 1366, "height": 768}
WEEKS = 9                      # of batches that came before


def fill(north: Team) -> int:
    """Batches of some weeks, whose clean claims went out, and the demo batch; gives its number."""
    with north.store.reading() as session:
        coder, lead = (Who(session.scalars(select(User.id).where(User.name == name)).one(), name)
                       for name in ("coder", "lead"))
    records = demo_records()
    for week in range(WEEKS, 0, -1):
        at = utc_now() - dt.timedelta(weeks=week)
        body = lines_of({**record, "id": f"W{week}-{place}"} for place, record in enumerate(records)
                        if (place * 5 + week) % 12 > week // 2)
        batch = bring(north, coder, f"north-{at:%m%d}.ndjson", body)
        with north.store.writing() as session:
            session.get_one(Batch, batch).received_at = at
        releases.release(north.store, scrubber(), lead, batch)
    return bring(north, coder, "demo.837", DEMO)


def bring(north: Team, who: Who, name: str, body: bytes) -> int:
    file = files.receive(north.store, north.client_id, batches.ORIGINAL, name, [body], MOST)
    batch = batches.receive(north.store, scrubber(), north.client_id, file, who, "page").id
    batches.load(north.store, scrubber(), batch)
    return batch


class Camera:
    """A browser in which somebody is logged in."""

    def __init__(self, north: Team, browser: Any, role: Role) -> None:
        context = browser.new_context(viewport=SIZE, base_url=north.server.address, color_scheme="light")
        context.add_cookies([{"name": "scrubber", "value": north.cookie(role), "url": north.server.address}])
        self.page = context.new_page()

    def go(self, address: str) -> None:
        self.page.goto(address, wait_until="networkidle")

    def open_claim(self, batch: int, rule: str) -> None:
        """The first claim of a rule's group."""
        self.go(f"/work?batch={batch}&rule={rule}")
        for _ in range(2):
            self.page.click("a.row >> nth=0")
            self.page.wait_for_load_state("networkidle")

    def take(self, name: str) -> None:
        self.page.screenshot(path=DOCS / f"team-{name}.png", animations="disabled")


def pictures(north: Team, browser: Any, batch: int) -> None:
    coder, lead = Camera(north, browser, "coder"), Camera(north, browser, "lead")
    coder.go(f"/work?batch={batch}")
    coder.take("work")
    coder.open_claim(batch, "MOD-50-02")
    coder.page.click(".piece summary:text-is('Fix')")
    coder.page.check(".piece input[name=supported]")
    coder.page.click("text=Apply and save")
    coder.page.wait_for_load_state("networkidle")
    coder.open_claim(batch, "NCCI-PTP-01")
    coder.page.click("summary:text-is('Ask the clinician')")
    coder.page.click(".piece button:text-is('Ask')")
    coder.page.wait_for_load_state("networkidle")
    coder.open_claim(batch, "MOD-57-01")
    coder.page.click("summary:text-is('Fix')")
    coder.take("claim")
    coder.go("/batches")
    coder.take("batches")
    lead.go("/work/group?rule=MOD-25-01&case=bundled")
    lead.page.click("[data-all]")
    lead.page.click(".many summary:text-is('Ask the clinician')")
    lead.take("group")
    lead.go(f"/batches/{batch}")
    lead.take("batch")
    lead.page.click("text=/^Release \\d+ claims/")
    lead.page.wait_for_load_state("networkidle")
    lead.take("release")
    lead.go("/numbers")
    lead.page.wait_for_timeout(1500)          # charts draw themselves over some frames
    lead.take("numbers")
    lead.go("/log")
    lead.page.click("text=Verify now")
    lead.page.wait_for_load_state("networkidle")
    lead.take("log")
    administrator = Camera(north, browser, "administrator")
    administrator.go("/people")
    administrator.take("people")


def main() -> None:
    if CHROMIUM is None:
        sys.exit("there is no chromium: apt-get install chromium")
    with (tempfile.TemporaryDirectory() as folder, team(Path(folder), "--as-of", AS_OF) as north,
          sync_playwright() as playwright):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        pictures(north, browser, fill(north))
        browser.close()


if __name__ == "__main__":
    main()

"""The workbench of a team: one claim, the work, the numbers, and the door before them."""

from fastapi import FastAPI

from scrubber.store import deletion
from scrubber.store.database import Store
from scrubber.store.loader import Loader
from scrubber.team.access import Access
from scrubber.team.batch_pages import BatchPages
from scrubber.team.client_pages import ClientPages
from scrubber.team.entry import Entry
from scrubber.team.log_pages import LogPages
from scrubber.team.numbers import Numbers
from scrubber.team.pages import Pages
from scrubber.team.releasing import Releasing
from scrubber.team.remittances import Remittances
from scrubber.team.sending import mount_sending
from scrubber.team.work_page import mount_work
from scrubber.web.app import Mount
from scrubber.web.service import Service
from scrubber.workbench.assets import Assets
from scrubber.workbench.routes import Workbench


def mounted(store: Store, access: Access) -> Mount:
    """What adds the pages of a team to an application."""
    def mount(app: FastAPI, service: Service) -> None:
        assets = Assets()
        assets.mount(app)
        pages = Pages(assets)
        entry = Entry(app, service, store, pages, tls=access.tls, times=access.times)
        pages.token = entry.token
        access.mount(entry)
        Numbers(entry)
        LogPages(entry)
        Releasing(entry)
        Remittances(entry)
        ClientPages(entry)
        bench = Workbench(service, assets, entry.gate)
        bench.mount(app)
        mount_work(entry, bench)
        deletion.take_up(store)
        loader = Loader(store, service.scrubber)
        service.at_end.append(loader.close)
        BatchPages(entry, loader, mount_sending(app, service, store, loader))
        loader.begin()

    return mount

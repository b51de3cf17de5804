"""A survey to try, as its leader finds it."""

from urllib.parse import urlsplit

from browser import Browser


def preview(leader: Browser, things: dict[str, str]) -> None:
    things["preview_page"] = f"/surveys/{things['survey']}/links/{things['families_link']}/preview"
    links = leader.get(things["preview_page"]).page.links
    things["preview"] = next(urlsplit(link).path for link in links if "/preview/" in link)

import pytest
from itinerary import PAGES, MISTAKES
from test_every_page import walking, look, Stop
MINE=[s for e,ss in PAGES.items() if e.startswith("language") for s in ss]
@pytest.mark.parametrize("language", ["en","es","ar"])
def test_mine(house, chromium, language):
    with walking(house, chromium, language) as w:
        for n,stop in enumerate(MINE):
            with w.at(stop):
                w.go(stop, stop.status)
                look(w.page)
                for width in (360,1280):
                    w.page.set_viewport_size({"width":width,"height":800})
                    w.page.screenshot(path=f"/tmp/shots/{language}-{n}-{width}.png", full_page=True)
        if language=="en":
            for m in MISTAKES:
                if "anguage" in m.path or "look" in m.path:
                    with w.at(m):
                        w.send(m); 
                        w.page.screenshot(path=f"/tmp/shots/mistake-{MISTAKES.index(m)}.png", full_page=True)
                        w.look_at_mistakes()
    print("\n".join(w.faults)); assert not w.faults

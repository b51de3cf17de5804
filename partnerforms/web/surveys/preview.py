"""How a survey will look: on this screen, on a phone by its QR code, in each of its languages, before it opens."""

import uuid

from flask import Blueprint, render_template, request, url_for

from partnerforms.documents import qr
from partnerforms.engine import codes
from partnerforms.extensions import db
from partnerforms.services import surveys, translations
from partnerforms.web import house, security
from partnerforms.web.public import preview, survey

preview_pages = Blueprint("preview", __name__)
preview_pages.before_request(security.member_only)


@preview_pages.get("/surveys/<uuid:survey_id>/links/<uuid:link_id>/preview")
def page(survey_id: uuid.UUID, link_id: uuid.UUID) -> str:
    link = surveys.find_own_link(db.session(), security.reach(), survey_id, link_id)
    library = translations.library_for(db.session(), link.organization, house.tools())
    offered = survey.languages(link, library)
    chosen = next((one for one in offered if one.code == request.args.get("language")), offered[0])
    address = preview.address(link, chosen.code)
    return render_template(
        "surveys/preview.html",
        link=link,
        offered=[(one.code, one.name) for one in offered],
        chosen=chosen,
        address=address,
        picture=qr.on_screen(address),
        kiosk=house.settings().base_url
        + url_for("kiosk.ask", code=codes.printed(link.code), lang=chosen.code if chosen != offered[0] else None),
    )

"""Where the walk over every page goes: pages by their endpoint, and what is no page.

A stop says who is signed in ("nobody", a person of the small world, or a thing that is a session's token) and where
to go; {x} is a thing of `furnishing`. What is added to the program and is not here fails `test_every_page`.
"""

from stops import DISTRICT, LEADER, MAPLE, MEMBER, NOBODY, OLD, RIVERSIDE, Stop

# Endpoints that answer with a file or lead on elsewhere.
NO_PAGES = {
    "static", "records.paper", "records.document", "comparing.document", "importing.table", "jobs.file",
    "deliveries.document", "organizations.logo", "outbox.attachment", "own_templates.file", "own_templates.sample",
    "own_templates.standard", "own_templates.names_file", "public.copy", "materials.file",
    "languages.as_workbook", "languages.as_po", "reports.report", "reports.compact",
    "results.csv", "results.xlsx",
    "single.set_out",  # to the provider; where it fails, the page is that of single.come_back
}  # fmt: skip

PAGES: dict[str, list[Stop]] = {
    "workspace.start": [
        Stop(LEADER, "/"),
        Stop(DISTRICT, "/"),
        Stop(MEMBER, "/"),
        Stop("maple_coordinator", "/"),
        Stop("stranger", "/"),
        Stop("by_sso", "/"),
    ],
    "workspace.forms": [Stop(LEADER, "/records"), Stop(DISTRICT, "/records?words=nothing+like+this")],
    "workspace.surveys": [Stop(LEADER, "/surveys"), Stop(MEMBER, "/surveys?words=nothing+like+this")],
    "organizations.overview": [
        Stop(LEADER, "/organizations"), Stop("state_leader", "/organizations"),
        Stop(DISTRICT, "/organizations?words=school"), Stop(DISTRICT, "/organizations?show=archived"),
        Stop("stranger", "/organizations"),
    ],
    "organizations.page": [
        Stop(LEADER, MAPLE), Stop(MEMBER, MAPLE), Stop(DISTRICT, RIVERSIDE), Stop(DISTRICT, OLD),
        Stop(DISTRICT, "/organizations/{oak_place}"),
    ],
    "organizations.new": [
        Stop("state_leader", "/organizations/{state_place}/new"),
        Stop(DISTRICT, f"{RIVERSIDE}/new"),
    ],
    "organizations.edit": [Stop(DISTRICT, f"{MAPLE}/edit")],
    "organizations.archive": [Stop(DISTRICT, f"{MAPLE}/archive"), Stop(DISTRICT, f"{RIVERSIDE}/archive")],
    "organization_settings.edit": [
        Stop(LEADER, f"{MAPLE}/settings"), Stop("state_leader", "/organizations/{state_place}/settings?saved=1"),
    ],
    "own_templates.overview": [Stop(LEADER, f"{MAPLE}/templates")],
    "own_templates.page": [
        Stop(LEADER, f"{MAPLE}/templates/action_plan"), Stop(LEADER, f"{MAPLE}/templates/action_plan?done=used"),
        Stop(LEADER, f"{MAPLE}/templates/survey_families"), Stop(DISTRICT, f"{RIVERSIDE}/templates/inventory"),
    ],
    "own_templates.names": [
        Stop(LEADER, f"{MAPLE}/templates/action_plan/names"),
        Stop(DISTRICT, f"{RIVERSIDE}/templates/inventory/names"),
    ],
    "assignments.overview": [
        Stop(DISTRICT, f"{RIVERSIDE}/assignments"),
        Stop("oak_leader", "/organizations/{oak_place}/assignments"),
    ],
    "assignments.new": [Stop(DISTRICT, f"{RIVERSIDE}/assignments/new")],
    "assignments.page": [
        Stop(DISTRICT, "/assignments/{asked}"), Stop(DISTRICT, "/assignments/{ended}"),
        Stop(LEADER, "/assignments/{assignment}?reminded=1"),
    ],
    "people.overview": [
        Stop(LEADER, f"{MAPLE}/people"),
        Stop(DISTRICT, f"{OLD}/people"),
        Stop(LEADER, f"{MAPLE}/people?sent=1"),
    ],
    "people.page": [
        Stop(LEADER, f"{MAPLE}/people/{{newcomer}}"), Stop(LEADER, f"{MAPLE}/people/{{invited}}"),
        Stop(LEADER, f"{MAPLE}/people/{{maple_leader_membership}}"), Stop(LEADER, f"{MAPLE}/people/{{second}}"),
    ],
    "rules.overview": [
        Stop(LEADER, f"{MAPLE}/deliveries"), Stop("oak_leader", "/organizations/{oak_place}/deliveries"),
        Stop("foreign_leader", "/organizations/{foreign_place}/deliveries"),
    ],
    "rules.edit": [
        Stop(LEADER, "/memberships/{second}/deliveries"),
        Stop("maple_coordinator", "/memberships/{maple_coordinator_membership}/deliveries?saved=1"),
    ],
    "deliveries.overview": [
        Stop(LEADER, "/deliveries"), Stop("maple_coordinator", "/deliveries?state=held"), Stop(MEMBER, "/deliveries"),
        Stop(DISTRICT, "/deliveries?state=failed"), Stop(LEADER, "/deliveries?recipient=nothing+like+this"),
    ],
    "records.new": [Stop(LEADER, "/records/new?organization={maple}&instrument=action_plan")],
    "records.overview": [
        Stop(LEADER, "/records/{record}"), Stop(LEADER, "{twice}?done=1"), Stop(DISTRICT, "/records/{submitted}"),
        Stop(MEMBER, "{unfinished}?changed=1"),
    ],
    "records.check": [
        Stop(LEADER, "{unfinished}/check"),
        Stop(MEMBER, "{twice}/check"),
        Stop(DISTRICT, "{twice}/check"),
    ],
    "drafts.edit": [
        Stop(LEADER, "{unfinished}/team"), Stop(LEADER, "{unfinished}/team?check=1"),
        Stop(LEADER, "{unfinished}/goals/0?check=1"), Stop(MEMBER, "{twice}/goals/0"),
    ],
    "comparing.revision": [Stop(LEADER, "{twice}/revisions/1")],
    "comparing.page": [Stop(LEADER, "{twice}/compare?from=1&to=2"), Stop(LEADER, "{twice}/compare?from=1&to=draft")],
    "opening.new": [
        Stop(LEADER, "/surveys/new?organization={maple}&earlier={survey_over}"),
        Stop(DISTRICT, "/surveys/new?organization={district_place}"),
    ],
    "opening.dates": [Stop(LEADER, "/surveys/{survey}/dates")],
    "opening.ask_close": [Stop(LEADER, "/surveys/{survey}/close")],
    "opening.ask_reopen": [Stop(LEADER, "/surveys/{closed_survey}/reopen")],
    "reports.page": [Stop(LEADER, "/surveys/{survey_over}/report"), Stop(MEMBER, "/surveys/{survey}/report")],
    "reports.memo": [Stop(LEADER, "/surveys/{survey_over}/memo")],
    "surveys.overview": [
        Stop(LEADER, "/surveys/{survey}"),
        Stop(MEMBER, "/surveys/{survey_early}"),
        Stop(LEADER, "/surveys/{survey_over}"),
        Stop(DISTRICT, "/surveys/{wide_survey}"), Stop(DISTRICT, "/surveys/{wide_survey}?words=nothing"),
    ],
    "surveys.place": [Stop(DISTRICT, "/surveys/{wide_survey}/places/{maple}")],
    "surveys.people": [Stop(LEADER, "/surveys/{survey}/places/{maple}/people")],
    "set_aside.page": [
        Stop(LEADER, "/surveys/{survey}/set-aside"), Stop(DISTRICT, "/surveys/{wide_survey}/set-aside"),
        Stop(LEADER, "/surveys/{survey}/set-aside?refused=1"),
    ],
    "materials.page": [Stop(LEADER, "/surveys/{survey}/links/{printed_link}/materials")],
    "materials.choose": [Stop(LEADER, "/surveys/{survey}/materials")],
    "paper.overview": [Stop(MEMBER, "{paper}"), Stop(LEADER, "{paper}")],
    "paper.pile": [*(Stop(MEMBER, f"{{paper}}/{number}") for number in (1, 2, 3))],
    "paper_sheets.sheet": [
        Stop(MEMBER, "{paper}/1/1/1"), Stop(MEMBER, "{paper}/1/2/2"), Stop(MEMBER, "{paper}/1/1/2?saved=1"),
        Stop(LEADER, "{paper}/3/1/7"),
    ],
    "paper_sheets.differences": [
        Stop(MEMBER, "{paper}/1/differences?left=1"), Stop(MEMBER, "{paper}/3/differences"),
    ],
    "results.page": [
        Stop(LEADER, "/surveys/{survey_over}/results"), Stop(MEMBER, "/surveys/{survey}/results"),
    ],
    "comments.page": [
        Stop(LEADER, "/surveys/{survey_told}/comments"),
        *(Stop(LEADER, f"/surveys/{{survey_told}}/comments?show={state}") for state in ("released", "withheld")),
        Stop(LEADER, "/surveys/{survey}/comments?show=withheld"),
    ],
    "follow_up.page": [
        Stop(LEADER, "/surveys/{survey_told}/follow-up?saved=1"), Stop(LEADER, "/surveys/{survey}/follow-up"),
    ],
    "follow_up.preview": [
        Stop(LEADER, "/surveys/{survey_told}/follow-up/preview?audience=families"),
        Stop(LEADER, "/surveys/{survey}/follow-up/preview?lang=ar"),
    ],
    "importing.ask": [Stop(DISTRICT, f"{RIVERSIDE}/import"), Stop(LEADER, f"{MAPLE}/import")],
    "collecting.ask": [
        Stop(LEADER, f"{MAPLE}/documents"),
        Stop("foreign_leader", "/organizations/{foreign_place}/documents"),
    ],
    "jobs.overview": [Stop(LEADER, "/jobs"), Stop(DISTRICT, "/jobs?dropped=1"), Stop(MEMBER, "/jobs")],
    "jobs.page": [
        *(Stop("state_leader", path) for path in ("{import_previewed}", "{import_nothing}")),
        *(Stop(LEADER, f"{{{path}}}") for path in ("inviting_previewed", "inviting_done", "inviting_failed")),
        *(Stop(LEADER, f"{{{path}}}") for path in ("reminding_done", "reminding_failed")),
        *(Stop(DISTRICT, path) for path in ("{import_done}", "{import_failed}")),
        *(Stop(LEADER, path) for path in ("{documents}", "{export}")),
        *(Stop(LEADER, f"/jobs/{{job_{state}}}") for state in ("queued", "running", "failed", "nothing")),
    ],
    "languages.overview": [Stop(LEADER, f"{MAPLE}/languages"), Stop(DISTRICT, f"{RIVERSIDE}/languages")],
    "languages.new": [
        Stop(LEADER, f"{MAPLE}/new-language"), Stop(LEADER, f"{MAPLE}/new-language?words=chinese"),
        Stop(LEADER, f"{MAPLE}/new-language?words=nothing+like+this"),
    ],
    "languages.page": [
        Stop(LEADER, f"{MAPLE}/languages/so?done=uploaded&gone=2"), Stop(LEADER, f"{MAPLE}/languages/fr?done=same"),
        Stop(DISTRICT, f"{RIVERSIDE}/languages/so?done=published"), Stop(LEADER, f"{MAPLE}/languages/ps?done=back"),
    ],
    "language_preview.show": [
        Stop(NOBODY, "{look}/families"), Stop(NOBODY, "{look}/students?keys=1"), Stop(LEADER, "{look_ps}/staff"),
    ],
    "language_preview.end": [Stop(NOBODY, "{look}/families/end")],
    "audit.overview": [Stop(LEADER, f"{MAPLE}/log"), Stop(DISTRICT, f"{RIVERSIDE}/log?below=1&kind=organization")],
    "data.page": [Stop(LEADER, f"{MAPLE}/data"), Stop(DISTRICT, f"{MAPLE}/data")],
    "data.ask_erase": [Stop(DISTRICT, f"{RIVERSIDE}/erase"), Stop(DISTRICT, f"{MAPLE}/erase")],
    "erased.told": [Stop(DISTRICT, "{erased}")],
    "providers.edit": [Stop(LEADER, f"{MAPLE}/sign-in"), Stop("oak_leader", "/organizations/{oak_place}/sign-in")],
    "account.page": [Stop(LEADER, "/account"), Stop("oak_member", "/account"), Stop("by_sso", "/account")],
    "account.second": [
        Stop(LEADER, "/account/second-factor"), Stop("oak_leader", "/account/second-factor"),
        Stop("oak_member", "/account/second-factor"), Stop("by_sso", "/account/second-factor"),
    ],
    "outbox.overview": [Stop(LEADER, "/outbox")],
    "outbox.mail": [Stop(LEADER, "/outbox/{mail}")],
    "signin.ask": [Stop(NOBODY, "/sign-in"), Stop(NOBODY, "/sign-in?over=1")],
    "signin.link": [Stop(NOBODY, "/sign-in/link/unknown")],
    "signin.ask_second": [Stop("half", "/sign-in/second-factor")],
    "single.come_back": [Stop(NOBODY, "/sign-in/back?code=x&state=x", 400)],
    "public.enter_code": [Stop(NOBODY, "/s/"), Stop(NOBODY, "/s/?code=x", 404)],
    "public.survey": [
        Stop(NOBODY, "/s/{code}"), Stop(NOBODY, "/s/{code_over}", 410), Stop(NOBODY, "/s/{code_early}", 403),
        Stop(NOBODY, "/s/AAAA-AAAA", 404),
        Stop(NOBODY, "/s/{code_told}"), Stop(NOBODY, "/s/{code_told_few}"), Stop(NOBODY, "/s/{code_told}?lang=ar"),
    ],
    "public.thanks": [Stop(NOBODY, "{thanks}")],
    "kiosk.ask": [Stop(NOBODY, "/s/{code}/kiosk", 201), Stop(NOBODY, "/s/{code_early}/kiosk", 403)],
    "kiosk.thanks": [Stop(NOBODY, "/s/{code}/kiosk/thanks?lang=en&begin=es")],
    "preview.page": [Stop(LEADER, "{preview_page}"), Stop(MEMBER, "{preview_page}?language=es")],
    "invitations.overview": [
        Stop(LEADER, "{invitations}"), Stop(LEADER, "/surveys/{survey}/links/{community_link}/invitations"),
        Stop(LEADER, "/surveys/{survey}/links/{families_link}/invitations"),
    ],
    "invitation.answer": [
        Stop(NOBODY, "{invitation}"), Stop(NOBODY, "{invitation_used}", 410), Stop(NOBODY, "/i/unknown", 404),
    ],
    "invitation.ask_stop": [Stop(NOBODY, "{invitation}/stop"), Stop(NOBODY, "{invitation_stopped}/stop")],
    "public_preview.ask": [Stop(NOBODY, "{preview}"), Stop(NOBODY, "/s/{code}/preview/over", 410)],
    "public_preview.end": [Stop(NOBODY, "{preview}/end")],
}  # fmt: skip

ERRORS = [
    Stop(LEADER, "/nowhere", 404), Stop(LEADER, "/records/{job}", 404), Stop(NOBODY, "/nowhere", 404),
    Stop(MEMBER, f"{MAPLE}/settings", 403),
]  # fmt: skip

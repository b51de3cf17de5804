"""The forms that the walk over every page sends as they must not be sent; each answers with a summary of mistakes."""

from furnishing import BAD_FILE
from furnishing_languages import BAD_TRANSLATIONS
from stops import DISTRICT, LEADER, MAPLE, MEMBER, NOBODY, RIVERSIDE, Mistake

MISTAKES = [
    Mistake(NOBODY, "/sign-in", "/sign-in", {"address": "nobody"}),
    Mistake("half", "/sign-in/second-factor", "/sign-in/second-factor", {"code": "000000"}),
    Mistake("oak_leader", "/account/second-factor", "/account/second-factor/on", {"code": "000000"}),
    Mistake("oak_member", "/account/second-factor", "/account/second-factor/off", {"code": "000000"}),
    Mistake(LEADER, "/account", "/account", {"name": ""}),
    Mistake(LEADER, "/records/new?organization={maple}&instrument=action_plan", "/records/new", {"title": ""}),
    Mistake(LEADER, "{unfinished}/check", "/submit"),
    Mistake(LEADER, "/surveys/new?organization={maple}", "/surveys/new", {"title": "", "closes_on": "never"}),
    Mistake(LEADER, "/surveys/{survey}/dates", "/dates", {"title": "", "opens_on": "x", "closes_on": "x"}),
    Mistake(LEADER, "/surveys/{closed_survey}/reopen", "/reopen", {"closes_on": "2000-01-01"}),
    Mistake(LEADER, "/surveys/{survey}/places/{maple}/people", "/people", {"people-families": "many"}),
    Mistake(LEADER, "/surveys/{survey}/set-aside", "/set-aside"),
    Mistake(
        DISTRICT, f"{RIVERSIDE}/assignments/new", "/assignments/new", {"title": "", "since": "x", "due_on": "x"}
    ),
    Mistake(LEADER, f"{MAPLE}/people", "/people", {"name": "", "address": "nobody"}),
    Mistake(LEADER, f"{MAPLE}/people/{{newcomer}}", "/hand-over", {"name": "", "address": ""}),
    Mistake(
        "foreign_leader", "/organizations/{foreign_place}/people/{foreign_leader_membership}", "/hand-over",
        {"name": "Somebody", "address": "somebody@example.org", "when": "now"},
    ),
    Mistake(DISTRICT, f"{RIVERSIDE}/new", "/new", {"name": ""}),
    Mistake(DISTRICT, f"{MAPLE}/edit", "/edit", {"name": ""}),
    Mistake(
        LEADER, f"{MAPLE}/settings", "/settings",
        {
            "term_team": "x" * 81, "school_year_day": "31", "school_year_month": "02", "time_zone": "Mars",
            "minimum_n": "2", "reply_address": "nobody", "keep_answers": "0", "keep_drafts": "some",
        },
        file=("logo.png", b"no picture"),
    ),
    Mistake(LEADER, f"{MAPLE}/sign-in", "/sign-in", {"issuer": "nowhere", "client_id": "", "domain": "x"}),
    Mistake(LEADER, "/memberships/{second}/deliveries", "/deliveries", {"action_plan": "x", "survey_staff": "x"}),
    Mistake(DISTRICT, f"{RIVERSIDE}/import", "/import"),
    Mistake(DISTRICT, f"{RIVERSIDE}/import", "/import", file=("schools.csv", BAD_FILE.encode())),
    Mistake(DISTRICT, f"{RIVERSIDE}/import", "/import", file=("schools.xlsx", b"PK\3\4")),
    Mistake(LEADER, f"{MAPLE}/documents", "/documents", {"since": "yesterday"}),
    Mistake(DISTRICT, f"{MAPLE}/erase", "/erase", {"name": "Another School"}),
    Mistake(
        LEADER, f"{MAPLE}/new-language?words=chinese", "/new-language", {"code": "?", "name": "<", "locale": "x"}
    ),
    Mistake(LEADER, f"{MAPLE}/languages/so", "/so"),
    Mistake(LEADER, f"{MAPLE}/languages/so", "/so", file=("so.po", BAD_TRANSLATIONS)),
    Mistake(LEADER, f"{MAPLE}/languages/so", "/reviewed", {"name": "x" * 70, "day": "2999-01-01"}),
    Mistake(NOBODY, "{look}/families", "/families", title="So: Error:"),
    Mistake(LEADER, f"{MAPLE}/templates/action_plan", "/action_plan"),
    Mistake(LEADER, f"{MAPLE}/templates/action_plan", "/action_plan", file=("wrong.docx", b"")),
    Mistake(LEADER, "/surveys/{survey_over}/memo", "/memo", {"contact": "", "changes": "x" * 4001}),
    Mistake(LEADER, "/surveys/{survey}/materials", "/materials", {"kinds": "", "languages": ""}),
    Mistake(NOBODY, "/s/{code}", "/s/{code}"),
    Mistake(NOBODY, "{preview}", "{preview}"),
    Mistake(LEADER, "{invitations}", "/invitations"),
    Mistake(LEADER, "{invitations}", "/invitations", file=("people.csv", b"Email,Language\nnobody,Klingon\n")),
    Mistake(NOBODY, "{invitation}", "{invitation}"),
    Mistake(MEMBER, "{paper}", "/paper", {"sheets": "many"}),
    Mistake(MEMBER, "{paper}/3", "/size", {"sheets": "0"}),
    Mistake(MEMBER, "{paper}/3", "/remove"),
    Mistake(MEMBER, "{paper}/3/1/1", "/3/1/1"),
    Mistake(MEMBER, "{paper}/1/2/2", "/1/2/2", {"a-school_welcome": "7", "a-first_choices": "1 2 3 4"}),
    Mistake(LEADER, "/surveys/{survey_told}/comments", "/comments"),
    Mistake(LEADER, "/surveys/{survey}/follow-up", "/follow-up", {"text-en": "x" * 2001}),
]  # fmt: skip

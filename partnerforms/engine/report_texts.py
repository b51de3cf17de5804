"""The fixed words of reports, Title I memos and draft compacts. English is here; a language has them by `keys`.

A survey can be offered in a language without them: reports are then made in others.
"""

from partnerforms.engine import terms
from partnerforms.engine.library import Library, keys

REPORT_WORDS = {
    "report": "Survey report",
    "made_on": "Made on",
    "unreviewed": "This is a translation into {language}. No native speaker has reviewed it yet.",
    "who": "Who answered",
    "counted": "Answers counted",
    "invited": "People asked",
    "part": "Share who answered",
    "under": "< {percent} %",
    "over": "> {percent} %",
    "smallest": "Smallest group shown",
    "fewer": "fewer than {least}",
    "not_known": "not entered",
    "privacy": "How people are protected",
    "privacy_groups": "Nobody knows who said what. Results are shown only for groups of the size in the table or "
    "larger. Where fewer people answered, their answers count in the results of the district or the state, if "
    "enough people answered there.",
    "privacy_percents": "This report gives percents and never how many people chose an answer. “< 5 %” means that "
    "few or none did, “> 95 %” that nearly all did.",
    "reading": "How to read this report",
    "reading_bars": "Each bar is one question. Brown stands for the lowest answers, green for the highest, gray "
    "for the one between. White stands for people who do not know.",
    "reading_rounded": "Percents are rounded, so they may not add up to 100. The table below each chart has the "
    "same figures.",
    "reading_why": "A survey tells how people see things, and not why. Talk about the results with those who "
    "answered.",
    "answers": "All answers",
    "item_too_few": "Fewer than {least} answered these questions, so they are not shown: {items}",
    "chart_steps": "Bar chart of {audience}: how the answers to {number} questions are spread. The table below has "
    "all figures.",
    "chosen_hint": "What people chose when they could pick up to three, most often chosen first.",
    "nothing_chosen": "No choice was made often enough to be shown.",
    "good": "Good ratings",
    "good_hint": "Good ratings are “{one}” and “{other}” together, among the people who gave a rating.",
    "suggested": "Activities that may help",
    "compared": "Compared with others and with the last survey",
    "last_time": "Last survey",
    "comments_hint": "A person has read these comments and released them. Their order says nothing.",
    "gaps": "Where views differ",
    "gaps_hint": "The same responsibility as different groups see it: good ratings, the largest difference first.",
    "chart_gaps": "Bar chart: good ratings by {audiences} for {number} responsibilities. The table below has all "
    "figures.",
    "points": "Points apart",
    "no_gaps": "No responsibility can be compared yet: at least two groups must have enough answers.",
    "responsibility": "Responsibility",
    "draft": "Draft for joint review",
    "memo": "Evidence memo: family engagement, Title I, Part A",
    "memo_why": "This memo helps to document the yearly evaluation of family engagement together with families, as "
    "section 1116 of the Elementary and Secondary Education Act (20 U.S.C. 6318) asks for it. It is a draft: "
    "review it with families before you keep it.",
    "contact": "Contact",
    "meeting": "Joint review with families on",
    "asked_how": "How people were asked",
    "instruments": "Questions",
    "version": "version {number}",
    "languages": "Languages offered",
    "reviewed": "reviewed",
    "not_reviewed": "not yet reviewed by a native speaker",
    "ways": "Ways to answer",
    "way_link": "own device, over a link",
    "way_kiosk": "shared device",
    "way_paper": "paper form",
    "way_invitation": "personal invitation",
    "brief": "Results in brief",
    "highest": "Rated best",
    "lowest": "Rated lowest",
    "changes": "Changes made because of the results",
    "review": "Notes from the joint review",
    "review_barriers": "What keeps families from taking part?",
    "review_needs": "What do families need to help with learning?",
    "review_strategies": "What will help school and families work well together?",
    "compact": "School–parent compact",
    "compact_why": "Families, students and school staff share the work of learning. This draft puts together what "
    "each can do, with what people say about it now. Talk about it, change it, and sign it together. Section "
    "1116(d) of the Elementary and Secondary Education Act (20 U.S.C. 6318) asks Title I schools for a compact.",
    "compact_families": "What families will do",
    "compact_school": "What school staff will do",
    "compact_students": "What students will do",
    "we_will": "We will",
    "seen_now": "Good ratings now",
    "agreed": "What we agree on",
    "law_asks": "How we stay in touch",
    "law_asks_hint": "The law names these four. Write how your school does each of them.",
    "law_conferences": "Meet about each child and this compact, in elementary schools at least once a year",
    "law_reports": "Give families regular reports on how their child is doing",
    "law_access": "Let families reach staff, help at school, and see what happens in class",
    "law_language": "Talk both ways, as far as possible in a language the family understands",
    "signatures": "Signatures",
    "family_name": "Family",
    "student_name": "Student",
    "teacher_name": "Teacher",
    "principal_name": "Principal",
    "signed": "Signature",
    "notes": "Notes",
}


def report_keys() -> dict[str, str]:
    """Key to English text of everything that is translated here."""
    return {f"reports.{name}": text for name, text in REPORT_WORDS.items()}


def activity_keys(library: Library) -> dict[str, str]:
    """Key to English text of the inventory activities that a report may suggest, and of the terms they use."""
    suggested = {activity for crossing in library.crosswalk.values() for activity in crossing.activities}
    wanted = {f"inventory.{activity}.label" for activity in suggested}
    inventory = keys(library.definitions["inventory"])
    texts = {key: english for key, english in inventory.items() if key in wanted}
    return texts | terms.keys(texts.values())

"""Which guide is whose, and how a guide becomes a page. The texts lie in docs/guides, to be read there as well."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from postroom.people.roles import Role

FOLDER = Path(settings.BASE_DIR) / "docs" / "guides"
PICTURES = FOLDER / "pictures"


@dataclass(frozen=True)
class Guide:
    """`slug`: the file's name without .md, and its address. `roles`: whose first guide it is."""

    slug: str
    title: str
    about: str
    roles: tuple[Role, ...] = ()


GUIDES: tuple[Guide, ...] = (
    Guide("start", "Start here", "Signing in, My work, and what the words mean. For everybody."),
    Guide(
        "worker",
        "Social workers",
        "Hand over a draft, check, sign, carry a report, take papers out.",
        (Role.WORKER, Role.ADVANCED_PRACTITIONER),
    ),
    Guide("duty", "Duty workers", "Checking and signing for others (pp).", (Role.DUTY_WORKER,)),
    Guide("admin", "Admin", "Type, print, envelope, post, upload to ICS.", (Role.ADMIN,)),
    Guide(
        "manager",
        "Team managers and deputies",
        "Approvals, cases, the rota, papers, bad days.",
        (Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER),
    ),
    Guide("safeguarding", "Safeguarding", "Issue reports and minutes.", (Role.SAFEGUARDING,)),
    Guide(
        "district-admin-manager", "District Admin Manager", "Spot checks and figures.", (Role.DISTRICT_ADMIN_MANAGER,)
    ),
    Guide(
        "governance",
        "Information governance and those who decide",
        "Breaches from the report to the register; the record.",
        (
            Role.INFORMATION_GOVERNANCE,
            Role.ASSISTANT_DIRECTOR,
            Role.CALDICOTT_GUARDIAN,
            Role.DIRECTOR,
            Role.BUSINESS_IMPROVEMENT_MANAGER,
            Role.RECORDS_MANAGER,
            Role.DATA_PROTECTION_OFFICER,
        ),
    ),
    Guide(
        "system-administrator",
        "System administrator",
        "People, offices, roles and deputies.",
        (Role.SYSTEM_ADMINISTRATOR,),
    ),
)
BY_SLUG = {guide.slug: guide for guide in GUIDES}


def guides_for(roles: frozenset[Role]) -> tuple[list[Guide], list[Guide]]:
    """The guides of somebody who holds `roles`, "Start here" first, and the others."""
    own = [guide for guide in GUIDES if not guide.roles or roles & set(guide.roles)]
    return own, [guide for guide in GUIDES if guide not in own]


def source(guide: Guide) -> str:
    """The guide's text as Markdown."""
    return (FOLDER / f"{guide.slug}.md").read_text()


@cache
def html_of(slug: str) -> SafeString:
    """A guide as HTML, without its first heading. Our own text; HTML in it is not taken as HTML."""
    md = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = md.parse(source(BY_SLUG[slug]))
    if tokens and tokens[0].type == "heading_open":
        tokens = tokens[3:]
    classes = {
        "heading_open": {"h2": "govuk-heading-m", "h3": "govuk-heading-s"},
        "paragraph_open": {"p": "govuk-body"},
        "bullet_list_open": {"ul": "govuk-list govuk-list--bullet"},
        "ordered_list_open": {"ol": "govuk-list govuk-list--number"},
        "table_open": {"table": "govuk-table"},
        "th_open": {"th": "govuk-table__header"},
        "td_open": {"td": "govuk-table__cell"},
        "tr_open": {"tr": "govuk-table__row"},
    }
    for token in tokens:
        if token.type == "paragraph_open" and token.hidden:
            continue
        if wanted := classes.get(token.type, {}).get(token.tag):
            token.attrSet("class", wanted)
        for child in token.children or []:
            if child.type == "link_open":
                target = str(child.attrGet("href") or "")
                child.attrSet("class", "govuk-link")
                if target.endswith(".md"):
                    child.attrSet("href", f"../{target.removesuffix('.md')}/")
            if child.type == "image":
                name = str(child.attrGet("src") or "").removeprefix("pictures/")
                child.attrSet("src", f"../pictures/{name}")
                child.attrSet("class", "guide-picture")
    return mark_safe(md.renderer.render(tokens, md.options, {}))  # noqa: S308 - our own files, HTML off

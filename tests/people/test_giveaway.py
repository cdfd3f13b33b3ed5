"""The return label's guard: what names children's services, and what is only an address (OGP-5)."""

import pytest

from postroom.people.giveaway import gives_away

WAYS = [
    "Children's Services",
    "CHILDREN'S SERVICES",
    "childrens services",
    "Children\u2019s  Services",
    "Children 's Services",
    "Childrens-Services",
    "Children`s Services",
    "Chíldren's Sérvices",
    "Children s Services",
    "Child Services",
    "Kids' Services",
    "C h i l d r e n s   S e r v i c e s",
    "C.h.i.l.d.r.e.n.s S.e.r.v.i.c.e.s",
    "ChildrensServices",
    "children_s_services",
    "Chil-drens Ser-vices",
    "Ch1ldren's Serv1ces",
    "Childr3n's S3rvic3s",
    "Children's\nServices",
    "Children's Services Road",
    "Children & Family Services",
    "Children and Young People's Services",
    "Children, Families and Education Directorate",
    "Children's Dept.",
    "Children's Svcs",
    "Children's Social Care",
    "\u0421hildr\u0435n's S\u0435rvi\u0441\u0435s",  # Cyrillic letters
    "\uff23\uff48\uff49\uff4c\uff44\uff52\uff45\uff4e'\uff53 \uff33\uff45\uff52\uff56\uff49\uff43\uff45\uff53",
    "Social Care",
    "SOCIAL-CARE",
    "S0cial C4re Reception",
    "Social\u00adServices",
    "Social\u200bServices",
    "Social  Services",
    "Social Work Team",
    "Social Workers",
    "Safeguarding Unit",
    "SAFE-GUARDING",
    "Safe guarding hub",
    "Child Protection",
    "Child-Protection Team",
    "ChildProtection",
    "Looked After Children",
    "LAC Team",
    "Leaving Care",
    "Family Support Team",
    "Fostering",
    "Adoption Team",
    "Early Help",
    "Youth Justice",
]
INNOCENT = [
    "Children's Hospital Road",
    "Great Children's Playground",
    "The Children's Hospital",
    "Royal Children's Hospital, Hospital Road",
    "Childs Hill",
    "Childwall",
    "Child Street",
    "Childrey",
    "Childerditch Lane",
    "Care Lane",
    "14 Care Lane",
    "Care Home Lane",
    "Carers Road",
    "Caress Social Street",
    "Social Club Lane",
    "Social Careers Road",
    "Social & Services Club, 4 High Street",
    "Service Road",
    "Services Station Way",
    "Motorway Services, M4",
    "Ex-Services Club",
    "Customer Services Centre",
    "Protection Row",
    "Protector Street",
    "Safeguard House",
    "Family Church Lane",
    "Foster Street",
    "Adopters Way",
    "Mash Lane",
    "Early Street",
    "Youth Hostel Road",
    "Workhouse Lane",
    "Team Valley",
    "Department Store Yard",
    "Justice Mill Lane",
    "Supporters Way",
    "Lookout Road",
    "Afterglow Street",
    "NCC",
    "Old Town Hall",
    "Council Offices",
    "Riverside House\n1 Invented Street\nNM1 1AA",
    "",
]


@pytest.mark.policy("OGP-5")
@pytest.mark.parametrize("text", WAYS)
def test_each_way_to_write_it_is_seen(text: str) -> None:
    assert gives_away(text), text
    assert gives_away(f"Riverside House\n{text}\nNM1 1AA"), text


@pytest.mark.policy("OGP-5")
@pytest.mark.parametrize("text", INNOCENT)
def test_an_innocent_address_passes(text: str) -> None:
    assert gives_away(text) is None, text


def test_it_says_what_was_found() -> None:
    assert gives_away("Child Protection") == "child protection"
    assert gives_away("Social Care") == "social care"

"""Does an address lie in the council's area? Proposed by its postcode, from a setting; a person confirms it. Pure.

`COUNCIL_POSTCODES` names postcode areas ("NM") and districts ("NM1"); a district straddles a border at times, so the
proposal is a question to whoever verifies the address, never the answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_POSTCODE = re.compile(r"([A-Z]{1,2})([0-9][A-Z0-9]?) ?[0-9][A-Z]{2}")
# Jersey, Guernsey and the Isle of Man have postcodes and are out of area; so is the forces' post.
NEVER_IN = frozenset({"JE", "GY", "IM", "BF"})


def proposed_area(lines: Sequence[str], council: Collection[str]) -> str:
    """ "in", "out" or "abroad" for an address; "" where the setting names nothing or the last line is no postcode."""
    last = " ".join((lines[-1] if lines else "").upper().split())
    if last.startswith("BFPO"):
        return "out"
    found = _POSTCODE.fullmatch(last)
    if found is None:
        return "abroad" if last and not any(c.isdigit() for c in last) and len(lines) > 2 else ""
    area, district = found[1], found[1] + found[2]
    if area in NEVER_IN:
        return "out"
    if not council:
        return ""
    ours = {name.strip().upper() for name in council}
    return "in" if area in ours or district in ours else "out"


def why_not_area(area: str, lines: Sequence[str], council: Collection[str], reason: str) -> str:
    """Why `area` can't be confirmed for this address, in a sentence; "" if it can.

    What the postcode rules out nobody confirms; what differs from the council's own list needs a reason.
    """
    proposed = proposed_area(lines, council)
    last = "".join((lines[-1] if lines else "").upper().split())
    has_postcode = _POSTCODE.fullmatch(" ".join((lines[-1] if lines else "").upper().split())) is not None
    if area == "abroad" and (has_postcode or last.startswith("BFPO")):
        return "This address has a postcode of the United Kingdom or its islands: it is not abroad."
    if area != "abroad" and proposed == "abroad":
        return "This address ends with a country: it is abroad."
    if area == "in" and (last.startswith("BFPO") or last[:2] in NEVER_IN):
        return "Jersey, Guernsey, the Isle of Man and the forces' post are out of the council's area."
    if proposed and area != proposed and not reason.strip():
        return "By its postcode the address lies elsewhere. Say why it is as you chose."
    return ""

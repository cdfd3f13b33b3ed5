"""What the policy expects of every route, written by hand from its clauses, not from Postroom's table.

Each line: document, recipient, then by ordinary post, registered post, by hand and secure e-mail. Y allowed, N refused,
H a manager's approval; after the letter the clauses that say so, joined by +; after / what must hold beside it.
"""

from __future__ import annotations

EXPECTED = """
letter     family_in_area     Y:OGP-4a  Y:CLS-6                     Y:CLS-6  N:CLS-6/office
letter     family_out_of_area Y:OGP-4a  Y:CLS-6                     Y:CLS-6  N:CLS-6/office
letter     professional       Y:OGP-4a  Y:CLS-6                     Y:CLS-6  N:CLS-6/office
cp_report  family_in_area     N:OGP-7   N:OGP-7                     Y:OGP-7  N:OGP-7
cp_report  family_out_of_area N:OGP-7   N:OGP-7                     Y:OGP-7  N:OGP-7
cp_report  professional       N:CLS-6   H:CLS-6/manager             Y:CLS-6  Y:CLS-6
lac_report family_in_area     N:OGP-7   N:OGP-7                     Y:OGP-7  N:OGP-7
lac_report family_out_of_area N:OGP-7   N:OGP-7                     Y:OGP-7  N:OGP-7
lac_report professional       N:CLS-6   H:CLS-6/manager             Y:CLS-6  Y:CLS-6
minutes    family_in_area     N:OGP-9   N:OGP-8+OGP-9               Y:OGP-9  N:OGP-9
minutes    family_out_of_area N:OGP-8   Y:OGP-8/out_of_area+tracked Y:OGP-9  N:OGP-9
minutes    professional       N:OGP-9   N:OGP-9                     N:OGP-9  Y:OGP-9+CLS-6
"""
CHANNELS = ("post", "registered_post", "by_hand", "secure_email")
VERDICTS = {"Y": "allowed", "N": "refused", "H": "needs_approval"}
CONDITIONS = {
    "office": "office_turned_it_on",
    "manager": "manager_approved",
    "out_of_area": "out_of_area_approved",
    "tracked": "tracking_number",
}


def expected_rows() -> list[tuple[str, str, str, str, tuple[str, ...], tuple[str, ...]]]:
    """Document, recipient, channel, verdict, clauses, conditions: 48 rows."""
    rows = []
    for line in EXPECTED.strip().splitlines():
        document, recipient, *cells = line.split()
        for channel, cell in zip(CHANNELS, cells, strict=True):
            verdict, _, rest = cell.partition(":")
            clauses, _, conditions = rest.partition("/")
            holding = tuple(CONDITIONS[word] for word in conditions.split("+") if word)
            rows.append((document, recipient, channel, VERDICTS[verdict], tuple(clauses.split("+")), holding))
    return rows

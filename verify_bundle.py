#!/usr/bin/env python3
"""Is an audit bundle of Postroom intact? Standard library alone; read it through, it is short.

    python verify_bundle.py FILE [--key HEX] [--checkpoint NUMBER:HASH]... [--mail FILE]...

Ends with 0 and "intact", or with 1 and where not. `--key`: the public key that the council gave you; `--checkpoint`:
one that you got by mail or have in print; `--mail`: the mail itself, saved as text. Without any it shows that the
bundle agrees with itself and with its own key. What you give has to be met: a checkpoint that isn't in the bundle ends
with 1 and "not shown". Only two are no fault, and said: one older than all in a bundle that is a part (it begins where
its letters do), and a mail whose line says that it is from after the bundle was made.
Of every spot check it says whether a checkpoint that you gave shows its list fixed before its seed.

A bundle is a ZIP. manifest.json names every other file with its SHA-256; manifest.sig is the key and its signature over
manifest.json. entries.jsonl: [position, entry, hash, proof] a line; checkpoints.jsonl; frames.jsonl: what was drawn
from; where asked for, reasons.jsonl, content.jsonl, reads.jsonl; withheld.jsonl: [position, leaf, checkpoint] of what
is kept from whoever asked, the steps of a breach that they have no part in. An entry's hash is SHA-256 over a tag and
its fields, each with its length (32 bits, big-endian): text as UTF-8, numbers as 64 bits, nothing for none. Positions
are leaves of RFC 6962 trees, one for each checkpoint; checkpoints follow from one another and are signed (Ed25519,
RFC 8032).
"""

import datetime
import hashlib
import json
import re
import sys
import zipfile

FIELDS = ("subject", "seq", "at", "action", "actor_id", "actor_name", "actor_role", "actor_authority", "from_state",
          "to_state", "version", "content_hash", "reason_hash", "payload", "previous_hash")  # fmt: skip
POINT = ("number", "first_position", "last_position", "root", "at", "installation", "previous_hash")
HEX = "([0-9a-f]{64})"
LINE = re.compile(
    rf"postroom checkpoint (\d+) installation (\S+) positions (\d+)-(\d+) at (\S+) root {HEX} previous {HEX} hash {HEX}"
)
SOON = 600 * 10**6  # a checkpoint of the minutes in which the bundle was made may be missing in it


class Wrong(Exception):
    """Something in the bundle isn't as it was written; the text says what and where."""

    said = "not intact"


class NotShown(Wrong):
    """The bundle can't be held to what was kept outside: whether something is missing in it stays open."""

    said = "not shown to be whole"


def sha256(data):
    return hashlib.sha256(data).digest()


def encode(tag, values):
    out = b""
    for value in (tag, *values):
        if isinstance(value, bool) or not (value is None or isinstance(value, int | str)):
            raise Wrong(f"a value of a kind that is never written: {value!r}")
        if value is None:
            raw = b""
        else:
            raw = value.to_bytes(8, "big", signed=True) if isinstance(value, int) else value.encode()
        out += len(raw).to_bytes(4, "big") + raw
    return out


def node(left, right):
    return sha256(b"\x01" + left + right)


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root_of(leaves[:half]), root_of(leaves[half:]))


def root_by_proof(leaf, index, size, proof):
    """RFC 6962: the root that the proof leads to from leaf `index` of `size`."""
    digest, place, last = sha256(b"\x00" + leaf), index, size - 1
    for sibling in proof:
        if place % 2 or place == last:
            digest = node(sibling, digest)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            digest = node(digest, sibling)
        place, last = place // 2, last // 2
    if last:
        raise Wrong("a proof is too short")
    return digest


# Ed25519 (RFC 8032): only the check of a signature, after the reference in its section 6.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    g, h = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    out = (0, 1, 1, 0)
    while n:
        out = add(out, point) if n & 1 else out
        point, n = add(point, point), n >> 1
    return out


def point_of(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise Wrong("a key or signature is not one")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % Q
    x1, y1, z1, _ = times(s, BASE)
    x2, y2, z2, _ = add(point_of(r), times(h, point_of(key)))
    return s < Q and (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


def microseconds(text):
    moment = datetime.datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(microseconds=1)


def said_at(value):
    return f"{datetime.datetime.fromtimestamp(value // 10**6, datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"


def in_mail(text):
    """The checkpoints whose line is in a mail, however the mail program broke it: (number, hash, when made)."""
    found = []
    for match in LINE.finditer(" ".join(text.replace("=\n", "").lower().split())):
        number, installation, first, last, at, root, previous, digest = match.groups()
        values = (int(number), int(first), int(last), root, microseconds(at), installation, previous)
        if sha256(encode("postroom-checkpoint-1", values)).hex() != digest:
            raise Wrong(f"checkpoint {number}: the mail's line does not agree with itself")
        found.append((values[0], digest, values[4]))
    return found


def lines(archive, name):
    with archive.open(name) as file:
        for line in file:
            yield json.loads(line)


def check_files(archive, keys):
    """Every file is the one that the manifest names, and the manifest is signed; returns manifest and key."""
    text = archive.read("manifest.json")
    key, signature = archive.read("manifest.sig").decode().split()
    if not signed(bytes.fromhex(key), text, bytes.fromhex(signature)):
        raise Wrong("manifest.json: its signature is wrong")
    if keys and key not in keys:
        raise Wrong(f"manifest.json: signed with another key than the one given: {key}")
    manifest = json.loads(text)
    if sorted(archive.namelist()) != sorted([*manifest["files"], "manifest.json", "manifest.sig"]):
        raise Wrong("there are other files in it than the manifest names")
    for name, digest in manifest["files"].items():
        with archive.open(name) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise Wrong(f"{name}: it is not the file that was exported")
    return manifest, key


def check_checkpoints(archive, trusted):
    """Each follows from the one before and is signed."""
    found, before, verified = {}, None, 0
    for row in lines(archive, "checkpoints.jsonl"):
        where = f"checkpoint {row['number']}"
        if sha256(encode("postroom-checkpoint-1", (row[name] for name in POINT))).hex() != row["hash"]:
            raise Wrong(f"{where}: what it says is not what was written")
        if before and (row["number"], row["first_position"], row["previous_hash"]) != (
            before["number"] + 1, before["last_position"] + 1, before["hash"],
        ):  # fmt: skip
            raise Wrong(f"{where}: it does not follow from the one before it")
        found[row["number"]], before = row, row
    # A checkpoint's hash holds that of the one before: the last signature vouches for all.
    if before:
        verified = before["number"]
        if before["public_key"] not in trusted:
            raise Wrong(f"checkpoint {verified}: signed with another key than the bundle")
        raw = before["hash"].encode()
        if not signed(bytes.fromhex(before["public_key"]), raw, bytes.fromhex(before["signature"])):
            raise Wrong(f"checkpoint {verified}: its signature is wrong")
    return found


def compare(checkpoints, known, made_at, whole):
    """Those kept outside are among them; returns the numbers that were compared, and what can't be, as lines."""
    compared, said = set(), []
    first, last = min(checkpoints, default=0), max(checkpoints, default=0)
    for number, digest, at in known:
        here = checkpoints[number]["hash"] if number in checkpoints else None
        if checkpoints and number == first - 1:
            here = checkpoints[first]["previous_hash"]
        if here is None and number > last and at is not None and at < made_at - SOON:
            raise Wrong(f"checkpoint {number} left before the bundle was made, and is not among those in the bundle")
        than = "newer" if number > last else "older"
        words = f"checkpoint {number} is {than} than those in the bundle ({first} to {last})"
        if here is None and (whole or number > last) and at is None:
            raise NotShown(
                f"{words}, so this bundle doesn't meet it. If it reached you before {said_at(made_at)}, when the "
                "bundle was made, something is kept back; else ask for a bundle made since, or give its mail (--mail)"
            )
        if here is None:
            said.append(f"{words}: not compared")
        elif here != digest:
            raise Wrong(f"checkpoint {number}: it is not the one that was kept outside")
        else:
            compared.add(number)
            said.append(f"checkpoint {number} is the one that was kept outside")
    return compared, said


def check_entries(archive, checkpoints, manifest):
    """Every entry is as it was written, follows from the one before, and lies under its checkpoint."""
    chains, facts, people, sealed, unsealed, count = {}, {}, {}, {}, 0, 0
    for position, values, digest, proof in lines(archive, "entries.jsonl"):
        entry = dict(zip(FIELDS, values, strict=True))
        where = f"{entry['subject']} entry {entry['seq']}"
        if sha256(encode("postroom-entry-1", values)).hex() != digest:
            raise Wrong(f"{where}: what it says is not what was written (its hash does not match)")
        seq, head, state = chains.get(entry["subject"], (0, "0" * 64, ""))
        if entry["seq"] != seq + 1 or entry["previous_hash"] != head:
            raise Wrong(f"{where}: it does not follow from the entry before it")
        if (entry["from_state"] or entry["to_state"]) and entry["from_state"] != state:
            raise Wrong(f"{where}: it begins in another state than the entry before it ended in")
        chains[entry["subject"]] = (entry["seq"], digest, entry["to_state"] or state)
        count += 1
        if entry["subject"].startswith(("spotcheck/", "spotcheck_item/")):
            told = json.loads(entry["payload"]) | {"_position": position, "_at": entry["at"], "_by": entry["actor_id"]}
            facts.setdefault(entry["subject"], {})[entry["action"]] = told
        people[entry["actor_id"]] = entry["actor_name"]
        if position is None:
            unsealed += 1
            continue
        point = next((c for c in [checkpoints.get(proof["checkpoint"])] if c), None)
        if point is None or not point["first_position"] <= position <= point["last_position"]:
            raise Wrong(f"{where}: its checkpoint is not in the bundle")
        leaf, size = bytes.fromhex(digest), point["last_position"] - point["first_position"] + 1
        index = position - point["first_position"]
        if proof["path"] is None:
            sealed.setdefault(point["number"], {})[index] = sha256(b"\x00" + leaf)
        elif root_by_proof(leaf, index, size, map(bytes.fromhex, proof["path"])).hex() != point["root"]:
            raise Wrong(f"{where}: it is not under the root of checkpoint {point['number']}")
    check_roots(archive, checkpoints, manifest, sealed)
    return count, unsealed, chains, facts, people


def check_roots(archive, checkpoints, manifest, sealed):
    """Where all is there, each root is that of its entries; `sealed`: checkpoint to place to leaf.

    Of an entry that is kept from whoever asked there is the leaf alone: it stands where no other does.
    """
    withheld = 0
    for position, leaf, number in lines(archive, "withheld.jsonl") if "withheld.jsonl" in manifest["files"] else ():
        withheld += 1
        if position is None:
            continue
        point = checkpoints.get(number)
        if point is None or not point["first_position"] <= position <= point["last_position"]:
            raise Wrong(f"an entry kept back, at {position}: its checkpoint is not in the bundle")
        places, index = sealed.setdefault(number, {}), position - point["first_position"]
        if index in places:
            raise Wrong(f"an entry kept back, at {position}: another one stands in its place")
        places[index] = bytes.fromhex(leaf)
    if withheld != manifest.get("withheld", 0):
        raise Wrong("withheld.jsonl: there are more or fewer entries than the manifest says")
    for number, leaves in sealed.items():
        point = checkpoints[number]
        size = point["last_position"] - point["first_position"] + 1
        if sorted(leaves) != list(range(size)) or root_of([leaves[n] for n in range(size)]).hex() != point["root"]:
            raise Wrong(f"checkpoint {number}: its root is not that of its entries")


def check_ends(manifest, chains):
    """No chain is cut short, none was added."""
    here = {subject: [seq, head] for subject, (seq, head, _) in chains.items()}
    for subject in sorted(set(here) | set(manifest["heads"])):
        if here.get(subject) != manifest["heads"].get(subject):
            raise Wrong(f"{subject}: its chain does not end where it ended when the bundle was made")


def check_draws(archive, facts, people, checkpoints, compared):
    """Each draw is what the rule draws from the frame that was published before the seed; what shows that, as lines."""
    said, seen = [], set()
    for row in lines(archive, "frames.jsonl"):
        where, told = row["subject"], facts.get(row["subject"], {})
        seen.add(where)
        parts, drawn = told.get("fix_frame", {}).get("strata"), ""
        frames = [frame.encode() for frame in row["frames"]]
        if parts is None or [[f.count(b"\n"), sha256(f).hex()] for f in frames] != [part[:2] for part in parts]:
            raise Wrong(f"{where}: its frame is not the one that was published")
        if "take_seed" in told:
            said += before_seed(where, told, people, checkpoints, compared)
        if "draw" not in told:
            continue
        seed, places = sha256(told["take_seed"]["seed"].encode()).hex(), set()
        for frame, (_, _, sample) in zip(frames, parts, strict=True):
            tickets = sorted((sha256(seed.encode() + ref).hex(), ref) for ref in frame.split(b"\n")[:-1])[:sample]
            drawn += "".join(f"{ref.decode()}\n" for _, ref in tickets)
            places |= {(place, ref.decode(), ticket) for place, (ticket, ref) in enumerate(tickets, 1)}
        if sha256(drawn.encode()).hex() != told["draw"]["sha256"]:
            raise Wrong(f"{where}: what was drawn is not what the rule draws from its frame and seed")
        items = [(name, steps) for name, steps in facts.items() if name.startswith(f"spotcheck_item/{where[10:]}.")]
        for name, steps in items:
            put = steps["put_on_list"]
            if put["place"] is not None and (put["place"], put["letter"], put["ticket"]) not in places:
                raise Wrong(f"{name}: it was not drawn by the rule")
        said.append(f"  drawn again: {len(places)} of {told['fix_frame']['count']}, as the rule draws them")
    for where in sorted(name for name in facts if name.startswith("spotcheck/") and name not in seen):
        raise Wrong(f"{where}: its frame is not in the bundle")
    return said


def before_seed(where, told, people, checkpoints, compared):
    """What shows that the frame was fixed before its seed could be known, as lines. Raises Wrong where it was not."""
    fixed, seed = told["fix_frame"], told["take_seed"]
    place, until, left = fixed["_position"], seed["_position"], seed.get("left")
    known_at = microseconds(fixed["known_at"]) if fixed.get("known_at") else None
    point = checkpoints.get(left["checkpoint"]) if left else None
    if left and (point is None or point["hash"] != left["hash"] or place is None or place > point["last_position"]):
        raise Wrong(f"{where}: its list was not in the checkpoint that had left when its seed was taken")
    if point and until is not None and until <= point["last_position"]:
        raise Wrong(f"{where}: its seed was taken before the checkpoint that is said to have left")
    if known_at and (seed["_at"] < known_at or (point and point["at"] >= known_at)):
        raise Wrong(f"{where}: its list was not fixed and gone before the announced value was known, and then taken")
    origin = f"announced: {fixed.get('seed_words')}, known from {said_at(known_at)}" if known_at else "dice"
    if seed.get("witness"):
        origin += f", seen by {people.get(seed['witness'], 'person')} ({seed['witness']})"
    said = [
        f"{where}: list of {fixed['count']} fixed {said_at(fixed['_at'])}; seed {seed['seed']} taken "
        f"{said_at(seed['_at'])} by {people[seed['_by']]}, from {origin}"
    ]
    # What holds the list and not yet the seed, and was made before the announced value was known.
    between = [
        number
        for number, c in sorted(checkpoints.items())
        if place is not None and place <= c["last_position"] and (until is None or c["last_position"] < until)
        and (known_at is None or c["at"] < known_at)
    ]  # fmt: skip
    shown = [number for number in between if number in compared]
    if shown:
        said.append(f"  shown from outside: checkpoint {shown[0]}, kept outside, has the list and not yet the seed")
    elif between:
        said.append(
            f"  not yet shown from outside: give a checkpoint from {between[0]} to {between[-1]} that you were sent "
            "before the seed"
        )
    else:
        said.append("  can't be shown from outside: no checkpoint lies between its list and its seed")
    return said


def check_words(archive, manifest):
    """Where reasons and letters were asked for: each is what its hash in the record was made of."""
    hashes = set()
    for _, values, _, _ in lines(archive, "entries.jsonl") if "content.jsonl" in manifest["files"] else ():
        hashes |= {values[11], (values[0], values[1], values[12])}
    for row in lines(archive, "reasons.jsonl") if hashes else ():
        digest = sha256(encode("postroom-salted-1", (row["salt"], row["text"]))).hex()
        if (row["subject"], row["seq"], digest) not in hashes:
            raise Wrong(f"{row['subject']} entry {row['seq']}: its reason is not the one that was given")
    for row in lines(archive, "content.jsonl") if hashes else ():
        raw = f"postroom-letter-1\0{row['salt']}\0{row['content']}".encode()
        if sha256(raw).hex() not in hashes:
            raise Wrong(f"{row['subject']} version {row['version']}: it does not say what it said")


def check_reads(archive, manifest, checkpoints):
    """Where they were asked for: each read is as it was sealed, in a batch whose entry is under its checkpoint."""
    count = 0
    for row in lines(archive, "reads.jsonl") if "reads.jsonl" in manifest["files"] else ():
        number, subject, count, batch = row["reading"][0], row["reading"][1], count + 1, row["batch"]
        where = f"{subject} read {number}"
        if batch is None:
            continue
        leaf = sha256(encode("postroom-reading-1", row["reading"]))
        root = root_by_proof(leaf, batch["index"], batch["size"], map(bytes.fromhex, batch["path"])).hex()
        entry, digest = row["entry"], sha256(encode("postroom-entry-1", row["entry"]))
        sealed = sha256(encode("postroom-readings-1", (batch["runs"], root))).hex()
        if digest.hex() != row["hash"] or entry[0] != "readings/log" or entry[11] != sealed:
            raise Wrong(f"{where}: what it says is not what was sealed")
        if row["checkpoint"] is None:
            continue
        point = checkpoints.get(row["checkpoint"])
        if point is None or not point["first_position"] <= row["position"] <= point["last_position"]:
            raise Wrong(f"{where}: its checkpoint is not in the bundle")
        index, size = row["position"] - point["first_position"], point["last_position"] - point["first_position"] + 1
        if root_by_proof(digest, index, size, map(bytes.fromhex, row["path"])).hex() != point["root"]:
            raise Wrong(f"{where}: it is not under the root of checkpoint {point['number']}")
    return count


def verify(path, keys=(), known=()):
    """What there is to say of the bundle, as lines. Raises Wrong."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest, key = check_files(archive, keys)
            checkpoints = check_checkpoints(archive, {key, *manifest["keys"]})
            made_at = microseconds(manifest["made_at"])
            compared, outside = compare(checkpoints, known, made_at, manifest["scope"] == "everything")
            count, unsealed, chains, facts, people = check_entries(archive, checkpoints, manifest)
            check_ends(manifest, chains)
            draws = check_draws(archive, facts, people, checkpoints, compared)
            check_words(archive, manifest)
            reads = check_reads(archive, manifest, checkpoints)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, RecursionError, ArithmeticError,
            AttributeError, IndexError, NotImplementedError, EOFError) as error:  # fmt: skip
        raise Wrong(f"this can't be read as a bundle ({type(error).__name__}: {error})") from None
    said = [f"scope: {manifest['scope']}", f"entries: {count}", f"key: {key}"]
    if reads:
        said.append(f"reads: {reads}")
    if checkpoints:
        last = checkpoints[max(checkpoints)]
        said.append(f"up to checkpoint {last['number']}:{last['hash']}")
    if manifest.get("withheld"):
        said.append(
            f"{manifest['withheld']} more are kept from whoever asked for this bundle: each stands in its place as a "
            "hash, what they say is not in it"
        )
    if unsealed:
        said.append(f"{unsealed} entries were in no checkpoint yet; the bundle's own signature vouches for them")
    only = "intact, but nothing that you kept could be compared with it" if known and not compared else "intact"
    return [*said, *outside, *draws, only]


def main(arguments):
    files, keys, known, mails = [], [], [], []
    rest = iter(arguments)
    for argument in rest:
        if argument in ("--key", "--checkpoint", "--mail"):
            value = next(rest, "")
            number, _, digest = value.lower().partition(":")
            if argument == "--key":
                keys.append(value.lower())
            elif argument == "--mail":
                mails.append(value)
            elif number.isdecimal() and len(digest) == 64:
                known.append((int(number), digest, None))
            else:
                files.clear()
                break
        else:
            files.append(argument)
    if len(files) != 1:
        print(__doc__)
        return 1
    try:
        for mail in mails:
            with open(mail, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                found = in_mail(file.read())
            if not found:
                raise Wrong(f"{mail}: there is no line of a checkpoint in it")
            known += found
        print("\n".join(verify(files[0], keys, known)))
    except (Wrong, OSError, ValueError) as error:
        print(f"{getattr(error, 'said', Wrong.said)}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Is an audit bundle of Postroom intact? Standard library alone; read it through, it is short.

    python verify_bundle.py FILE [--key HEX] [--checkpoint NUMBER:HASH]... [--mail FILE]...

Ends with 0 and "intact", or with 1 and where not. `--key`: the public key that the council gave you; `--checkpoint`:
one that you got by mail or have in print; `--mail`: the mail itself, saved as text. Without any it shows that the
bundle agrees with itself and with its own key. What you give has to be met: a checkpoint that isn't in the bundle ends
with 1 and "not shown". Only two are no fault, and said: one older than all in a bundle that is a part (it begins where
its letters do), and a mail whose line says that it is from after the bundle was made.
Of every spot check it says whether a checkpoint that you gave shows its list fixed before its seed, and whether whoever
saw its dice confirmed them.

A bundle is a ZIP. manifest.json names every other file with its SHA-256; manifest.sig is the key and its signature over
manifest.json. entries.jsonl: [position, entry, hash, proof] a line; checkpoints.jsonl; frames.jsonl: what was drawn
from; where asked for, reasons.jsonl, content.jsonl, reads.jsonl; withheld.jsonl: [position, leaf, checkpoint] of what
is kept from whoever asked: of a breach that they have no part in, of a case that they may not know of. An entry's hash
is SHA-256 over a tag and its fields, each with its length (32 bits, big-endian): text as UTF-8, numbers as 64 bits,
nothing for none. Positions are leaves of RFC 6962 trees, one for each checkpoint; checkpoints follow from one another
and are signed (Ed25519, RFC 8032).
"""

import argparse
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


def must(true, where, what):
    if not true:
        raise Wrong(f"{where}: {what}")


def sha256(data):
    return hashlib.sha256(data).digest()


def encode(tag, values):
    out = b""
    for value in (tag, *values):
        if isinstance(value, bool) or not (value is None or isinstance(value, int | str)):
            raise Wrong(f"a value of a kind that is never written: {value!r}")
        raw = value.to_bytes(8, "big", signed=True) if isinstance(value, int) else (value or "").encode()
        out += len(raw).to_bytes(4, "big") + raw
    return out


def hashed(tag, values):
    return sha256(encode(tag, values)).hex()


def node(left, right):
    return sha256(b"\x01" + left + right)


def half_of(size):
    """RFC 6962: how many of `size` leaves (2 at least) lie under the left branch."""
    return 1 << (size - 1).bit_length() - 1


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = half_of(len(leaves))
    return node(root_of(leaves[:half]), root_of(leaves[half:]))


def root_by_proof(leaf, index, size, proof):
    """RFC 6962: the root that the proof leads to from leaf `index` of `size`; its last hash is the outermost."""
    if bool(proof) != (size > 1) or not 0 <= index < size:
        raise Wrong("a proof is too short or too long for its place")
    if size == 1:
        return sha256(b"\x00" + leaf)
    *inner, beside = proof
    half = half_of(size)
    if index < half:
        return node(root_by_proof(leaf, index, half, inner), beside)
    return node(beside, root_by_proof(leaf, index - half, size - half, inner))


# Ed25519 (RFC 8032): only the check of a signature, after the reference in its section 6.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P


def times(n, point):
    out = (0, 1)
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
    return P - x if x & 1 != sign else x, y


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % Q
    return s < Q and times(s, BASE) == add(point_of(r), times(h, point_of(key)))


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
        same = hashed("postroom-checkpoint-1", values) == digest
        must(same, f"checkpoint {number}", "the mail's line does not agree with itself")
        found.append((values[0], digest, values[4]))
    return found


def lines(archive, name, optional=False):
    if not optional or name in archive.namelist():
        with archive.open(name) as file:
            yield from map(json.loads, file)


def place_in(checkpoints, number, position, where):
    """The checkpoint of that number, which has to hold the position, with the place in it and how many it holds."""
    point = checkpoints.get(number)
    there = point is not None and point["first_position"] <= position <= point["last_position"]
    must(there, where, "its checkpoint is not in the bundle")
    return point, position - point["first_position"], point["last_position"] - point["first_position"] + 1


def check_proof(checkpoints, number, position, digest, path, where):
    """The entry with this hash lies at its position under the checkpoint's root."""
    point, index, size = place_in(checkpoints, number, position, where)
    root = root_by_proof(bytes.fromhex(digest), index, size, [bytes.fromhex(one) for one in path]).hex()
    must(root == point["root"], where, f"it is not under the root of checkpoint {number}")


def check_files(archive, keys):
    """Every file is the one that the manifest names, and the manifest is signed; returns manifest and key."""
    text = archive.read("manifest.json")
    key, signature = archive.read("manifest.sig").decode().split()
    must(signed(bytes.fromhex(key), text, bytes.fromhex(signature)), "manifest.json", "its signature is wrong")
    must(not keys or key in keys, "manifest.json", f"signed with another key than the one given: {key}")
    manifest = json.loads(text)
    if sorted(archive.namelist()) != sorted([*manifest["files"], "manifest.json", "manifest.sig"]):
        raise Wrong("there are other files in it than the manifest names")
    for name, digest in manifest["files"].items():
        with archive.open(name) as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == digest
            must(same, name, "it is not the file that was exported")
    return manifest, key


def check_checkpoints(archive, trusted):
    """Each follows from the one before and is signed."""
    found, before = {}, None
    for row in lines(archive, "checkpoints.jsonl"):
        where = f"checkpoint {row['number']}"
        same = hashed("postroom-checkpoint-1", (row[name] for name in POINT)) == row["hash"]
        must(same, where, "what it says is not what was written")
        follows = before is None or (row["number"], row["first_position"], row["previous_hash"]) == (
            before["number"] + 1, before["last_position"] + 1, before["hash"],
        )  # fmt: skip
        must(follows, where, "it does not follow from the one before it")
        found[row["number"]], before = row, row
    if before:  # a checkpoint's hash holds that of the one before: the last signature vouches for all
        key, signature = (bytes.fromhex(before[name]) for name in ("public_key", "signature"))
        must(before["public_key"] in trusted, where, "signed with another key than the bundle")
        must(signed(key, before["hash"].encode(), signature), where, "its signature is wrong")
    return found


def compare(checkpoints, known, made_at, whole):
    """Those kept outside are among them; returns the numbers that were compared, and what can't be, as lines."""
    compared, said = set(), []
    first, last = min(checkpoints, default=0), max(checkpoints, default=0)
    for number, digest, at in known:
        where, newer = f"checkpoint {number}", number > last
        here = checkpoints[number]["hash"] if number in checkpoints else None
        if checkpoints and number == first - 1:
            here = checkpoints[first]["previous_hash"]
        words = f"{where} is {'newer' if newer else 'older'} than those in the bundle ({first} to {last})"
        if here is not None:
            must(here == digest, where, "it is not the one that was kept outside")
            compared.add(number)
            said.append(f"{where} is the one that was kept outside")
        elif newer and at is not None and at < made_at - SOON:
            raise Wrong(f"{where} left before the bundle was made, and is not among those in the bundle")
        elif (whole or newer) and at is None:
            raise NotShown(
                f"{words}, so this bundle doesn't meet it. If it reached you before {said_at(made_at)}, when the "
                "bundle was made, something is kept back; else ask for a bundle made since, or give its mail (--mail)"
            )
        else:
            said.append(f"{words}: not compared")
    return compared, said


def check_entries(archive, checkpoints, manifest):
    """Every entry is as it was written, follows from the one before, and lies under its checkpoint."""
    chains, facts, people, sealed, unsealed, count = {}, {}, {}, {}, 0, 0
    for position, values, digest, proof in lines(archive, "entries.jsonl"):
        entry = dict(zip(FIELDS, values, strict=True))
        subject, where = entry["subject"], f"{entry['subject']} entry {entry['seq']}"
        same = hashed("postroom-entry-1", values) == digest
        must(same, where, "what it says is not what was written (its hash does not match)")
        seq, head, state = chains.get(subject, (0, "0" * 64, ""))
        follows = (entry["seq"], entry["previous_hash"]) == (seq + 1, head)
        must(follows, where, "it does not follow from the entry before it")
        goes_on = entry["from_state"] == state or not (entry["from_state"] or entry["to_state"])
        must(goes_on, where, "it begins in another state than the entry before it ended in")
        chains[subject] = (entry["seq"], digest, entry["to_state"] or state)
        count += 1
        people[entry["actor_id"]] = entry["actor_name"]
        if subject.startswith(("spotcheck/", "spotcheck_item/")):
            note(facts.setdefault(subject, {}), entry, position)
        if position is None:
            unsealed += 1
        elif proof["path"] is None:
            _, index, _ = place_in(checkpoints, proof["checkpoint"], position, where)
            sealed.setdefault(proof["checkpoint"], {})[index] = sha256(b"\x00" + bytes.fromhex(digest))
        else:
            check_proof(checkpoints, proof["checkpoint"], position, digest, proof["path"], where)
    check_roots(archive, checkpoints, manifest, sealed)
    return count, unsealed, chains, facts, people


def note(story, entry, position):
    """What a step of a spot check tells, by its action; of a seed that its witness refused that alone."""
    told = json.loads(entry["payload"])
    told |= {"_seq": entry["seq"], "_position": position, "_at": entry["at"], "_by": entry["actor_id"]}
    story[entry["action"]] = told
    if entry["action"] == "take_seed":
        story.setdefault("first_seed", told)
    if entry["action"] == "refuse_dice":
        story.setdefault("refused", []).append(told)
        del story["take_seed"]


def check_roots(archive, checkpoints, manifest, sealed):
    """Where all is there, each root is that of its entries; `sealed`: checkpoint to place to leaf.

    Of an entry that is kept from whoever asked there is the leaf alone: it stands where no other does.
    """
    withheld = list(lines(archive, "withheld.jsonl", optional=True))
    for position, leaf, number in withheld:
        if position is not None:
            where, places = f"an entry kept back, at {position}", sealed.setdefault(number, {})
            _, index, _ = place_in(checkpoints, number, position, where)
            must(index not in places, where, "another one stands in its place")
            places[index] = bytes.fromhex(leaf)
    same = len(withheld) == manifest.get("withheld", 0)
    must(same, "withheld.jsonl", "there are more or fewer entries than the manifest says")
    for number, leaves in sealed.items():
        point, _, size = place_in(checkpoints, number, checkpoints[number]["last_position"], "an entry")
        whole = sorted(leaves) == list(range(size)) and root_of([leaves[n] for n in range(size)]).hex() == point["root"]
        must(whole, f"checkpoint {number}", "its root is not that of its entries")


def check_ends(manifest, chains):
    """No chain is cut short, none was added."""
    heads = manifest["heads"]
    for subject in sorted({*chains, *heads}):
        same = list(chains.get(subject, ())[:2]) == heads.get(subject, [])
        must(same, subject, "its chain does not end where it ended when the bundle was made")


def check_draws(archive, facts, people, checkpoints, compared):
    """Each draw is what the rule draws from the frame that was published before the seed; what shows that, as lines."""
    said, seen = [], set()
    for row in lines(archive, "frames.jsonl"):
        where, told = row["subject"], facts.get(row["subject"], {})
        seen.add(where)
        parts, drawn, places = told.get("fix_frame", {}).get("strata"), "", set()
        frames = [frame.encode() for frame in row["frames"]]
        same = parts and [[f.count(b"\n"), sha256(f).hex()] for f in frames] == [part[:2] for part in parts]
        must(same, where, "its frame is not the one that was published")
        for one in told.get("refused", ()):
            by = f"{people[one['_by']]}, who was named as having seen the dice"
            said.append(f"{where}: seed {one['seed']} refused {said_at(one['_at'])} by {by}; nothing is drawn from it")
        if "take_seed" in told:
            said += before_seed(where, told, people, checkpoints, compared)
        if "draw" not in told:
            continue
        waited = confirmed(told) or not told["take_seed"].get("to_confirm")
        must(waited, where, "it was drawn from dice that their witness had not confirmed")
        seed = sha256(told["take_seed"]["seed"].encode()).hex()
        for frame, (_, _, sample) in zip(frames, parts, strict=True):
            tickets = sorted((sha256(seed.encode() + ref).hex(), ref) for ref in frame.split(b"\n")[:-1])[:sample]
            drawn += "".join(f"{ref.decode()}\n" for _, ref in tickets)
            places |= {(place, ref.decode(), ticket) for place, (ticket, ref) in enumerate(tickets, 1)}
        same = sha256(drawn.encode()).hex() == told["draw"]["sha256"]
        must(same, where, "what was drawn is not what the rule draws from its frame and seed")
        for name in (name for name in facts if name.startswith(f"spotcheck_item/{where[10:]}.")):
            put = facts[name]["put_on_list"]
            by_rule = put["place"] is None or (put["place"], put["letter"], put["ticket"]) in places
            must(by_rule, name, "it was not drawn by the rule")
        said.append(f"  drawn again: {len(places)} of {told['fix_frame']['count']}, as the rule draws them")
    for where in sorted(facts):
        must(where in seen or not where.startswith("spotcheck/"), where, "its frame is not in the bundle")
    return said


def confirmed(told):
    """Did whoever was named as having seen these dice confirm them, before anything was drawn?"""
    seed, step, end = told["take_seed"], told.get("confirm_dice"), told.get("draw", {"_seq": sys.maxsize})
    return step and (step["_by"], step["seed"]) == (seed["witness"], seed["seed"]) and step["_seq"] < end["_seq"]


def before_seed(where, told, people, checkpoints, compared):
    """What shows that the frame was fixed before its seed could be known, as lines. Raises Wrong where it was not."""
    fixed, seed = told["fix_frame"], told["take_seed"]
    place, until, left = fixed["_position"], told.get("first_seed", seed)["_position"], seed.get("left")
    known_at = microseconds(fixed["known_at"]) if fixed.get("known_at") else None
    point = checkpoints.get(left["checkpoint"]) if left else None
    has_it = point and point["hash"] == left["hash"] and place is not None and place <= point["last_position"]
    must(has_it or not left, where, "its list was not in the checkpoint that had left when its seed was taken")
    after = not point or until is None or until > point["last_position"]
    must(after, where, "its seed was taken before the checkpoint that is said to have left")
    in_time = not known_at or (seed["_at"] >= known_at and not (point and point["at"] >= known_at))
    must(in_time, where, "its list was not fixed and gone before the announced value was known, and then taken")
    origin = f"announced: {fixed.get('seed_words')}, known from {said_at(known_at)}" if known_at else "dice"
    if seed.get("witness"):
        signed_in = f"{said_at(told['confirm_dice']['_at'])} with their own sign-in" if confirmed(told) else "by nobody"
        origin += f", seen by {people.get(seed['witness'], 'person')} ({seed['witness']}), confirmed {signed_in}"
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
    shown, ask = [number for number in between if number in compared], "not yet shown from outside: give a checkpoint"
    if shown:
        return [*said, f"  shown from outside: checkpoint {shown[0]}, kept outside, has the list and not yet the seed"]
    if between:
        return [*said, f"  {ask} from {between[0]} to {between[-1]} that you were sent before the seed"]
    return [*said, "  can't be shown from outside: no checkpoint lies between its list and its seed"]


def check_words(archive, manifest):
    """Where reasons and letters were asked for: each is what its hash in the record was made of."""
    hashes = set()
    for _, values, _, _ in lines(archive, "entries.jsonl") if "content.jsonl" in manifest["files"] else ():
        hashes |= {values[11], (values[0], values[1], values[12])}
    for row in lines(archive, "reasons.jsonl") if hashes else ():
        key = (row["subject"], row["seq"], hashed("postroom-salted-1", (row["salt"], row["text"])))
        must(key in hashes, f"{row['subject']} entry {row['seq']}", "its reason is not the one that was given")
    for row in lines(archive, "content.jsonl") if hashes else ():
        digest = sha256(f"postroom-letter-1\0{row['salt']}\0{row['content']}".encode()).hex()
        must(digest in hashes, f"{row['subject']} version {row['version']}", "it does not say what it said")


def check_reads(archive, checkpoints):
    """Where they were asked for: each read is as it was sealed, in a batch whose entry is under its checkpoint."""
    count = 0
    for row in lines(archive, "reads.jsonl", optional=True):
        where, batch, count = f"{row['reading'][1]} read {row['reading'][0]}", row["batch"], count + 1
        if batch is None:
            continue
        entry = row["entry"]
        leaf = sha256(encode("postroom-reading-1", row["reading"]))
        root = root_by_proof(leaf, batch["index"], batch["size"], [bytes.fromhex(one) for one in batch["path"]]).hex()
        same = hashed("postroom-entry-1", entry) == row["hash"] and entry[0] == "readings/log"
        same = same and entry[11] == hashed("postroom-readings-1", (batch["runs"], root))
        must(same, where, "what it says is not what was sealed")
        if row["checkpoint"] is not None:
            check_proof(checkpoints, row["checkpoint"], row["position"], row["hash"], row["path"], where)
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
            reads = check_reads(archive, checkpoints)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, RecursionError, ArithmeticError,
            AttributeError, IndexError, NotImplementedError, EOFError) as error:  # fmt: skip
        raise Wrong(f"this can't be read as a bundle ({type(error).__name__}: {error})") from None
    said = [f"scope: {manifest['scope']}", f"entries: {count}", f"key: {key}"]
    if reads:
        said.append(f"reads: {reads}")
    if checkpoints:
        said.append(f"up to checkpoint {max(checkpoints)}:{checkpoints[max(checkpoints)]['hash']}")
    if manifest.get("withheld"):
        kept = "more are kept from whoever asked for this bundle: each stands in its place as a hash, what they say is"
        said.append(f"{manifest['withheld']} {kept} not in it")
    if unsealed:
        said.append(f"{unsealed} entries were in no checkpoint yet; the bundle's own signature vouches for them")
    only = "intact, but nothing that you kept could be compared with it" if known and not compared else "intact"
    return [*said, *outside, *draws, only]


def checkpoint(text):
    number, digest = text.lower().split(":")
    if not number.isdecimal() or len(digest) != 64:
        raise ValueError(text)
    return int(number), digest, None


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    for name, kind in (("--key", str.lower), ("--checkpoint", checkpoint), ("--mail", str)):
        parser.add_argument(name, action="append", default=[], type=kind)
    try:
        given = parser.parse_args(arguments)
        known = list(given.checkpoint)
        for mail in given.mail:
            with open(mail, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                found = in_mail(file.read())
            must(found, mail, "there is no line of a checkpoint in it")
            known += found
        print("\n".join(verify(given.file, given.key, known)))
    except SystemExit as end:
        return 1 if end.code else 0
    except (Wrong, OSError, ValueError) as error:
        print(f"{getattr(error, 'said', Wrong.said)}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

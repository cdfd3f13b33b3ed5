"""Merkle trees after RFC 6962, against its definition written plainly and against known roots."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.ledger.merkle import RootBuilder, inclusion_proof, leaf_hash, merkle_root, proves_inclusion

pytestmark = pytest.mark.policy("OGP-0")

# The example tree of the RFC 6962 reference implementations.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def plain_root(leaves):
    """Section 2.1 as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", ROOTS)
def test_known_roots(size):
    assert merkle_root(LEAVES[:size]).hex() == ROOTS[size]


@given(st.lists(st.binary(max_size=3), max_size=70))
def test_one_by_one_gives_the_root_of_the_definition(leaves):
    builder = RootBuilder()
    for leaf in leaves:
        builder.add(leaf)
    assert builder.root() == plain_root(leaves)


@pytest.mark.parametrize("size", range(1, 20))
def test_every_leaf_is_proved_and_nothing_else(size):
    leaves = [bytes([n]) for n in range(size)]
    root = merkle_root(leaves)
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(index, leaves)
        assert proves_inclusion(leaf, index, size, proof, root)
        assert not proves_inclusion(b"other", index, size, proof, root)
        assert not proves_inclusion(leaf, index, size, [*proof, leaf_hash(leaf)], root)
        assert not proves_inclusion(leaf, size, size, proof, root)
        for other in set(range(size)) - {index}:
            assert not proves_inclusion(leaf, other, size, proof, root)


def test_a_leaf_that_is_not_there_has_no_proof():
    with pytest.raises(IndexError):
        inclusion_proof(2, [b"a", b"b"])

"""A time-stamping service of RFC 3161 for tests, on loopback: its own root and certificate, DER written by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SHA256 = bytes.fromhex("300d06096086480165030402010500")
RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x80 + (size.bit_length() + 7) // 8]) + number_bytes(size)
    return bytes([tag]) + length + body


def number_bytes(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


class TimeStamping:
    """Root and signer; `stamp(digest, nonce)` gives a whole response."""

    def __init__(self, name: str = "Invented Time Stamping") -> None:
        self.root_key = rsa.generate_private_key(65537, 2048)
        self.key = rsa.generate_private_key(65537, 2048)
        root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} root")])
        own_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.root = self._certificate(root_name, root_name, self.root_key, ca=True)
        self.certificate = self._certificate(own_name, root_name, self.key, ca=False)

    def _certificate(self, subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, *, ca: bool):
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root_key.public_key()), critical=False
            )
            .add_extension(x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True)
        )
        if not ca:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self.root_key, hashes.SHA256())

    def root_pem(self) -> bytes:
        return self.root.public_bytes(serialization.Encoding.PEM)

    def stamp(self, digest: bytes, nonce: int | None) -> bytes:
        moment = dt.datetime.now(dt.UTC).strftime("%Y%m%d%H%M%SZ").encode()
        info = der(
            0x30,
            integer(1),
            bytes.fromhex("06042a030405"),
            der(0x30, SHA256, der(0x04, digest)),
            integer(4711),
            der(0x18, moment),
            integer(nonce) if nonce is not None else b"",
        )
        certificate = self.certificate.public_bytes(serialization.Encoding.DER)
        attributes = sorted(
            [
                der(0x30, bytes.fromhex("06092a864886f70d010903"), der(0x31, TST_INFO)),
                der(
                    0x30,
                    bytes.fromhex("06092a864886f70d010904"),
                    der(0x31, der(0x04, hashlib.sha256(info).digest())),
                ),
                der(
                    0x30,
                    bytes.fromhex("060b2a864886f70d010910022f"),
                    der(
                        0x31,
                        der(0x30, der(0x30, der(0x30, der(0x04, hashlib.sha256(certificate).digest())))),
                    ),
                ),
            ]
        )
        signature = self.key.sign(der(0x31, *attributes), padding.PKCS1v15(), hashes.SHA256())
        signer = der(
            0x30,
            integer(1),
            der(0x30, self.certificate.issuer.public_bytes(), integer(self.certificate.serial_number)),
            SHA256,
            der(0xA0, *attributes),
            RSA_SHA256,
            der(0x04, signature),
        )
        signed = der(
            0x30,
            integer(3),
            der(0x31, SHA256),
            der(0x30, TST_INFO, der(0xA0, der(0x04, info))),
            der(0xA0, certificate),
            der(0x31, signer),
        )
        token = der(0x30, bytes.fromhex("06092a864886f70d010702"), der(0xA0, signed))
        return der(0x30, der(0x30, integer(0)), token)


class Service:
    """The service on a port of its own: `with Service(stamping) as url`. `answer` replaces what it says."""

    def __init__(self, stamping: TimeStamping, answer: bytes | None = None) -> None:
        outer = self
        self.asked = 0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked += 1
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                body = answer if answer is not None else stamping.stamp(*parse_request(asked))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/tsa"

    def __exit__(self, *args: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def parse_request(raw: bytes) -> tuple[bytes, int | None]:
    """Digest and nonce out of a request as the client writes it."""
    fields = list(walk(raw))
    digest = next(body for tag, body in fields if tag == 0x04)
    numbers = [int.from_bytes(body, "big") for tag, body in fields if tag == 0x02]
    return digest, numbers[1] if len(numbers) > 1 else None


def walk(raw: bytes):
    place = 0
    while place < len(raw):
        tag, size = raw[place], raw[place + 1]
        place += 2
        if size >= 128:
            octets = size - 128
            size = int.from_bytes(raw[place : place + octets], "big")
            place += octets
        body = raw[place : place + size]
        if tag & 0x20:
            yield from walk(body)
        else:
            yield tag, body
        place += size

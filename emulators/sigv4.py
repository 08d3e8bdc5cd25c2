"""AWS Signature Version 4, checked: what an S3-compatible server recomputes from a request and the secret."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<scope>(?P<date>\d{8})/(?P<region>[^/]+)/s3/aws4_request),\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
UNSIGNED = "UNSIGNED-PAYLOAD"


def access_key(headers: Mapping[str, str]) -> str | None:
    """Who claims to have signed; None without such a header."""
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    return found["id"] if found else None


def is_signed(method: str, raw_path: str, query: str, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether the signature is that of exactly this request. `raw_path` is the path as it was sent."""
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if found is None:
        return False
    payload = headers.get("x-amz-content-sha256", "")
    if payload not in (UNSIGNED, hashlib.sha256(body).hexdigest()):
        return False
    names = found["headers"].split(";")
    if "host" not in names or "x-amz-date" not in names:
        return False
    canonical = "\n".join(
        [
            method,
            raw_path,
            _canonical_query(query),
            *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in names),
            "",
            found["headers"],
            payload,
        ]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", headers.get("x-amz-date", ""), found["scope"], digest])
    key = f"AWS4{secret}".encode()
    for part in (found["date"], found["region"], "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), found["signature"])


def _canonical_query(query: str) -> str:
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in _pairs(query))
    return "&".join(f"{name}={value}" for name, value in pairs)


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)

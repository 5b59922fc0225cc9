"""Certificates as the engine reads them: what others would refuse is refused at the start."""

import hashlib
import ssl
import subprocess

import pytest
from inlay.api.certificates import CertificateError, plain_name, read_certificate, spelled

from tests.certificates import made


def test_names_and_fingerprint_are_told(tmp_path):
    own = made(tmp_path, names="DNS:Studio.Local,DNS:*.gpu.example,IP:192.168.1.5,IP:::1")
    told = read_certificate(own.path, own.key)
    assert told.names == {"studio.local", "*.gpu.example", "192.168.1.5", "::1"}
    assert told.fingerprint == hashlib.sha256(ssl.PEM_cert_to_DER_cert(own.path.read_text())).hexdigest()
    assert spelled(told.fingerprint).replace(":", "").lower() == told.fingerprint


def test_one_that_an_authority_vouches_for_is_read_with_it(tmp_path):
    authority = made(tmp_path, "authority", names="")
    own = made(tmp_path, by=authority)
    own.path.write_text(own.path.read_text() + authority.path.read_text())
    assert read_certificate(own.path, own.key).names == {"localhost", "127.0.0.1"}


def test_without_names_it_has_none(tmp_path):
    own = made(tmp_path, names="")
    assert read_certificate(own.path, own.key).names == frozenset()


def refusal(path, key):
    with pytest.raises(CertificateError) as caught:
        read_certificate(path, key)
    return caught.value.fault


def test_an_expired_one_is_refused(tmp_path):
    own = made(tmp_path, days=-1)
    assert "has expired" in refusal(own.path, own.key).message


def test_another_ones_key_is_refused(tmp_path):
    own, other = made(tmp_path), made(tmp_path, "other")
    assert "do not belong together" in refusal(own.path, other.key).message


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(tmp_path):
    own = made(tmp_path)
    locked = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-in", own.key, "-out", locked, "-passout", "pass:secret"], check=True
    )
    assert refusal(own.path, locked).code == "key_locked"


def test_what_is_no_certificate_is_refused(tmp_path):
    own = made(tmp_path)
    odd = tmp_path / "odd.crt"
    odd.write_text("a picture of a boat")
    assert "no PEM files" in refusal(odd, own.key).message
    assert "cannot be read" in refusal(tmp_path / "nowhere.crt", own.key).message


@pytest.mark.parametrize(("told", "plain"), [("Studio.", "studio"), ("[::1]", "::1"), (" 10.0.0.1 ", "10.0.0.1")])
def test_names_are_compared_in_one_form(told, plain):
    assert plain_name(told) == plain


@pytest.mark.parametrize("told", ["", "two words", "a/b", "you@there", "*.example"])
def test_what_is_no_name_is_refused(told):
    with pytest.raises(CertificateError):
        plain_name(told)

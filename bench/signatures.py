"""botocore on the request of signatures.lua: signatures.py bytes|seconds

What `signatures.lua request` prints is read; for each case its name and the signature, or the CPU
time of one, is written.
"""
import datetime
import json
import re
import sys
import time
import types

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

GIVEN = json.load(sys.stdin)
CREDENTIALS = Credentials(
    GIVEN["access_key_id"], GIVEN["secret_access_key"], GIVEN["session_token"]
)
UNSIGNED = types.SimpleNamespace(s3={"payload_signing_enabled": False})

SIGNERS = {
    "sign": botocore.auth.S3SigV4Auth(CREDENTIALS, "s3", "auto"),
    "presign": botocore.auth.S3SigV4QueryAuth(
        CREDENTIALS, "s3", "auto", expires=GIVEN["expires_seconds"]
    ),
}


def sign(signer):
    request = AWSRequest(method="GET", url=GIVEN["url"])
    request.context["client_config"] = UNSIGNED
    signer.add_auth(request)
    return request


def seconds_of(signer, count):
    start = time.process_time()
    for _ in range(count):
        sign(signer)
    return time.process_time() - start


class FixedTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return cls.utcfromtimestamp(GIVEN["now"])


def at_given_time(remove_tzinfo=True):
    now = datetime.datetime.fromtimestamp(GIVEN["now"], datetime.timezone.utc)
    return now.replace(tzinfo=None) if remove_tzinfo else now


def signature_of(signer):
    botocore.auth.datetime = types.SimpleNamespace(datetime=FixedTime)
    if hasattr(botocore.auth, "get_current_datetime"):  # newer ones ask only this
        botocore.auth.get_current_datetime = at_given_time
    request = sign(signer)
    text = request.headers.get("Authorization") or request.url
    return re.search("Signature=([0-9a-f]+)$", text).group(1)


for name, signer in SIGNERS.items():
    if sys.argv[1] == "seconds":
        seconds_of(signer, 200)
        print(name, "%.12f" % (min(seconds_of(signer, 200) for _ in range(6)) / 200), sep="\t")
    else:
        print(name, signature_of(signer), sep="\t")

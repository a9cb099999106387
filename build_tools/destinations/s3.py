"""Storage that speaks S3 as destination, through boto3: Amazon's, MinIO's, or another's at an address of its own."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from build_tools.destinations.sending import Site, without_password
from build_tools.errors import BuildError
from build_tools.media_types import content_type

AT_ONCE = 8
_NAMED = re.compile(r"(en/)?(assets/(css/all\.|js/vega-)|pagefind/(fragment|index)/)")
_FONTS = re.compile(r"(en/)?assets/fonts/")
_REMEDY = "Kiểm tên kho, địa chỉ, quyền và khóa truy cập / Check the bucket, the address, your rights and credentials."


def cache_control(path: str) -> str:
    """Return how long a file may be kept: for good only where its name holds a checksum."""
    if _NAMED.match(path):
        return "public, max-age=31536000, immutable"
    return "public, max-age=2592000" if _FONTS.match(path) else "public, max-age=300, must-revalidate"


@dataclass(frozen=True)
class Bucket:
    """A bucket, or what stands below a prefix in it."""

    client: Any
    bucket: str
    prefix: str = ""  # empty, or ending in a slash

    @property
    def name(self) -> str:
        """The address as it was given."""
        return f"s3://{self.bucket}/{self.prefix}"

    def look(self) -> Mapping[str, int]:
        """Return the size of every object below the prefix, by path."""
        with self._faults():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
            found = {str(item["Key"]): int(item["Size"]) for page in pages for item in page.get("Contents", ())}
        return {key.removeprefix(self.prefix): size for key, size in found.items()}

    def read(self, path: str) -> bytes:
        """Return an object that is there."""
        with self._faults():
            content: bytes = self.client.get_object(Bucket=self.bucket, Key=self.prefix + path)["Body"].read()
        return content

    def write(self, path: str, content: bytes) -> None:
        """Write an object; the server refuses one that arrives otherwise than it was sent."""
        with self._faults():
            self.client.put_object(
                Bucket=self.bucket,
                Key=self.prefix + path,
                Body=content,
                ContentType=content_type(path),
                CacheControl=cache_control(path),
                ContentMD5=base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode(),
            )

    def send(self, site: Site, paths: Sequence[str]) -> None:
        """Send files of a site, several at once; an object is replaced in one step."""

        def send(path: str) -> None:
            content = (site.folder / path).read_bytes()
            if hashlib.sha256(content).hexdigest() != site.files[path].sha256:
                raise BuildError(
                    str(site.folder / path),
                    "đã đổi trong lúc công bố / changed while it was published",
                    "Công bố lại / Publish again.",
                )
            self.write(path, content)

        _each(send, paths)

    def delete(self, paths: Sequence[str], kept: Iterable[str]) -> None:
        """Delete objects, one by one: not every server takes a list."""
        del kept

        def delete(path: str) -> None:
            with self._faults():
                self.client.delete_object(Bucket=self.bucket, Key=self.prefix + path)

        _each(delete, paths)

    def half_of(self, path: str) -> str:
        """Return nothing: an object is there as a whole or not at all."""
        del path
        return ""

    @contextmanager
    def _faults(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise BuildError(self.name, without_password(str(error)), _REMEDY) from error


def _each(act: Callable[[str], None], paths: Sequence[str]) -> None:
    """Do something with each path, several at once, and raise the first error."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(act, path) for path in paths]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def bucket(name: str, prefix: str, endpoint: str = "") -> Bucket:
    """Return a bucket, with the credentials that boto3 finds; BuildError where boto3 is not installed.

    `endpoint` is the address of a server other than Amazon's.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise BuildError(
            f"s3://{name}/{prefix}",
            "cần thư viện boto3 / the library boto3 is needed",
            "pip install 'minhbach[publish]'",
        ) from error
    # Servers that are not Amazon's know neither its newer checksums nor buckets as names of hosts.
    style = {"addressing_style": "path"} if endpoint else {}
    config = Config(
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        max_pool_connections=AT_ONCE,
        s3=style,
    )
    try:
        region = boto3.Session().region_name or "us-east-1"
        client = boto3.client("s3", endpoint_url=endpoint or None, region_name=region, config=config)
    except (BotoCoreError, ValueError) as error:
        raise BuildError(f"s3://{name}/{prefix}", without_password(str(error)), _REMEDY) from error
    return Bucket(client, name, prefix)

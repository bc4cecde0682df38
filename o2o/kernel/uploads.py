"""Forms with a file (multipart/form-data), read whole: a page that takes one says how large it may be."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final, NamedTuple

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from o2o.kernel.errors import InvalidError
from o2o.kernel.http import read_body
from o2o.kernel.i18n import _

PARTS: Final = "multipart/form-data"
MAX_FIELDS: Final = 20
MAX_FILES: Final = 1


class Parts(NamedTuple):
    """A form's fields, and its file's content (empty where none was chosen)."""

    fields: Mapping[str, str]
    file: bytes


async def read_parts(request: Request[Any], limit: int) -> Parts:
    """The form, of `limit` bytes at most in all. Raises TooLargeError, InvalidError."""
    body = await read_body(request, limit)

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, whole(), max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=limit)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise InvalidError(_("The form can't be read."), field="body") from error
    fields, file = {}, b""
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            file = await value.read()
            await value.close()
        else:
            fields[name] = value
    return Parts(fields, file)

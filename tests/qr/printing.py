"""A printed code, made as the codes of a sheet are."""

from datetime import datetime

from o2o.kernel.database import transaction
from o2o.kernel.signing import Signer
from qr.schemas import Code, NewCode
from qr.service import make_codes


async def printed(signer: Signer, given: NewCode, *, now: datetime) -> Code:
    (code,) = await transaction(lambda client: make_codes(client, signer, [given], actor="staff:manager", now=now))
    return code

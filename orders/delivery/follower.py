"""Who follows parcels for us, by the settings."""

from typing import Final

from o2o.kernel.settings import Settings
from o2o.kernel.signing import Signer
from orders.delivery.carriers import ByHand, Follower
from orders.delivery.kuaidi100 import Kuaidi100

PUSHES: Final = "/api/v1/carriers/kuaidi100"
SALT: Final = "kuaidi100"


def follower_of(settings: Settings, signer: Signer) -> Follower:
    """Kuaidi100 with the account that was set; without one nobody, and staff enter what they know."""
    if not settings.kuaidi100_key:
        return ByHand()
    return Kuaidi100(
        settings.kuaidi100_key,
        settings.kuaidi100_customer,
        salt_of=lambda shipment: signer.token(SALT, shipment),
        callback=lambda shipment: f"{settings.base_url}{PUSHES}/{shipment}",
        url=settings.kuaidi100_url,
    )

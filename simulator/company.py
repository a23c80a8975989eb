"""Compute the sources of a tenant's seats as Graph sees them: late, if the switch says so."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from simulator.legacy import OFFERS, LegacySubscription
from simulator.nouns import CompanySubscription, ForeignPurchase, StockEntry, Subscription
from simulator.products import by_entra_sku, by_sku

if TYPE_CHECKING:
    from simulator.world import World

_STATUS_IN_THE_DIRECTORY = {
    "active": "Enabled",
    "pending": "Enabled",
    "expired": "Warning",
    "suspended": "Suspended",
    "disabled": "Suspended",
    "deleted": "Deleted",
}


def company_subscriptions(world: "World", tenant_id: str) -> list[CompanySubscription]:
    ours = (_of(world, sub) for sub in world.subscriptions_of(tenant_id))
    bought = world.foreign_purchases.values()
    others = [_foreign(purchase) for purchase in bought if purchase.tenant_id == tenant_id]
    old = (_legacy(world, one) for one in world.legacy_of(tenant_id))
    return [one for one in (*ours, *old) if one is not None] + others


def visible_stock(
    world: "World", subscription: Subscription | LegacySubscription
) -> StockEntry | None:
    """The newest entry that is older than the lag of licence counts."""
    lag = timedelta(seconds=world.switches["lag.licenseCountsSeconds"])
    limit = world.clock.real() - lag
    return next((entry for entry in reversed(subscription.stock) if entry.at <= limit), None)


def note_stock(world: "World", subscription: Subscription) -> None:
    """Writes down what the subscription gives from this moment on."""
    entry = StockEntry(world.clock.real(), subscription.quantity, subscription.status)
    subscription.stock = [*subscription.stock[-20:], entry]


def _of(world: "World", subscription: Subscription) -> CompanySubscription | None:
    stock = visible_stock(world, subscription)
    if stock is None:
        return None
    product = by_sku(subscription.product_id, subscription.sku_id)
    use_entitlement = world.switches["graph.commerceIdIsEntitlement"]
    return CompanySubscription(
        id=str(uuid5(NAMESPACE_OID, f"company/{subscription.id}")),
        commerce_subscription_id=subscription.entitlement_id
        if use_entitlement
        else subscription.id,
        sku_id=product.entra_sku_id,
        sku_part_number=product.part_number,
        owner_tenant_id=subscription.partner_id,
        status=_status(world, stock.status),
        total_licenses=stock.quantity,
        is_trial=False,
        created=subscription.created,
        next_lifecycle=subscription.term_ends,
    )


def _legacy(world: "World", subscription: LegacySubscription) -> CompanySubscription | None:
    """What the directory knows of an offer; some add-ons it does not."""
    stock, offer = visible_stock(world, subscription), OFFERS[subscription.offer_id]
    if stock is None or offer.sku_id is None:
        return None
    return CompanySubscription(
        id=str(uuid5(NAMESPACE_OID, f"company/{subscription.id}")),
        commerce_subscription_id=subscription.id,
        sku_id=offer.sku_id,
        sku_part_number=offer.part_number,
        owner_tenant_id=subscription.partner_id,
        status=_status(world, stock.status),
        total_licenses=stock.quantity,
        is_trial=False,
        created=subscription.created,
        next_lifecycle=subscription.term_ends,
    )


def _status(world: "World", status: str) -> str:
    """What a customer's seats count as is inferred, so a switch may say otherwise."""
    names = _STATUS_IN_THE_DIRECTORY | world.switches["licences.statuses"]
    return str(names.get(status, "LockedOut"))


def _foreign(purchase: ForeignPurchase) -> CompanySubscription:
    return CompanySubscription(
        id=str(uuid5(NAMESPACE_OID, f"company/{purchase.id}")),
        commerce_subscription_id=purchase.id,
        sku_id=purchase.sku_id,
        sku_part_number=by_entra_sku(purchase.sku_id).part_number,
        owner_tenant_id=purchase.owner_tenant_id,
        status=purchase.status,
        total_licenses=purchase.quantity,
        is_trial=False,
        created=purchase.created,
        next_lifecycle=None,
    )

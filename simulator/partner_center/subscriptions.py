"""Show subscriptions, and the licence counts that come of them."""

from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.graph.stock import SkuStock, sku_stock
from simulator.nouns import Subscription
from simulator.partner_center.call import Call
from simulator.partner_center.documents import Json, collection, compact, kind, link, time
from simulator.partner_center.errors import Refused
from simulator.partner_center.lots import refundable, refundable_quantity
from simulator.partner_center.schedules import takes_actions
from simulator.partner_center.terms import last_day, midnight, period_end
from simulator.products import by_entra_sku, by_sku

if TYPE_CHECKING:
    from simulator.world import World

_END_OF_DAY = timedelta(hours=23, minutes=59, seconds=59)


def get(call: Call) -> Json:
    return shown(call, found(call))


def listed(call: Call) -> Json:
    order_id = call.query.get("order_id", "").lower()
    reseller = call.query.get("mpn_id")
    wanted = [
        one
        for one in _sold_by(call)
        if order_id in ("", one.order_id) and reseller in (None, one.reseller_mpn_id)
    ]
    return collection(shown(call, one) for one in wanted)


def found(call: Call) -> Subscription:
    """Only what this partner sold: another partner's is not to be seen here."""
    subscription = call.world.subscriptions.get(call.params["subscription"].lower())
    if subscription is None or subscription not in _sold_by(call):
        raise Refused(20003)
    return subscription


def window(world: "World") -> timedelta:
    return timedelta(hours=world.switches["subscriptions.windowHours"])


def licence_counts(call: Call) -> Json:
    """One row per SKU and tenant, whoever sold the seats."""
    groups = {one.lower() for one in call.query.getlist("licenseGroupIds")}
    rows = sku_stock(call.world, call.customer.id)
    shown_rows = rows if not groups or "group1" in groups else []
    return collection(_counts(row) for row in shown_rows)


def shown(call: Call, subscription: Subscription) -> Json:
    document = compact(
        {
            **_identity(call, subscription),
            **_dates(call, subscription),
            **_terms(call, subscription),
            **_give_back(call, subscription),
            "links": _links(call, subscription),
            "publisherName": "Microsoft Corporation",
            "orderId": subscription.order_id,
        }
    )
    if call.switch("partnercenter.unknownFields"):
        document["somethingNobodyDocumented"] = {"since": "yesterday"}
    return document | kind("Subscription")


def _identity(call: Call, subscription: Subscription) -> Json:
    product = by_sku(subscription.product_id, subscription.sku_id)
    upper = call.switch("partnercenter.upperCaseIds")
    return {
        "id": subscription.id.upper() if upper else subscription.id,
        "offerId": f"{product.key}:{subscription.availability_id}",
        "entitlementId": subscription.entitlement_id,
        "offerName": product.title,
        "friendlyName": subscription.friendly_name,
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": subscription.quantity,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
    }


def _dates(call: Call, subscription: Subscription) -> Json:
    final_day = last_day(subscription.term_ends)
    period = period_end(
        subscription.term_started, subscription.term_ends, subscription.billing_cycle, call.now
    )
    until = subscription.window_opened + window(call.world)
    if subscription.extended:
        until = subscription.term_ends
    return {
        "creationDate": time(subscription.created),
        "effectiveStartDate": time(subscription.term_started),
        "commitmentEndDate": time(final_day),
        "commitmentEndDateTime": time(final_day + _END_OF_DAY),
        "cancellationAllowedUntilDate": time(until) if call.now <= until else None,
        "billingCycleEndDate": time(last_day(period)),
        "billingCycleEndDateTime": time(last_day(period) + _END_OF_DAY),
    }


def _terms(call: Call, subscription: Subscription) -> Json:
    strange = call.switch("partnercenter.strangeStatus")
    has_extension = takes_actions(call.world)
    return {
        "status": strange or _status(call, subscription),
        "autoRenewEnabled": subscription.auto_renew,
        "isTrial": subscription.is_trial,
        "billingType": "license",
        "billingCycle": subscription.billing_cycle,
        "termDuration": subscription.term,
        "renewalTermDuration": "",
        "isMicrosoftProduct": True,
        "partnerId": subscription.reseller_mpn_id,
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": "subscription",
        "promotionId": subscription.promotion_id,
        "scheduledNextTermInstructions": subscription.schedule,
        "nextChargeInstructions": subscription.next_charge,
        "scheduledActions": subscription.scheduled_actions if has_extension else None,
        "suspensionReasons": ["ManualSuspend"] if subscription.status == "suspended" else None,
    }


def _status(call: Call, subscription: Subscription) -> str:
    late = subscription.activates is not None and call.world.clock.real() < subscription.activates
    return "pending" if late else subscription.status


def _give_back(call: Call, subscription: Subscription) -> Json:
    now, allowed = call.now, window(call.world)
    has_window = subscription.status == "active" and not subscription.is_trial
    lots = refundable(subscription.lots, now, allowed) if has_window else []
    details = [
        {"quantity": lot.quantity, "allowedUntilDateTime": time(lot.added + allowed)}
        for lot in lots
    ]
    total = refundable_quantity(lots, now, allowed)
    return {
        "refundOptions": _refund_options(call, subscription, allowed),
        "refundableQuantity": {"totalQuantity": total, "details": details},
    }


def _refund_options(
    call: Call, subscription: Subscription, allowed: timedelta
) -> list[Json] | None:
    name, now = call.switch("subscriptions.refundEnd"), call.now
    full = midnight(subscription.window_opened) + timedelta(days=1)
    options = (("Full", full), ("Partial", subscription.window_opened + allowed))
    return [{"type": kind_, name: time(end)} for kind_, end in options if now <= end] or None


def _links(call: Call, subscription: Subscription) -> Json:
    product, sku = subscription.product_id, subscription.sku_id
    where = f"?country={call.customer.country}"
    sku_uri = f"/products/{product}/skus/{sku}"
    return {
        "product": link(f"/products/{product}{where}"),
        "sku": link(f"{sku_uri}{where}"),
        "availability": link(f"{sku_uri}/availabilities/{subscription.availability_id}{where}"),
        "self": link(f"/customers/{subscription.customer_id}/subscriptions/{subscription.id}"),
    }


def _sold_by(call: Call) -> list[Subscription]:
    mine = call.partner.tenant_id
    all_of_them = call.world.subscriptions_of(call.customer.id)
    return [one for one in all_of_them if one.partner_id == mine]


def _counts(stock: SkuStock) -> Json:
    product = by_entra_sku(stock.sku_id)
    total = stock.enabled + stock.warning
    return {
        "availableUnits": total - stock.consumed,
        "activeUnits": stock.enabled,
        "consumedUnits": stock.consumed,
        "suspendedUnits": stock.suspended,
        "totalUnits": total,
        "warningUnits": stock.warning,
        "productSku": {
            "id": stock.sku_id,
            "name": product.title,
            "skuPartNumber": product.part_number,
            "targetType": "User",
            "licenseGroupId": "group1",
        },
        "servicePlans": [
            {
                "displayName": plan.name,
                "serviceName": plan.name,
                "id": plan.id,
                "capabilityStatus": "Enabled",
                "targetType": "User",
            }
            for plan in product.plans
        ],
        "capabilityStatus": stock.capability_status,
        **kind("SubscribedSku"),
    }

"""Tell how many seats were sold, deployed and used: a snapshot, and never one of a sandbox.

https://learn.microsoft.com/partner-center/developer/get-licenses-deployment-information
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from simulator.graph.stock import SkuStock, sku_stock
from simulator.nouns import Customer
from simulator.partner_center.call import USER, Answer, Call, whole_number
from simulator.partner_center.documents import Json, collection, kind, time
from simulator.partner_center.relationships_limits import is_sandbox
from simulator.partner_center.rows import row
from simulator.products import by_entra_sku
from simulator.switches import declare

declare("analytics.daysOld", 2, "Days since the snapshot that analytics shows.")
declare("analytics.activeField", "licenseActive", "How usage spells the count: or licensesActive.")

_MOST = 10_000
_CUSTOMER = re.compile(r"customerTenantId eq '([0-9a-fA-F-]+)'")
_Facts = Callable[[Call, Customer, SkuStock], Json]


def _deployment(call: Call, customer: Customer, stock: SkuStock) -> Json:
    return _shared(call, customer, stock) | {
        "licensesDeployed": stock.consumed,
        "licensesSold": stock.enabled + stock.warning,
    }


def _usage(call: Call, customer: Customer, stock: SkuStock) -> Json:
    return _shared(call, customer, stock) | {
        "workloadCode": "EXO",
        "workloadName": "Exchange",
        call.switch("analytics.activeField"): stock.consumed,
        "licensesQualified": stock.enabled,
    }


def _shared(call: Call, customer: Customer, stock: SkuStock) -> Json:
    taken = call.now - timedelta(days=call.switch("analytics.daysOld"))
    return {
        "processedDateTime": time(taken),
        "serviceCode": "O365",
        "serviceName": "Office 365",
        "channel": "Reseller",
        "customerTenantId": customer.id,
        "customerName": customer.company_name,
        "productId": stock.sku_id.upper(),
        "productName": by_entra_sku(stock.sku_id).title,
    }


def _newer(facts: _Facts) -> Callable[[Call], Answer]:
    def handler(call: Call) -> Answer:
        wanted = _CUSTOMER.search(call.query.get("filter", ""))
        rows = list(_rows(call, facts, wanted.group(1).lower() if wanted else ""))
        skip, top = whole_number(call.query.get("skip")), whole_number(call.query.get("top"))
        page = {
            "Value": rows[skip : skip + min(top or _MOST, _MOST)],
            "@nextLink": None,
            "TotalCount": len(rows),
        }
        return Answer(200, page)

    return handler


def _older(facts: _Facts, name: str) -> Callable[[Call], Answer]:
    """Superseded, and alive: a collection, of one customer or of all."""

    def handler(call: Call) -> Answer:
        customer = call.found_customer.id if call.found_customer else ""
        return Answer(200, collection(one | kind(name) for one in _rows(call, facts, customer)))

    return handler


def _rows(call: Call, facts: _Facts, customer_id: str) -> Iterator[Json]:
    if is_sandbox(call):
        return
    for customer in call.world.customers.values():
        is_ours = call.partner.tenant_id in customer.partner_ids
        if is_ours and customer_id in ("", customer.id):
            for stock in sku_stock(call.world, customer.id):
                yield facts(call, customer, stock)


_NAMES = {
    "deployment": (_deployment, "CustomerLicensesDeploymentInsights"),
    "usage": (_usage, "CustomerLicensesUsageInsights"),
}
# The page prints the first two paths with and without the family's name.
ROWS = tuple(
    row("GET", path, handler, f"get-licenses-{name}-information", USER)
    for name, (facts, noun) in _NAMES.items()
    for path, handler in (
        (f"/partner/v1/analytics/commercial/{name}/license", _newer(facts)),
        (f"/v1/analytics/commercial/{name}/license", _newer(facts)),
        (f"/v1/analytics/licenses/{name}", _older(facts, noun)),
        (f"/v1/customers/{{customer}}/analytics/licenses/{name}", _older(facts, noun)),
    )
)

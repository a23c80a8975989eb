"""Say who is in the sandbox, and how many customers fit in there."""

from simulator.partner_center.call import Call
from simulator.partner_center.errors import Refused

CUSTOMERS = 75


def is_sandbox(call: Call) -> bool:
    return call.partner.environment == "sandbox"


def check_customers(call: Call) -> None:
    mine = call.partner.tenant_id
    held = [one for one in call.world.customers.values() if mine in one.partner_ids]
    if is_sandbox(call) and len(held) >= CUSTOMERS:
        raise Refused(800018, f"A sandbox has at most {CUSTOMERS} customers.")

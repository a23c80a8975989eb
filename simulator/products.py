"""Sell what Microsoft sells: real products, titles and public ids, with prices of our own making.

Titles, Entra SKU ids and service plans are the public product table's. Availability ids and
prices are invented: both change without notice in the real catalogue too.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from simulator.plans import PLAN_IDS

TERMS = (
    ("P1M", "Monthly"),
    ("P1Y", "Monthly"),
    ("P1Y", "Annual"),
    ("P3Y", "Monthly"),
    ("P3Y", "Annual"),
    ("P3Y", "Triennial"),
)


@dataclass(frozen=True)
class ServicePlan:
    id: str
    name: str


@dataclass(frozen=True)
class Product:
    """A product with its one SKU; `monthly_price` is a partner's, in dollars, on a yearly term."""

    product_id: str
    sku_id: str
    title: str
    part_number: str
    entra_sku_id: str
    monthly_price: Decimal
    plan_names: tuple[str, ...]
    maximum: int = 10_000_000
    minimum: int = 1
    prerequisites: tuple[str, ...] = field(default=())
    upgrades: tuple[str, ...] = field(default=())
    terms: tuple[tuple[str, str], ...] = TERMS
    is_trial: bool = False

    @property
    def key(self) -> str:
        return f"{self.product_id}:{self.sku_id}"

    @property
    def is_addon(self) -> bool:
        return bool(self.prerequisites)

    @property
    def plans(self) -> tuple[ServicePlan, ...]:
        return tuple(ServicePlan(PLAN_IDS[name], name) for name in self.plan_names)


class UnknownProduct(LookupError):
    """The catalogue has no such product, SKU or part."""


def by_sku(product_id: str, sku_id: str) -> Product:
    found = _BY_KEY.get(f"{product_id}:{sku_id}".upper())
    if found is None:
        raise UnknownProduct(f"{product_id}:{sku_id}")
    return found


def by_entra_sku(sku_id: str) -> Product:
    found = _BY_ENTRA_SKU.get(sku_id.lower())
    if found is None:
        raise UnknownProduct(sku_id)
    return found


_SUITE = ("SHAREPOINTWAC", "TEAMS1")
_BASIC = ("EXCHANGE_S_STANDARD", "SHAREPOINTSTANDARD", "MCOSTANDARD", *_SUITE)
_STANDARD = (*_BASIC, "OFFICE_BUSINESS")
_PREMIUM = (
    *_STANDARD,
    "INTUNE_A",
    "AAD_PREMIUM",
    "ATP_ENTERPRISE",
    "EXCHANGE_S_FOUNDATION",
    "EXCHANGE_S_ARCHIVE_ADDON",
)
_E1 = ("EXCHANGE_S_STANDARD", "SHAREPOINTSTANDARD", *_SUITE)
_E3 = ("EXCHANGE_S_ENTERPRISE", "SHAREPOINTENTERPRISE", "OFFICESUBSCRIPTION", *_SUITE)
_E5 = (*_E3, "THREAT_INTELLIGENCE", "MCOEV")
_SECURITY = ("INTUNE_A", "AAD_PREMIUM", "MFA_PREMIUM")
_F3 = ("EXCHANGE_S_DESKLESS", "SHAREPOINTDESKLESS", "TEAMS1")
_PROJECT = ("SHAREPOINT_PROJECT", "SHAREPOINTENTERPRISE", "PROJECT_PROFESSIONAL")
_VISIO = ("EXCHANGE_S_FOUNDATION", "ONEDRIVE_BASIC", "VISIO_CLIENT_SUBSCRIPTION", "VISIOONLINE")

_BUSINESS_MAXIMUM = 300
_TEAMS_BASES = (
    "CFQ7TTC0LH18:0001",
    "CFQ7TTC0LDPB:0001",
    "CFQ7TTC0LCHC:0002",
    "CFQ7TTC0LF8Q:0001",
    "CFQ7TTC0LF8R:0001",
    "CFQ7TTC0LFLX:0001",
    "CFQ7TTC0LGZW:0001",
)
_MAIL_BASES = (*_TEAMS_BASES, "CFQ7TTC0LH16:0001", "CFQ7TTC0LH1P:0001")

# Key, title, part number, Entra SKU id, a partner's monthly price on a yearly term, plans.
_TABLE: tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...] = (
    (
        "CFQ7TTC0LH18:0001",
        "Microsoft 365 Business Basic",
        "O365_BUSINESS_ESSENTIALS",
        "3b555118-da6a-4418-894f-7df1e2096870",
        "4.80",
        _BASIC,
    ),
    (
        "CFQ7TTC0LDPB:0001",
        "Microsoft 365 Business Standard",
        "O365_BUSINESS_PREMIUM",
        "f245ecc8-75af-4f8e-b61f-27d8114de5f3",
        "10.00",
        _STANDARD,
    ),
    (
        "CFQ7TTC0LCHC:0002",
        "Microsoft 365 Business Premium",
        "SPB",
        "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46",
        "17.60",
        _PREMIUM,
    ),
    (
        "CFQ7TTC0LF8Q:0001",
        "Office 365 E1",
        "STANDARDPACK",
        "18181a46-0d4e-45cd-891e-60aabd171b4e",
        "8.00",
        _E1,
    ),
    (
        "CFQ7TTC0LF8R:0001",
        "Office 365 E3",
        "ENTERPRISEPACK",
        "6fd2c87f-b296-42f0-b197-1e91e994b900",
        "18.40",
        _E3,
    ),
    (
        "CFQ7TTC0LF8S:0002",
        "Office 365 E5",
        "ENTERPRISEPREMIUM",
        "c7df2760-2c81-4ef7-b578-5b5392b571df",
        "30.40",
        _E5,
    ),
    (
        "CFQ7TTC0LGZW:0001",
        "Office 365 F3",
        "DESKLESSPACK",
        "4b585984-651b-448a-9e53-3b10f069cf7f",
        "3.20",
        _F3,
    ),
    (
        "CFQ7TTC0LFLX:0001",
        "Microsoft 365 E3",
        "SPE_E3",
        "05e9a617-0261-4cee-bb44-138d3ef5d965",
        "28.80",
        (*_E3, *_SECURITY),
    ),
    (
        "CFQ7TTC0LFLZ:0002",
        "Microsoft 365 E5",
        "SPE_E5",
        "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
        "45.60",
        (*_E5, *_SECURITY),
    ),
    (
        "CFQ7TTC0LH16:0001",
        "Exchange Online (Plan 1)",
        "EXCHANGESTANDARD",
        "4b9405b0-7788-4568-add1-99614e613b69",
        "3.20",
        ("EXCHANGE_S_STANDARD", "BPOS_S_TODO_1", "INTUNE_O365"),
    ),
    (
        "CFQ7TTC0LH1P:0001",
        "Exchange Online (Plan 2)",
        "EXCHANGEENTERPRISE",
        "19ec0d23-8335-4cbd-94ac-6050e30712fa",
        "6.40",
        ("EXCHANGE_S_ENTERPRISE",),
    ),
    (
        "CFQ7TTC0LFLS:0002",
        "Microsoft Entra ID P1",
        "AAD_PREMIUM",
        "078d2b04-f1bd-4111-bbd4-b4b1b354cef4",
        "4.80",
        ("AAD_PREMIUM", "MFA_PREMIUM", "EXCHANGE_S_FOUNDATION"),
    ),
    (
        "CFQ7TTC0LH04:0001",
        "Microsoft Defender for Office 365 (Plan 1)",
        "ATP_ENTERPRISE",
        "4ef96642-f096-40de-a3e9-d83fb2f90211",
        "1.60",
        ("ATP_ENTERPRISE",),
    ),
    (
        "CFQ7TTC0LHXH:0001",
        "Microsoft Defender for Office 365 (Plan 2)",
        "THREAT_INTELLIGENCE",
        "3dd6cf57-d688-4eed-ba52-9e40b5468c3e",
        "4.00",
        ("THREAT_INTELLIGENCE", "ATP_ENTERPRISE", "MTP"),
    ),
    (
        "CFQ7TTC0LH0T:0001",
        "Microsoft Teams Phone Standard",
        "MCOEV",
        "e43b5b99-8dfb-405f-9987-dc307f34bcbd",
        "8.00",
        ("MCOEV",),
    ),
    (
        "CFQ7TTC0HDB0:0002",
        "Planner and Project Plan 3",
        "PROJECTPROFESSIONAL",
        "53818b1b-4a27-454b-8896-0dba576410e6",
        "24.00",
        _PROJECT,
    ),
    (
        "CFQ7TTC0HD32:0002",
        "Visio Plan 2",
        "VISIOCLIENT",
        "c5928f49-12ba-48f7-ada3-0d743a3601d5",
        "12.00",
        _VISIO,
    ),
    (
        "CFQ7TTC0LHSF:0001",
        "Power BI Pro",
        "POWER_BI_PRO",
        "f8a1db68-be16-40ed-86d5-cb42ce701560",
        "11.20",
        ("BI_AZURE_P2", "EXCHANGE_S_FOUNDATION"),
    ),
)

_PREREQUISITES = {
    "CFQ7TTC0LH0T:0001": _TEAMS_BASES,
    "CFQ7TTC0LH04:0001": _MAIL_BASES,
    "CFQ7TTC0LHXH:0001": _MAIL_BASES,
}
_UPGRADES = {
    "CFQ7TTC0LH18:0001": ("CFQ7TTC0LDPB:0001", "CFQ7TTC0LCHC:0002"),
    "CFQ7TTC0LDPB:0001": ("CFQ7TTC0LCHC:0002",),
    "CFQ7TTC0LF8Q:0001": ("CFQ7TTC0LF8R:0001", "CFQ7TTC0LF8S:0002"),
    "CFQ7TTC0LFLX:0001": ("CFQ7TTC0LFLZ:0002",),
}
_BUSINESS = ("CFQ7TTC0LH18:0001", "CFQ7TTC0LDPB:0001", "CFQ7TTC0LCHC:0002")


def _product(row: tuple[str, str, str, str, str, tuple[str, ...]]) -> Product:
    key, title, part, entra_id, price, plans = row
    product_id, _, sku_id = key.partition(":")
    return Product(
        product_id=product_id,
        sku_id=sku_id,
        title=title,
        part_number=part,
        entra_sku_id=entra_id,
        monthly_price=Decimal(price),
        plan_names=plans,
        maximum=_BUSINESS_MAXIMUM if key in _BUSINESS else 10_000_000,
        prerequisites=_PREREQUISITES.get(key, ()),
        upgrades=_UPGRADES.get(key, ()),
    )


CATALOGUE = tuple(_product(row) for row in _TABLE)

TRIAL_SEATS = 25


def _trial(paid: Product, sku_id: str) -> Product:
    """A month for nothing, for a fixed number of people, which then becomes the paid one."""
    return replace(
        paid,
        sku_id=sku_id,
        title=f"{paid.title} Trial",
        monthly_price=Decimal(0),
        minimum=TRIAL_SEATS,
        maximum=TRIAL_SEATS,
        upgrades=(paid.key,),
        terms=(("P1M", "Monthly"),),
        is_trial=True,
    )


TRIALS = (_trial(next(one for one in CATALOGUE if one.part_number == "SPB"), "000H"),)
_BY_KEY = {product.key: product for product in (*CATALOGUE, *TRIALS)}
_BY_ENTRA_SKU = {product.entra_sku_id: product for product in CATALOGUE}

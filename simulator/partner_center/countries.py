"""Name the countries that Partner Center serves here, and what each wants to know of an address."""

from dataclasses import dataclass

_US_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY"
).split()
_CA_PROVINCES = ["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"]
_MX_STATES = (
    "AG BC BS CM CS CH CO CL DF DG GT GR HG JA EM MI MO NA NL OA PU QT QR SL SI SO TB TM TL VE YU "
    "ZA"
).split()


@dataclass(frozen=True)
class Country:
    """One market; whether its addresses are checked against a register is Microsoft's choice."""

    culture: str
    cultures: tuple[str, ...]
    postal_code: str
    calling_code: str
    states: tuple[str, ...] = ()
    vat: str | None = None
    vat_sample: str | None = None
    is_checked: bool = True
    needs_registration: bool = False


_CHECKED = {
    "US": Country("en-US", ("en-US", "es-US"), r"^\d{5}(-\d{4})?$", "1", tuple(_US_STATES)),
    "CA": Country(
        "en-CA",
        ("en-CA", "fr-CA"),
        r"^[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d$",
        "1",
        tuple(_CA_PROVINCES),
    ),
    "MX": Country("es-MX", ("es-MX",), r"^\d{5}$", "52", tuple(_MX_STATES)),
    "GB": Country(
        "en-GB",
        ("en-GB",),
        r"^(GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$",
        "44",
        vat=r"^(GB)?(\d{9}|\d{12}|GD\d{3}|HA\d{3})$",
        vat_sample="GB999999999",
    ),
    "DE": Country(
        "de-DE", ("de-DE",), r"^\d{5}$", "49", vat=r"^DE\d{9}$", vat_sample="DE999999999"
    ),
    "FR": Country(
        "fr-FR",
        ("fr-FR",),
        r"^\d{5}$",
        "33",
        vat=r"^FR[A-HJ-NP-Z0-9]{2}\d{9}$",
        vat_sample="FRXX999999999",
    ),
    "JP": Country("ja-JP", ("ja-JP",), r"^\d{3}-?\d{4}$", "81"),
    "NL": Country(
        "nl-NL",
        ("nl-NL",),
        r"^[1-9]\d{3} ?[A-Z]{2}$",
        "31",
        vat=r"^NL\d{9}B\d{2}$",
        vat_sample="NL999999999B99",
    ),
    "AU": Country("en-AU", ("en-AU",), r"^\d{4}$", "61"),
}
# Code, culture, calling code, postal code: those that want a registration number and a telephone.
_REGISTERED = r"""
AM hy-AM 374 ^\d{4}$
AZ az-Latn-AZ 994 ^(AZ)?\d{4}$
BY be-BY 375 ^\d{6}$
HU hu-HU 36 ^\d{4}$
KZ kk-KZ 7 ^\d{6}$
KG ky-KG 996 ^\d{6}$
MD ro-MD 373 ^(MD-?)?\d{4}$
RU ru-RU 7 ^\d{6}$
TJ tg-Cyrl-TJ 992 ^\d{6}$
UZ uz-Latn-UZ 998 ^\d{6}$
UA uk-UA 380 ^\d{5}$
IN en-IN 91 ^\d{6}$
BR pt-BR 55 ^\d{5}-?\d{3}$
ZA en-ZA 27 ^\d{4}$
PL pl-PL 48 ^\d{2}-\d{3}$
AE ar-AE 971 ^.*$
SA ar-SA 966 ^\d{5}(-\d{4})?$
TR tr-TR 90 ^\d{5}$
TH th-TH 66 ^\d{5}$
VN vi-VN 84 ^\d{5,6}$
MM my-MM 95 ^\d{5}$
IQ ar-IQ 964 ^\d{5}$
SS en-SS 211 ^\d{5}$
VE es-VE 58 ^\d{4}$
"""


def _registered(row: str) -> tuple[str, Country]:
    code, culture, calling_code, postal_code = row.split()
    country = Country(
        culture,
        (culture,),
        postal_code,
        calling_code,
        is_checked=False,
        needs_registration=True,
    )
    return code, country


COUNTRIES = _CHECKED | dict(_registered(row) for row in _REGISTERED.strip().splitlines())

"""The knobs of sign-in: what the person in the browser does, and what Entra minds."""

from simulator.switches import declare

for _name, _default, _about in (
    ("signin.autoConsent", True, "Authorize answers at once; off, it shows a page to accept."),
    ("signin.declines", False, "The partner's user declines: error=access_denied."),
    ("signin.mfa", True, "A sign-in by code proves multi-factor authentication."),
    ("signin.mfaDemanded", False, "Refresh tokens from a sign-in without MFA answer 50076."),
    ("signin.codeMinutes", 10, "Business minutes that an authorization code lives."),
    ("signin.refusals", {}, "AADSTS number by tenant id, or `*`, that the token endpoint answers."),
):
    declare(_name, _default, _about)

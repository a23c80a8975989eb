"""Show what a person would see in the browser: a page to accept, or one that says what is wrong."""

from html import escape

from starlette.responses import HTMLResponse

from simulator.signin.codes import Wish
from simulator.signin.errors import SignInRefused

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><main><h1>{title}</h1>
{content}
</main></body></html>
"""


def consent_page(asked: Wish) -> HTMLResponse:
    """The form posts back what came in the query, with the button that was pressed."""
    fields = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.form.items()
    )
    content = (
        f"<p>{escape(asked.partner.user.user_principal_name)}: {escape(asked.app.name)} asks for "
        f"<code>{escape(asked.scope)}</code></p>\n"
        f'<form method="post">\n{fields}\n'
        '<button name="decision" value="accept">Accept</button>\n'
        '<button name="decision" value="cancel">Cancel</button>\n</form>'
    )
    return HTMLResponse(_PAGE.format(title="Permissions requested", content=content))


def trouble_page(refused: SignInRefused) -> HTMLResponse:
    text = f"AADSTS{refused.code}: {refused.sentence}"
    content = f"<p>{escape(text)}</p>"
    return HTMLResponse(_PAGE.format(title="Sign-in trouble", content=content), refused.status)


def posting_page(address: str, answer: dict[str, str]) -> HTMLResponse:
    """response_mode=form_post: a browser would send this form by itself."""
    fields = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in answer.items()
    )
    content = (
        f'<form method="post" action="{escape(address)}">\n{fields}\n'
        "<button>Continue</button>\n</form>"
    )
    return HTMLResponse(_PAGE.format(title="Working", content=content))

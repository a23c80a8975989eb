"""Report one run: the same figures as JSON for programs and as a page for people."""

from shared.api.call import LOOK_AGAIN, Answer, Call
from shared.api.run_report_replies import RunReportReply
from shared.api.runs import run_with_parts
from shared.domain.run_tally import RunTally
from shared.domain.runs import Run

NO_SCRIPT = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


async def get_run_report(call: Call) -> Answer:
    # Templates and charts are heavy, and most hosts never draw any.
    from shared.api.report_page import report_html  # noqa: PLC0415

    run, report = await _report(call)
    headers = NO_SCRIPT if run.status.is_final else NO_SCRIPT | LOOK_AGAIN
    return Answer(report_html(report), headers=headers, media_type="text/html")


async def get_run_figures(call: Call) -> Answer:
    run, report = await _report(call)
    return Answer(report, headers={} if run.status.is_final else LOOK_AGAIN)


async def _report(call: Call) -> tuple[Run, RunReportReply]:
    """Part by part: what is held in memory does not grow with the customers."""
    run = await run_with_parts(call)
    tally = RunTally(run.opened_at, (await call.desk.runs.coverage(run.id)).left_out)
    async for part in call.desk.runs.parts(run.id):
        tally.add(part)
    return run, RunReportReply.of(run, tally.figures)

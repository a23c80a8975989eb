"""Play the product's main job against Microsoft in miniature, and check that it went as told.

`python -m local.tour` reads LOCAL_RUN (see `local.run`); it ends with 1 where a step failed.
"""

import os
import sys

import httpx
from rich.console import Console
from rich.table import Table

from local.closing import closing_table
from local.narrator import Narrator, customers_done, money, people_done, preview_line, whole
from local.places import Json, Places, TourStopped
from local.tour_bodies import CONNECTION, DOMAIN_PREFIX, EXAMPLES, customer_body, joiners, leavers

BUSINESS_PREMIUM = "CFQ7TTC0LCHC:0002"
SKYPE_FOR_BUSINESS = "0feaeb32-d00e-4d66-bd5a-43b5b83db82c"


class Tour(Narrator):
    """The story, one chapter a method."""

    def __init__(self, places: Places, console: Console) -> None:
        super().__init__(places, console)
        self.customer = ""
        self.subscription = ""
        self.sku = ""
        self.last_run = ""

    def play(self) -> None:
        self.sign_in()
        self.connect()
        self.define_plan()
        self.create_customer()
        self.buy()
        self.one_user()
        self.wrong_rows()
        self.hundred_users()
        self.some_leave_some_come()
        self.somebody_says_no()
        self.twelve_leave()
        self.five_leave()
        self.what_the_nights_know()
        self.console.print(closing_table(self.places, self.customer))
        self.show_report()

    def sign_in(self) -> None:
        self.say("A portal signs in")
        self.places.sign_in()
        self.console.print(curl_for_token(self.places), highlight=False, soft_wrap=True)
        self.tell(f'Then: curl -H "Authorization: Bearer $TOKEN" {self.places.api_url}/customers')

    def connect(self) -> None:
        self.say("The partner's connection is registered and its catalog synchronised")
        partner = self.places.signin["partners"][0]
        self.places.post(
            "connections",
            {
                "id": CONNECTION,
                "name": partner["name"],
                "role": "direct",
                "partnerTenantId": partner["tenantId"],
                "clientId": partner["clientId"],
                "clientSecret": partner["clientSecret"],
                "countries": ["US"],
            },
        )
        self.consent()
        started = self.places.post(f"connections/{CONNECTION}/sync")
        done = self.watch(f"operations/{started['id']}", "synchronised", whole)
        self.expect(done["status"] == "done", f"the synchronisation ended as {done}")
        offers = self.places.get(
            f"catalog?connectionId={CONNECTION}&market=US&limit=200&kind=newCommerce"
        )["items"]
        chosen = next(o for o in offers if o["offerId"] == BUSINESS_PREMIUM)
        self.sku = chosen["skuId"]
        self.places.put(
            f"catalog/{BUSINESS_PREMIUM}",
            {"connectionId": CONNECTION, "market": "US", "sellable": True},
        )
        self.tell(f"{len(offers)} offers with prices; {chosen['title']} is ticked for sale.")

    def consent(self) -> None:
        begun = self.places.post(f"connections/{CONNECTION}/consent")
        page = self.places.browse(begun["authorizeUrl"])
        self.expect("The sign-in is stored" in page, page)
        health = self.places.get(f"connections/{CONNECTION}/health")
        until = health["refreshTokenExpiresAt"][:10]
        self.tell(f"A user of the partner signed in with a second factor; good until {until}.")

    def define_plan(self) -> None:
        self.say("A user plan is defined: base licence, one service switched off")
        self.places.post(
            "plans",
            {
                "id": "office-worker",
                "name": "Office worker",
                "baseSkuId": self.sku,
                "addOnSkuIds": [],
                "disabledServicePlanIds": [SKYPE_FOR_BUSINESS],
            },
        )
        self.tell("office-worker = Microsoft 365 Business Premium without Skype for Business.")

    def create_customer(self) -> None:
        self.say("A tenant is created, with its domain, agreement and consent")
        customer = self.places.post("customers", customer_body())
        self.customer = customer["id"]
        secret = self.places.post(f"{customer['passwordUrl']}/reveal")
        self.tell(f"{customer['companyName']} is {customer['id']} at {customer['domain']}.")
        self.tell(
            f"Its first admin's password was revealed once ({len(secret['password'])} characters)."
        )
        self.places.post(f"{customer['passwordUrl']}/acknowledge")

    def buy(self) -> None:
        self.say("Ten seats are bought, after a look at the price")
        wish = {
            "offerId": BUSINESS_PREMIUM,
            "seats": 10,
            "term": "P1Y",
            "billingPlan": "monthly",
            "name": "Business Premium",
        }
        place = f"customers/{self.customer}/subscriptions"
        shown = self.places.post(f"{place}?dryRun=true", wish)
        quote = shown["quote"]
        self.tell(f"Preview: {money(quote['now'])} now, {money(quote['untilTermEnd'])} a term.")
        bought = self.places.post(place, {**wish, "digest": shown["digest"]})
        self.subscription = bought["id"]
        self.tell(f"Subscription {bought['id']} holds {bought['seats']} seats.")
        self.look_before_changes(f"{place}/{bought['id']}/changes?dryRun=true")

    def look_before_changes(self, place: str) -> None:
        raised = self.places.post(place, {"kind": "setSeats", "seats": 12})
        cost = f"{money(raised['quote']['now'])} now, back until {raised['undoUntil'][:10]}"
        self.tell(f"Two more would be {cost}; digest {raised['digest'][:12]}….")
        ended = self.places.post(place, {"kind": "setEndOfTerm", "intent": "cancel"})
        reasons = [refusal["why"] for refusal in ended["refusals"]]
        self.expect(reasons == ["endOfTermUnspoken"], f"an end was not refused: {ended}")
        self.tell(f"To end with the term is refused: {ended['refusals'][0]['detail']}")

    def one_user(self) -> None:
        self.say("One user arrives over HTTP and takes a seat that is free")
        wish = {
            "userPrincipalName": f"ada.lovelace@{DOMAIN_PREFIX}.onmicrosoft.com",
            "displayName": "Ada Lovelace",
            "usageLocation": "GB",
            "plan": "office-worker",
        }
        user = self.places.post(f"customers/{self.customer}/users", wish)
        self.places.wait(f"operations/{user['operationId']}", lambda o: o["status"] != "running")
        self.expect(self.seats() == 10, "a free seat was there, and one was bought all the same")  # noqa: PLR2004
        self.tell("Ada has her licence; the subscription still holds 10 seats.")

    def wrong_rows(self) -> None:
        self.say("A file with mistakes is refused before anything is bought")
        text = (EXAMPLES / "with-mistakes.csv").read_bytes()
        answer = self.places.post_csv(f"batches?customerId={self.customer}", text)
        self.expect(answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY, answer.text[:500])
        faults = Table("row", "column", "what is wrong", box=None, padding=(0, 2, 0, 3))
        for fault in answer.json()["errors"]:
            faults.add_row(str(fault.get("row", "")), fault.get("column", ""), fault["detail"])
        self.console.print(faults, soft_wrap=True)

    def hundred_users(self) -> None:
        self.say("A hundred new starters arrive as a CSV and go through the queue")
        text = (EXAMPLES / "new-starters.csv").read_bytes()
        place = f"batches?customerId={self.customer}"
        preview = self.places.post_csv(f"{place}&dryRun=true", text).json()
        self.tell(f"Preview: {preview_line(preview)}")
        batch = self.places.post_csv(place, text).json()
        done = self.watch(f"batches/{batch['id']}", "licensed", people_done)
        self.expect(done["status"] == "done", f"the batch ended as {done}")
        progress = done["progress"]
        self.expect(progress["done"] == 100, f"not everybody has a licence: {progress}")  # noqa: PLR2004
        grown = done["growths"]
        self.expect(len(grown) == 1 and grown[0]["seatsAfter"] == 101, f"growths: {grown}")  # noqa: PLR2004
        self.tell(f"One growth: {grown[0]['seatsBefore']} to {grown[0]['seatsAfter']} seats.")

    def some_leave_some_come(self) -> None:
        self.say("Six leave and six come in one batch: nothing is bought")
        body = {"customerId": self.customer, "rows": [*leavers(6), *joiners(6)]}
        batch = self.places.post("batches", body)
        done = self.watch(f"batches/{batch['id']}", "done", people_done)
        self.expect(done["progress"]["done"] == 12, f"the batch ended as {done}")  # noqa: PLR2004
        self.expect(not done["growths"], f"seats were bought: {done['growths']}")
        self.tell(f"Who leaves goes first, and the seats serve again: {self.seats()}, as before.")

    def somebody_says_no(self) -> None:
        self.say("A purchase that nobody approves does not happen")
        policy = f"customers/{self.customer}/policy/batches"
        self.places.change(policy, {"requireApproval": {"when": "always"}})
        body = {"customerId": self.customer, "rows": joiners(3, first=7)}
        batch = f"batches/{self.places.post('batches', body)['id']}"
        waiting = self.places.wait(batch, lambda found: found["status"] == "awaitingApproval")
        highest = waiting["plan"]["highest"]
        cost = ", ".join(money(amount) for amount in highest["untilTermEnd"])
        self.tell(
            f"{highest['seats']} seats for {cost} wait, digest {waiting['plan']['digest'][:12]}…."
        )
        self.places.post(f"{batch}/reject", {"reason": "not this month"})
        refused = self.places.get(batch)
        self.expect(refused["status"] == "refused" and not refused["growths"], f"{refused}")
        self.places.change(policy, {})
        self.tell(f"{refused['faults'][0]['detail']}: nothing was bought.")

    def twelve_leave(self) -> None:
        self.say("Twelve leave in Microsoft's portal; a night passes; their seats go back")
        self.leave(12)
        policy = {"mode": "apply", "spareSeats": 0, "idleNights": 1}
        self.places.put(f"customers/{self.customer}/policy", policy)
        summary = self.night(days=1)
        self.expect(summary["seatsGivenBack"] == 12, f"the night came to {summary}")  # noqa: PLR2004
        self.tell(f"12 seats went back inside their windows; {self.seats()} are paid for.")

    def five_leave(self) -> None:
        self.say("Five more leave; thirty days later their windows are closed")
        self.leave(5)
        summary = self.night(days=30)
        self.expect(summary["seatsScheduled"] == 5, f"the night came to {summary}")  # noqa: PLR2004
        self.tell("5 seats are scheduled away: the renewal starts without them.")

    def what_the_nights_know(self) -> None:
        self.say("What changed past us is listed, and what is paid stands beside what is used")
        place = f"customers/{self.customer}"
        drift = self.places.get(f"{place}/drift?limit=200")["items"]
        gone = sum(entry["what"] == "deleted" for entry in drift)
        self.expect(gone == 5, f"five left past us since the first night, and the drift is {drift}")  # noqa: PLR2004
        self.tell(f"{gone} people were deleted in Microsoft's portal.")
        (line,) = self.places.get(f"{place}/comparison")["items"]
        figures = ", ".join(f"{line[what]} {what}" for what in ("assigned", "purchased", "billed"))
        self.tell(f"Business Premium: {figures}.")

    def show_report(self) -> None:
        """The last night's, as figures here and as a page for whoever opens it."""
        place = f"runs/{self.last_run}/report"
        report = self.places.get(f"{place}.json")
        secured = [s for s in report["savings"] if s["kind"] == "secured"]
        self.expect(len(secured) == 1, f"the report came to {report['savings']}")
        saved = ", ".join(money(amount) for amount in secured[0]["amounts"])
        self.tell(f"The next term costs {saved} less; the last night's report has the rest:")
        address = f"{self.places.api_url}/{place}"
        self.tell(f'curl -s -H "Authorization: Bearer $TOKEN" {address} > report.html')

    def leave(self, count: int) -> None:
        place = f"portal/customers/{self.customer}/users/remove"
        self.places.control("POST", place, {"count": count})

    def night(self, *, days: int) -> Json:
        clock = self.places.control("POST", "clock/advance", {"days": days})
        self.places.start_function("nightly")
        run = self.watch(
            f"runs/night-{clock['now'][:10]}", "customers", lambda r: customers_done(self.places, r)
        )
        self.last_run = run["id"]
        parts = self.places.get(f"runs/{run['id']}/customers")["items"]
        for part in parts:
            for decision in part["decisions"]:
                self.tell(f"{decision['name']}: {decision['reason']}.")
        summary: Json = run["summary"]
        return summary

    def seats(self) -> int:
        place = f"customers/{self.customer}/subscriptions?refresh=true"
        found = self.places.get(place)["items"]
        return int(next(s["seats"] for s in found if s["id"] == self.subscription))


def curl_for_token(places: Places) -> str:
    client = places.signin["clients"]["portal"]
    return (
        f"   TOKEN=$(curl -s {places.token_url} -d grant_type=client_credentials "
        f"-d client_id={client['clientId']} -d client_secret={client['clientSecret']} "
        f"-d scope={places.signin['audience']}/.default "
        "| python3 -c 'import json,sys; print(json.load(sys.stdin)[\"access_token\"])')"
    )


def main() -> int:
    console = Console()
    try:
        places = Places.from_run(os.environ["LOCAL_RUN"])
        Tour(places, console).play()
    except (TourStopped, httpx.HTTPError) as error:
        console.print(f"\n[bold red]The tour stopped:[/bold red] {error}", highlight=False)
        return 1
    console.print(f"\nDocs: {places.api_url}/docs   Health: {places.api_url}/health")
    console.print(f"Simulator: {places.simulator['control']}/calls (what Microsoft was asked)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

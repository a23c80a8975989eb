"""Tell a story on a terminal: chapters, sentences, and how far something long has come."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local.places import Json, Places, TourStopped

ENDS = frozenset({"done", "failed", "refused", "review"})


class Narrator:
    """Says what happens; stops the story where it does not go as told."""

    def __init__(self, places: Places, console: Console) -> None:
        self.places = places
        self.console = console
        self.chapter = 0

    def say(self, title: str) -> None:
        self.chapter += 1
        self.console.print(f"\n[bold]{self.chapter}. {title}[/bold]")

    def tell(self, text: str) -> None:
        self.console.print(f"   {text}", highlight=False, soft_wrap=True)

    def watch(self, path: str, what: str, count: Callable[[Json], tuple[int, int]]) -> Json:
        """Show how far something long has come until it ends; ``count`` answers done and total."""
        columns = (
            TextColumn("   {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as bar:
            task = bar.add_task(what, total=None)

            def show(found: Json) -> None:
                done, total = count(found)
                bar.update(task, completed=done, total=total)

            return self.places.wait(path, lambda found: found["status"] in ENDS, show)

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise TourStopped(otherwise)


def people_done(batch: Json) -> tuple[int, int]:
    return batch["progress"]["done"], batch["progress"]["total"]


def customers_done(places: Places, run: Json) -> tuple[int, int]:
    parts = places.get(f"runs/{run['id']}/customers")["items"]
    return sum(p["status"] != "waiting" for p in parts), max(1, len(parts))


def whole(work: Json) -> tuple[int, int]:
    """Of what has no parts that one could count."""
    return int(work["status"] in ENDS), 1


def money(value: Json) -> str:
    return f"{value['amount']} {value['currency']}"


def preview_line(preview: Json) -> str:
    plan = preview["seats"][0]
    cost = preview.get("costNow")
    price = f" for {money(cost)} now" if cost else ""
    return (
        f"{plan['needed']} seats are needed, {plan['free']} are free, "
        f"{plan['seatsToBuy']} would be bought{price}."
    )

"""`o2o poster`: a hall's code on paper."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from halls.service import Directory
from o2o.checks import ensure_migrated
from o2o.codes.pdf import draw_pdf
from o2o.codes.poster import Poster, Size, Wish, make_poster
from o2o.kernel.clock import system_clock
from o2o.kernel.database import open_database
from o2o.kernel.settings import Settings, read_settings
from o2o.kernel.signing import Signer
from qr.states import Source

console = Console()


def poster(  # noqa: PLR0913 - each is an option of the command
    hall: Annotated[str, typer.Argument(help="The hall's id: heping.", show_default=False)],
    *,
    counter: Annotated[str | None, typer.Option(help="A counter's own poster: heping-3.", show_default=False)] = None,
    size: Annotated[Size, typer.Option(help="A sheet, or the roll of a receipt printer.")] = Size.A4,
    where: Annotated[Source, typer.Option(help="Where it will hang: scans are counted by that.")] = Source.POSTER,
    font: Annotated[
        Path | None,
        typer.Option(help="A TrueType font to embed, for printers without a Chinese one.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file; poster-HALL-SIZE.pdf here.", show_default=False)] = None,
) -> None:
    """Make a poster as a PDF: the code, the hall's name, three steps in two languages."""
    settings = read_settings()
    made = asyncio.run(_made(settings, hall, counter, where))
    file = out or Path(f"poster-{counter or hall}-{size}.pdf")
    drawn = draw_pdf(made, size, font)
    try:
        file.write_bytes(drawn)
    except OSError as error:
        raise typer.BadParameter(f"{file} can't be written: {error.strerror}.", param_hint="--out") from error
    console.print(f"{file}: its code leads to {made.link}", soft_wrap=True, highlight=False)


async def _made(settings: Settings, hall: str, counter: str | None, where: Source) -> Poster:
    await ensure_migrated(settings.database_url)
    async with open_database(settings.database_url):
        wish = Wish(await Directory().get(hall), counter, where)
        return await make_poster(settings, Signer(settings.secret_keys), system_clock, wish)

"""`manage.py spotcheck_draw`: draw a sample from a published frame, as anybody can repeat it. Needs no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.spotchecks.draw import SEED_DIGITS, SeedError, draw, is_usual_seed
from audit.spotchecks.frame import FrameError, read_frame


class Command(BaseCommand):
    """The references drawn on stdout, one a line; on stderr what was drawn from, and what is unusual about it."""

    help = "Draw from a frame of references by a seed (OGP-10): what the printed shell line gives, byte for byte."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument("--frame", required=True, metavar="FILE", help="references as LC_ALL=C sort -u leaves them")
        parser.add_argument(
            "--seed", required=True, help=f"{SEED_DIGITS} digits, kept as text; --seed=S if S begins with -"
        )
        parser.add_argument("-n", dest="n", type=int, required=True, help="how many to draw")

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw; nothing is kept."""
        try:
            frame = read_frame(Path(options["frame"]).read_bytes())
            drawn = draw(frame, options["seed"], options["n"])
        except OSError as error:
            raise CommandError(f"The frame can't be read: {error.strerror}.") from None
        except FrameError as error:
            raise CommandError(f"This is not a frame. {error}") from None
        except SeedError as error:
            raise CommandError(str(error)) from None
        self.stderr.write(f"Frame: {frame.count} references, SHA-256 {frame.sha256}")
        if not is_usual_seed(options["seed"]):
            self.stderr.write(f"The seed is not {SEED_DIGITS} digits, as the rule has it. It draws all the same.")
        if options["n"] > frame.count:
            self.stderr.write(f"The frame holds only {frame.count}: all of it is drawn.")
        text = "".join(f"{reference}\n" for reference in drawn)
        if buffer := getattr(self.stdout, "buffer", None):
            # UTF-8 as in the frame, whatever the terminal's encoding, and no line end made of another.
            self.stdout.flush()
            buffer.write(text.encode())
            buffer.flush()
        else:
            self.stdout.write(text, ending="")

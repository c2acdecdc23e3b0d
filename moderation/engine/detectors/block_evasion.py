"""Block evasion: somebody new who leaves the trace of an author who is blocked."""

from collections.abc import Iterator

from moderation.engine.text import Text
from moderation.engine.types import BLOCK_EVASION, Context, Signal


class BlockEvasion:
    """Reads no word of the text: what the store knows of the writer is in the context."""

    name, version = "block_evasion", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:  # noqa: ARG002  the text says nothing of it
        """Yield one signal that names, as what the writer is read as, the blocked author."""
        if context.evades is not None:
            yield Signal.of(
                self,
                BLOCK_EVASION,
                1.0,
                matched_as=context.evades.blocked_author,
                note=context.evades.trace,
            )


DETECTOR = BlockEvasion()

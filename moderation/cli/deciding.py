"""Files larger than memory decided batch by batch: JSON Lines and Parquet here, Parquet on a cluster by Ray Data."""

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from moderation.bootstrap.engine import build_engine
from moderation.engine import Engine
from moderation.engine.lines import as_line, decide_lines, decide_rows
from moderation.errors import InvalidInput, Misconfigured
from moderation.settings import Settings

try:
    import pyarrow as pa
    from pyarrow import dataset, parquet
except ModuleNotFoundError as missing:
    raise Misconfigured(
        f"{missing.name} is not installed here. Install moderation[ray], or decide JSON Lines from standard input."
    ) from missing

_COLUMNS = ("id", "body", "article", "parent", "author", "language")
_ROWS = 4096  # read and written at once; a row group of the file is read whole, a batch of it is decided
_PARQUET = ".parquet"


def decide_file(source: Path | None, output: Path | None, by: str, settings: Settings) -> bool:
    """Decide a file, and return whether a line or row of it was malformed.

    Raises:
        InvalidInput: a file cannot be read or written. Misconfigured: Ray is not installed.
    """
    try:
        if by == "ray":
            return _by_ray(source, output, settings)
        return _here(source, output, settings)
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidInput(
            f"{source or '-'}: cannot be decided ({type(error).__name__}). Name a file of JSON Lines or Parquet that can be read, and an output that can be written."
        ) from error


def _here(source: Path | None, output: Path | None, settings: Settings) -> bool:
    with ExitStack() as opened:
        given: BinaryIO | parquet.ParquetFile
        if source is None:
            given = sys.stdin.buffer
        elif source.suffix == _PARQUET:
            given = opened.enter_context(parquet.ParquetFile(source))
        else:
            given = opened.enter_context(source.open("rb"))
        engine = build_engine(settings)
        gc.freeze()  # as `moderation decide` without a file
        gc.set_threshold(500_000)
        answers = (
            decide_rows(engine, _rows(given), _now)
            if isinstance(given, parquet.ParquetFile)
            else decide_lines(engine, given, _now)
        )
        if output is not None and output.suffix == _PARQUET:
            return _to_parquet(answers, output, schema_of(engine))
        to = sys.stdout.buffer if output is None else opened.enter_context(output.open("wb"))
        malformed = False
        for answer in answers:
            malformed = malformed or "error" in answer
            to.write(as_line(answer))
        return malformed


def _rows(given: "parquet.ParquetFile") -> Iterator[Mapping[str, object]]:
    columns = [name for name in _COLUMNS if name in given.schema_arrow.names]
    for batch in given.iter_batches(_ROWS, columns=columns):
        yield from batch.to_pylist()


def _to_parquet(answers: Iterator[dict[str, object]], output: Path, schema: "pa.Schema") -> bool:
    malformed, part = False, []
    with parquet.ParquetWriter(output, schema) as writer:
        for answer in answers:
            malformed = malformed or "error" in answer
            part.append(answer)
            if len(part) == _ROWS:
                writer.write_table(pa.Table.from_pylist(part, schema))
                part = []
        if part:
            writer.write_table(pa.Table.from_pylist(part, schema))
    return malformed


def schema_of(engine: Engine) -> "pa.Schema":
    """Return the columns of what is decided: the members of a line, with `line` and `error` of a malformed one."""
    reason = {
        "clause": pa.string(),
        "score": pa.float64(),
        "sentence": pa.string(),
        "spans": pa.list_(pa.list_(pa.int32())),
        "target": pa.string(),
        "matched_as": pa.string(),
    }
    columns = {
        "id": pa.string(),
        "verdict": pa.string(),
        "clause": pa.string(),
        "reasons": pa.list_(pa.struct(reason)),
        "scores": pa.struct({name: pa.float64() for name in (*engine.policy.clauses, "toxicity")}),
        "policy_version": pa.string(),
        "model_versions": pa.struct({name: pa.string() for name in engine.model_versions}),
        "line": pa.int64(),
        "error": pa.string(),
    }
    return pa.schema([*columns.items()])


class Decider:
    """An engine in a process of Ray's, built once and asked batch by batch."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._engine = build_engine(Settings(**cast("dict[str, Any]", places)))
        self._schema = schema_of(self._engine)
        gc.freeze()

    def __call__(self, batch: "pa.Table") -> "pa.Table":
        """Return what is decided on these rows; where in the file a malformed one stands is not known here."""
        answers = [*decide_rows(self._engine, batch.to_pylist(), _now)]
        return pa.Table.from_pylist([{**answer, "line": None} for answer in answers], self._schema)


def _by_ray(source: Path | None, output: Path | None, settings: Settings) -> bool:
    try:
        import ray  # noqa: PLC0415  a hundred megabytes, and minutes to install
        import ray.data  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise Misconfigured(f"{error.name} is not installed here. Install moderation[ray].") from error
    if source is None or output is None:
        raise InvalidInput("Ray reads Parquet and writes a folder of it. Give --input and --output.")
    if output.exists():
        raise InvalidInput(f"{output}: is there already. Name a folder that is not.")
    # One processor is left for listing, reading and writing, which else would wait for those that engines hold.
    here = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": len(os.sched_getaffinity(0)) + 1}
    ray.init(log_to_driver=False, logging_level="error", **here)
    ray.data.DataContext.get_current().enable_progress_bars = False
    engines = max(1, int(ray.cluster_resources()["CPU"]) - 1)
    # Only where its files are: no secret leaves this process.
    places = {
        name: str(getattr(settings, name).absolute()) for name in ("policy_path", "models_dir", "learned_dir")
    }
    columns = [name for name in _COLUMNS if name in dataset.dataset(source).schema.names]
    ray.data.read_parquet(str(source), columns=columns).map_batches(
        Decider,
        fn_constructor_args=(places,),
        batch_format="pyarrow",
        batch_size=_ROWS,
        num_cpus=1,
        compute=ray.data.ActorPoolStrategy(size=engines),
    ).write_parquet(str(output))
    return bool(dataset.dataset(output).count_rows(filter=~dataset.field("error").is_null()))


def _now() -> datetime:
    return datetime.now(UTC)

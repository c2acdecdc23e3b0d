"""`moderation doctor`: what is wrong with this installation, and what to do."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from moderation.bootstrap.doctor import examine
from moderation.telemetry import configure


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of objects.")] = False,
) -> None:
    """Check settings, database, disk, policy, models, mail, Redis, receivers and audit log; exit status 1 on a fault."""
    configure()
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            remedy = f". {finding.remedy}" if finding.remedy else ""
            print(f"{finding.state:8}{finding.check}: {finding.says}{remedy}", flush=True)
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(1)

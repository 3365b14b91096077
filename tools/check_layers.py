# SPDX-License-Identifier: Apache-2.0
"""Checks that the arrows between the stages go one way (docs/architecture.md).

    tools/check_layers.py [ROOT]     # exit 1, with a line for each #include that goes against an arrow

Every stage may include its own headers, core's, and the public ones in include/kith/. What it may include
besides stands in ALLOWED. The public headers include each other
and what their users have: never an internal header. Only infer names OpenVINO, only metadata names Exiv2.
"""
import re
import sys
from pathlib import Path

STAGES = ("core", "imageio", "infer", "detect", "align", "embed", "identify", "cluster", "catalog", "store", "search",
          "exchange", "metadata", "ondemand", "interop", "pipeline", "library", "eval", "report")
ALLOWED = {stage: {stage, "core"} for stage in STAGES}
ALLOWED["core"] = {"core"}
ALLOWED["detect"] |= {"infer"}
ALLOWED["embed"] |= {"infer"}
ALLOWED["ondemand"] |= {"metadata"}
ALLOWED["pipeline"] |= set(STAGES) - {"eval", "report", "store", "search", "exchange", "metadata", "ondemand", "interop", "library"}
ALLOWED["library"] |= set(STAGES) - {"eval", "report", "metadata", "ondemand"}

# OpenVINO, the engine, is named in one place only.
ENGINE_STAGE = "infer"

# Exiv2 is under the GPL: what names it must be possible to leave out (KITH_METADATA=OFF).
METADATA_STAGE = "metadata"

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def stage_of(included: str, folder: str):
    """Which stage a header in quotes belongs to; a bare file name is a neighbour. None: not one of ours."""
    first, slash, _ = included.partition("/")
    if not slash:
        return folder
    return first if first in STAGES else None


def complaint(folder: str, quote: str, included: str):
    """What is wrong with this #include in that folder of src/ ("include/kith" for a public header); None: nothing."""
    if included.startswith("openvino/") and folder != ENGINE_STAGE:
        return f"only {ENGINE_STAGE} may name the inference engine"
    if included.startswith("exiv2/") and folder != METADATA_STAGE:
        return f"only {METADATA_STAGE} may name Exiv2"
    if folder == "include/kith":
        internal = quote == '"' or included.split("/")[0] in STAGES
        return "a public header may not include an internal one" if internal else None
    if ".." in included.split("/"):
        return "name headers from src/, without .."
    # <detect/centerface.h> would reach the same file as "detect/centerface.h".
    target = stage_of(included, folder) if quote == '"' else (included.split("/")[0] if included.split("/")[0] in STAGES else None)
    if target is None and quote == '"':
        return "belongs to no stage: our headers are in a stage's folder, others' go in angle brackets"
    if target is not None and target not in ALLOWED[folder]:
        return f"{folder} may not include {target}"
    return None


def check(root: Path) -> list:
    found = []
    folders = sorted(path for path in (root / "src").iterdir() if path.is_dir())
    for unknown in (path for path in folders if path.name not in STAGES):
        found.append(f"{unknown.relative_to(root)}: is no stage that tools/check_layers.py knows; add it, with its arrows")
    known = [(path, path.name) for path in folders if path.name in STAGES] + [(root / "include/kith", "include/kith")]
    for path, folder in known:
        for file in sorted(path.rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                wrong = match and complaint(folder, *match.groups())
                if wrong:
                    found.append(f"{file.relative_to(root)}:{number}: {match.group(2)}: {wrong}")
    return found


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = check(root)
    for line in found:
        print(line)
    print("layers: " + (f"{len(found)} includes go against the arrows of docs/architecture.md" if found else "every include follows the arrows"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

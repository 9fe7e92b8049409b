"""A contract of import-linter: no module imports itself by way of others.

Import-linter's own `acyclic_siblings` compares packages, so it also forbids cycles that no two
modules are in.
"""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from importlinter import Contract, ContractCheck, fields, output
from importlinter.application.contract_utils import AlertLevel, remove_ignored_imports_and_report


class AcyclicImports(Contract):
    """Forbids cycles of imports between modules of the root packages."""

    type_name = "acyclic_imports"

    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Look for a cycle in the imports, besides those to ignore."""
        ignored: Any = self.ignore_imports  # the field's value, as in import-linter's contracts
        remove_ignored_imports_and_report(graph, ignored, AlertLevel.ERROR)
        imports = {each: graph.find_modules_directly_imported_by(each) for each in graph.modules}
        cycle = find_cycle(imports)
        return ContractCheck(kept=not cycle, metadata={"cycle": cycle})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the cycle."""
        output.print_error(" -> ".join(check.metadata["cycle"]))


def find_cycle(imports: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return modules of which each imports the next one, the first one twice; () if there are none.

    `imports` are the modules that each module imports.
    """
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return tuple(reversed(cycle))
    return ()

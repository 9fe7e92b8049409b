"""The contract finds cycles of imports between modules, however long."""

from tests.acyclic_imports import find_cycle


def test_modules_that_import_each_other_are_found() -> None:
    assert find_cycle({"a": ["a.b", "c"], "a.b": ["c"], "c": []}) == ()
    assert find_cycle({"a": ["a.b"], "a.b": ["a"]}) in {("a", "a.b", "a"), ("a.b", "a", "a.b")}


def test_a_long_cycle_is_told_in_the_order_of_the_imports() -> None:
    cycle = find_cycle({"a": ["b", "d"], "b": ["c"], "c": ["a"], "d": []})
    assert sorted(cycle[1:]) == ["a", "b", "c"]
    assert cycle[0] == cycle[-1]
    following = {"a": "b", "b": "c", "c": "a"}
    assert [following[each] for each in cycle[:-1]] == list(cycle[1:])

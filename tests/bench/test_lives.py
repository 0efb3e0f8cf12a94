"""The commands that are measured: as they come, and in which order they may."""

from collections import Counter

from bench.lives import CANCEL, DELIVER, MIX, MOVE, PAY, PLACE, SHIP, Lives, Step


def lived(seed: int, steps: int, *, accepted: bool = True) -> list[Step]:
    lives, taken = Lives(seed), []
    for _ in range(steps):
        taken.append(lives.next())
        if accepted:
            lives.accepted(taken[-1])
    return taken


def test_the_mix_is_as_it_is_said_to_be() -> None:
    names = Counter(step.name for step in lived(1, 20 * 100))

    # Until orders wait, placing one takes the place of what cannot be done.
    assert all(abs(names[name] - 100 * times) <= 30 for name, times in MIX.items())


def test_an_order_goes_through_its_life() -> None:
    lives: dict[str, list[str]] = {}
    for step in lived(2, 2_000):
        if step.document == "order":
            lives.setdefault(step.key, []).append(step.name)

    said = [[name for name in names if name != MOVE] for names in lives.values()]
    assert all(names == [PLACE, PAY, SHIP, DELIVER][: len(names)] or names == [PLACE, CANCEL] for names in said)
    assert [PLACE, PAY, SHIP, DELIVER] in said


def test_nothing_happens_to_an_order_whose_last_step_is_not_answered() -> None:
    keys = [step.key for step in lived(3, 500, accepted=False) if step.document == "order"]

    assert len(set(keys)) == len(keys)


def test_runs_differ_in_their_orders_only_by_seed() -> None:
    assert lived(4, 50) == lived(4, 50)
    assert not {step.key for step in lived(4, 50) if step.document == "order"} & {step.key for step in lived(5, 50)}

"""Draws repeat under a seed, and differ between epochs and seeds."""

from collections import Counter

import pytest

from spiking_lowlevel.data.sampling import Draw, FixedSampler, Replay, SeededSampler, Share, Turn


def drawn(seed: int = 0, epoch: int = 0, pairs: int = 5, draws: int = 12) -> list[Draw]:
    sampler = SeededSampler(pairs, draws, seed)
    sampler.set_epoch(epoch)
    return list(sampler)


def test_a_seed_and_an_epoch_decide_the_draws():
    assert drawn(1, 2) == drawn(1, 2)
    sampler = SeededSampler(5, 12, 1)
    sampler.set_epoch(2)
    assert list(sampler) == list(sampler) == drawn(1, 2)


def test_a_clock_tells_where_the_run_stands():
    now = Turn(0)
    sampler = SeededSampler(5, 12, 1, clock=lambda: now, batch_size=3)
    assert list(sampler) == drawn(1, 0)
    now = Turn(2, batches=1)
    sampler.set_epoch(7)
    assert list(sampler) == drawn(1, 2)[3:]
    assert len(sampler) == 12  # an epoch is as long as ever


@pytest.mark.parametrize("batches", [0, 1])
def test_processes_share_the_batches_of_one(batches: int):
    clock = lambda: Turn(4, batches)  # noqa: E731
    one = list(SeededSampler(5, 14, 1, clock, batch_size=6))
    two = [SeededSampler(5, 14, 1, clock, None, 3, Share(rank, 2)) for rank in (0, 1)]
    first, second = (list(sampler) for sampler in two)
    together = [d for i in range(0, len(first), 3) for d in first[i : i + 3] + second[i : i + 3]]
    assert together == one
    assert [len(sampler) for sampler in two] == [6, 6]  # two of 14 draws fill no batch


@pytest.mark.parametrize(("pairs", "processes"), [(3, 1), (3, 2), (7, 4), (2, 3)])
def test_an_evaluation_takes_every_pair_once_over_all_processes(pairs: int, processes: int):
    samplers = [FixedSampler(pairs, Share(rank, processes)) for rank in range(processes)]
    taken = [draw.pair for sampler in samplers if not sampler.spare for draw in sampler]
    assert sorted(taken) == list(range(pairs))
    assert all(len(list(sampler)) == len(sampler) > 0 for sampler in samplers)


@pytest.mark.parametrize("other", [(1, 3), (2, 2), (2, 1)], ids=str)
def test_another_epoch_or_seed_draws_otherwise(other: tuple[int, int]):
    # Every part alone: the order of the pairs, and the seeds of their randomness.
    one, two = drawn(1, 2, 50, 50), drawn(*other, 50, 50)
    assert [d.pair for d in one] != [d.pair for d in two]
    assert not {d.seed for d in one} & {d.seed for d in two}


def test_draws_of_one_epoch_have_different_seeds():
    assert len({d.seed for d in drawn(draws=1000)}) == 1000


@pytest.mark.parametrize(("pairs", "draws"), [(5, 5), (5, 12), (5, 3), (1, 4), (7, 700)])
def test_every_pair_comes_up_equally_often(pairs: int, draws: int):
    sampler = SeededSampler(pairs, draws, 0)
    counts = Counter(d.pair for d in sampler)
    assert len(sampler) == counts.total() == draws
    assert counts.keys() <= set(range(pairs))
    times = [counts[i] for i in range(pairs)]
    assert max(times) - min(times) <= 1


def test_no_pair_comes_again_before_all_have_come():
    order = [d.pair for d in drawn(pairs=5, draws=15)]
    assert [sorted(order[i : i + 5]) for i in (0, 5, 10)] == [list(range(5))] * 3
    assert order[:5] != order[5:10] or order[5:10] != order[10:]


def test_an_evaluation_takes_all_in_order_with_one_seed():
    sampler = FixedSampler(3)
    assert len(sampler) == 3
    assert list(sampler) == list(sampler) == [Draw(0, 0), Draw(1, 0), Draw(2, 0)]


def test_a_replay_gives_every_process_one_stream():
    seeds = Replay(processes=2, batch_size=3).seeds(14).tolist()
    batches = [seeds[i : i + 3] for i in range(0, 14, 3)]
    assert batches[0] == batches[1]
    assert batches[2] == batches[3]
    assert len({*batches[0], *batches[2], *batches[4]}) == 8
    assert seeds == Replay(2, 3).seeds(14).tolist()


def test_a_replay_does_not_depend_on_run_or_epoch_but_the_order_does():
    replay, found = Replay(2, 3), []
    for seed, epoch in ((0, 0), (0, 1), (5, 0)):
        sampler = SeededSampler(12, 12, seed, replay=replay)
        sampler.set_epoch(epoch)
        found.append(list(sampler))
    assert len({tuple(d.seed for d in draws) for draws in found}) == 1
    assert len({tuple(d.pair for d in draws) for draws in found}) == 3
    assert all(sorted(d.pair for d in draws) == list(range(12)) for draws in found)

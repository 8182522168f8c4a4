"""Draws repeat under a seed, and differ between epochs and seeds."""

from collections import Counter

import pytest

from spiking_lowlevel.data.sampling import Draw, FixedSampler, Replay, SeededSampler


def drawn(seed: int = 0, epoch: int = 0, pairs: int = 5, draws: int = 12) -> list[Draw]:
    sampler = SeededSampler(pairs, draws, seed)
    sampler.set_epoch(epoch)
    return list(sampler)


def test_a_seed_and_an_epoch_decide_the_draws():
    assert drawn(1, 2) == drawn(1, 2)
    sampler = SeededSampler(5, 12, 1)
    sampler.set_epoch(2)
    assert list(sampler) == list(sampler) == drawn(1, 2)


def test_a_clock_tells_the_epoch_where_there_is_one():
    now = 0
    sampler = SeededSampler(5, 12, 1, clock=lambda: now)
    assert list(sampler) == drawn(1, 0)
    now = 2
    sampler.set_epoch(7)
    assert list(sampler) == drawn(1, 2)


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

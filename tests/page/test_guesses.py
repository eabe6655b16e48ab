"""How often a password may be guessed, by one address and by all."""

from nst_core.page.hosting.guesses import ALL_EVERY, OF_ALL, OF_ONE, ONE_EVERY, Guesses


def test_an_address_has_some_at_once_and_then_one_in_a_while() -> None:
    now = [100.0]
    guesses = Guesses(lambda: now[0])
    assert [guesses.take("a") for _ in range(OF_ONE)] == [0] * OF_ONE
    assert guesses.take("a") == ONE_EVERY
    assert guesses.take("b") == 0
    now[0] += ONE_EVERY
    assert guesses.take("a") == 0
    assert guesses.take("a") == ONE_EVERY
    now[0] += ONE_EVERY * OF_ONE
    assert [guesses.take("a") for _ in range(OF_ONE)] == [0] * OF_ONE


def test_a_right_one_costs_nothing() -> None:
    guesses = Guesses(lambda: 100.0)
    for _ in range(3 * OF_ALL):
        assert guesses.take("a") == 0
        guesses.give_back("a")


def test_many_addresses_together_are_slowed_as_well() -> None:
    now = [100.0]
    guesses = Guesses(lambda: now[0])
    assert not any(guesses.take(str(number)) for number in range(OF_ALL))
    assert guesses.take("one more") == ALL_EVERY
    now[0] += ALL_EVERY
    assert guesses.take("one more") == 0

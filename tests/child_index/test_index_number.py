"""Index numbers: opaque, and a mistyped one is noticed."""

from hypothesis import given
from hypothesis import strategies as st

from child_index import index_number

bodies = st.text(alphabet=index_number.ALPHABET, min_size=10, max_size=10)


@given(bodies)
def test_a_number_is_read_as_it_is_displayed(body):
    number = body + index_number.check_character(body)
    assert index_number.parse(index_number.display(number).lower()) == number


@given(bodies, st.integers(0, 10), st.sampled_from(index_number.ALPHABET))
def test_one_wrong_character_is_noticed(body, place, wrong):
    number = body + index_number.check_character(body)
    mistyped = number[:place] + wrong + number[place + 1 :]
    assert mistyped == number or index_number.parse(mistyped) is None


def test_new_numbers_are_valid_and_differ():
    numbers = {index_number.new() for _ in range(1_000)}
    assert len(numbers) == 1_000
    assert all(index_number.parse(number) == number for number in numbers)

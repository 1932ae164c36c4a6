"""Numbers as they arrive from carriers, forms and old lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import phone_numbers
from hotline.phone_numbers import NumberKind as Kind
from hotline.phone_numbers import mask, normalise


@pytest.mark.parametrize(
    ("given", "kind", "normalised"),
    [
        ("13800138000", Kind.MOBILE, "+8613800138000"),
        ("138-0013-8000", Kind.MOBILE, "+8613800138000"),
        ("+86 138 0013 8000", Kind.MOBILE, "+8613800138000"),
        ("008613800138000", Kind.MOBILE, "+8613800138000"),
        ("１３８００１３８０００", Kind.MOBILE, "+8613800138000"),
        ("＋86（0755）8324 5678", Kind.LANDLINE, "+8675583245678"),
        ("0755-8324 5678", Kind.LANDLINE, "+8675583245678"),
        ("0755/83245678", Kind.LANDLINE, "+8675583245678"),
        ("+86075583245678", Kind.LANDLINE, "+8675583245678"),
        ("400-812-3456", Kind.SERVICE, "+864008123456"),
        ("12351", Kind.SHORT, "12351"),
        ("12345", Kind.SHORT, "12345"),
        ("010-12351", Kind.SHORT, "12351"),
        ("010 12345", Kind.SHORT, "12345"),
        ("110", Kind.SHORT, "110"),
        ("10086", Kind.SHORT, "10086"),
        ("95588", Kind.SHORT, "95588"),
        ("+852 2123 4567", Kind.FOREIGN, "+85221234567"),
        ("sip:Li@Example.org", Kind.SIP, "sip:li@example.org"),
        ("client:agent_7", Kind.CLIENT, "client:agent_7"),
        ("83245678", Kind.UNKNOWN, None),  # a local number without its area
        ("138001380", Kind.UNKNOWN, None),
        ("the one from yesterday", Kind.UNKNOWN, None),
        ("1380013800O", Kind.UNKNOWN, None),
    ],
)
def test_a_number_is_recognised_and_kept_as_it_was_given(given, kind, normalised):
    number = normalise(given)
    assert (number.kind, number.normalised, number.raw) == (kind, normalised, given)


@pytest.mark.parametrize(
    "given",
    [
        "+266696687",
        "+7378742833",
        "+2562533",
        "+8656696",
        "+86282452253",  # reads like a number of Chengdu
        "86282452253",
        "anonymous",
        "Anonymous",
        "RESTRICTED",
        "Unavailable",
        "",
        "  ",
        None,
    ],
)
def test_a_caller_who_withholds_the_number_has_none(given):
    number = normalise(given)
    assert (number.kind, number.normalised, number.can_be_called) == (Kind.WITHHELD, None, False)


@pytest.mark.parametrize(
    "given",
    [
        "0571-87654321-8001",
        "0571-87654321转8001",
        "0571 87654321 分机 8001",
        "+8657187654321 ext. 8001",
        "0571-87654321,8001",
    ],
)
def test_an_extension_stays_beside_the_number(given):
    number = normalise(given)
    assert (number.normalised, number.extension) == ("+8657187654321", "8001")


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+8613800138000", "138****8000"),
        ("13800138000", "138****8000"),
        ("+8675583245678", "755****5678"),
        ("87654321", "87****21"),
        ("12345", "12345"),
        ("654321", "****21"),
        ("sip:liqiang@example.org", "sip:l****"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_colleague_without_a_reason_sees_the_ends_only(number, masked):
    assert mask(number) == masked


def test_a_number_is_written_as_people_here_write_it():
    assert phone_numbers.for_display("+8613800138000") == "138 0013 8000"
    assert phone_numbers.for_display("+85221234567") == "+852 2123 4567"
    assert phone_numbers.for_display("12351") == "12351"


@given(st.text(max_size=40))
def test_no_text_from_outside_breaks_it(text):
    number = normalise(text)
    assert number.raw == text.strip()
    assert (number.normalised is None) == (number.kind in {Kind.WITHHELD, Kind.UNKNOWN})


@given(st.from_regex(r"1[38][0-9]{9}", fullmatch=True))
def test_masking_hides_the_middle_of_every_mobile_number(number):
    hidden = number[3:7]
    assert mask(number) == f"{number[:3]}****{number[-4:]}"
    assert hidden not in mask(number) or hidden in number[-4:] or hidden in number[:3]

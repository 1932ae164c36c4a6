"""What a password costs whoever has stolen its hash."""

from argon2 import Type, extract_parameters

from hotline.accounts import passwords
from tests.makers import PASSWORD

THE_TRUE_ONE = passwords._hasher  # before the first test gets a cheap one


def test_a_stolen_hash_costs_its_thief_64_mb_for_each_guess(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", THE_TRUE_ONE)
    stored = passwords.hashed(PASSWORD)
    cost = extract_parameters(stored)
    assert cost.type is Type.ID
    assert cost.memory_cost >= 64 * 1024
    assert cost.time_cost >= 3
    assert passwords.matches(PASSWORD, stored)
    assert not passwords.matches(PASSWORD + "!", stored)

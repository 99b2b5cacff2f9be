"""The house of tests/accounts."""

from tests.accounts.conftest import house as house
from tests.accounts.conftest import open_house as open_house

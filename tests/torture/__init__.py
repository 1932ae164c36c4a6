"""The hotline under faults: real servers, a telephone company with its own books, one check."""

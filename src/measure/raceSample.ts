/** Code to race on where no file is open. It goes on like what stands in it, as much code does. */
export const RACE_SAMPLE = `"""Settings and caches, read from files and written to them."""

import json


def read_settings(path):
    """Read the settings from a file."""
    with open(path, encoding="utf-8") as handle:
        return json.load(handle)


def write_settings(path, settings):
    """Write the settings to a file."""
    with open(path, "w", encoding="utf-8") as handle:
        json.dump(settings, handle)


def read_cache(path):
    """Read the cache from a file."""
`;

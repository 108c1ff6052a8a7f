"""Reads the log of a rain gauge and sums it up.

A log has one reading on a line: the day, the name of the station and the
rain in millimetres, separated by commas. Empty lines and lines that start
with "#" are left out.
"""

import argparse
import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """The rain that one station measured on one day."""

    day: datetime.date
    station: str
    millimetres: float


def parse_reading(line):
    """Return the reading on a line of the log."""
    day, station, millimetres = line.split(",")
    return Reading(datetime.date.fromisoformat(day.strip()), station.strip(), float(millimetres))


def read_log(path):
    """Return all readings of a log file, in the order of the file."""
    readings = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            readings.append(parse_reading(line))
    return readings


def total_by_station(readings):
    """Return a dictionary from station to the sum of its rain."""
    totals = {}
    for reading in readings:
        totals[reading.station] = totals.get(reading.station, 0.0) + reading.millimetres
    return totals


def total_by_year(readings):
    """Return a dictionary from year to the sum of its rain."""
    totals = {}
    for reading in readings:
        year = reading.day.year
        totals[year] = totals.get(year, 0.0) + reading.millimetres
    return totals


def wettest_day(readings):
    """Return the reading with the most rain, or None without readings."""
    if not readings:
        return None
    return max(readings, key=lambda reading: reading.millimetres)


def format_totals(totals):
    """Return one line for each total, the largest first."""
    lines = []
    for name, total in sorted(totals.items(), key=lambda item: item[1], reverse=True):
        lines.append(f"{name}: {total:.1f} mm")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Sum up the log of a rain gauge.")
    parser.add_argument("log", help="path of the log file")
    parser.add_argument("--station", help="only readings of this station")
    arguments = parser.parse_args()
    readings = read_log(arguments.log)
    if arguments.station is not None:
        readings = [reading for reading in readings if reading.station == arguments.station]
    print(format_totals(total_by_station(readings)))


if __name__ == "__main__":
    main()

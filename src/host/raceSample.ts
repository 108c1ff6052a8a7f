/** Code to race on where no file is open. It goes on like what stands in it, as much code does. */
export const RACE_SAMPLE = `"""Temperatures, from one scale to another."""


class Celsius:
    """Degrees Celsius."""

    def __init__(self, degrees):
        self.degrees = degrees

    def __repr__(self):
        return f"Celsius({self.degrees})"

    def __eq__(self, other):
        return isinstance(other, Celsius) and self.degrees == other.degrees


class Fahrenheit:
    """Degrees Fahrenheit."""

    def __init__(self, degrees):
        self.degrees = degrees

    def __repr__(self):
        return f"Fahrenheit({self.degrees})"

    def __eq__(self, other):
        return isinstance(other, Fahrenheit) and self.degrees == other.degrees


class Kelvin:
    """Degrees Kelvin."""

`;

"""Real processes under fire, everything written down, and a checker that reads it afterwards."""

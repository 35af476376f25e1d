"""The same answers as the compiled engine's, computed slowly and plainly, to hold the engine against."""

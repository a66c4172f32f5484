"""Carries a started session; the only home of websockets."""

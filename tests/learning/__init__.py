"""Tests of engine/learning."""

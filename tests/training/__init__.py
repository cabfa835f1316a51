"""Tests of engine/training."""

"""Tests of engine/features."""

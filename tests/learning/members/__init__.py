"""Tests of engine/learning/members."""

"""Tests of engine/adapters/models."""

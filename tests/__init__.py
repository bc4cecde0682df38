"""Tests mirror the packages; what they share is imported as tests.…"""

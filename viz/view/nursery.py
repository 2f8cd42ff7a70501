"""Imported once by the fork server: everything compiled and loaded, before any job is forked."""

from viz.view import worker

worker.warm()

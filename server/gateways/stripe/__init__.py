"""Stripe: the only package that imports ``stripe``, in our words; start at ``client``."""

"""Reorders: which products have to be ordered again, since too little of them can be sold."""

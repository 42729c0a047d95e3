"""The pages of a brand's team.  Every view names the permission that it needs."""

"""Addresses of this floor. No personal data stands in them."""

from audit import spot_urls

app_name = "audit"
urlpatterns = [*spot_urls.urlpatterns]

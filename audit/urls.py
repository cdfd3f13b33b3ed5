"""Addresses of this floor. No personal data stands in them."""

from audit import figure_urls, policy_urls, spot_urls

app_name = "audit"
urlpatterns = [*spot_urls.urlpatterns, *figure_urls.urlpatterns, *policy_urls.urlpatterns]

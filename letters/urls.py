"""Addresses of letters, from both sides: the worker's and the admin's."""

from letters import urls_desk, urls_work

app_name = "letters"
# The desk first: /letters/new/ must not be taken for a letter called "new".
urlpatterns = [*urls_desk.urlpatterns, *urls_work.urlpatterns]

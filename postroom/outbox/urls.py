"""A person's own settings of the e-mails they get."""

from django.urls import path

from postroom.outbox.views import notice_settings

urlpatterns = [path("account/notices/", notice_settings, name="notice_settings")]

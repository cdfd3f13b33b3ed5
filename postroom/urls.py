"""Every address of the site, by app."""

from django.urls import include, path

from postroom.style.views import style_page, theme

urlpatterns = [
    path("", include("postroom.people.sign_in_urls")),
    path("", include("postroom.people.urls")),
    path("", include("postroom.outbox.urls")),
    path("cases/", include("postroom.cases.urls")),
    path("theme.css", theme, name="theme"),
    path("help/", include("postroom.help.urls")),
    path("style/", style_page, name="style"),
    path("distribution/", include("distribution.urls")),
    path("downtime/", include("downtime.urls")),
    path("breaches/", include("breaches.urls")),
    path("breach-reports/", include("breaches.reports.urls")),
    path("papers/", include("papers.urls")),
    path("audit/record/", include("audit.record.urls")),
    path("audit/", include("audit.urls")),
    path("", include("letters.urls")),
]

handler400 = "postroom.error_pages.bad_request"
handler403 = "postroom.error_pages.forbidden"
handler404 = "postroom.error_pages.not_found"
handler500 = "postroom.error_pages.server_error"

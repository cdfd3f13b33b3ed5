"""Addresses of the record. Numbers and references only."""

from django.urls import path

from audit.record.views import access, bundles, checkpoints, retention

app_name = "record"
urlpatterns = [
    path("", checkpoints.home, name="home"),
    path("checkpoints/", checkpoints.checkpoints, name="checkpoints"),
    path("checkpoints/<int:number>/", checkpoints.checkpoint, name="checkpoint"),
    path("compare/", checkpoints.compare, name="compare"),
    path("bundles/", bundles.bundles, name="bundles"),
    path("bundles/new/", bundles.ask, name="bundle_ask"),
    path("bundles/letter/<str:reference>/", bundles.ask_letter, name="bundle_letter"),
    path("bundles/<str:reference>/", bundles.bundle, name="bundle"),
    path("bundles/<str:reference>/file/", bundles.bundle_file, name="bundle_file"),
    path("access/", access.home, name="access"),
    path("access/person/<int:number>/", access.ask, name="access_ask"),
    path("access/<str:reference>/", access.access_request, name="access_request"),
    path("access/<str:reference>/file/", access.access_file, name="access_file"),
    path("retention/", retention.home, name="retention"),
    path("retention/propose/", retention.propose, name="disposal_propose"),
    path("retention/disposals/<str:reference>/", retention.disposal, name="disposal"),
    path("retention/holds/new/", retention.hold_set, name="hold_set"),
    path("retention/holds/<str:reference>/", retention.hold_release, name="hold_release"),
]

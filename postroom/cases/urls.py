"""Addresses of the pages on cases, below `cases/`. A reference tells nothing of who the case is about."""

from django.urls import path

from postroom.cases.views import access, cases, ics, marks, people

urlpatterns = [
    path("", cases.cases, name="cases"),
    path("open/", cases.case_open, name="case_open"),
    path("access/", access.access_find, name="case_access_find"),
    path("ics/", ics.imports, name="case_ics_imports"),
    path("ics/wrong/", ics.ics_queries, name="case_ics_queries"),
    path("ics/<slug:reference>/", ics.ics_import, name="case_ics_import"),
    path("ics/<slug:reference>/progress/", ics.ics_progress, name="case_ics_progress"),
    path("<slug:reference>/", cases.case, name="case"),
    path("<slug:reference>/addresses/<int:address_id>/ics-wrong/", ics.ics_wrong, name="case_ics_wrong"),
    path("<slug:reference>/ics-wrong/<int:query_id>/settle/", ics.ics_settle, name="case_ics_settle"),
    path("<slug:reference>/access/", access.access, name="case_access"),
    path("<slug:reference>/access/restrict/", access.restrict, name="case_restrict"),
    path("<slug:reference>/access/lift/", access.lift, name="case_lift"),
    path("<slug:reference>/access/name/", access.name, name="case_name"),
    path("<slug:reference>/access/bar/", access.bar, name="case_bar"),
    path("<slug:reference>/access/<int:user_id>/unname/", access.unname, name="case_unname"),
    path("<slug:reference>/access/<int:user_id>/unbar/", access.unbar, name="case_unbar"),
    path("<slug:reference>/apart/add/", marks.apart_add, name="case_apart_add"),
    path("<slug:reference>/apart/<int:pair_id>/lift/", marks.apart_lift, name="case_apart_lift"),
    path("<slug:reference>/people/<int:person_id>/post/", marks.person_post, name="case_person_post"),
    path("<slug:reference>/addresses/<int:address_id>/", marks.address_look, name="case_address_look"),
    path("<slug:reference>/addresses/<int:address_id>/mark/", marks.address_mark, name="case_address_mark"),
    path("<slug:reference>/history/", cases.history, name="case_history"),
    path("<slug:reference>/allocate/", cases.case_allocate, name="case_allocate"),
    path("<slug:reference>/move/", cases.case_move, name="case_move"),
    path("<slug:reference>/close/", cases.case_close, name="case_close"),
    path("<slug:reference>/reopen/", cases.case_reopen, name="case_reopen"),
    path("<slug:reference>/people/add/", people.person_add, name="case_person_add"),
    path("<slug:reference>/people/<int:person_id>/change/", people.person_change, name="case_person_change"),
    path("<slug:reference>/people/<int:person_id>/off/", people.person_off, name="case_person_off"),
    path("<slug:reference>/people/<int:person_id>/back/", people.person_back, name="case_person_back"),
    path("<slug:reference>/people/<int:person_id>/addresses/add/", people.address_add, name="case_address_add"),
    path("<slug:reference>/addresses/<int:address_id>/replace/", people.address_replace, name="case_address_replace"),
    path("<slug:reference>/addresses/<int:address_id>/retire/", people.address_retire, name="case_address_retire"),
    path("<slug:reference>/addresses/<int:address_id>/verify/", people.address_verify, name="case_address_verify"),
    path("<slug:reference>/addresses/<int:address_id>/doubt/", people.address_doubt, name="case_address_doubt"),
]

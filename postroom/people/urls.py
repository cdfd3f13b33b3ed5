"""Addresses of the pages on people, offices, deputies and the rota."""

from django.urls import path

from postroom.people.views import cover, offices, persons, rota

urlpatterns = [
    path("people/", persons.people, name="people"),
    path("people/me/", persons.my_details, name="my_details"),
    path("people/add/", persons.person_add, name="person_add"),
    path("people/<int:person_id>/", persons.person, name="person"),
    path("people/<int:person_id>/change/", persons.person_change, name="person_change"),
    path("people/<int:person_id>/close/", persons.person_close, name="person_close"),
    path("people/<int:person_id>/open/", persons.person_open, name="person_open"),
    path("people/<int:person_id>/password-link/", persons.person_link, name="person_link"),
    path("people/<int:person_id>/roles/give/", persons.role_give, name="role_give"),
    path("people/<int:person_id>/roles/<int:grant_id>/end/", persons.role_end, name="role_end"),
    path("deputies/", offices.deputies, name="deputies"),
    path("deputies/add/", offices.deputy_add, name="deputy_add"),
    path("deputies/<int:deputy_id>/end/", offices.deputy_end, name="deputy_end"),
    path("offices/", offices.offices, name="offices"),
    path("offices/add/", offices.office_add, name="office_add"),
    path("offices/<slug:code>/", offices.office, name="office"),
    path("offices/<slug:code>/change/", offices.office_change, name="office_change"),
    path("offices/<slug:code>/plan/", offices.office_plan, name="office_plan"),
    path("offices/<slug:code>/plan/<int:change_id>/withdraw/", offices.office_withdraw, name="office_withdraw"),
    path("offices/<slug:code>/teams/add/", offices.team_add, name="team_add"),
    path("offices/<slug:code>/teams/<int:team_id>/", offices.team_rename, name="team_rename"),
    path("cover/", cover.cover, name="cover"),
    path("cover/<slug:code>/", cover.at_office, name="cover_office"),
    path("cover/<slug:code>/give/", cover.give, name="cover_give"),
    path("cover/<slug:code>/<int:grant_id>/end/", cover.end, name="cover_end"),
    path("rota/", rota.rota, name="rota"),
    path("rota/<slug:code>/", rota.week, name="rota_week"),
    path("rota/<slug:code>/add/", rota.add, name="rota_add"),
    path("rota/<slug:code>/<int:slot_id>/remove/", rota.remove, name="rota_remove"),
]

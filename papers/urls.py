"""Addresses of this floor. No personal data stands in them."""

from django.urls import path

from papers.views import agreements, register, steps, taking

app_name = "papers"
urlpatterns = [
    path("", register.board, name="board"),
    path("ended/", register.ended, name="ended"),
    path("new/", taking.new, name="new"),
    path("new/<str:case_reference>/", taking.take, name="take"),
    path("new/<str:case_reference>/ask/", taking.ask, name="ask"),
    path("away/", agreements.agreements, name="agreements"),
    path("away/new/", agreements.agreement_new, name="agreement_new"),
    path("away/<str:reference>/end/", agreements.agreement_end, name="agreement_end"),
    path("<str:reference>/", register.entry, name="entry"),
    path("<str:reference>/answer/", steps.answer, name="answer"),
    path("<str:reference>/leave/", steps.leave, name="leave"),
    path("<str:reference>/not-taken/", steps.not_taken, name="not_taken"),
    path("<str:reference>/back/", steps.back, name="back"),
    path("<str:reference>/destroyed/", steps.destroyed, name="destroyed"),
    path("<str:reference>/lost/", steps.lost, name="lost"),
    path("<str:reference>/found/", steps.found, name="found"),
    path("<str:reference>/another-day/", steps.another_day, name="another_day"),
    path("<str:reference>/record/", steps.record, name="record"),
]

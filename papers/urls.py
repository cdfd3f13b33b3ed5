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
    path("<str:reference>/answer/", steps.AnswerPage.as_view(), name="answer"),
    path("<str:reference>/leave/", steps.LeavePage.as_view(), name="leave"),
    path("<str:reference>/not-taken/", steps.NotTakenPage.as_view(), name="not_taken"),
    path("<str:reference>/back/", steps.BackPage.as_view(), name="back"),
    path("<str:reference>/destroyed/", steps.DestroyedPage.as_view(), name="destroyed"),
    path("<str:reference>/lost/", steps.LostPage.as_view(), name="lost"),
    path("<str:reference>/found/", steps.FoundPage.as_view(), name="found"),
    path("<str:reference>/another-day/", steps.AnotherDayPage.as_view(), name="another_day"),
    path("<str:reference>/record/", steps.RecordPage.as_view(), name="record"),
]

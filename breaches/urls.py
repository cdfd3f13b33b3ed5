"""Addresses of this floor. No personal data stands in them."""

from django.urls import path

from breaches.views import duties, history, pages, people, referring, steps

app_name = "breaches"
urlpatterns = [
    path("", pages.breaches, name="breaches"),
    path("report/", pages.report, name="report"),
    path("report/<str:key>/", pages.report, name="draft"),
    path("report/<str:key>/discard/", pages.discard, name="discard"),
    path("actions/<int:pk>/", pages.follow_up, name="follow_up"),
    path("<str:reference>/", pages.breach, name="breach"),
    path("<str:reference>/history/", history.history, name="history"),
    path("<str:reference>/history.pdf", history.history_pdf, name="history_pdf"),
    path("<str:reference>/facts/", steps.FactsPage.as_view(), name="facts"),
    path("<str:reference>/aware/", steps.AwarePage.as_view(), name="aware"),
    path("<str:reference>/more/", steps.MorePage.as_view(), name="more"),
    path("<str:reference>/involved/", steps.InvolvePage.as_view(), name="involve"),
    path("<str:reference>/involved/<int:pk>/clear/", steps.ClearInvolvedPage.as_view(), name="clear_involved"),
    path("<str:reference>/duties/<str:duty>/", duties.DutyPage.as_view(), name="duty"),
    path("<str:reference>/duties/<str:duty>/set-aside/", duties.SetAsidePage.as_view(), name="set_aside"),
    path("<str:reference>/duties/<str:duty>/file/", pages.duty_file, name="duty_file"),
    path("<str:reference>/sign-report/", duties.SignReportPage.as_view(), name="sign_report"),
    path("<str:reference>/meeting/", steps.AskExceptionPage.as_view(), name="ask_exception"),
    path("<str:reference>/meeting/decide/", steps.AnswerMeetingPage.as_view(), name="answer_meeting"),
    path("<str:reference>/meeting/put-off/", steps.AnswerDeferralPage.as_view(), name="answer_deferral"),
    path("<str:reference>/people/", people.NamePeoplePage.as_view(), name="name_people"),
    path("<str:reference>/people/<int:pk>/met/", people.MeetPersonPage.as_view(), name="meet_person"),
    path("<str:reference>/people/<int:pk>/clear/", people.ClearPersonPage.as_view(), name="clear_person"),
    path("<str:reference>/letter/", steps.LinkLetterPage.as_view(), name="link_letter"),
    path("<str:reference>/assess/", steps.AssessPage.as_view(), name="assess"),
    path("<str:reference>/ask-advice/", steps.AskAdvicePage.as_view(), name="ask_advice"),
    path("<str:reference>/advise/", steps.AdvisePage.as_view(), name="advise"),
    path("<str:reference>/decide/", steps.DecidePage.as_view(), name="decide"),
    path("<str:reference>/agree/", steps.AgreePage.as_view(), name="agree"),
    path("<str:reference>/notify/", referring.NotifyPage.as_view(), name="notify"),
    path("<str:reference>/phase/withdraw/", referring.WithdrawPhasePage.as_view(), name="withdraw_phase"),
    path("<str:reference>/refer/", referring.ReferPage.as_view(), name="refer"),
    path("<str:reference>/cause/", steps.CausePage.as_view(), name="cause"),
    path("<str:reference>/actions/add/", steps.AddActionPage.as_view(), name="add_action"),
    path("<str:reference>/close/", steps.ClosePage.as_view(), name="close"),
]

"""Addresses of My work, a letter's page, checking, signing and withdrawing."""

from django.urls import path

from letters.views import checking, checking_together, finding, history, letter, my_work, signing, withdrawing

urlpatterns = [
    path("", my_work.my_work, name="my_work"),
    path("waiting/<slug:slug>/", my_work.queue, name="queue"),
    path("notices-seen/", my_work.notices_seen, name="notices_seen"),
    path("find/", finding.find, name="find"),
    path("check-next/", checking.next_check, name="next_check"),
    path("letters/<str:reference>/", letter.letter, name="letter"),
    path("letters/<str:reference>/history/", history.history, name="history"),
    path("letters/<str:reference>/history.pdf", history.history_pdf, name="history_pdf"),
    path("letters/<str:reference>/check/", checking.check, name="check"),
    path("letters/<str:reference>/check-together/", checking_together.check_together, name="check_together"),
    path("letters/<str:reference>/send-text-back/", checking_together.send_text_back, name="send_text_back"),
    path("letters/<str:reference>/send-back/", checking.send_back, name="send_back"),
    path("letters/<str:reference>/sign/", signing.sign, name="sign"),
    path("letters/<str:reference>/pp/", signing.pp, name="pp"),
    path("letters/<str:reference>/confirm-signature/", signing.confirm_signature, name="confirm_signature"),
    path("letters/<str:reference>/withdraw/", withdrawing.withdraw, name="withdraw"),
]

"""Addresses of reports and minutes. No personal data stands in them."""

from django.urls import path

from distribution.views import sets, steps

app_name = "distribution"
urlpatterns = [
    path("", sets.sets, name="sets"),
    path("issue/", sets.find_case, name="find_case"),
    path("issue/<str:case_reference>/", sets.issue, name="issue"),
    path("mail/", sets.offices, name="mail"),
    path("mail/<slug:code>/", sets.office_mail, name="office_mail"),
    path("sets/<str:reference>/", sets.show_set, name="set"),
    path("sets/<str:reference>/document.pdf", sets.set_pdf, name="set_pdf"),
    path("sets/<str:reference>/recipients/", sets.add_recipient, name="add_recipient"),
    path("items/<str:reference>/", sets.show_item, name="item"),
    path("items/<str:reference>/document.pdf", sets.item_pdf, name="item_pdf"),
    path("items/<str:reference>/cover.pdf", sets.cover_pdf, name="cover_pdf"),
    path("items/<str:reference>/receipts/<int:number>/", sets.receipt, name="receipt"),
    path("items/<str:reference>/signature/", sets.signature, name="signature"),
    path("items/<str:reference>/ready/", steps.ReadyPage.as_view(), name="ready"),
    path("items/<str:reference>/release/", steps.ReleasePage.as_view(), name="release"),
    path("items/<str:reference>/approve/", steps.ApprovePage.as_view(), name="approve"),
    path("items/<str:reference>/version/", steps.VersionPage.as_view(), name="version"),
    path("items/<str:reference>/take-out/", steps.TakeOutPage.as_view(), name="take_out"),
    path("items/<str:reference>/hand-over/", steps.HandOverPage.as_view(), name="hand_over"),
    path("items/<str:reference>/not-possible/", steps.NotPossiblePage.as_view(), name="not_possible"),
    path("items/<str:reference>/bring-back/", steps.BringBackPage.as_view(), name="bring_back"),
    path("items/<str:reference>/envelope/", steps.EnvelopePage.as_view(), name="envelope"),
    path("items/<str:reference>/post/", steps.PostPage.as_view(), name="post"),
    path("items/<str:reference>/delivery/", steps.DeliveryPage.as_view(), name="delivery"),
    path("items/<str:reference>/returned/", steps.ReturnedPage.as_view(), name="returned"),
    path("items/<str:reference>/send/", steps.SendPage.as_view(), name="send"),
    path("items/<str:reference>/decide/", steps.DecidePage.as_view(), name="decide"),
    path("items/<str:reference>/password/", steps.PasswordPage.as_view(), name="password"),
    path("items/<str:reference>/again/", steps.AgainPage.as_view(), name="again"),
    path("items/<str:reference>/set-aside/", steps.SetAsidePage.as_view(), name="set_aside"),
    path("items/<str:reference>/upload/", steps.UploadPage.as_view(), name="upload"),
]

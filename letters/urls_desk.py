"""Addresses of the hand-over and the admin's pages. No personal data stands in them."""

from django.urls import path

from letters.views import enveloping, files, handing_over, labels, posting, sources, stock, tray, ways
from letters.views import typing as typing_views

urlpatterns = [
    path("letters/new/", handing_over.new, name="new"),
    path("cases/<str:case_reference>/new-letter/", handing_over.new_for_case, name="new_for_case"),
    path("letters/<str:reference>/type/", typing_views.TypingPage.as_view(), name="type"),
    path("letters/<str:reference>/draft/<int:number>/", sources.source, name="source"),
    path(
        "letters/<str:reference>/draft/<int:number>/pages/<int:page>.png", sources.source_picture, name="source_picture"
    ),
    path("letters/<str:reference>/ask/", sources.AskPage.as_view(), name="ask"),
    path("letters/<str:reference>/questions/<int:number>/", sources.AnswerPage.as_view(), name="answer"),
    path("letters/<str:reference>/brief/", sources.BriefPage.as_view(), name="brief"),
    path("letters/<str:reference>/type/save/", typing_views.AutosaveView.as_view(), name="autosave"),
    path("letters/<str:reference>/type/preview/", typing_views.PreviewView.as_view(), name="preview"),
    path(
        "letters/<str:reference>/type/preview/<str:key>/<int:page>.png",
        typing_views.PreviewPicture.as_view(),
        name="preview_picture",
    ),
    path("letters/<str:reference>/versions/<int:number>/letter.pdf", files.pdf, name="pdf"),
    path("letters/<str:reference>/versions/<int:number>/pages/<int:page>.png", files.picture, name="picture"),
    path("letters/<str:reference>/signed.pdf", files.signed_pdf, name="signed_pdf"),
    path("letters/<str:reference>/print/", files.print_page, name="print"),
    path("letters/<str:reference>/return-to-worker/", files.return_to_worker, name="return_to_worker"),
    path("letters/<str:reference>/envelope/", enveloping.EnvelopePage.as_view(), name="envelope"),
    path("letters/<str:reference>/reopen/", enveloping.ReopenPage.as_view(), name="reopen"),
    path("letters/<str:reference>/post/", posting.PostPage.as_view(), name="post"),
    path("letters/<str:reference>/way/", ways.ChooseWayPage.as_view(), name="choose_way"),
    path("letters/<str:reference>/deliver/", ways.HandDeliverPage.as_view(), name="hand_deliver"),
    path("letters/<str:reference>/reception/", ways.ReceptionPage.as_view(), name="give_at_reception"),
    path("letters/<str:reference>/not-delivered/", ways.NotDeliveredPage.as_view(), name="not_delivered"),
    path("letters/<str:reference>/carry-again/", ways.CarryAgainPage.as_view(), name="carry_again"),
    path("letters/<str:reference>/delivered/", ways.DeliveredPage.as_view(), name="confirm_delivery"),
    path("letters/<str:reference>/receipt/", files.receipt, name="receipt"),
    path("letters/<str:reference>/upload/", posting.UploadPage.as_view(), name="upload"),
    path("letters/<str:reference>/returned/", posting.ReturnedPage.as_view(), name="returned"),
    path("letters/<str:reference>/returned/next/", posting.returned_next, name="returned_next"),
    path("tray/", tray.tray_home, name="tray_home"),
    path("tray/<slug:code>/", tray.tray, name="tray"),
    path("tray/<slug:code>/envelopes/", tray.enveloping, name="enveloping"),
    path("tray/<slug:code>/bags/<str:day>/list.pdf", tray.bag_list, name="bag_list"),
    path("return-labels/", labels.labels_home, name="labels_home"),
    path("return-labels/<slug:code>/", labels.labels, name="labels"),
    path("envelope-stock/", stock.stocks, name="stocks"),
    path("envelope-stock/new/", stock.stock_new, name="stock_new"),
    path("envelope-stock/offices/<slug:code>/", stock.office_post, name="office_post"),
    path("envelope-stock/<slug:slug>/", stock.stock, name="stock"),
    path("envelope-stock/<slug:slug>/change/", stock.stock_change, name="stock_change"),
    path("envelope-stock/<slug:slug>/calibration.pdf", stock.calibration, name="stock_calibration"),
]

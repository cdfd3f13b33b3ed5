"""Addresses of spot checks. No personal data stands in them."""

from django.urls import path

from audit.views import dice, findings, items, spotchecks

_CHECK = "spot-checks/<str:reference>/"
_ITEM = f"{_CHECK}letters/<int:number>/"
_FINDING = "findings/<str:reference>/"
urlpatterns = [
    path("spot-checks/", spotchecks.spot_checks, name="spot_checks"),
    path("spot-checks/new/", spotchecks.spot_check_new, name="spot_check_new"),
    path(_CHECK, spotchecks.spot_check, name="spot_check"),
    path(f"{_CHECK}frame-<int:place>.txt", spotchecks.spot_check_frame, name="spot_check_frame"),
    path(f"{_CHECK}seed/", spotchecks.spot_check_seed, name="spot_check_seed"),
    path(f"{_CHECK}dice/", dice.dice, name="dice"),
    path(f"{_CHECK}dice/refuse/", dice.dice_refuse, name="dice_refuse"),
    path(f"{_CHECK}draw/", spotchecks.spot_check_draw, name="spot_check_draw"),
    path(f"{_CHECK}begin/", spotchecks.spot_check_begin, name="spot_check_begin"),
    path(f"{_CHECK}finish/", spotchecks.spot_check_finish, name="spot_check_finish"),
    path(f"{_CHECK}pick/", spotchecks.spot_check_pick, name="spot_check_pick"),
    path(f"{_CHECK}give-up/", spotchecks.spot_check_abandon, name="spot_check_abandon"),
    path(_ITEM, items.item, name="item"),
    path(f"{_ITEM}save/", items.item_save, name="item_save"),
    path(f"{_ITEM}photos/", items.item_photo, name="item_photo"),
    path(f"{_ITEM}photos/<int:photo>/", items.item_photo_file, name="item_photo_file"),
    path(f"{_ITEM}not-found/", items.item_missing, name="item_missing"),
    path(f"{_ITEM}open-again/", items.item_correct, name="item_correct"),
    path(f"{_ITEM}finding/", findings.finding_new, name="finding_new"),
    path(_FINDING, findings.finding, name="finding"),
    path(f"{_FINDING}answer/", findings.finding_answer, name="finding_answer"),
    path(f"{_FINDING}accept/", findings.finding_accept, name="finding_accept"),
    path(f"{_FINDING}send-back/", findings.finding_send_back, name="finding_send_back"),
    path(f"{_FINDING}hand-on/", findings.finding_hand_on, name="finding_hand_on"),
]

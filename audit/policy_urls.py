"""Addresses of the policies in force."""

from django.urls import path

from audit.views import policies

urlpatterns = [
    path("policies/", policies.policies, name="policies"),
    path("policies/not-acknowledged/", policies.policy_missing, name="policy_missing"),
    path("policies/<slug:slug>/<int:number>/", policies.policy, name="policy"),
    path("policies/<slug:slug>/new/", policies.policy_new, name="policy_new"),
]

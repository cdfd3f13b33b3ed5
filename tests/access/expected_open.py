"""The pages of the site that belong to nobody's letters, cases or people, written by hand.

Whoever adds an address puts it here, or on the list of its app beside this file; the test over all addresses fails
until that is done.
"""

# Open without signing in. None of them shows a name, a case or a letter; the demonstration's pages are a 404 where it
# is off, and its people are invented.
OPEN = {
    "account_login",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "demo",
    "demo_become",
    "theme",
}
# Everyone's own account: asks to sign in, then shows the signed-in person alone.
OWN_ACCOUNT = {
    "account_logout",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "your_account",
    "kept_work",
    "notice_settings",
    "session_times",
    "style",
}

"""The one settings file. The environment is read here and nowhere else.

Nothing set: the embedded default, for a trial on one machine: SQLite and a file queue in var/, demo people.
POSTROOM_PRODUCTION=1: nothing is assumed; a missing or unsafe setting stops the start with a sentence.
"""

import secrets
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

from breaches.duties import DEFAULT_ESCALATIONS, DEFAULT_TIMES, DutyError, check_times

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(str(BASE_DIR / ".env"), recurse=False)

PRODUCTION = env.bool("POSTROOM_PRODUCTION", False)


def needed(name: str, what_for: str) -> str:
    """The setting `name`, which production can't do without. Raises ImproperlyConfigured with a hint."""
    value = env.str(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. It is needed in production: {what_for}.")
    return value


# Where files are kept: PDFs under their SHA-256, the embedded database and queue.
DATA_DIR = Path(env.str("POSTROOM_DATA_DIR", "") or BASE_DIR / "var").resolve()
if PRODUCTION:
    needed("POSTROOM_DATA_DIR", "a folder that is backed up, for letters' PDFs")
DATA_DIR.mkdir(parents=True, exist_ok=True)


def embedded_secret_key() -> str:
    """A key of this installation's own, made at the first start and kept in DATA_DIR (mode 600)."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = needed("SECRET_KEY", "at least 50 random characters, kept secret") if PRODUCTION else embedded_secret_key()
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is too short. Give at least 50 random characters.")

DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("POSTROOM_DEMO", not PRODUCTION)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG is on. It shows personal data on error pages; turn it off in production.")
if PRODUCTION and DEMO:
    raise ImproperlyConfigured("POSTROOM_DEMO is on. It lets anyone become any user; turn it off in production.")

if PRODUCTION:
    needed("ALLOWED_HOSTS", "the web address people use, for example post.example.gov.uk")
ALLOWED_HOSTS = [host.strip() for host in env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", "testserver"])]
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is '*'. Name the web addresses that people use.")
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

# --- The council, in its own words ---------------------------------------------------------------
COUNCIL_NAME = env.str("COUNCIL_NAME", "Northmere County Council")
RETURN_PREFIX = env.str("RETURN_PREFIX", "NCC")
# Postcode areas (NM) and districts (NM1) inside the council's area; whoever verifies an address confirms.
COUNCIL_POSTCODES: list[str] = env.list("COUNCIL_POSTCODES", [] if PRODUCTION else ["NM"])
COUNCIL_COLOUR = env.str("COUNCIL_COLOUR", "#1d4f5c")
# A verified address older than this (days) is a question to whoever chooses it.
ADDRESS_STALE_AFTER_DAYS = env.int("ADDRESS_STALE_AFTER_DAYS", 180)
# A printer's calibration sheet is measured anew after so many days; how far (mm) it may move the address (below 2).
CALIBRATION_DAYS = env.int("CALIBRATION_DAYS", 180)
PRINTER_TOLERANCE_MM = env.float("PRINTER_TOLERANCE_MM", 1.0)
# An approval (out of area, say) holds for so many days at most.
APPROVAL_MOST_DAYS = env.int("APPROVAL_MOST_DAYS", 90)
# The half-day of the duty rota changes at this local hour.
ROTA_AFTERNOON_FROM_HOUR = env.int("ROTA_AFTERNOON_FROM_HOUR", 13)
# Working days a letter may wait in a state before My work calls it overdue.
OVERDUE_AFTER_WORKING_DAYS = env.int("OVERDUE_AFTER_WORKING_DAYS", 2)
# Days from an office's last finished spot check to its next (OGP-10 says "regular").
SPOT_CHECK_EVERY_DAYS = env.int("SPOT_CHECK_EVERY_DAYS", 31)
SPOT_CHECK_STALE_DAYS = env.int("SPOT_CHECK_STALE_DAYS", 14)
# Months from issue to review for a policy that names no review date itself.
POLICY_REVIEW_MONTHS = env.int("POLICY_REVIEW_MONTHS", 12)
# Working days that first and second class post take, counted from the day of posting.
FIRST_CLASS_DAYS = env.int("FIRST_CLASS_DAYS", 1)
SECOND_CLASS_DAYS = env.int("SECOND_CLASS_DAYS", 3)
ABROAD_DAYS = env.int("ABROAD_DAYS", 7)
ABROAD_ECONOMY_DAYS = env.int("ABROAD_ECONOMY_DAYS", 40)
# Papers out of the office: days they stay out at most; hours after which others answer for a silent line manager;
# working days after the due day at which the manager is told, and at which again.
PAPERS_LONGEST_DAYS = env.int("PAPERS_LONGEST_DAYS", 28)
PAPERS_STAND_IN_AFTER_HOURS = env.int("PAPERS_STAND_IN_AFTER_HOURS", 2)
PAPERS_MANAGER_AFTER_WORKING_DAYS = env.int("PAPERS_MANAGER_AFTER_WORKING_DAYS", 3)
PAPERS_MANAGER_EVERY_WORKING_DAYS = env.int("PAPERS_MANAGER_EVERY_WORKING_DAYS", 5)
# What the case record's running records are called here, and for how long working away from the office is agreed.
RUNNING_RECORD_NAME = env.str("RUNNING_RECORD_NAME", "Mosaic/CareWorks")
AWAY_AGREEMENT_LONGEST_DAYS = env.int("AWAY_AGREEMENT_LONGEST_DAYS", 366)

# --- Breaches ------------------------------------------------------------------------------------
# By when each duty of a breach is overdue; the names and defaults stand in breaches/duties.py, which imports nothing.
BREACH_TIMES = {name: env.int(name, figure) for name, figure in DEFAULT_TIMES.items()}
BREACH_ESCALATIONS: list[int] = env.list("BREACH_ESCALATIONS", list(DEFAULT_ESCALATIONS), subcast=int)
try:
    check_times(BREACH_TIMES, BREACH_ESCALATIONS)
except DutyError as error:
    raise ImproperlyConfigured(str(error)) from error
# The council's own closing days, as 2026-12-29; they count as no working days.
BREACH_CLOSED_DAYS = frozenset(env.list("BREACH_CLOSED_DAYS", [], subcast=date.fromisoformat))
# The council's own form and policies, shown where they apply; empty: not shown.
BREACH_FORM_URL = env.str("BREACH_FORM_URL", "")
# In which order that form asks, and under which headings if they aren't Postroom's: "risk=Part B: Risk,facts,data".
# What isn't named comes after it. The parts: facts, data, actions, risk, duties, cause, decision.
BREACH_FORM_PARTS = frozenset({"facts", "data", "actions", "risk", "duties", "cause", "decision"})
BREACH_FORM_ORDER: list[str] = env.list("BREACH_FORM_ORDER", [])
if unknown := {one.partition("=")[0].strip() for one in BREACH_FORM_ORDER} - BREACH_FORM_PARTS:
    raise ImproperlyConfigured(
        f"BREACH_FORM_ORDER names {', '.join(sorted(unknown))}, which is no part of a report on a breach. "
        f"The parts: {', '.join(sorted(BREACH_FORM_PARTS))}."
    )
SECURITY_POLICY_URL = env.str("SECURITY_POLICY_URL", "")
REFERRAL_POLICY_URL = env.str("REFERRAL_POLICY_URL", "")
# Outside bodies by the names they have today.
COMMISSIONER_NAME = env.str("COMMISSIONER_NAME", "Information Commissioner's Office")
PROFESSIONAL_BODY_NAME = env.str("PROFESSIONAL_BODY_NAME", "Social Work England")
# The Data Protection Officer as the Commissioner reaches them: the contact point of a notification, Article 33(3)(b).
DPO_CONTACT_NAME = env.str("DPO_CONTACT_NAME", "")
DPO_CONTACT_EMAIL = env.str("DPO_CONTACT_EMAIL", "")
DPO_CONTACT_PHONE = env.str("DPO_CONTACT_PHONE", "")

# --- The case record (ICS), for offices that don't upload by hand ----------------------------------
# A folder with one folder in it for each office's code; and the address and key of the council's own interface.
ICS_FOLDER = env.str("ICS_FOLDER", "")
ICS_URL = env.str("ICS_URL", "")
ICS_TOKEN = env.str("ICS_TOKEN", "")
if PRODUCTION and ICS_URL and not ICS_URL.startswith("https://"):
    raise ImproperlyConfigured("ICS_URL must begin with https://: letters to families go over it.")

# --- Database and queue --------------------------------------------------------------------------
if PRODUCTION:
    needed("DATABASE_URL", "postgres://user:password@host/database")
    needed("REDIS_URL", "redis://host:6379/0")
try:
    DATABASES = {
        "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'postroom.sqlite3'}", conn_max_age=60)
    }
except (EnvError, ValueError) as error:
    raise ImproperlyConfigured("DATABASE_URL can't be read. Write postgres://user:password@host/database.") from error
try:
    # The owner of the tables, for `migrate` alone; the application's own role then gets what it needs and no more.
    MIGRATE_DATABASE = env.dj_db_url("MIGRATE_DATABASE_URL") if env.str("MIGRATE_DATABASE_URL", "") else None
except (EnvError, ValueError) as error:
    raise ImproperlyConfigured("MIGRATE_DATABASE_URL can't be read. Write postgres://owner:password@host.") from error
if PRODUCTION and "postgresql" not in DATABASES["default"]["ENGINE"]:
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database in production.")
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: SQLite has no row locks, so a transaction that will write takes the writer's place at once.
    # recursive_triggers: without it INSERT OR REPLACE passes by the ledger's delete trigger.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, str | int | bool]
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CELERY_BROKER_URL = REDIS_URL
    # A step's commit tells the queue. With the queue down the person must not wait for it: one try, without pause.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
    }
else:
    # One web process: its own memory serves as cache. The queue is a folder that the worker reads.
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    queue_dir = DATA_DIR / "queue"
    for folder in ("messages", "done", "control"):
        (queue_dir / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT = "postroom.outbox.folder_queue:Transport"
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(queue_dir / "messages"),
        "data_folder_out": str(queue_dir / "messages"),
        "processed_folder": str(queue_dir / "done"),
        "store_processed": False,
        "control_folder": str(queue_dir / "control"),
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "postroom"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Europe/London"
# The rows of the outbox are the truth; this only says how often somebody looks for what was lost.
CELERY_BEAT_SCHEDULE = {
    "sweep-outbox": {"task": "postroom.outbox.sweep", "schedule": timedelta(seconds=15)},
    # From SUMMARY_HOUR on; one that was down then sends them when it is back.
    "plan-summaries": {"task": "postroom.outbox.plan_summaries", "schedule": timedelta(minutes=5)},
    "warn-of-dates": {"task": "letters.warn_of_dates", "schedule": timedelta(minutes=15)},
    "begin-office-changes": {"task": "postroom.people.begin_office_changes", "schedule": timedelta(minutes=15)},
    "hand-on": {"task": "postroom.cases.hand_on", "schedule": timedelta(hours=1)},
    "seal-ledger": {"task": "postroom.ledger.seal", "schedule": timedelta(seconds=5)},
    "seal-ledger-whole": {
        "task": "postroom.ledger.seal",
        "schedule": timedelta(hours=1),
        "kwargs": {"everything": True},
    },
    "seal-readings": {"task": "postroom.ledger.seal_readings", "schedule": timedelta(minutes=1)},
    "seal-readings-whole": {
        "task": "postroom.ledger.seal_readings",
        "schedule": timedelta(hours=1),
        "kwargs": {"everything": True},
    },
    "send-checkpoints": {"task": "audit.record.send_checkpoints", "schedule": crontab(minute=7)},
    "verify-nightly": {"task": "audit.record.verify_nightly", "schedule": crontab(hour=2, minute=30)},
    "chase-uploads": {"task": "letters.chase", "schedule": crontab(hour=8, minute=15, day_of_week="mon-fri")},
    "chase-copies": {"task": "distribution.chase", "schedule": crontab(hour=8, minute=20, day_of_week="mon-fri")},
    "keep-figures": {"task": "audit.keep_figures", "schedule": timedelta(seconds=15)},
    "sweep-pictures": {"task": "letters.sweep_pictures", "schedule": timedelta(hours=1)},
    "chase-papers": {"task": "papers.chase", "schedule": timedelta(minutes=30)},
    "sweep-files": {"task": "postroom.files.sweep_orphans", "schedule": timedelta(hours=24)},
    "remind-of-breaches": {"task": "breaches.remind", "schedule": timedelta(minutes=5)},
    "clear-sessions": {"task": "postroom.people.clear_sessions", "schedule": timedelta(hours=1)},
}
# 64 hexadecimal digits; signs the ledger's checkpoints. Without it a key is made and kept in DATA_DIR.
LEDGER_SIGNING_KEY = env.str("LEDGER_SIGNING_KEY", "")
# Public keys of replaced ones, still good for what they signed.
LEDGER_OLD_KEYS: list[str] = env.list("LEDGER_OLD_KEYS", [])
# Where checkpoints go, beyond the database owner's reach: addresses (else to those who may see the record),
# a folder where what is written can't be changed, a time-stamping service (RFC 3161) with the roots that it is held to.
CHECKPOINT_MAIL_TO: list[str] = env.list("CHECKPOINT_MAIL_TO", [])
CHECKPOINT_FOLDER = env.str("CHECKPOINT_FOLDER", "")
TSA_URL = env.str("TSA_URL", "")
TSA_ROOTS = env.str("TSA_ROOTS", "")
if TSA_URL and not Path(TSA_ROOTS).is_file():
    raise ImproperlyConfigured(
        "TSA_URL is set, but TSA_ROOTS names no file with the service's root certificates (PEM)."
    )
# ICS is the record: days after the confirmed upload (or the withdrawal) until disposal can be proposed.
RETENTION_DRAFT_DAYS = env.int("RETENTION_DRAFT_DAYS", 30)
RETENTION_CONTENT_DAYS = env.int("RETENTION_CONTENT_DAYS", 365)
# What is kept beside letters; from when each counts stands with its kind. Six years: within them a claim can be made.
RETENTION_PROOF_DAYS = env.int("RETENTION_PROOF_DAYS", 2191)
RETENTION_REPORT_DAYS = env.int("RETENTION_REPORT_DAYS", 365)
RETENTION_BREACH_DAYS = env.int("RETENTION_BREACH_DAYS", 2191)
RETENTION_PAPERS_DAYS = env.int("RETENTION_PAPERS_DAYS", 2191)
RETENTION_AGREEMENT_DAYS = env.int("RETENTION_AGREEMENT_DAYS", 2191)
RETENTION_SPOT_CHECK_DAYS = env.int("RETENTION_SPOT_CHECK_DAYS", 365)
RETENTION_ICS_FILE_DAYS = env.int("RETENTION_ICS_FILE_DAYS", 90)
RETENTION_BUNDLE_DAYS = env.int("RETENTION_BUNDLE_DAYS", 90)
RETENTION_ACCESS_DAYS = env.int("RETENTION_ACCESS_DAYS", 365)
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# --- E-mail --------------------------------------------------------------------------------------
if PRODUCTION:
    needed("EMAIL_URL", "smtp+tls://user:password@host:587")
_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def mail_settings(url: str) -> dict[str, str | int | bool]:
    """Django's settings for a mail server's address. Raises ImproperlyConfigured for one that isn't understood."""
    parts = urlsplit(url)
    try:
        usual = _MAIL_PORTS[parts.scheme]
        host, port = parts.hostname, parts.port or usual
        if not host:
            raise ValueError
    except (KeyError, ValueError):
        raise ImproperlyConfigured(
            "EMAIL_URL can't be read. Write smtp+tls://user:password@host:587, or smtp+ssl:// for a server that wants "
            "TLS from the first byte."
        ) from None
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
    }


if env.str("EMAIL_URL", ""):
    for _name, _value in mail_settings(env.str("EMAIL_URL")).items():
        globals()[_name] = _value
else:
    # A trial sends nothing outside: each message is a file that can be opened.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 20
# The local hour of a working day from which the morning's summary goes to those who chose it.
SUMMARY_HOUR = env.int("SUMMARY_HOUR", 8)
if not 0 <= SUMMARY_HOUR <= 23:
    raise ImproperlyConfigured("SUMMARY_HOUR is an hour of the day, 0 to 23.")
# Documents by secure e-mail leave only through a server that is spoken to under TLS.
SECURE_MAIL_NEEDS_TLS = env.bool("SECURE_MAIL_NEEDS_TLS", PRODUCTION)
EMAIL_USE_TLS = globals().get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = globals().get("EMAIL_USE_SSL", False)
# The class that texts passwords: distribution.texting.NotifyGateway, or an installation's own; empty: none.
SMS_GATEWAY = env.str("SMS_GATEWAY", "")
NOTIFY_API_KEY = env.str("NOTIFY_API_KEY", "")
NOTIFY_TEMPLATE = env.str("NOTIFY_TEMPLATE", "")
NOTIFY_URL = env.str("NOTIFY_URL", "https://api.notifications.service.gov.uk").rstrip("/")
if PRODUCTION and not NOTIFY_URL.startswith("https://"):
    raise ImproperlyConfigured("NOTIFY_URL must begin with https://: passwords go over it.")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Postroom <postroom@localhost>")
SITE_URL = env.str("SITE_URL", "http://localhost:8000").rstrip("/")

# --- Apps ----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # its widget templates, which templates/django/forms/ overrides
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_structlog",
    "simple_history",
    "postroom.apps.PostroomConfig",
    "postroom.ledger",
    "postroom.people",
    "postroom.outbox",
    "postroom.files",
    "postroom.steps",
    "postroom.cases",
    "letters",
    "distribution",
    "downtime",
    "breaches",
    "papers",
    "audit",
    "audit.record",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "postroom.people.sessions.SessionTimes",  # behind the CSRF check: what fails it is not kept
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "postroom.waiting.forget_after_post",
    "postroom.files.not_there.FileNotThere",
    "postroom.no_nul.NoNul",
    "postroom.request_log.RequestLog",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "postroom.urls"
WSGI_APPLICATION = "postroom.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "postroom.context.council",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Sign-in -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "postroom.people.sign_in.AccountAdapter"  # nobody signs up; a system administrator adds people
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {
    "login": "postroom.people.account_forms.SignInForm",
    "change_password": "postroom.people.account_forms.ChangePasswordForm",
    "set_password": "postroom.people.account_forms.SetPasswordForm",
    "reset_password": "postroom.people.account_forms.ResetPasswordForm",
    "reset_password_from_key": "postroom.people.account_forms.NewPasswordForm",
    "reauthenticate": "postroom.people.account_forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "postroom.people.account_forms.CodeForm",
    "reauthenticate": "postroom.people.account_forms.CodeAgainForm",
    "activate_totp": "postroom.people.account_forms.ActivateCodesForm",
}
MFA_TOTP_ISSUER = "Postroom"
# A code that turned over while it was typed still counts: one step of 30 seconds either way.
MFA_TOTP_TOLERANCE = 1
ACCOUNT_SESSION_REMEMBER = False
# After so many wrong passwords, no more tries with that e-mail address for so long; four times that from one place.
SIGN_IN_TRIES = 5
SIGN_IN_LOCKED_MINUTES = 5
ACCOUNT_RATE_LIMITS = {
    "login_failed": f"{SIGN_IN_TRIES}/{SIGN_IN_LOCKED_MINUTES}m/key,{SIGN_IN_TRIES * 4}/{SIGN_IN_LOCKED_MINUTES}m/ip"
}
MFA_ADAPTER = "postroom.people.sign_in.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# Minutes without a request, and hours after sign-in, until a session asks for the password again.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", 30)
SESSION_ABSOLUTE_HOURS = env.int("SESSION_ABSOLUTE_HOURS", 10)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "postroom.people.session_views.csrf_failure"

# --- Headers -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {"camera": [], "geolocation": [], "microphone": [], "payment": [], "usb": []}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

# --- Files, language, logs -----------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # empty until collectstatic; WhiteNoise warns if it is missing
STATICFILES_DIRS = [BASE_DIR / "build" / "static"] if (BASE_DIR / "build" / "static").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
FILES_DIR = DATA_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# Larger uploads go to a temporary file, which the request removes, and never beyond what can be taken.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "postroom.uploads.handler.BoundedUploadHandler",
]
# ClamAV's daemon: tcp://host:3310 or unix:///run/clamav/clamd.ctl. Empty: files aren't scanned, and pages say so.
CLAMD_URL = env.str("CLAMD_URL", "").strip()
CLAMD_SECONDS = env.float("CLAMD_SECONDS", 30.0)
if CLAMD_URL and not CLAMD_URL.startswith(("tcp://", "unix:///")):
    raise ImproperlyConfigured("CLAMD_URL can't be read. Write tcp://host:3310 or unix:///run/clamav/clamd.ctl.")
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

# Logs carry ids and references, never names, addresses or what somebody typed.
DJANGO_STRUCTLOG_CELERY_ENABLED = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO" if PRODUCTION else "WARNING"},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

"""The two policies as they were given, word for word."""

import hashlib

from django.db import migrations


def add(apps, schema_editor):
    """Put both in force where no version of theirs stands yet."""
    from audit.policies.known import KNOWN

    model = apps.get_model("audit", "PolicyVersion")
    for known in KNOWN:
        if model.objects.filter(slug=known.slug).exists():
            continue
        model.objects.create(
            slug=known.slug,
            title=known.title,
            version=known.version,
            number=1,
            author=known.author,
            approval=known.approval,
            issued_on=known.issued_on,
            issued_words=known.issued_words,
            review_on=known.review_on,
            review_words=known.review_words,
            audience=known.audience,
            rationale=known.rationale,
            text=known.text,
            sha256=hashlib.sha256(known.text.encode()).hexdigest(),
        )


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

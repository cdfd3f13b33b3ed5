// Small help on every page. Each page works without it.
import { createAll, ErrorSummary, NotificationBanner, PasswordInput, Button, CharacterCount } from "govuk-frontend";

document.documentElement.classList.add("with-scripts");
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");

for (const part of [ErrorSummary, NotificationBanner, PasswordInput, CharacterCount]) createAll(part);
createAll(Button, { preventDoubleClick: true });

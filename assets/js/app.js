// Small help on every page. Each page works without it.
import { createAll, ErrorSummary, NotificationBanner, PasswordInput, Button, CharacterCount } from "govuk-frontend";
import { startAutosave } from "./autosave.js";
import { startCopy } from "./copy.js";
import { startOffline } from "./offline.js";
import { startPreview } from "./preview.js";
import { startProgress } from "./progress.js";
import { startScan } from "./scan.js";
import { startSession } from "./session.js";
import { startSign } from "./sign.js";

document.documentElement.classList.add("with-scripts");
document.body.classList.add("js-enabled", "govuk-frontend-supported");

// The error summary last: where both are, the focus belongs to it.
for (const part of [PasswordInput, CharacterCount, NotificationBanner, ErrorSummary]) createAll(part);
createAll(Button, { preventDoubleClick: true });

startSession();
startOffline();
for (const form of document.querySelectorAll("form[data-autosave-url]")) startAutosave(form);
for (const form of document.querySelectorAll("form[data-preview-url]")) startPreview(form);
for (const holder of document.querySelectorAll("[data-progress-url]")) startProgress(holder);
for (const button of document.querySelectorAll("[data-copy]")) startCopy(button);
for (const field of document.querySelectorAll("[data-scan-says]")) startScan(field);
for (const pad of document.querySelectorAll("[data-sign]")) startSign(pad);

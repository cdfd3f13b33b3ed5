// Saves a form a few seconds after the last change. data-autosave-url: where to POST its fields.
// The server answers 200 with JSON; {"version": n} puts n into the form's `version` field, {"error": "…"} with 409 or
// 400 is shown and stops saving. Nothing is stored in the browser: machines are shared.
import { renewTokens, send, tokenOf } from "./send.js";

const AFTER = 2500; // milliseconds without a change
const SLOWEST = 60000;

export function startAutosave(form) {
  const region = form.querySelector("[data-saved]") ?? addRegion(form);
  let timer;
  let delay = AFTER;
  let dirty = false;
  let saving = null; // the promise of the save under way, if there is one
  let stopped = false;
  let givingIn = false;

  function say(words, state = "") {
    region.textContent = words;
    region.dataset.state = state;
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  function changed() {
    if (stopped) return;
    dirty = true;
    if (region.dataset.state !== "failed") say("Not saved yet");
    later(delay);
  }

  function save() {
    if (!dirty || saving || stopped) return;
    dirty = false;
    saving = sendIt().finally(() => {
      saving = null;
      if (dirty && !stopped) later(delay);
    });
  }

  async function sendIt() {
    try {
      const body = new FormData(form);
      // A file goes with the form alone, not with every save.
      for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
      const answer = await send(form.dataset.autosaveUrl, { method: "POST", body, token: tokenOf(form) });
      if (answer.ok) await saved(answer);
      else await refused(answer);
    } catch {
      tryAgain("Not saved: no connection. Keep this page open; it tries again by itself.");
    }
  }

  async function saved(answer) {
    const given = await answer.json().catch(() => ({}));
    const version = form.elements.namedItem("version");
    if (version && given.version !== undefined) version.value = given.version;
    delay = AFTER;
    if (dirty) return; // changed since it was sent: "Saved" would not be true
    const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    say(`Saved ${time}`, "saved");
  }

  async function refused(answer) {
    const given = await answer.json().catch(() => ({}));
    if (answer.status === 401 || answer.status === 403) {
      tryAgain("Not saved: you are signed out. Keep this page open and sign in again in another tab.");
      await freshToken();
    } else if (answer.status < 500) {
      stopped = true;
      say(`Not saved: ${given.error ?? "somebody else has changed this."} Copy what you typed before you leave.`, "failed");
    } else {
      tryAgain("Not saved: something went wrong. Keep this page open; it tries again by itself.");
    }
  }

  // After signing in again in another tab the token in this form is out of date.
  async function freshToken() {
    const dialog = document.getElementById("session-dialog");
    if (!dialog) return;
    const answer = await send(dialog.dataset.timesUrl, { background: true });
    if (answer.ok) renewTokens((await answer.json()).token);
  }

  function tryAgain(words) {
    dirty = true;
    delay = Math.min(delay * 2, SLOWEST);
    say(words, "failed");
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // A save under way moves the version on: giving in waits for its answer, or it would be refused as out of date.
  form.addEventListener("submit", (event) => {
    stopped = true;
    clearTimeout(timer);
    if (!saving) return;
    event.preventDefault();
    if (givingIn) return;
    givingIn = true;
    saving.then(() => {
      givingIn = false;
      form.requestSubmit(event.submitter);
    });
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !stopped) event.preventDefault();
  });
  // Coming back with the back button, the form may be sent again.
  window.addEventListener("pageshow", () => (stopped = givingIn = false));
}

function addRegion(form) {
  const region = document.createElement("p");
  region.className = "saved";
  region.dataset.saved = "";
  region.setAttribute("role", "status");
  form.prepend(region);
  return region;
}

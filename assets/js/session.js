// Warns two minutes before the sign-in ends. Without this nothing is lost: the server keeps what is posted too late.
import { renewTokens, send, tokenOf } from "./send.js";

const WARN_BEFORE = 120; // seconds
const LONGEST_TIMER = 2 ** 31 - 1; // milliseconds that setTimeout can count

function inWords(seconds) {
  if (seconds > 90) return `${Math.round(seconds / 60)} minutes`;
  if (seconds > 60) return "about a minute";
  return seconds > 0 ? `${seconds} seconds` : "a moment";
}

export function startSession() {
  const dialog = document.getElementById("session-dialog");
  if (!dialog?.showModal) return;
  const left = dialog.querySelector("[data-session-left]");
  const stay = dialog.querySelector("[data-session-stay]");
  const close = dialog.querySelector("[data-session-close]");
  const advice = dialog.querySelector("[data-session-advice]");
  const token = () => tokenOf(document.getElementById("session-sign-out"));
  let idleAt, absoluteAt, timer, ticking;

  function set(times) {
    const now = Date.now();
    idleAt = now + times.idle_in * 1000;
    absoluteAt = now + times.absolute_in * 1000;
    if (times.token) renewTokens(times.token);
    clearInterval(ticking);
    clearTimeout(timer);
    const wait = Math.min(idleAt, absoluteAt) - now - WARN_BEFORE * 1000;
    timer = setTimeout(look, Math.min(Math.max(wait, 0), LONGEST_TIMER));
  }

  // Another tab may have been busy meanwhile: ask before warning. Asking is no activity.
  async function look() {
    try {
      const answer = await send(dialog.dataset.timesUrl, { background: true });
      if (answer.status === 401) return show();
      const times = await answer.json();
      if (Math.min(times.idle_in, times.absolute_in) > WARN_BEFORE + 5) return set(times);
      idleAt = Date.now() + times.idle_in * 1000;
      absoluteAt = Date.now() + times.absolute_in * 1000;
    } catch {
      // No connection: warn by our own clock.
    }
    show();
  }

  function show() {
    const forGood = absoluteAt <= idleAt; // staying is not offered when the longest time is up
    stay.hidden = forGood;
    close.hidden = !forGood;
    advice.textContent = forGood
      ? "You have been signed in for as long as one can be. Save what you are doing, then sign in again."
      : "What you typed is kept.";
    const tick = () => {
      const seconds = Math.max(0, Math.round((Math.min(idleAt, absoluteAt) - Date.now()) / 1000));
      left.textContent = seconds > 60 || seconds % 15 === 0 ? inWords(seconds) : left.textContent;
      if (seconds === 0) clearInterval(ticking);
    };
    tick();
    ticking = setInterval(tick, 1000);
    if (!dialog.open) dialog.showModal();
  }

  stay.addEventListener("click", async () => {
    try {
      const answer = await send(dialog.dataset.timesUrl, { method: "POST", token: token() });
      if (answer.ok) {
        set(await answer.json());
        dialog.close();
        return;
      }
    } catch {
      // Told below.
    }
    advice.textContent = "It did not work: you are signed out, or there is no connection. What you type next is kept when you send it; sign in again then.";
    stay.hidden = true;
    close.hidden = false;
    close.focus();
  });
  close.addEventListener("click", () => dialog.close());
  set({ idle_in: Number(dialog.dataset.idleIn), absolute_in: Number(dialog.dataset.absoluteIn) });
}

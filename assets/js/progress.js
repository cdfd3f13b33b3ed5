// Asks how far a longer job is, every two seconds. Without scripts there is a link that loads the page again.
import { send } from "./send.js";

export function startProgress(holder) {
  const bar = holder.querySelector("progress");
  const words = holder.querySelector("[data-progress-words]");
  const link = holder.querySelector("[data-progress-refresh]");
  let failures = 0;

  async function ask() {
    try {
      const answer = await send(holder.dataset.progressUrl, { background: true });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      failures = 0;
      bar.max = now.total;
      bar.value = now.done;
      words.textContent = `${now.done} of ${now.total}`;
      if (now.finished) {
        if (now.href) window.location.assign(now.href);
        return;
      }
    } catch {
      failures += 1;
      if (failures > 5) {
        if (link) link.hidden = false;
        return;
      }
    }
    setTimeout(ask, 2000 * (failures + 1));
  }

  if (link) link.hidden = true;
  setTimeout(ask, 2000);
}

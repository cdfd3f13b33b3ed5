// Shows the pages beside the typing. data-preview-url: POST the form, get an HTML fragment (with <img> from this site);
// data-preview-region: the id of the element that takes it.
import { send, tokenOf } from "./send.js";

const AFTER = 600; // ms after the last key: a pause between words, not each letter

export function startPreview(form) {
  const region = document.getElementById(form.dataset.previewRegion);
  if (!region) return;
  let timer;
  let running;

  async function draw() {
    running?.abort();
    running = new AbortController();
    region.setAttribute("aria-busy", "true");
    try {
      const body = new FormData(form);
      const answer = await send(form.dataset.previewUrl, { method: "POST", body, token: tokenOf(form), signal: running.signal });
      const type = answer.headers.get("Content-Type") ?? "";
      if ((answer.ok || answer.status === 422) && type.startsWith("text/html")) region.innerHTML = await answer.text();
      else region.dataset.stale = "yes";
    } catch (error) {
      if (error.name === "AbortError") return;
      region.dataset.stale = "yes";
    }
    region.removeAttribute("aria-busy");
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, AFTER);
  });
  if (form.dataset.previewNow !== undefined) draw();
}

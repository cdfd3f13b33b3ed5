// One way to talk to the server. Never sends anything elsewhere.

/** The CSRF token that a form carries, or "". */
export function tokenOf(form) {
  return form?.querySelector('input[name="csrfmiddlewaretoken"]')?.value ?? "";
}

/** Put a fresh token into every form of the page: signing in again in another tab changes it. */
export function renewTokens(token) {
  for (const input of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) input.value = token;
}

/** fetch to our own server. Options: method, body (FormData), token, background: doesn't count as activity. */
export function send(address, { method = "GET", body, token = "", background = false, signal } = {}) {
  const headers = { "X-Fetch": "1" };
  if (background) headers["X-Background"] = "1";
  if (token) headers["X-CSRFToken"] = token;
  return fetch(address, { method, body, headers, signal, credentials: "same-origin", redirect: "follow" });
}

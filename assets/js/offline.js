// A form sent without a connection would leave the page, and what was typed with it. It stays, and says so.

const GONE =
  "There is no connection, so nothing was sent. What you typed is still here: press the button again when the connection is back.";
const BACK = "The connection is back. Press the button again.";

export function startOffline() {
  let said = null;

  // First of all that listen: nothing of the page must take the form for sent.
  document.addEventListener(
    "submit",
    (event) => {
      if (navigator.onLine !== false) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!said) {
        said = document.createElement("p");
        said.className = "govuk-error-message";
        said.setAttribute("role", "alert");
      }
      const button = event.submitter ?? event.target.querySelector("button");
      (button?.closest(".govuk-button-group") ?? button ?? event.target.lastElementChild).before(said);
      // Changed after it is there, or a screen reader doesn't read it out.
      said.textContent = "";
      said.textContent = GONE;
    },
    true,
  );
  window.addEventListener("online", () => {
    if (said?.isConnected) said.textContent = BACK;
  });
}

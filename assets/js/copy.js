// A button that copies a field's text: data-copy is the field's id. It is hidden where scripts don't run.
export function startCopy(button) {
  const field = document.getElementById(button.dataset.copy);
  if (!field || !navigator.clipboard) return;
  const said = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      if (said) said.textContent = "Copied";
    } catch {
      field.select(); // the browser said no: Control+C does the rest
      if (said) said.textContent = "Selected: press Control and C to copy";
    }
  });
}

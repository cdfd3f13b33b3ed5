// A signature drawn on the screen; the page works without it. data-sign is the id of the field that takes the picture.
export function startSign(pad) {
  const field = document.getElementById(pad.dataset.sign);
  const canvas = pad.querySelector("canvas");
  const said = pad.querySelector("[data-sign-said]");
  const pen = canvas.getContext("2d");
  if (!field || !pen) return;
  pad.hidden = false;
  const clear = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
  };
  const empty = () => {
    clear();
    field.value = "";
    said.textContent = "Nothing is signed.";
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
  };
  // A page that came back with an error still has what was signed: at a door nobody signs twice.
  const before = field.value;
  empty();
  if (before.startsWith("data:image/png;base64,")) {
    field.value = before;
    said.textContent = "Signed.";
    const bytes = Uint8Array.from(atob(before.split(",")[1]), (letter) => letter.charCodeAt(0));
    createImageBitmap(new Blob([bytes], { type: "image/png" })).then(
      (picture) => { if (field.value === before) pen.drawImage(picture, 0, 0, canvas.width, canvas.height); },
      empty,
    );
  }
  pen.lineWidth = 4;
  pen.lineCap = pen.lineJoin = "round";
  let drawing = false;
  let drawn = false;
  canvas.addEventListener("pointerdown", (event) => {
    drawing = true;
    drawn = false;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    drawn = true;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  // A tap alone is no signature.
  const lift = () => {
    if (drawing && drawn) {
      field.value = canvas.toDataURL("image/png");
      said.textContent = "Signed.";
    }
    drawing = false;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  pad.querySelector("[data-sign-clear]").addEventListener("click", empty);
}

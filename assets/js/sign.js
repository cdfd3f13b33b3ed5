// A signature drawn on the screen; the page works without it. data-sign is the id of the field that takes the picture.
export function startSign(pad) {
  const field = document.getElementById(pad.dataset.sign);
  const canvas = pad.querySelector("canvas");
  const pen = canvas.getContext("2d");
  if (!field || !pen) return;
  pad.hidden = false;
  const blank = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    field.value = "";
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
  };
  blank();
  pen.lineWidth = 4;
  pen.lineCap = pen.lineJoin = "round";
  let drawing = false;
  canvas.addEventListener("pointerdown", (event) => {
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  const lift = () => {
    if (drawing) field.value = canvas.toDataURL("image/png");
    drawing = false;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  pad.querySelector("[data-sign-clear]").addEventListener("click", blank);
}

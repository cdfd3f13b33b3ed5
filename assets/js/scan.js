// At the envelope: says at once what a hand scanner typed, sheet by sheet. The server judges it all again.
const LINE = /^([A-Z0-9]{9})[-/ .](\d{1,2})[-/ .](\d{1,2})[-/ .](\d{1,2})$/;

export function startScan(field) {
  const said = document.getElementById(field.dataset.scanSays);
  if (!said) return;
  const { reference } = field.dataset;
  const sheets = Number(field.dataset.sheets);
  const numbers = field.dataset.numbers.split(" ");
  const bare = field.dataset.bare.split(" ").map(Number);
  const marked = Array.from({ length: sheets }, (_, at) => at + 1).filter((page) => !bare.includes(page));
  // On both sides: a sheet is scanned once, on its front or its back, and named by its front.
  const front = (page) => ("bothSides" in field.dataset && page % 2 === 0 && marked.includes(page - 1) ? page - 1 : page);
  const wanted = [...new Set(marked.map(front))];

  const look = () => {
    const lines = field.value.split("\n").map((line) => line.trim().toUpperCase());
    // The last line is still being typed until its Enter comes.
    const whole = lines.slice(0, -1).filter(Boolean);
    const found = new Set();
    let fault = "";
    let print = "";
    for (const line of whole) {
      const mark = LINE.exec(line);
      if (!mark) fault ||= `“${line.slice(0, 30)}” is not the mark of a sheet. Scan that sheet again.`;
      else if (mark[1] !== reference) fault ||= `Stop: a sheet of letter ${mark[1]}. Take it out, and its line too.`;
      else if (!numbers.includes(mark[2])) fault ||= `Print ${mark[2]} doesn’t count. Take that sheet out and shred it.`;
      else if (print && print !== mark[2]) fault ||= `Sheets of prints ${print} and ${mark[2]} are mixed.`;
      else if (found.has(front(Number(mark[3])))) fault ||= `Page ${mark[3]} was scanned twice. Is the sheet there double?`;
      else {
        found.add(front(Number(mark[3])));
        print = mark[2];
      }
    }
    const missing = wanted.filter((page) => !found.has(page));
    const rest = missing.length ? ` Still to scan: page ${missing.join(", ")}.` : " All of them.";
    said.classList.toggle("scan-says--fault", Boolean(fault));
    said.textContent = whole.length ? fault || `${found.size} of ${wanted.length} sheets scanned in.${rest}` : "";
  };
  field.addEventListener("input", look);
  look();
}

// The words of a letter as they are kept: a small subset of Markdown (CommonMark), the same with and without scripts.
//
//   paragraphs, an empty line between them; a line break is a backslash at the end of the line (a plain newline, as
//   people type it without scripts, is read as a line break too); `## ` and `### ` headings; `**bold**`;
//   `- ` and `1. ` lists, also one in another; tables, `| a | b |` with a line `| --- | --- |` under the first row, no
//   line breaks in a cell. Nothing else has a meaning: every other character stands for itself,
//   and where CommonMark would read more into it, it is escaped with a backslash.
//
// Reading is markdown-it's, with only these rules on; writing is ours. write(read(text)) is `text` for whatever
// write() has written once.
import MarkdownIt from "markdown-it";

const reader = new MarkdownIt("zero", { html: false, breaks: true }).enable([
  "heading",
  "list",
  "emphasis",
  "escape",
  "newline",
  "table",
]);

// --- Reading: text -> a Tiptap document (JSON) -------------------------------------------------------------------

/** Text to a document of the editor. */
export function read(text) {
  const root = { type: "doc", content: [] };
  const open = [root];
  const push = (node) => open[open.length - 1].content.push(node);
  for (const token of reader.parse(text.replace(/\r\n?/g, "\n"), {})) {
    if (token.type === "inline") fill(open[open.length - 1], inline(token.children));
    else if (token.type.startsWith("thead") || token.type.startsWith("tbody")) continue;
    else if (token.nesting === 1) {
      const node = block(token);
      push(node);
      open.push(node);
    } else if (token.nesting === -1) open.pop();
  }
  if (root.content.length === 0) root.content.push({ type: "paragraph" });
  return tidy(root);
}

// The words of a cell stand in a paragraph of its own.
function fill(node, content) {
  node.content = CELLS.has(node.type) ? [{ type: "paragraph", content }] : content;
}

const CELLS = new Set(["tableHeader", "tableCell"]);
const PARTS = { table_open: "table", tr_open: "tableRow", th_open: "tableHeader", td_open: "tableCell" };

function block(token) {
  if (PARTS[token.type]) return { type: PARTS[token.type], content: [] };
  switch (token.type) {
    case "heading_open":
      return { type: "heading", attrs: { level: token.tag <= "h2" ? 2 : 3 }, content: [] };
    case "bullet_list_open":
      return { type: "bulletList", content: [] };
    case "ordered_list_open":
      return { type: "orderedList", attrs: { start: Number(token.attrGet("start") ?? 1) }, content: [] };
    case "list_item_open":
      return { type: "listItem", content: [] };
    default:
      return { type: "paragraph", content: [] };
  }
}

function inline(tokens) {
  const found = [];
  let bold = 0;
  const add = (text) => {
    if (!text) return;
    const last = found[found.length - 1];
    const marks = bold > 0 ? [{ type: "bold" }] : undefined;
    if (last?.type === "text" && Boolean(last.marks) === Boolean(marks)) last.text += text;
    else found.push(marks ? { type: "text", text, marks } : { type: "text", text });
  };
  for (const token of tokens) {
    if (token.type === "strong_open") bold += 1;
    else if (token.type === "strong_close") bold -= 1;
    else if (token.type === "softbreak" || token.type === "hardbreak") found.push({ type: "hardBreak" });
    else add(token.type.startsWith("em_") ? token.markup : token.content); // one star or underscore is just that
  }
  return found;
}

// An item of a list begins with a paragraph; nothing holds an empty list of children.
function tidy(node) {
  node.content?.forEach(tidy);
  if (CELLS.has(node.type) && node.content.length === 0) node.content.push({ type: "paragraph" });
  if (node.type === "listItem" && node.content[0]?.type !== "paragraph") node.content.unshift({ type: "paragraph" });
  if (node.content?.length === 0) delete node.content;
  return node;
}

// --- Writing: a document -> text ---------------------------------------------------------------------------------

/** A document of the editor (JSON) to text. */
export function write(doc) {
  const text = blocks(doc.content ?? []);
  return text ? `${text}\n` : "";
}

function blocks(nodes, tight = false) {
  const parts = [];
  let before;
  let turned = false;
  for (const node of nodes) {
    // Two lists of one kind next to each other would become one: the second takes the other marker.
    turned = before?.type === node.type ? !turned : false;
    const part = one(node, turned);
    if (part === "") continue;
    const close = tight && node.type !== "paragraph" && node.type !== "table" && before?.type !== "table";
    parts.push(parts.length === 0 ? part : (close ? "\n" : "\n\n") + part);
    before = node;
  }
  return parts.join("");
}

function one(node, turned) {
  if (node.type === "heading") {
    const words = lines(node.content ?? [], true).join(" ").trim();
    return words ? `${node.attrs.level <= 2 ? "##" : "###"} ${words}` : "";
  }
  if (node.type === "bulletList") return list(node, () => (turned ? "* " : "- "));
  if (node.type === "orderedList") {
    const start = node.attrs?.start ?? 1;
    return list(node, (index) => `${start + index}${turned ? ")" : "."} `);
  }
  if (node.type === "table") return table(node);
  return lines(node.content ?? [], false).join("\\\n");
}

// The first row heads the table, whatever its cells are called; a row that is shorter is filled up.
function table(node) {
  const rows = (node.content ?? []).map((row) => (row.content ?? []).flatMap(cells));
  const width = Math.max(...rows.map((row) => row.length));
  const filled = rows.map((row) => [...row, ...Array(width - row.length).fill("")]);
  const written = filled.map((row) => `| ${row.join(" | ")} |`);
  return [written[0], `| ${Array(width).fill("---").join(" | ")} |`, ...written.slice(1)].join("\n");
}

function cells(cell) {
  const words = (cell.content ?? []).flatMap((part) => lines(part.content ?? [], true)).join(" ").trim();
  return [words.replaceAll("|", "\\|"), ...Array((cell.attrs?.colspan ?? 1) - 1).fill("")];
}

function list(node, marker) {
  return (node.content ?? [])
    .map((item, index) => {
      const lead = marker(index);
      const rest = blocks(item.content ?? [], true).replace(/\n(?=[^\n])/g, `\n${" ".repeat(lead.length)}`);
      return (lead + rest).trimEnd();
    })
    .join("\n");
}

// The lines of a paragraph, between its line breaks, each already escaped. Empty ones at the ends are dropped.
function lines(nodes, heading) {
  const runs = boldRuns(nodes);
  const found = [[]];
  for (const run of runs) run.text === "\n" ? found.push([]) : found[found.length - 1].push(run);
  const written = found.map((line) => writeLine(line, heading));
  while (written.length && written[written.length - 1] === "") written.pop();
  while (written.length && written[0] === "") written.shift();
  return written;
}

function boldRuns(nodes) {
  return nodes.map((node) =>
    node.type === "hardBreak"
      ? { text: "\n", bold: false }
      : { text: node.text.replace(/[\n\r\t]/g, " "), bold: (node.marks ?? []).some((mark) => mark.type === "bold") },
  );
}

const SPACE = /\s/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;

function writeLine(runs, heading) {
  const characters = runs.flatMap((run) => [...run.text].map((text) => ({ text, bold: run.bold })));
  while (characters.length && SPACE.test(characters[0].text)) characters.shift();
  while (characters.length && SPACE.test(characters[characters.length - 1].text)) characters.pop();
  letBoldFlank(characters);
  let raw = "";
  const bold = [];
  for (const { text, bold: isBold } of characters) {
    for (let unit = 0; unit < text.length; unit += 1) bold.push(isBold);
    raw += text;
  }
  return weave(raw, bold, escapes(raw, heading));
}

// Stars only open or close bold where CommonMark lets them: not beside a space on the inside, and not between
// punctuation on the inside and a letter on the outside. What stands in the way loses its bold, never its text.
function letBoldFlank(characters) {
  let changed = true;
  while (changed) {
    changed = false;
    characters.forEach((character, index) => {
      if (!character.bold) return;
      const before = characters[index - 1];
      const after = characters[index + 1];
      const inTheWay = (outside) =>
        SPACE.test(character.text) ||
        (PUNCTUATION.test(character.text) && outside && !SPACE.test(outside.text) && !PUNCTUATION.test(outside.text));
      const opens = !before?.bold && inTheWay(before);
      const closes = !after?.bold && inTheWay(after);
      if (opens || closes) {
        character.bold = false;
        changed = true;
      }
    });
  }
}

const ENTITY = /^&(?:#x[0-9a-f]{1,6}|#\d{1,7}|[a-z][a-z0-9]{1,31});/i;
const LINK = /^\[[^\]]*\](?:\(|\[|:)/;

// Positions that need a backslash before them.
function escapes(raw, heading) {
  const at = new Set();
  for (let index = 0; index < raw.length; index += 1) {
    const rest = raw.slice(index);
    const character = raw[index];
    const inWord = /[\p{L}\p{N}]/u.test(raw[index - 1] ?? "") && /[\p{L}\p{N}]/u.test(raw[index + 1] ?? "");
    if ("*`\\".includes(character)) at.add(index);
    else if (character === "_" && !inWord) at.add(index);
    else if (character === "~" && (raw[index + 1] === "~" || raw[index - 1] === "~")) at.add(index);
    else if (character === "#" && heading) at.add(index);
    else if (character === "<" && /^<[A-Za-z/!?]/.test(rest)) at.add(index);
    else if (character === "&" && ENTITY.test(rest)) at.add(index);
    else if (character === "[" && LINK.test(rest)) at.add(index);
  }
  if (heading) return at;
  const number = /^(\d{1,9})[.)](?:\s|$)/.exec(raw);
  if (number) at.add(number[1].length);
  else if (/^(?:#{1,6}(?:\s|$)|[-+](?:\s|$)|>)/.test(raw)) at.add(0);
  else if (/^(?:=+|[|:\-\s]*-[|:\-\s]*)$/.test(raw)) at.add(0); // would underline a heading or head a table
  return at;
}

function weave(raw, bold, escaped) {
  let written = "";
  let inside = false;
  for (let index = 0; index < raw.length; index += 1) {
    if (bold[index] !== inside) {
      written += "**";
      inside = bold[index];
    }
    if (escaped.has(index)) written += "\\";
    written += raw[index];
  }
  return inside ? `${written}**` : written;
}

// Typing a letter: a small editor over each <textarea data-editor>. The textarea stays the truth: it holds the text,
// is what the form sends, and is what people type into where scripts don't run.
import { Editor } from "@tiptap/core";
import { Bold } from "@tiptap/extension-bold";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Heading } from "@tiptap/extension-heading";
import { BulletList, ListItem, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Text } from "@tiptap/extension-text";
import { UndoRedo } from "@tiptap/extensions";
import { read, write } from "./markdown.js";
import { tableButtons, tableParts } from "./table.js";

// Tab leaves the editor, always: it must not trap anyone who uses the keyboard. Enter works as in any word processor.
const PlainListItem = ListItem.extend({
  addKeyboardShortcuts() {
    return { Enter: () => this.editor.commands.splitListItem(this.name) };
  },
});

const BUTTONS = [
  { label: "Bold", keys: "Control+B", run: (c) => c.toggleBold(), on: (e) => e.isActive("bold") },
  { label: "Heading", keys: "Control+Alt+2", run: (c) => c.toggleHeading({ level: 2 }), on: (e) => e.isActive("heading", { level: 2 }) },
  { label: "Smaller heading", keys: "Control+Alt+3", run: (c) => c.toggleHeading({ level: 3 }), on: (e) => e.isActive("heading", { level: 3 }) },
  { label: "Bullets", keys: "Control+Shift+8", run: (c) => c.toggleBulletList(), on: (e) => e.isActive("bulletList") },
  { label: "Numbers", keys: "Control+Shift+7", run: (c) => c.toggleOrderedList(), on: (e) => e.isActive("orderedList") },
  ...tableButtons,
  { label: "Undo", keys: "Control+Z", run: (c) => c.undo(), can: (e) => e.can().undo() },
  { label: "Redo", keys: "Control+Y", run: (c) => c.redo(), can: (e) => e.can().redo() },
];

function start(area) {
  const id = area.id;
  const label = document.querySelector(`label[for="${id}"]`);
  if (label && !label.id) label.id = `${id}_label`;
  const holder = document.createElement("div");
  holder.className = "editor";
  const bar = document.createElement("div");
  const place = document.createElement("div");
  holder.append(bar, place);
  area.after(holder);

  const describedBy = (area.getAttribute("aria-describedby") ?? "").split(" ").filter((name) => name && !name.endsWith("_helptext"));
  const editor = new Editor({
    element: place,
    injectCSS: false,
    extensions: [Document, Paragraph, Text, Bold, Heading.configure({ levels: [2, 3] }), BulletList, OrderedList, PlainListItem, HardBreak, ...tableParts, UndoRedo],
    content: read(area.value),
    editorProps: {
      attributes: {
        id,
        class: "editor__text",
        role: "textbox",
        "aria-multiline": "true",
        "aria-labelledby": label?.id ?? "",
        ...(describedBy.length ? { "aria-describedby": describedBy.join(" ") } : {}),
        ...(area.classList.contains("govuk-textarea--error") ? { "aria-invalid": "true" } : {}),
        lang: "en-GB",
        spellcheck: "true",
      },
    },
    onUpdate: () => {
      area.value = write(editor.getJSON());
      area.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });

  // The editor takes the textarea's id, so that a link in an error summary leads to it.
  area.id = `${id}_source`;
  area.classList.add("hidden-by-script");
  document.getElementById(`${id}_helptext`)?.toggleAttribute("hidden", area.nextElementSibling === holder);
  label?.addEventListener("click", () => editor.commands.focus());
  toolbar(bar, editor, id);
  area.postroomEditor = editor;
}

function toolbar(bar, editor, id) {
  bar.className = "editor__bar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Formatting");
  bar.setAttribute("aria-controls", id);
  const buttons = BUTTONS.map((wanted, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = wanted.label;
    if (wanted.keys) {
      button.title = wanted.keys.replace("Control", "Ctrl");
      button.setAttribute("aria-keyshortcuts", wanted.keys);
    }
    button.hidden = Boolean(wanted.shown);
    button.tabIndex = index === 0 ? 0 : -1;
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays where it is
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") wanted.run(editor.chain().focus()).run();
    });
    bar.append(button);
    return button;
  });

  bar.addEventListener("keydown", (event) => {
    const there = buttons.filter((button) => !button.hidden);
    const here = there.indexOf(document.activeElement);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: there.length - 1 }[event.key];
    if (here < 0 || to === undefined) return;
    event.preventDefault();
    const next = there[(to + there.length) % there.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });

  const show = () => {
    BUTTONS.forEach((wanted, index) => {
      if (wanted.on) buttons[index].setAttribute("aria-pressed", String(wanted.on(editor)));
      if (wanted.shown) buttons[index].hidden = !wanted.shown(editor);
      if (wanted.can) buttons[index].setAttribute("aria-disabled", String(!wanted.can(editor)));
    });
    // Where the one that Tab leads to has gone, the first one takes its place.
    if (!buttons.some((button) => button.tabIndex === 0 && !button.hidden)) buttons[0].tabIndex = 0;
  };
  editor.on("transaction", show);
  show();
}

for (const area of document.querySelectorAll("textarea[data-editor]")) start(area);

// For the tests of reading and writing, which run in a real browser.
window.postroomMarkdown = { read, write };

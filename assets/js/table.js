// Tables in the letter's text: plain ones, a heading row and rows below it, words in each cell. Made of ProseMirror's
// own parts, which come with Tiptap; no cells that span others, since a letter's text can't say them.
import { Extension, Node } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";
import {
  TableMap,
  addColumnAfter,
  addRowAfter,
  deleteColumn,
  deleteRow,
  deleteTable,
  isInTable,
  selectedRect,
  tableEditing,
} from "@tiptap/pm/tables";

const spans = { colspan: { default: 1 }, rowspan: { default: 1 }, colwidth: { default: null } };

const part = (name, tag, config) =>
  Node.create({
    name,
    parseHTML: () => [{ tag }],
    renderHTML: () => [tag, 0],
    extendNodeSchema: (extension) => (extension.name === name ? { tableRole: config.role } : {}),
    ...config.node,
  });

const Table = part("table", "table", {
  role: "table",
  node: { content: "tableRow+", group: "block", isolating: true, renderHTML: () => ["table", ["tbody", 0]] },
});
const TableRow = part("tableRow", "tr", { role: "row", node: { content: "(tableHeader|tableCell)+" } });
const cell = { content: "paragraph+", isolating: true, addAttributes: () => spans };
const TableHeader = part("tableHeader", "th", { role: "header_cell", node: cell });
const TableCell = part("tableCell", "td", { role: "cell", node: cell });

const row = (kind) => ({
  type: "tableRow",
  content: [1, 2].map(() => ({ type: kind, content: [{ type: "paragraph" }] })),
});

// Two columns, a heading row and two rows; the cursor goes into the first cell.
function insertTable({ editor, chain }) {
  const { $from } = editor.state.selection;
  const from = $from.before(1);
  const table = { type: "table", content: [row("tableHeader"), row("tableCell"), row("tableCell")] };
  return chain()
    .insertContent([table, { type: "paragraph" }])
    .command(({ tr }) => {
      let at;
      tr.doc.nodesBetween(from, tr.doc.content.size, (node, position) => {
        if (node.type.name === "table" && at === undefined) at = position;
        return at === undefined;
      });
      if (at !== undefined) tr.setSelection(TextSelection.near(tr.doc.resolve(at + 4)));
      return true;
    })
    .run();
}

const inHeading = (state) => isInTable(state) && selectedRect(state).top === 0;
const of = (command) => () => ({ state, dispatch }) => command(state, dispatch);

// The cursor stays in the table, in the cell that has taken the deleted one's place.
function without(command, { state, dispatch, tr }) {
  if (!isInTable(state)) return false;
  const { tableStart, top, left } = selectedRect(state);
  if (!command(state, dispatch) || !dispatch) return isInTable(state);
  const map = TableMap.get(tr.doc.nodeAt(tableStart - 1));
  const cell = map.map[Math.min(top, map.height - 1) * map.width + Math.min(left, map.width - 1)];
  tr.setSelection(TextSelection.near(tr.doc.resolve(tableStart + cell + 1)));
  return true;
}

// Enter goes to the cell below, and makes a row where there is none; the arrows go from cell to cell. Tab leaves the
// editor, as everywhere in it.
function below(editor) {
  if (!isInTable(editor.state)) return false;
  const rect = selectedRect(editor.state);
  if (rect.bottom === rect.map.height) editor.commands.addRow();
  const now = selectedRect(editor.state);
  const position = now.tableStart + now.map.map[(now.top + 1) * now.map.width + now.left];
  return editor.commands.command(({ tr }) => {
    tr.setSelection(TextSelection.near(tr.doc.resolve(position + 1)));
    return true;
  });
}

const Tables = Extension.create({
  name: "tables",
  priority: 200,
  addCommands: () => ({
    insertTable: () => insertTable,
    addRow: of(addRowAfter),
    addColumn: of(addColumnAfter),
    deleteRow: () => (props) => !inHeading(props.state) && without(deleteRow, props),
    deleteColumn: () => (props) => isInTable(props.state) && selectedRect(props.state).map.width > 1 && without(deleteColumn, props),
    deleteTable: of(deleteTable),
  }),
  addKeyboardShortcuts() {
    return { Enter: () => below(this.editor), "Mod-Alt-t": () => this.editor.commands.insertTable() };
  },
  addProseMirrorPlugins: () => [tableEditing({ allowTableNodeSelection: false })],
});

export const tableParts = [Table, TableRow, TableHeader, TableCell, Tables];

const inside = (editor) => isInTable(editor.state);
// What the toolbar has for tables; the parts of a table's own only while the cursor is in one.
export const tableButtons = [
  { label: "Table", keys: "Control+Alt+T", run: (c) => c.insertTable(), can: (e) => !inside(e) },
  { label: "Add row", run: (c) => c.addRow(), shown: inside },
  { label: "Add column", run: (c) => c.addColumn(), shown: inside },
  { label: "Delete row", run: (c) => c.deleteRow(), shown: inside, can: (e) => inside(e) && e.can().deleteRow() },
  { label: "Delete column", run: (c) => c.deleteColumn(), shown: inside, can: (e) => inside(e) && e.can().deleteColumn() },
  { label: "Delete table", run: (c) => c.deleteTable(), shown: inside },
];

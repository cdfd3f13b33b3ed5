// Builds what browsers get: build/static/postroom/{app.css, app.js, editor.js, images/}. Nothing built is committed.
import { mkdir, rm, writeFile, copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const target = join(root, "build", "static", "postroom");

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });

const css = sass.compile(join(here, "scss", "app.scss"), {
  loadPaths: [join(root, "node_modules")],
  style: "compressed",
  quietDeps: true,
  fatalDeprecations: [],
});
await writeFile(join(target, "app.css"), css.css);

await esbuild.build({
  entryPoints: { app: join(here, "js", "app.js"), editor: join(here, "js", "editor.js") },
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  legalComments: "none",
  logLevel: "warning",
});
await copyFile(join(here, "icon.svg"), join(target, "icon.svg"));

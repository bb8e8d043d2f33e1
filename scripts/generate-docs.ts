import { writeFileSync } from "node:fs";
import { renderConfigSchemas } from "./lib/config-schemas.ts";
import { renderErrorTable } from "./lib/error-table.ts";

const documents = new Map([["errors.md", renderErrorTable()], ...renderConfigSchemas()]);
for (const [name, text] of documents) writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);

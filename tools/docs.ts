import { writeFileSync } from 'node:fs'
import { loadAll } from '../src/cli/commands.ts'
import { reference } from '../src/cli/reference.ts'
import { configMarkdown } from '../src/config/reference.ts'
import { apiMarkdown } from './apiDocs.ts'

/** Every document that is printed from the code; a test beside each source compares them. */
const printed: Readonly<Record<string, string>> = {
  'docs/api.md': apiMarkdown(),
  'docs/cli.md': `${reference(await loadAll()).join('\n')}\n`,
  'docs/config.md': configMarkdown(),
}

for (const [path, text] of Object.entries(printed)) writeFileSync(path, text)
